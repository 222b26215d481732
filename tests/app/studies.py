"""Studies for the tests of the library: headers, and files only as far as the library looks at them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medviewer.core.study import Header, Patient, Series, Study


def header(path: Path | str, number: int = 1, *, study: str = "1.2.3", name: str = "Doe^Jane", **said: Any) -> Header:
    """An image of series 1 of a study."""
    modality = said.pop("modality", "CT")
    series = f"{study}.{1 if modality == 'CT' else 2}"
    about: dict[str, Any] = {
        "study_date": said.pop("date", "20260115"),
        "study_description": "CT chest",
        "accession_number": said.pop("accession", ""),
        "series_description": "Lung",
        "series_number": 1 if modality == "CT" else 2,
        "instance_number": number,
        "rows": 8,
        "columns": 8,
        "bits_stored": 12,
        "position_lps_mm": (0.0, 0.5, 2.5 * number),
        "patient": Patient("P1", name, "19600101", "F"),
    }
    return Header(str(path), f"{series}.{number}", "1.2.840.10008.5.1.4.1.1.2", study, series, modality, **about | said)


def images(folder: Path, count: int, *, written: bool = True, **said: Any) -> list[Header]:
    """``count`` images of one series; their files are a byte long."""
    if written:
        folder.mkdir(parents=True, exist_ok=True)
    found = []
    for number in range(1, count + 1):
        path = folder / f"{said.get('modality', 'CT')}{number}.dcm"
        if written and not path.exists():
            path.write_bytes(b"x")
        found.append(header(path, number, **said))
    return found


def study(uid: str, *series: Sequence[Header], **said: Any) -> Study:
    """A study of these series, or of one image at a place that does not exist."""
    groups = series or (images(Path("/nowhere") / uid, 1, written=False, study=uid, **said),)
    return Study(uid, tuple(Series(headers[0].series_uid, tuple(headers)) for headers in groups))
