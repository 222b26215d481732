"""The measurements of a case as a table for other programs: one row a mark, nothing about the patient."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from medviewer.core.mark import Mark
from medviewer.core.problem import Problem
from medviewer.core.study import Series
from medviewer.core.whole import whole
from medviewer.i18n import _
from medviewer.imaging.marks.measure import TITLES, Measured
from medviewer.imaging.marks.place import header_of

COLUMNS = ("number", "name", "kind", "text", "modality", "series", "image", "x_mm", "y_mm", "z_mm")
LENGTHS, VALUES = ("length", "long_axis", "short_axis"), ("value", "red", "green", "blue", "mean", "sd", "min", "max")
PATIENT_COLUMNS = ("patient_id", "patient_name", "study_date")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with these a spreadsheet takes a text for something to work out


@dataclass(frozen=True)
class Row:
    """A mark with what it measures and the series it was drawn on, None where that is unknown."""

    mark: Mark
    measured: Measured
    series: Series | None = None


def header(*, with_patient: bool = False) -> tuple[str, ...]:
    """Return the names of the columns, for machines and so never translated."""
    units = ("length_unit", "area_unit", "value_unit", "notes")
    return (*COLUMNS, *TITLES, *units, *(PATIENT_COLUMNS if with_patient else ()))


def cells(number: int, row: Row, *, with_patient: bool = False) -> tuple[str, ...]:
    """Return one row's cells, in the order of ``header``; numbers with a point, as many digits as they are worth."""
    mark, series = row.mark, row.series
    at = None if series is None else header_of(mark, series)
    image = "" if at is None or not mark.sop_uid else str(at.instance_number or at.frame + 1)
    placed = bool(mark.frame_of_reference_uid)
    center = [f"{value:.2f}" if placed else "" for value in mark.center_lps_mm]
    about = (mark.name, mark.kind, mark.text, at.modality if at else "", str(at.series_number) if at else "", image)
    found = row.measured
    values = [f"{one.value:.{one.decimals + 2}f}" if (one := found.get(name)) else "" for name in TITLES]
    units = [_unit(found, names) for names in (LENGTHS, ("area",), VALUES)]
    notes = " ".join(note.to("en") for note in found.notes)
    who = (at.patient.id, at.patient.name, at.study_date) if at else ("", "", "")
    return tuple(
        map(plain_cell, (str(number), *about, *center, *values, *units, notes, *(who if with_patient else ())))
    )


def _unit(found: Measured, names: Iterable[str]) -> str:
    known = (one for name in names if (one := found.get(name)) is not None)
    unit = next((one.unit for one in known), "")
    return unit if isinstance(unit, str) else unit.to("en")


def plain_cell(text: str) -> str:
    """Keep a spreadsheet from working a text out; numbers stay numbers."""
    if not text.startswith(_FORMULA):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def table(rows: Sequence[Row], *, with_patient: bool = False, delimiter: str = ",") -> str:
    """Return the measurements as CSV, their header first."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header(with_patient=with_patient))
    writer.writerows(cells(number, row, with_patient=with_patient) for number, row in enumerate(rows, start=1))
    return out.getvalue()


def write_csv(path: Path, rows: Sequence[Row], *, with_patient: bool = False) -> None:
    """Write the measurements as CSV in UTF-8 that spreadsheets recognise; Problem where that is not possible.

    A file that was there stays as it was then.
    """
    try:
        with whole(path) as draft:
            draft.write_text(table(rows, with_patient=with_patient), encoding="utf-8-sig")
    except OSError as error:
        raise Problem(
            _("The measurements could not be saved: {reason}.").format(reason=error.strerror or error),
            _("Choose another folder or free some space; they are still in the case."),
        ) from error
