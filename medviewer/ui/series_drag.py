"""A series on its way from the list to a viewport."""

from PySide6.QtCore import QMimeData

MIME = "application/x-medviewer-series"


def carried(study_uid: str, series_uid: str) -> QMimeData:
    """Return what a drag of a series carries."""
    data = QMimeData()
    data.setData(MIME, f"{study_uid}\n{series_uid}".encode())
    return data


def series_of(data: QMimeData) -> tuple[str, str] | None:
    """Return study and series UID of a drag; None where it carries something else."""
    if not data.hasFormat(MIME):
        return None
    study_uid, _line, series_uid = data.data(MIME).toStdString().partition("\n")
    return study_uid, series_uid
