"""Headers of everything under the chosen paths, one by one as they are found."""

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from medviewer.core.job import REPORT_EVERY_S, Job
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Unreadable
from medviewer.dicom.header import DICOMDIR, read_header, why_not
from medviewer.dicom.sources.dicomdir import is_directory_name, read_directory
from medviewer.dicom.sources.files import (
    FOREIGN_SUFFIXES,
    ZIP_SUFFIX,
    LostMember,
    distinct,
    foreign_suffix,
    is_pair_data,
    is_zip,
    ought_to_be_image,
)
from medviewer.i18n import _

Found = Header | Unreadable
Password = Callable[[str, bool], str | None]
_DIGITS = re.compile(r"(\d+)")
_OTHERS = (*FOREIGN_SUFFIXES, ZIP_SUFFIX)


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


def scan(paths: Path | str | Sequence[Path | str], job: Job, *, password: Password | None = None) -> Iterator[Found]:
    """Yield the header of every image under ``paths``, or why a file could not be read, in natural order.

    A path may be a folder, a disc (a folder with DICOMDIR, or that file itself), a file of DICOM, NIfTI, NRRD or
    MetaImage, or a ZIP; files in several of them come once. Sub-folders come after the files beside them; hidden files
    and links to folders are passed over. ``password`` gets an archive's name and whether the last one was wrong, may
    block, and returns None where the reader does not know it. Raises Problem where nothing of ``paths`` exists,
    Cancelled where the reader cancelled. A disc that goes away ends its part of the scan with a word.
    """
    return _Scan(job, password).run(distinct(paths))


class _Scan:
    """One scan: what is done so far, and what the end of it still has to tell."""

    def __init__(self, job: Job, password: Password | None) -> None:
        self._job, self._password = job, password
        self._count = _Count()
        self._directories: list[str] = []
        self._seen: set[str] | None = None  # only where a file may be met twice

    def run(self, paths: Sequence[Path]) -> Iterator[Found]:
        """Yield what is found under all ``paths``."""
        there = [path for path in paths if path.exists()]
        if not there:
            raise _gone(paths[0]) if paths else Problem(_("No file or folder was chosen."))
        if len(paths) > 1:
            self._seen = set()
        for path in paths:
            if path not in there:
                yield Unreadable(str(path), _gone(path).text)
                continue
            yield from self._until_gone(path, self._source(path))
        self._job.step(1.0, _("{n} files").format(n=self._count.done))

    def _until_gone(self, path: Path, found: Iterable[Found]) -> Iterator[Found]:
        """Pass on what is found; one sentence, not one for each file, where the disc goes away."""
        for one in found:
            if isinstance(one, Unreadable) and not path.exists():
                yield Unreadable(str(path), _("The disc or folder is gone; what was read before is kept."))
                return
            yield one

    def _source(self, path: Path) -> Iterator[Found]:
        if path.is_dir():
            yield from self._folder(path)
            return
        self._count.known += 1
        yield from self._file(str(path))
        directories, self._directories = self._directories, []
        for name in directories:  # the directory of a disc, chosen itself
            yield from self._disc(Path(name))

    def _folder(self, path: Path, damaged: str = "") -> Iterator[Found]:
        """Yield what is in a folder, and at its end what the directories of discs in it name but is not there.

        Nothing more is said of the directory ``damaged``.
        """
        for name in _files(path, self._count):
            if isinstance(name, Unreadable):
                yield name
                continue
            yield from self._file(name)
        directories, self._directories = self._directories, []
        for name in directories:
            if is_directory_name(name) and name != damaged:
                yield from _missing(Path(name))

    def _disc(self, path: Path) -> Iterator[Found]:
        """Yield what the directory of a disc names, in its order; the disc's folder where that is damaged."""
        try:
            directory = read_directory(path)
        except Problem as problem:
            told = _("{problem} All files beside it were looked through instead.").format(problem=problem.text)
            yield Unreadable(str(path), told)
            yield from self._folder(path.parent, str(path))
            return
        self._count.known += len(directory.ids)
        for name in directory.files():
            yield from self._file(name)
        self._directories.clear()
        yield from directory.losses()

    def _file(self, name: str) -> Iterable[Found]:
        """Yield what one file holds, and count it."""
        if self._seen is not None:
            real = os.path.realpath(name)
            if real in self._seen:
                return
            self._seen.add(real)
        found = self._look(name)
        if type(found) is Header:
            yield found
        else:
            yield from found  # type: ignore[misc]
        self._count.step(self._job)

    def _look(self, name: str, title: str = "") -> Header | Iterable[Found]:
        """Read one file: the header of an ordinary one, else whatever it holds."""
        if name.lower().endswith(_OTHERS):
            if foreign_suffix(name):
                return self._foreign(name, title)
            if is_zip(name):
                return self._archive(name, name, "")
        try:
            header = read_header(name)
        except Problem as problem:
            return self._no_dicom(name, problem)
        if header.frames > 1 or header.position_lps_mm is None:  # else the file's own place is all there is
            return self._frames(header)
        return header

    def _frames(self, header: Header) -> Iterable[Found]:
        if header.sop_class == DICOMDIR:
            self._directories.append(header.path)
            return ()
        from medviewer.dicom.headers.frames import frames_of

        try:
            return frames_of(header)
        except Problem as problem:
            return (Unreadable(header.path, problem.text),)

    def _no_dicom(self, name: str, problem: Problem) -> Iterable[Found]:
        """Say why a file is not read, unless it belongs to another one or is an archive without its suffix."""
        if is_directory_name(name):
            self._directories.append(name)
            return ()
        if is_pair_data(name):
            return ()
        return self._archive(name, name, "") if is_zip(name) else (Unreadable(name, problem.text),)

    def _foreign(self, name: str, title: str) -> Iterable[Found]:
        from medviewer.dicom.sources.foreign import headers_of

        try:
            return headers_of(name, self._job, title)
        except Problem as problem:
            return (Unreadable(name, problem.text),)

    def _archive(self, name: str, shown: str, outer: str) -> Iterator[Found]:
        """Yield what is in an archive, and in archives inside it, but no deeper."""
        from medviewer.dicom.sources.archive import Opening, Unpacked, unpacked

        if not outer:
            self._opening = Opening(self._job, self._password)
        for out in unpacked(name, shown, self._opening, outer):
            if not isinstance(out, Unpacked):
                yield out
            elif not is_zip(out.path):
                yield from self._member(out.path, out.shown, out.title)
            elif outer:
                yield LostMember(out.shown, _("An archive inside an archive inside an archive is not opened."))
            else:
                yield from self._archive(out.path, out.shown, name)
            self._count.known += 1
            self._count.step(self._job)

    def _member(self, name: str, shown: str, title: str) -> Iterator[Found]:
        """Yield what an unpacked file holds; what is told of it bears its name in the archive."""
        directories = len(self._directories)
        found = self._look(name, title)
        del self._directories[directories:]  # of no use here: what its members were called is only a text
        for one in (found,) if isinstance(found, Header) else found:
            if isinstance(one, Unreadable):
                with open(name, "rb") as file:
                    image = ought_to_be_image(shown, file.read(132))
                yield LostMember(shown, one.reason, image)
            else:
                yield one


def _gone(path: Path) -> Problem:
    return Problem(_("There is no file or folder '{name}'.").format(name=path.name or path))


def _missing(path: Path) -> Iterator[Found]:
    """Say what the directory of a disc names but is not on it, where the disc's files are known already."""
    try:
        directory = read_directory(path)
    except Problem as problem:
        yield Unreadable(str(path), problem.text)
        return
    for _name in directory.files():
        pass
    yield from directory.losses()


def _files(path: Path, count: _Count) -> Iterator[str | Unreadable]:
    """Yield the names of regular files; links to folders are not followed, so that no ring can trap the scan."""
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
