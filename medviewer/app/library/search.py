"""Questions to the library's index; called with a connection."""

import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from medviewer.app.library.index import folders, series, studies
from medviewer.app.library.rows import Copies, SeriesRow, StudyRow, day_digits, path_text, words_of
from medviewer.app.library.write import shelf_of

_LISTED = [column for column in studies.c if column.name != "search"]


def find(connection: Connection, text: str, modality: str, between: tuple[str, str], limit: int) -> list[StudyRow]:
    """Return the studies that hold all words of ``text``, the newest first; see ``Library.find``."""
    wanted = _conditions(text, modality, *between)
    newest = studies.c.date.desc(), studies.c.time.desc(), studies.c.study_uid
    return [_row(row) for row in connection.execute(select(*_LISTED).where(*wanted).order_by(*newest).limit(limit))]


def _conditions(text: str, modality: str, since: str, until: str) -> list[ColumnElement[bool]]:
    """What must hold of a study; ``instr`` knows no wildcards, so what is typed is what is looked for."""
    wanted = [func.instr(studies.c.search, word) > 0 for word in words_of(text)]
    if modality:
        wanted.append(func.instr("," + studies.c.modalities + ",", f",{modality},") > 0)
    if first := day_digits(since):
        wanted.append(studies.c.date >= first)
    if last := day_digits(until, "9"):
        wanted += [studies.c.date <= last, studies.c.date != ""]
    return wanted


def _row(row: Row[Any]) -> StudyRow:
    said = row._asdict()
    said["modalities"] = tuple(filter(None, said["modalities"].split(",")))
    said["folder"] = path_text(said["folder"])
    return StudyRow(**said)


def study(connection: Connection, study_uid: str) -> StudyRow | None:
    """Return one study; None where it is not known."""
    row = connection.execute(select(*_LISTED).where(studies.c.study_uid == study_uid)).first()
    return None if row is None else _row(row)


def recent(connection: Connection, limit: int) -> list[StudyRow]:
    """Return the studies opened last, the latest first."""
    latest = select(*_LISTED).where(studies.c.opened_at != "").order_by(studies.c.opened_at.desc()).limit(limit)
    return [_row(row) for row in connection.execute(latest)]


def modalities(connection: Connection) -> list[str]:
    """Return every modality there is a study of, in the order of the alphabet."""
    rows = connection.execute(select(studies.c.modalities).distinct()).scalars()
    return sorted({modality for row in rows for modality in row.split(",") if modality})


def count(connection: Connection) -> int:
    """Return the number of studies."""
    return connection.execute(select(func.count()).select_from(studies)).scalar_one()


def series_of(connection: Connection, study_uid: str) -> list[SeriesRow]:
    """Return the series of a study by their numbers, those without images last."""
    columns = series.c.series_uid, series.c.modality, series.c.description, series.c.number, series.c.images
    rows = connection.execute(select(*columns).where(series.c.study_uid == study_uid))
    found = [SeriesRow(*row) for row in rows]
    return sorted(found, key=lambda one: (not one.images, one.number, one.series_uid))


def copies(connection: Connection, study_uid: str) -> list[Copies]:
    """Return where else images of a study are, by folder."""
    doubled = select(series).where(series.c.study_uid == study_uid, series.c.copies > 0)
    shelves = [shelf_of(row) for row in connection.execute(doubled)]
    paths = {file.path for shelf in shelves if shelf for file in shelf.copies}
    counted = Counter(os.path.dirname(path) for path in paths)
    return [Copies(path_text(os.fsencode(folder)), n) for folder, n in sorted(counted.items())]


def folders_of(connection: Connection, study_uid: str = "") -> list[str]:
    """Return the folders that hold files of a study, or of all studies."""
    wanted: Sequence[ColumnElement[bool]] = [folders.c.study_uid == study_uid] if study_uid else []
    rows = connection.execute(select(folders.c.folder).where(*wanted).distinct()).scalars()
    return sorted(os.fsdecode(row) for row in rows)


def count_missing(connection: Connection) -> int:
    """Return the number of studies that lacked files at the last look."""
    lacking = select(func.count()).select_from(studies).where(studies.c.missing > 0)
    return connection.execute(lacking).scalar_one()
