"""A study's files copied into a folder of the library, under names of our own; only where the reader asks for it."""

import errno
import filecmp
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Study
from medviewer.core.whole import whole
from medviewer.i18n import _

KEEP_FREE = 512 << 20  # bytes of disk that are never filled
_CHUNK = 4 << 20
_SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".mha")  # by which these are known; everything else is DICOM
_IN_TWO_FILES = (".hdr", ".nhdr", ".mhd")


@dataclass(frozen=True)
class Imported:
    """Where a study lies now, how many of its files were copied, how many were there before, and the bytes copied."""

    folder: Path
    copied: int = 0
    already_there: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class _Copy:
    source: str
    target: Path
    size: int


def import_study(study: Study, folder: Path, job: Job) -> Imported:
    """Copy the files of ``study`` into a folder of its own below ``folder``; the same file twice is one copy.

    Problem, with nothing copied, where the disk has no room or a file cannot be read. Cancelled where the reader
    cancelled; nothing of this import is left then, and what was there before stays.
    """
    place = folder / _hash(study.uid)
    wanted = _wanted(study, place, job.part(0.0, 0.1))
    copies = [copy for copy in wanted if not copy.target.exists()]
    _room_for(copies, folder)
    made = not place.exists()
    done: list[Path] = []
    try:
        place.mkdir(parents=True, exist_ok=True)
        for _copied in _copy_all(copies, job.part(0.1, 1.0)):
            done.append(_copied)
    except BaseException as error:
        for path in done:
            path.unlink(missing_ok=True)
        if made:
            shutil.rmtree(place, ignore_errors=True)
        if isinstance(error, OSError):
            raise _disk_says(error) from error
        raise
    return Imported(place, len(copies), len(wanted) - len(copies), sum(copy.size for copy in copies))


def _wanted(study: Study, place: Path, job: Job) -> list[_Copy]:
    """Return one copy for each different file; two files of one UID but different content are both kept."""
    sources = {header.path: header.sop_uid for series in study.series for header in series.headers}
    copies: dict[Path, _Copy] = {}
    for number, (source, sop_uid) in enumerate(sources.items()):
        job.step(number / len(sources), _("Comparing files"))
        if source.lower().endswith(_IN_TWO_FILES):
            raise Problem(
                _("Images whose voxels are in a second file cannot be imported."),
                _("Save them as one file first, as NIfTI or MetaImage (.mha)."),
            )
        copy = _Copy(source, _target(source, sop_uid, place), _size(source))
        other = copies.get(copy.target)
        rival = other.source if other else copy.target
        if (other or copy.target.exists()) and not _same(source, rival):
            copy = _Copy(source, _target(source, f"{sop_uid}\0{_content(source)}", place), copy.size)
        copies.setdefault(copy.target, copy)
    return list(copies.values())


def _copy_all(copies: list[_Copy], job: Job) -> Iterator[Path]:
    """Copy file after file, each whole or not at all; yield what is there now."""
    total, written = sum(copy.size for copy in copies) or 1, 0
    for copy in copies:
        with whole(copy.target) as draft, open(copy.source, "rb") as source, draft.open("wb") as target:
            while chunk := source.read(_CHUNK):
                job.step(min(written / total, 1.0), _("Importing"))
                target.write(chunk)
                written += len(chunk)
        yield copy.target
    job.step(1.0, _("Importing"))


def _room_for(copies: list[_Copy], folder: Path) -> None:
    """Problem where the disk would be filled, before anything is copied."""
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    need, free = sum(copy.size for copy in copies), max(shutil.disk_usage(there).free - KEEP_FREE, 0)
    if need > free:
        raise Problem(
            _("Importing needs {need} MB, but only {free} MB are free on the disk.").format(
                need=-(-need // 1_000_000), free=free // 1_000_000
            ),
            _("Make room on the disk, or choose another folder for the library."),
        )


def _target(source: str, name: str, place: Path) -> Path:
    lower = source.lower()
    suffix = next((suffix for suffix in _SUFFIXES if lower.endswith(suffix)), ".dcm")
    return place / f"{_hash(name)}{suffix}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError as error:
        raise _disk_says(error) from error


def _same(one: str, other: str | Path) -> bool:
    try:
        return filecmp.cmp(one, other, shallow=False)
    except OSError as error:
        raise _disk_says(error) from error


def _content(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _disk_says(error) from error


def _disk_says(error: OSError) -> Problem:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Problem(_("The disk is full; nothing was imported."), _("Make room on the disk and import again."))
    return Problem(
        _("The files could not be imported: {reason}.").format(reason=os.strerror(error.errno or errno.EIO)),
        _("Nothing was left half done; the files are still where they were."),
    )
