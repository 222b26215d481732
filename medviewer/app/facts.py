"""What a study's headers say about the patient and the pictures, as inputs for risk models and guidelines."""

from datetime import date

from medviewer.core.fields import AGE, FEMALE, SLICE_THICKNESS, Field, Value
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Series, Study


def study_facts(study: Study, series: Series | None = None) -> dict[str, Value]:
    """Return field name to value as the headers say; what they do not say, or say wrongly, is left out.

    ``series`` (default: the main one) speaks for the slice thickness.
    """
    chosen = series or main_series(study)
    known: list[tuple[Field, Value | None]] = [
        (AGE, age_years(study.first)),
        (FEMALE, {"F": True, "M": False}.get(study.patient.sex.strip().upper())),
        (SLICE_THICKNESS, thickness_mm(chosen) if chosen else None),
    ]
    return {field.name: value for field, value in known if value is not None and _valid(field, value)}


def main_series(study: Study) -> Series | None:
    """Return the series to show and read first: CT stacks, then other stacks, then other images, the most first."""
    return max(study.series, key=_rank, default=None)


def _rank(series: Series) -> tuple[bool, bool, bool, int]:
    usable = series.grid is not None and not series.stopped
    return series.kind == "image", series.modality == "CT" and usable, usable, len(series.headers)


def age_years(header: Header) -> float | None:
    """Return the age at the examination: as the file says, else from birth date and study date; None if unknown."""
    if header.age_years is not None:
        return header.age_years
    born, seen = _date(header.patient.birth_date), _date(header.study_date)
    if born is None or seen is None:
        return None
    return float(seen.year - born.year - ((seen.month, seen.day) < (born.month, born.day)))


def thickness_mm(series: Series) -> float | None:
    """Return the slice thickness in mm: as the file says, else the distance between slices; None if unknown."""
    if series.first.thickness_mm:
        return series.first.thickness_mm
    return series.grid.spacing_kji_mm[0] if series.grid and series.grid.shape_kji[0] > 1 else None


def _date(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def _valid(field: Field, value: Value) -> bool:
    try:
        return field.check(value) is not None
    except Problem:  # an age of 999 or a thickness of 0: as good as not said
        return False
