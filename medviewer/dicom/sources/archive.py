"""ZIPs unpacked member by member into a private folder, under names of our own and within limits."""

import contextlib
import errno
import hashlib
import os
import posixpath
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Unreadable
from medviewer.dicom.pixels.encapsulated import Refused
from medviewer.dicom.sources import scratch
from medviewer.dicom.sources.files import (
    ZIP_SIGNATURES,
    ZIP_SUFFIX,
    LostMember,
    as_text,
    begins_like_dicom,
    foreign_suffix,
    may_be_archive,
    ought_to_be_image,
)
from medviewer.dicom.sources.zips import DAMAGED, UNKNOWN, Member, open_zip, spellings, zip_members
from medviewer.i18n import N_, _

MOST_MEMBERS = 200_000
MOST_TIMES, AT_LEAST_BELIEVED = 100, 2 << 30  # an archive may unpack to so many times its size, or so many bytes
KEEP_FREE = 512 << 20  # bytes of disk that are never filled
PROBES = 3
Ask = Callable[[str, bool], str | None]

TOO_MUCH = N_("This archive claims to hold far more than it can; it was not unpacked.")
NO_IMAGE = N_("This is not a DICOM file.")
DISK_FULL = N_("There is not enough room on the disk to unpack this file.")
_origins: dict[str, str] = {}


@dataclass(frozen=True)
class Unpacked:
    """A member that is out: where it lies now, its name to show, and the name's last part without suffix."""

    path: str
    shown: str
    title: str


@dataclass
class Opening:
    """What all archives of one scan share: the job, who knows the passwords, and how much may still be written.

    ``ask(archive name, whether the last password was wrong)`` may block; None means that the reader does not know it.
    """

    job: Job
    ask: Ask | None = None
    left_bytes: int = 0
    _known: list[bytes] = field(default_factory=list)

    def password(self, name: str, members: Sequence[Member]) -> bytes | None:
        """Return the password that opens the encrypted ``members``, None where nobody knows it."""
        probes = sorted(members, key=lambda member: (member.packed == 0, member.packed))[:PROBES]
        for known in self._known:
            if self._opens(probes, known):
                return known
        was_wrong = False
        while self.ask is not None and (said := self.ask(name, was_wrong)) is not None:
            self.job.check()
            for spelling in spellings(said):
                if self._opens(probes, spelling):
                    self._known.append(spelling)
                    return spelling
            was_wrong = True
        return None

    def _opens(self, probes: Sequence[Member], password: bytes) -> bool:
        """Whether a member comes out whole; the check in its header alone lets wrong passwords pass."""
        for member in probes:
            try:
                for _chunk in member.chunks(password):
                    self.job.check()
            except Refused as refused:
                if refused.reason is not UNKNOWN:
                    continue
            return True
        return False

    def spend(self, size: int) -> None:
        """Count bytes that are written; Refused where they are more than is believed of the archive or than fit."""
        self.left_bytes -= size
        if self.left_bytes < 0:
            raise Refused(TOO_MUCH)
        if scratch.free_bytes() < KEEP_FREE:
            raise Refused(DISK_FULL)


def unpacked(path: str, shown: str, opening: Opening, outer: str = "") -> Iterator[Unpacked | Unreadable]:
    """Yield the members that may be images, each as soon as it is out, or why one could not be had.

    ``shown`` is the archive's name to show; ``outer`` is the archive in which it lay itself. What was unpacked stays
    until the program ends, and is used again. Cancelled where the reader cancelled.
    """
    try:
        place = _place(path, outer)
        if not outer:
            opening.left_bytes = max(AT_LEAST_BELIEVED, MOST_TIMES * os.path.getsize(path))
        with _opened(path) as (members, is_sound):
            if not is_sound:
                yield LostMember(shown, _("This archive is damaged; what can still be read of it is shown."))
            name = as_text(shown.removeprefix(os.path.join(os.path.dirname(_origins[str(place)]), "")))
            yield from _each(_Archive(shown, name, place, opening), members)
    except OSError as error:
        yield LostMember(shown, _disk_says(error))
    except Refused as refused:
        yield LostMember(shown, str(refused.reason))
    except Problem as problem:
        yield LostMember(shown, str(problem))


def origin(path: str | Path) -> str:
    """Return the archive that an unpacked file came from, or the file itself where it was not unpacked."""
    return _origins.get(os.path.dirname(os.fspath(path)), os.fspath(path))


def close_all() -> None:
    """Take away everything that was unpacked; the files of those series are gone then."""
    _origins.clear()
    scratch.close()


def _place(path: str, outer: str) -> Path:
    """Return the folder of this very archive: the same each time, another one where the file has changed."""
    state = os.stat(path)
    says = f"{os.path.realpath(path)}\0{state.st_size}\0{state.st_mtime_ns}"
    place = scratch.folder(hashlib.sha256(says.encode("utf-8", "surrogateescape")).hexdigest()[:24])
    _origins[str(place)] = origin(outer) if outer else path
    return place


@contextlib.contextmanager
def _opened(path: str) -> Iterator[tuple[Iterable[Member], bool]]:
    """Give the members and whether the archive's directory is sound; else they are looked for one by one."""
    try:
        archive = open_zip(path)
    except Refused as refused:
        if refused.reason is not DAMAGED:
            raise
        from medviewer.dicom.sources.salvage import Bytes, salvaged

        with open(path, "rb") as file:
            yield salvaged(Bytes(file)), False
        return
    with archive:
        yield list(zip_members(archive)), True


@dataclass
class _Archive:
    """One archive on its way out; ``name`` is its name without the folder it lies in."""

    shown: str
    name: str
    place: Path
    opening: Opening
    password: bytes | None = None

    def target(self, number: int, member: Member) -> Path:
        """Where a member goes: a number, and a suffix out of a fixed list, never a name that somebody chose."""
        zipped = member.name.lower().endswith(ZIP_SUFFIX)
        return self.place / f"{number:07d}{foreign_suffix(member.name) or (ZIP_SUFFIX if zipped else '.dcm')}"

    def missing(self, members: Sequence[Member]) -> list[Member]:
        """Return those that are not out from an earlier time."""
        return [member for number, member in enumerate(members) if not self.target(number, member).exists()]


def _each(archive: _Archive, members: Iterable[Member]) -> Iterator[Unpacked | Unreadable]:
    """Bring the members out one by one; those of an archive that is found bit by bit have no password."""
    keeps_locked = False
    if isinstance(members, list):
        missing = archive.missing(members)
        _room_for(archive, missing, len(members))
        locked = [member for member in missing if member.encrypted]
        archive.password = archive.opening.password(archive.name, locked) if locked else None
        keeps_locked = bool(locked) and archive.password is None
        if keeps_locked:
            reason = _("This archive needs a password; {n} of its files were not opened.").format(n=len(locked))
            yield LostMember(archive.shown, reason)
    for number, member in enumerate(members):
        archive.opening.job.check()
        if number >= MOST_MEMBERS:
            raise Refused(TOO_MUCH)
        if not (keeps_locked and member.encrypted):
            yield _out(archive, number, member)


def _room_for(archive: _Archive, missing: Sequence[Member], count: int) -> None:
    """Refuse an archive whose claims are beyond belief or beyond the disk, before anything is written."""
    size = sum(member.size for member in missing)
    if count > MOST_MEMBERS or size > archive.opening.left_bytes:
        raise Refused(TOO_MUCH)
    free = max(scratch.free_bytes() - KEEP_FREE, 0)
    if size > free:
        raise Problem(
            _("Unpacking needs {need} MB, but only {free} MB are free on the disk.").format(
                need=-(-size // 1_000_000), free=free // 1_000_000
            ),
            _("Make room on the disk and open it again."),
        )


def _out(archive: _Archive, number: int, member: Member) -> Unpacked | Unreadable:
    """Bring one member out, or say why not."""
    target, shown = archive.target(number, member), f"{archive.shown} › {member.name}"
    try:
        if not target.exists():
            _write(archive, member, target)
    except _Lost as lost:
        return LostMember(shown, lost.reason, ought_to_be_image(member.name, lost.start))
    name = posixpath.basename(member.name.replace("\\", "/"))
    return Unpacked(str(target), shown, name[: -len(suffix)] if (suffix := foreign_suffix(name)) else name)


class _Lost(Exception):  # noqa: N818 - one member of many
    def __init__(self, reason: str, start: bytes) -> None:
        super().__init__(reason)
        self.reason, self.start = reason, start


def _write(archive: _Archive, member: Member, target: Path) -> None:
    """Write one member whole or not at all; what is no image is given up after its first bytes."""
    draft, start = target.with_suffix(f".{threading.get_ident()}.part"), b""  # two scans may be at it
    try:
        with draft.open("wb") as file:
            for chunk in member.chunks(archive.password or b""):
                archive.opening.job.check()
                archive.opening.spend(len(chunk))
                file.write(chunk)
                if not start:
                    start = chunk
                    _look(member, start)
        draft.replace(target)
    except Refused as refused:
        if refused.reason in (TOO_MUCH, DISK_FULL):  # the others would say the same
            raise
        raise _Lost(str(refused.reason), start) from refused
    finally:
        draft.unlink(missing_ok=True)


def _look(member: Member, start: bytes) -> None:
    """Refused where the first bytes show that a member is nothing to open."""
    zipped = start[:4] in ZIP_SIGNATURES and may_be_archive(member.name)
    if not (zipped or foreign_suffix(member.name) or begins_like_dicom(start)):
        raise Refused(NO_IMAGE)


def _disk_says(error: OSError) -> str:
    from medviewer.dicom.header import why_not

    return str(DISK_FULL) if error.errno in (errno.ENOSPC, errno.EDQUOT) else why_not(error)
