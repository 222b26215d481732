"""MedViewer: radiology review with local CNN inference, risk prediction and treatment options.

The house, top floor first; a package imports only from the floors below it:

* ``cli``        every command; wires a session to a window
* ``ui``         the only place that knows Qt
* ``app``        the program without a window: session, store, settings, audit
* ``report``, ``train``              reports as plain data and files; recipes of the bundled weights
* ``ai``, ``risk``, ``treatment``    networks (the only place that knows torch), risk models, guidelines
* ``dicom``, ``imaging``, ``phantom``  files, pictures and measures, virtual patients
* ``core``       the vocabulary: dataclasses and numpy
* ``i18n``, ``paths``                languages; where resources, models and user data are
"""

__version__ = "0.1.0"
