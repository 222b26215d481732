"""Published risk models, one file each in ``models/``, and their answers about a case."""

import importlib
from functools import cache

from medviewer.core.assessment import Risk
from medviewer.core.case import Case
from medviewer.core.discover import discover
from medviewer.core.facts import collect
from medviewer.risk.model import RiskModel

# Imported before ``def models``: the first import of a subpackage sets the parent's attribute of that name.
_files = importlib.import_module("medviewer.risk.models")


@cache
def models() -> dict[str, RiskModel]:
    """Return every risk model by id."""
    return discover(_files, RiskModel)


def assess(case: Case) -> list[Risk]:
    """Return each model's answer about each nodule that was not rejected."""
    return [model.assess(collect(case, finding), finding.id) for finding in case.nodules for model in models().values()]
