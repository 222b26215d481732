"""A folder looked through beside the work: what is found is told as it comes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from medviewer.app.scanning import damaged
from medviewer.core.job import Job
from medviewer.core.study import Header, Study, Unreadable
from medviewer.dicom.catalogue import Catalogue, nothing_found

BATCH, PREVIEW_AFTER_S, TELL_EVERY_S = 256, 0.1, 0.5


@dataclass(frozen=True)
class Scanned:
    """What a finished scan has brought: all studies, the UIDs of those touched, and images that could not be read."""

    studies: tuple[Study, ...]
    touched: frozenset[str]
    lost: tuple[Unreadable, ...]


@dataclass(frozen=True)
class Listener:
    """Called from the scanning thread: with the first image where the scan takes long, and with studies so far."""

    preview: Callable[[Header], None]
    studies: Callable[[tuple[Study, ...]], None]


def scan_folder(catalogue: Catalogue, path: Path, job: Job, listener: Listener) -> Scanned:
    """Scan ``path`` into ``catalogue``; Problem where there is nothing to show, Cancelled where cancelled."""
    from medviewer.dicom import load  # noqa: F401 - the window's thread will need it and must not wait for the disk
    from medviewer.dicom.scan import scan

    batch: list[Header] = []
    unreadable: list[Unreadable] = []
    touched: set[str] = set()
    news = _News(listener, catalogue)
    for found in scan(path, job):
        if isinstance(found, Unreadable):
            unreadable.append(found)
            continue
        batch.append(found)
        touched.add(found.study_uid)
        news.saw(found)
        if len(batch) >= BATCH:
            catalogue.add(batch)
            batch = []
            news.tell()
    catalogue.add(batch)
    if not touched:
        raise nothing_found(path, unreadable)
    return Scanned(catalogue.studies(), frozenset(touched), tuple(damaged(unreadable)))


class _News:
    """Decides when to tell: a quick scan shows everything at once, a slow one its first image and then the list."""

    def __init__(self, listener: Listener, catalogue: Catalogue) -> None:
        self._listener, self._catalogue = listener, catalogue
        self._started_s = self._told_s = time.monotonic()
        self._previewed = False

    def saw(self, header: Header) -> None:
        """Show the first image where the scan has been running for a while."""
        if not self._previewed and header.rows and time.monotonic() - self._started_s > PREVIEW_AFTER_S:
            self._previewed = True
            self._listener.preview(header)

    def tell(self) -> None:
        """List what is known now and then."""
        if time.monotonic() - self._told_s > TELL_EVERY_S:
            self._told_s = time.monotonic()
            self._listener.studies(self._catalogue.studies())
