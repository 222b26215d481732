"""Headers of all files under a path, one by one as they are found."""

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from medviewer.core.job import REPORT_EVERY_S, Job
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Unreadable
from medviewer.dicom.header import DICOMDIR, read_header, why_not
from medviewer.i18n import _

_DIGITS = re.compile(r"(\d+)")


@dataclass
class _Count:
    """Files known so far and files done, for the progress."""

    known: int = 0
    done: int = 0
    reported_s: float = 0.0

    def step(self, job: Job) -> None:
        """Count one file as done; a report costs more than a header, so the clock decides before the job does."""
        self.done += 1
        job.check()
        now_s = time.monotonic()
        if now_s - self.reported_s >= REPORT_EVERY_S:
            self.reported_s = now_s
            job.step(min(self.done / max(self.known, 1), 0.99), _("{n} files").format(n=self.done))


def scan(path: Path, job: Job) -> Iterator[Header | Unreadable]:
    """Yield the header of every DICOM file under ``path``, or why a file could not be read, in natural order.

    Sub-folders come after the files beside them; hidden files and DICOMDIR are passed over. Raises Problem where
    ``path`` does not exist, Cancelled where the reader cancelled. A disc that goes away ends the scan with a word.
    """
    path = Path(path)
    if not path.exists():
        raise Problem(_("There is no file or folder '{name}'.").format(name=path.name or path))
    count = _Count()
    for name in _files(path, count):
        if isinstance(name, Unreadable):
            yield name
            continue
        found = _look(name)
        if found is not None:
            yield found
        if isinstance(found, Unreadable) and not path.exists():
            yield Unreadable(str(path), _("The disc or folder is gone; what was read before is kept."))
            return
        count.step(job)
    job.step(1.0, _("{n} files").format(n=count.done))


def _look(name: str) -> Header | Unreadable | None:
    """Read one file; None for the directory file of a disc."""
    try:
        header = read_header(name)
    except Problem as problem:
        return None if os.path.basename(name).upper() == "DICOMDIR" else Unreadable(name, problem.text)
    return None if header.sop_class == DICOMDIR else header


def _files(path: Path, count: _Count) -> Iterator[str | Unreadable]:
    """Yield the names of regular files; links to folders are not followed, so that no ring can trap the scan."""
    if not path.is_dir():
        count.known = 1
        yield str(path)
        return
    folders = [str(path)]
    while folders:
        folder = folders.pop()
        try:
            files, below = _listing(folder)
        except OSError as error:
            yield Unreadable(folder, why_not(error))
            continue
        count.known += len(files)
        folders.extend(reversed(below))
        yield from files


def _listing(folder: str) -> tuple[list[str], list[str]]:
    """Return the paths of the files and of the folders in ``folder``, each in natural order."""
    files: list[str] = []
    below: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_file():
                files.append(entry.path)
            elif entry.is_dir(follow_symlinks=False):
                below.append(entry.path)
    return sorted(files, key=natural), sorted(below, key=natural)


def natural(name: str) -> tuple[str | int, ...]:
    """Return a sort key for paths in one folder under which IM2 comes before IM10."""
    parts = _DIGITS.split(os.path.basename(name).casefold())
    return tuple(int(part) if part.isdecimal() else part for part in parts)
