"""A search in a library of many studies."""

import tempfile
from pathlib import Path

from medviewer.app.bench.budget import Budget
from medviewer.app.bench.workbench import Workbench, best_s
from medviewer.core.study import Header, Patient, Series, Study
from medviewer.i18n import N_

STUDIES = 10_000


def _study(number: int) -> Study:
    """Return a study of one image that is nowhere; the index never looks."""
    uid, patient = f"1.2.{number}", Patient(f"P{number:05d}", f"Name{number % 977}^Given{number}", "19600101", "F")
    header = Header(
        f"/nowhere/{number}.dcm",
        f"{uid}.1.1",
        "",
        uid,
        f"{uid}.1",
        modality="CT",
        patient=patient,
        study_date=f"{2000 + number % 25}0401",
        study_description="CT chest",
        rows=512,
        columns=512,
    )
    return Study(uid, (Series(f"{uid}.1", (header,)),))


def _search_ms(_bench: Workbench) -> float:
    from medviewer.app.library.library import Library

    with tempfile.TemporaryDirectory() as home:
        library = Library(Path(home) / "library.sqlite")
        library.remember([_study(number) for number in range(STUDIES)])
        try:
            return 1000 * best_s(lambda: library.find("name12 chest"))
        finally:
            library.close()


SEARCH = Budget("library-search", N_("Search in a library of 10,000 studies"), 50, "ms", _search_ms)
