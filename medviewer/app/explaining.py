"""Where the model that found something looked: asked for one finding at a time, on the engine."""

from medviewer.core.finding import Finding
from medviewer.core.heat import Heat
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.volume import Volume
from medviewer.i18n import _


def heat_of(volume: Volume, finding: Finding, job: Job) -> Heat:
    """Return the heat map of a model's finding in ``volume``; call it from a background thread.

    Problem where there is none, with the reason; Cancelled within half a second of ``job.cancel()``.
    """
    from medviewer.ai.bundle import bundles
    from medviewer.ai.engine import explain

    if finding.model is None:
        raise Problem(_("There is no heat map of this finding: the reader marked it, no model did."))
    bundle = bundles().get(finding.model.id)
    if bundle is None or bundle.sha256 != finding.model.sha256:
        raise Problem(
            _("There is no heat map of this finding: the model that found it is not installed any more."),
            _("Read the series again with the model there is now."),
        )
    return explain(bundle, volume, finding, job)
