"""The library against the disk: which files are gone or changed; called with a connection."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from medviewer.app.library.index import folders, series
from medviewer.app.library.merge import settle
from medviewer.app.library.pack import UNKNOWN, Filed, state_of
from medviewer.app.library.write import LOOK_AGAIN, put_shelves, renew_studies, shelf_of
from medviewer.core.job import Job
from medviewer.core.study import Header


@dataclass(frozen=True)
class Opening:
    """A study out of the library, its files looked at.

    ``headers`` are those of files that are just as they were; ``gone`` and ``changed`` are the paths of the others.
    ``stale``: a series was written by another version and has to be read anew. ``folders`` hold all of the study.
    """

    headers: tuple[Header, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]
    stale: bool
    folders: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether everything is as it was; else a scan of the folders is due."""
        return not (self.gone or self.changed or self.stale)


def stored(connection: Connection, study_uid: str) -> tuple[list[Filed], bool]:
    """Return the files in use of a study, and whether all of them could be read out of the index."""
    rows = connection.execute(select(series).where(series.c.study_uid == study_uid)).all()
    shelves = [shelf_of(row) for row in rows]
    return [file for shelf in shelves if shelf for file in shelf.files], None not in shelves


def compare(files: Sequence[Filed], job: Job) -> tuple[list[Header], list[str], list[str]]:
    """Return headers of files that are as they were, paths that are gone, and paths that are not as they were."""
    same: list[Header] = []
    gone, changed = dict[str, None](), dict[str, None]()
    now: dict[str, tuple[int, int]] = {}
    for number, file in enumerate(files):
        if file.path not in now:
            job.step(number / len(files))
            now[file.path] = state_of(file.path)
        if now[file.path] == (file.file_bytes, file.mtime_ns) and file.file_bytes != UNKNOWN:
            same.append(file.header)
        else:
            (gone if now[file.path][0] == UNKNOWN else changed)[file.path] = None
    return same, list(gone), list(changed)


@dataclass(frozen=True)
class Seen:
    """What a look at one folder of one series found."""

    study_uid: str
    series_uid: str
    folder: bytes
    missing: int
    mtime_ns: int


def look(connection: Connection, job: Job) -> list[Seen]:
    """Return what has changed in the folders since the last look; one question to the disk a folder where nothing has.

    A folder that is gone has lost all its files; one that changed is listed and compared by name.
    """
    rows = connection.execute(select(folders).order_by(folders.c.folder)).all()
    times: dict[bytes, int] = {}
    found = []
    for number, row in enumerate(rows):
        if row.folder not in times:
            job.step(number / len(rows))
            times[row.folder] = state_of(os.fsdecode(row.folder))[1]
        now_ns = times[row.folder]
        if now_ns != row.mtime_ns or now_ns == UNKNOWN:
            missing = row.files if now_ns == UNKNOWN else _missing_in(connection, row)
            if (missing, now_ns) != (row.missing, row.mtime_ns):
                found.append(Seen(row.study_uid, row.series_uid, row.folder, missing, now_ns))
    return found


def _missing_in(connection: Connection, row: Row[Any]) -> int:
    mine = (series.c.study_uid == row.study_uid) & (series.c.series_uid == row.series_uid)
    kept = connection.execute(select(series).where(mine)).first()
    shelf = None if kept is None else shelf_of(kept)
    if shelf is None:
        return 0
    folder = os.fsdecode(row.folder)
    wanted = {os.path.basename(file.path) for file in shelf.files if os.path.dirname(file.path) == folder}
    try:
        return len(wanted.difference(os.listdir(folder or os.curdir)))
    except OSError:
        return len(wanted)


def note(connection: Connection, seen: Iterable[Seen]) -> bool:
    """Write down what a look found; where a file is gone and a copy of it is there, the copy is used from now on.

    Returns whether that happened: then another look is due.
    """
    values = [
        {"study": s.study_uid, "one": s.series_uid, "place": s.folder, "lost": s.missing, "then": s.mtime_ns}
        for s in seen
    ]
    if not values:
        return False
    mine = (folders.c.study_uid == bindparam("study")) & (folders.c.series_uid == bindparam("one"))
    change = folders.update().where(mine & (folders.c.folder == bindparam("place")))
    connection.execute(change.values(missing=bindparam("lost"), mtime_ns=bindparam("then")), values)
    losers = dict.fromkeys(str(value["study"]) for value in values if value["lost"])
    replaced = [_use_copies(connection, study_uid) for study_uid in losers]
    renew_studies(connection, dict.fromkeys(str(value["study"]) for value in values))
    return any(replaced)


def _use_copies(connection: Connection, study_uid: str) -> bool:
    doubled = select(series).where(series.c.study_uid == study_uid, series.c.copies > 0)
    shelves = {}
    for row in connection.execute(doubled).all():
        shelf = shelf_of(row)
        if shelf is not None:
            shelves[study_uid, row.series_uid] = settle(shelf)
    return put_shelves(connection, shelves)


def note_gone(connection: Connection, study_uid: str, gone: Iterable[str]) -> bool:
    """Write down which files of a study were gone when it was opened; returns as ``note`` does."""
    lost: dict[bytes, int] = {}
    for path in gone:
        folder = os.fsencode(os.path.dirname(path))
        lost[folder] = lost.get(folder, 0) + 1
    rows = connection.execute(select(folders).where(folders.c.study_uid == study_uid)).all()
    seen = []
    for row in rows:
        missing = min(row.files, lost.get(row.folder, 0))
        lost[row.folder] = lost.get(row.folder, 0) - missing
        if missing != row.missing:
            seen.append(Seen(study_uid, row.series_uid, row.folder, missing, LOOK_AGAIN))
    return note(connection, seen)
