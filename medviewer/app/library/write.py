"""What the library writes down of headers; called with a connection inside a transaction."""

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import Insert, insert

from medviewer.app.library import thumbs as library_thumbs
from medviewer.app.library.index import folders, series, studies
from medviewer.app.library.merge import Shelf, merge
from medviewer.app.library.pack import Filed, pack, state_of, unpack
from medviewer.app.library.rows import clean, search_text
from medviewer.core.study import Header
from medviewer.dicom.kinds import kind_of

Key = tuple[str, str]  # UID of study and of series
SeriesData = Row[Any]
LOOK_AGAIN = -1
AT_ONCE = 500


@dataclass(frozen=True)
class Found:
    """Paths just read, and what their folders were like then: such a folder need not be looked at again."""

    paths: frozenset[str] = frozenset()
    folder_mtimes_ns: dict[str, int] = field(default_factory=dict)

    def mtime_ns(self, folder: str, paths: Iterable[str]) -> int:
        """Return the folder's time of change where all ``paths`` in it were just read, else ``LOOK_AGAIN``."""
        if not self.paths.issuperset(paths):
            return LOOK_AGAIN
        if folder not in self.folder_mtimes_ns:
            self.folder_mtimes_ns[folder] = state_of(folder)[1]
        return self.folder_mtimes_ns[folder]


NOTHING_FOUND = Found()


@dataclass(frozen=True)
class _Draft:
    """A series to be written."""

    key: Key
    shelf: Shelf
    files_blob: bytes
    copies_blob: bytes

    @property
    def digest(self) -> bytes:
        """What tells this draft from another state of the series."""
        return _digest(self.files_blob, self.copies_blob)


def _digest(files_blob: bytes, copies_blob: bytes) -> bytes:
    return hashlib.blake2b(files_blob + b"|" + copies_blob, digest_size=16).digest()


def write_series(connection: Connection, scanned: Mapping[Key, Sequence[Filed]]) -> None:
    """Take in the files of series as a scan found them, and bring their studies up to date."""
    known = series_rows(connection, scanned)
    changed: dict[Key, Shelf] = {}
    for key, files in scanned.items():
        row = known.get(key)
        if row is not None and not row.copies and row.digest == _digest(pack(files), b""):
            continue  # just as it was: the usual case when a folder is opened again
        before = Shelf() if row is None else shelf_of(row) or Shelf()
        changed[key] = merge(before, files)
    paths = frozenset(file.path for key in changed for file in scanned[key])
    put_shelves(connection, changed, Found(paths))


def series_rows(connection: Connection, keys: Collection[Key]) -> dict[Key, SeriesData]:
    """Return the rows of those of the series that are known, by study and series UID."""
    rows: dict[Key, SeriesData] = {}
    for some in _some(dict.fromkeys(study for study, _series in keys)):
        for row in connection.execute(select(series).where(series.c.study_uid.in_(some))):
            if (row.study_uid, row.series_uid) in keys:
                rows[row.study_uid, row.series_uid] = row
    return rows


def _some(uids: Iterable[str]) -> Iterator[list[str]]:
    """Yield as many at a time as a question takes."""
    rest = iter(uids)
    while some := list(islice(rest, AT_ONCE)):
        yield some


def shelf_of(row: SeriesData) -> Shelf | None:
    """Return the files of a series' row; None where another version wrote them."""
    files, copies = unpack(row.files_blob), unpack(row.copies_blob)
    return None if files is None or copies is None else Shelf(tuple(files), tuple(copies))


def put_shelves(connection: Connection, shelves: Mapping[Key, Shelf], found: Found = NOTHING_FOUND) -> bool:
    """Write the series that differ from what is there, drop empty ones, and bring their studies up to date.

    Returns whether any did.
    """
    known = series_rows(connection, shelves.keys())
    drafts = [_Draft(key, shelf, pack(shelf.files), pack(shelf.copies)) for key, shelf in shelves.items()]
    drafts = [d for d in drafts if d.key not in known or known[d.key].digest != d.digest]
    if not drafts:
        return False
    _drop(connection, [draft.key for draft in drafts])
    full = [draft for draft in drafts if draft.shelf.files]
    if full:
        connection.execute(series.insert(), [_series_row(draft) for draft in full])
        connection.execute(folders.insert(), [row for draft in full for row in _folder_rows(draft, found)])
    renew_studies(connection, [draft.key[0] for draft in drafts], [draft.shelf.files[0].header for draft in full])
    return True


def _drop(connection: Connection, keys: Sequence[Key]) -> None:
    rows = [{"study": study_uid, "one": series_uid} for study_uid, series_uid in keys]
    for table in (series, folders):
        mine = (table.c.study_uid == bindparam("study")) & (table.c.series_uid == bindparam("one"))
        connection.execute(delete(table).where(mine), rows)


def _series_row(draft: _Draft) -> dict[str, object]:
    headers = [file.header for file in draft.shelf.files]
    first = headers[0]
    return {
        "study_uid": draft.key[0],
        "series_uid": draft.key[1],
        "modality": clean(first.modality),
        "description": clean(first.series_description),
        "number": first.series_number,
        "images": sum(1 for header in headers if kind_of(header) == "image"),
        "copies": len({file.path for file in draft.shelf.copies}),
        "digest": draft.digest,
        "files_blob": draft.files_blob,
        "copies_blob": draft.copies_blob,
    }


def _folder_rows(draft: _Draft, found: Found) -> Iterable[dict[str, object]]:
    paths: dict[str, set[str]] = {}
    for file in draft.shelf.files:
        paths.setdefault(os.path.dirname(file.path), set()).add(file.path)
    for folder, inside in paths.items():
        yield {
            "study_uid": draft.key[0],
            "series_uid": draft.key[1],
            "folder": os.fsencode(folder),
            "files": len(inside),
            "missing": 0,
            "mtime_ns": found.mtime_ns(folder, inside),
        }


def renew_studies(connection: Connection, study_uids: Iterable[str], speakers: Sequence[Header] = ()) -> None:
    """Count studies anew after their series changed; one of ``speakers``, an image where possible, tells of each.

    A study without a series is dropped.
    """
    speaks: dict[str, Header] = {}
    for header in sorted(speakers, key=lambda header: not header.rows):
        speaks.setdefault(header.study_uid, header)
    for some in _some(dict.fromkeys(study_uids)):
        counted = _counted(connection, some)
        told = [row | _about(speaks[uid], row["modalities"]) for uid, row in counted.items() if uid in speaks]
        silent = [row | {"study": uid} for uid, row in counted.items() if uid not in speaks]
        lost = [{"study": uid} for uid in some if uid not in counted]
        mine = studies.c.study_uid == bindparam("study")
        for statement, rows in (
            (_told(), told),
            (studies.update().where(mine), silent),
            (delete(studies).where(mine), lost),
        ):
            if rows:
                connection.execute(statement, rows)


def _told() -> Insert:
    """Write all of a study but when it was opened."""
    row = insert(studies).values(opened_at="")
    new = {column.name: row.excluded[column.name] for column in studies.c if column.name != "opened_at"}
    return row.on_conflict_do_update(index_elements=[studies.c.study_uid], set_=new)


def _counted(connection: Connection, study_uids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return how much there is of each study and where; studies without a series are left out."""
    columns = series.c.study_uid, series.c.modality, series.c.images, series.c.copies
    rows = connection.execute(select(*columns).where(series.c.study_uid.in_(study_uids))).all()
    sums = func.sum(folders.c.files).label("files"), func.sum(folders.c.missing).label("missing")
    places = connection.execute(
        select(folders.c.study_uid, folders.c.folder, *sums)
        .where(folders.c.study_uid.in_(study_uids))
        .group_by(folders.c.study_uid, folders.c.folder)
    ).all()
    rows_of, places_of = _grouped(rows), _grouped(places)
    return {uid: _sum(uid, mine, places_of.get(uid, [])) for uid, mine in rows_of.items()}


def _grouped(rows: Iterable[Any]) -> dict[str, list[Row[Any]]]:
    groups: dict[str, list[Row[Any]]] = {}
    for row in rows:
        groups.setdefault(row.study_uid, []).append(row)
    return groups


def _sum(study_uid: str, rows: Sequence[Row[Any]], places: Sequence[Row[Any]]) -> dict[str, Any]:
    modalities = {row.modality for row in rows if row.images} or {row.modality for row in rows}
    return {
        "study_uid": study_uid,
        "modalities": ",".join(sorted(modality for modality in modalities if modality)),
        "series": len(rows),
        "images": sum(row.images for row in rows),
        "copies": sum(row.copies for row in rows),
        "folder": _common([place.folder for place in places]),
        "files": sum(place.files for place in places),
        "missing": sum(place.missing for place in places),
    }


def _common(paths: Sequence[bytes]) -> bytes:
    """Return the folder that holds all ``paths``; the first of them where they are on several disks."""
    try:
        return os.path.commonpath(paths)
    except ValueError:
        return paths[0] if paths else b""


def _about(header: Header, modalities: str) -> dict[str, str]:
    patient = header.patient
    texts = (patient.name, patient.id, header.study_description, header.accession_number, modalities)
    return {
        "patient_name": clean(patient.name),
        "patient_id": clean(patient.id),
        "birth_date": clean(patient.birth_date),
        "sex": clean(patient.sex),
        "date": clean(header.study_date),
        "time": clean(header.study_time),
        "description": clean(header.study_description),
        "search": search_text(texts, clean(header.study_date)),
    }


def opened(connection: Connection, study_uid: str, at: str) -> None:
    """Note when a study was opened."""
    connection.execute(studies.update().where(studies.c.study_uid == study_uid).values(opened_at=at))


def forget(connection: Connection, study_uid: str) -> None:
    """Drop a study with its series and their small pictures."""
    uids = connection.execute(select(series.c.series_uid).where(series.c.study_uid == study_uid)).scalars().all()
    library_thumbs.forget(connection, list(uids))
    for table in (folders, series, studies):
        connection.execute(delete(table).where(table.c.study_uid == study_uid))
