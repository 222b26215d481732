"""The library's index built again from the files themselves."""

import os
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, select

from medviewer.app.library.index import folders, series
from medviewer.app.library.merge import Shelf, without
from medviewer.app.library.pack import Filed
from medviewer.app.library.write import Key, put_shelves, shelf_of
from medviewer.core.job import Job
from medviewer.core.study import Header, Unreadable

BATCH = 4_000


@dataclass(frozen=True)
class Rebuilt:
    """What building again has found: images (frames too), and the folders that were not there."""

    images: int
    folders_gone: tuple[str, ...]


def topmost(names: Iterable[str]) -> list[str]:
    """Return the folders less those that lie in another of them."""
    kept: list[str] = []
    for name in sorted(set(names), key=lambda name: Path(name).parts):
        if not kept or not Path(name).is_relative_to(kept[-1]):
            kept.append(name)
    return kept


def place_of(header: Header) -> int:
    """Return a number for a file as part of its series: millions of them take little room."""
    return hash((header.path, header.study_uid, header.series_uid))


def read_again(names: list[str], job: Job, take: Callable[[list[Header]], None]) -> tuple[Rebuilt, set[int]]:
    """Read every image under the folders and hand them to ``take`` in batches; return also the places of all.

    None of the folders may lie in another. A folder that goes away while it is read counts as gone.
    """
    images, gone, seen = 0, [], set[int]()
    for number, name in enumerate(names):
        if os.path.isdir(name):
            found = _headers(name, job.part(number / len(names), (number + 1) / len(names)))
            while batch := list(islice(found, BATCH)):
                take(batch)
                seen.update(map(place_of, batch))
                images += len(batch)
        if not os.path.isdir(name):
            gone.append(name)
    return Rebuilt(images, tuple(gone)), seen


def _headers(name: str, job: Job) -> Iterator[Header]:
    from medviewer.dicom.scan import scan

    return (found for found in scan(Path(name), job) if not isinstance(found, Unreadable))


def drop_lost(connection: Connection, folder: str, seen: Set[int]) -> None:
    """Drop what is known of files under ``folder`` that a scan has not seen (``place_of``)."""
    top = Path(folder)
    rows = connection.execute(select(folders.c.study_uid, folders.c.series_uid, folders.c.folder)).all()
    places: dict[Key, list[bool]] = {}
    for row in rows:
        inside = Path(os.fsdecode(row.folder)).is_relative_to(top)
        places.setdefault((row.study_uid, row.series_uid), []).append(inside)
    for key, inside_each in places.items():
        if any(inside_each):
            _drop_lost_of(connection, key, top, seen, all_inside=all(inside_each))


def _drop_lost_of(connection: Connection, key: Key, top: Path, seen: Set[int], *, all_inside: bool) -> None:
    mine = (series.c.study_uid == key[0]) & (series.c.series_uid == key[1])
    row = connection.execute(select(series).where(mine)).first()
    shelf = None if row is None else shelf_of(row)
    if shelf is not None:
        left = without(shelf, frozenset(_lost((*shelf.files, *shelf.copies), top, seen)))
        put_shelves(connection, {key: left})
    elif all_inside:  # another version wrote it, and the scan has not written it anew
        put_shelves(connection, {key: Shelf()})


def _lost(files: Iterable[Filed], top: Path, seen: Set[int]) -> Iterator[str]:
    for file in files:
        if place_of(file.header) not in seen and Path(file.path).is_relative_to(top):
            yield file.path
