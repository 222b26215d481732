"""The open case as files: reports in their formats, findings as DICOM objects."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from medviewer.app.session import Session
from medviewer.core.compared import Compared
from medviewer.core.problem import Problem
from medviewer.i18n import _


def write_reports(
    session: Session,
    folder: Path,
    wanted: Iterable[str],
    key_images: Mapping[str, bytes],
    language: str,
    *,
    compared: Compared | None = None,
) -> list[Path]:
    """Write the open case's report as ``report.<suffix>`` in each format wanted; Problem where it cannot be written.

    ``compared`` is the examination that findings were paired with.
    """
    from medviewer.report import formats
    from medviewer.report.draft import draft

    study = session.study
    if study is None:
        raise Problem(_("No study is open."))
    risks, advice = session.risks(), session.advice()
    report = draft(session.case, study, risks, advice, language, key_images=key_images, compared=compared)
    known = formats()
    return [known[name].write(report, folder / f"report{known[name].suffix}") for name in wanted]


def person_name(name: str) -> str:
    """Return a name as DICOM takes it; which part of a plain one is the family's cannot be guessed."""
    return f"{name}^" if name and "^" not in name else name


def write_dicom(session: Session, folder: Path, language: str) -> list[Path]:
    """Write the kept findings as ``findings.sr.dcm`` and, where any has a mask, ``findings.seg.dcm``."""
    from medviewer.dicom.write.seg import write_seg
    from medviewer.dicom.write.sr import write_sr

    series = session.series
    if series is None:
        raise Problem(_("No study is open."))
    kept = [found for found in session.case.kept if found.series_uid == series.uid]
    observer = person_name(session.settings.reader)
    seg = None
    if series.grid is not None and any(found.mask is not None for found in kept):
        seg = write_seg(folder / "findings.seg.dcm", series, series.grid, kept, observer=observer)
    sr = write_sr(
        folder / "findings.sr.dcm", series.headers, kept, observer=observer, language=language, segmentation=seg
    )
    return [sr] if seg is None else [sr, seg]
