"""What is said of a model file that holds what no network needs."""

from medviewer.core.problem import Problem
from medviewer.i18n import _


def refused(what: str) -> Problem:
    """Return what to raise for a file that holds ``what``, named in a few words."""
    return Problem(
        _("The model file holds what no network needs: {what}.").format(what=what),
        _("It was not opened. Ask whoever made it for an export of the network alone."),
    )
