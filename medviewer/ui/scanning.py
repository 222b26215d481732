"""A folder looked through beside the work: what is found is told as it comes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from medviewer.app.scanning import damaged
from medviewer.core.job import Job
from medviewer.core.study import Header, Study, Unreadable
from medviewer.dicom.catalogue import Catalogue, nothing_found
from medviewer.dicom.kinds import kind_of

BATCH, PREVIEW_AFTER_S, TELL_EVERY_S = 256, 0.1, 0.5


@dataclass(frozen=True)
class Scanned:
    """What a finished scan has brought: all studies, the headers found, and images that could not be read."""

    studies: tuple[Study, ...]
    headers: tuple[Header, ...]
    lost: tuple[Unreadable, ...]

    @property
    def touched(self) -> frozenset[str]:
        """The UIDs of the studies that the headers found belong to."""
        return frozenset(header.study_uid for header in self.headers)


@dataclass(frozen=True)
class Listener:
    """Called from the scanning thread: with the first image where the scan takes long, and with studies so far.

    ``password`` gets an archive's name and whether a password was wrong before; None passes the archive over.
    """

    preview: Callable[[Header], None]
    studies: Callable[[tuple[Study, ...]], None]
    password: Callable[[str, bool, Job], str | None]


def scan_paths(catalogue: Catalogue, paths: Sequence[Path], job: Job, listener: Listener) -> Scanned:
    """Scan ``paths`` into ``catalogue``; Problem where there is nothing to show.

    Cancelled where the reader cancelled; what was found until then is in the catalogue.
    """
    from medviewer.dicom import load  # noqa: F401 - the window's thread will need it and must not wait for the disk
    from medviewer.dicom.scan import scan

    headers: list[Header] = []
    unreadable: list[Unreadable] = []
    added = 0
    news = _News(listener, catalogue)
    try:
        for found in scan(paths, job, password=lambda archive, wrong: listener.password(archive, wrong, job)):
            if isinstance(found, Unreadable):
                unreadable.append(found)
                continue
            headers.append(found)
            news.saw(found)
            if len(headers) - added >= BATCH:
                catalogue.add(headers[added:])
                added = len(headers)
                news.tell()
    finally:  # what was found before a cancel or a fault is kept
        catalogue.add(headers[added:])
    if not headers:
        raise nothing_found(paths[0], unreadable)
    return Scanned(catalogue.studies(), tuple(headers), tuple(damaged(unreadable)))


class _News:
    """Decides when to tell: a quick scan shows everything at once, a slow one its first image and then the list."""

    def __init__(self, listener: Listener, catalogue: Catalogue) -> None:
        self._listener, self._catalogue = listener, catalogue
        self._started_s = self._told_s = time.monotonic()
        self._previewed = False

    def saw(self, header: Header) -> None:
        """Show the first image where the scan has been running for a while."""
        if not self._previewed and kind_of(header) == "image" and time.monotonic() - self._started_s > PREVIEW_AFTER_S:
            self._previewed = True
            self._listener.preview(header)

    def tell(self) -> None:
        """List what is known now and then."""
        if time.monotonic() - self._told_s > TELL_EVERY_S:
            self._told_s = time.monotonic()
            self._listener.studies(self._catalogue.studies())
