"""Published guidelines, one file each in ``guidelines/``, and the options they offer in a case."""

import importlib
from collections.abc import Sequence
from functools import cache

from medviewer.core.assessment import Advice, Risk
from medviewer.core.case import Case
from medviewer.core.discover import discover
from medviewer.core.facts import collect
from medviewer.treatment.guideline import Guideline

# Imported before ``def guidelines``: the first import of a subpackage sets the parent's attribute of that name.
_files = importlib.import_module("medviewer.treatment.guidelines")


@cache
def guidelines() -> dict[str, Guideline]:
    """Return every guideline by id."""
    return discover(_files, Guideline)


def advise(case: Case, risks: Sequence[Risk]) -> list[Advice]:
    """Return what each guideline offers for each nodule that was not rejected."""
    return [
        guideline.advise(collect(case, finding), finding.id, [risk for risk in risks if risk.finding_id == finding.id])
        for finding in case.nodules
        for guideline in guidelines().values()
    ]
