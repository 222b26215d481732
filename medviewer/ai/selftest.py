"""A bundle's self-test: its example, answered again, must give the answer that was stored with it."""

import numpy as np

from medviewer.ai.bundle import Bundle
from medviewer.ai.loaded import Loaded, net_of
from medviewer.ai.prepare import batch
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.i18n import _

TOLERANCE = 0.02  # of a chance 0..1: processors round differently


def self_test(bundle: Bundle, job: Job | None = None) -> float:
    """Answer the bundle's example in float32 on the CPU; return the largest difference, Problem where it is too large.

    The example holds ``windows`` int16 (n, h, w) in HU, ``spacing_mm`` and the ``chances`` (n, h, w) expected.
    """
    if job is not None:
        job.step(0.0, bundle.id)
    with np.load(bundle.example, allow_pickle=False) as example:
        windows, spacing_mm, expected = example["windows"], float(example["spacing_mm"]), example["chances"]
    answer = Loaded(net_of(bundle)).chances(batch(list(windows), spacing_mm))
    difference = float(np.abs(answer - expected.astype(np.float32)).max())
    if not difference <= TOLERANCE:
        raise Problem(
            _("The model '{name}' does not give the answer of its example (difference {n:.2f}).").format(
                name=bundle.id, n=difference
            ),
            _("Do not use it on this computer; install MedViewer again."),
        )
    return difference
