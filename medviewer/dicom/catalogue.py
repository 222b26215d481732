"""All studies found so far: headers go in, studies with their series and checks come out."""

import threading
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from medviewer.core.problem import Problem
from medviewer.core.study import Header, Kind, Series, Study, Unreadable
from medviewer.dicom.kinds import kind_of, title_of
from medviewer.dicom.stacks.checks import Found, checks, object_checks, one_of
from medviewer.dicom.stacks.phases import sister_series
from medviewer.dicom.stacks.stack import Stack, is_localizer, stacks
from medviewer.i18n import N_, _


@dataclass
class _Shelf:
    """The images of one series, and the series built of them until another file comes."""

    headers: dict[Hashable, Header] = field(default_factory=dict)
    copies: set[str] = field(default_factory=set)
    built: tuple[Series, ...] = ()


class Catalogue:
    """Studies by UID; safe to fill in one thread and to look at in another."""

    def __init__(self) -> None:
        self.unreadable: list[Unreadable] = []
        self._shelves: dict[str, dict[str, _Shelf]] = {}
        self._lock = threading.RLock()

    def add(self, headers: Iterable[Header | Unreadable]) -> None:
        """Take in what a scan yields, as it comes; the same image twice counts once."""
        for header in headers:
            with self._lock:
                self._put(header)

    def _put(self, header: Header | Unreadable) -> None:
        if isinstance(header, Unreadable):
            self.unreadable.append(header)
            return
        if not header.rows:
            title_of(header)  # may have to look it up in a large dictionary, which had better happen while scanning
        shelf = self._shelves.setdefault(header.study_uid, {}).setdefault(header.series_uid, _Shelf())
        known = shelf.headers.setdefault(image_key(header), header)
        if known is not header:
            if known.path == header.path:  # the same folder was scanned again
                shelf.headers[image_key(header)] = header
            else:
                shelf.copies.add(header.path)
        shelf.built = ()

    def studies(self) -> tuple[Study, ...]:
        """All studies, the latest first."""
        with self._lock:
            found = [self.study(uid) for uid in self._shelves]
        return tuple(sorted(found, key=lambda study: (study.date, study.first.study_time), reverse=True))

    def study(self, uid: str) -> Study:
        """The study of that UID, its series by number; Problem where there is none."""
        with self._lock:
            shelves = self._shelves.get(uid)
            if not shelves:
                raise Problem(_("There is no study with the number {uid} here.").format(uid=uid))
            series = [one for shelf in shelves.values() for one in _built(shelf)]
        numbers = sister_series(series)
        placed = sorted(series, key=lambda one: _place(one, *numbers.get(one.uid, (0, 0))))
        return Study(uid, tuple(_numbered(one, *numbers[one.uid]) if one.uid in numbers else one for one in placed))

    def series(self, uid: str) -> Series:
        """The series of that UID; Problem where there is none."""
        with self._lock:
            for study_uid, shelves in self._shelves.items():
                if uid.partition("#")[0] in shelves:
                    for one in self.study(study_uid).series:
                        if one.uid == uid:
                            return one
        raise Problem(_("There is no series with the number {uid} here.").format(uid=uid))


def image_key(header: Header) -> Hashable:
    """Return what two files have in common that hold the same image.

    Some scanners give one SOP UID to many images, so place, number, size and values count too; an image is no copy
    of a frame of a longer file, which would lose it.
    """
    size = (header.rows, header.columns, header.samples, header.bits_stored, header.slope, header.intercept)
    return header.sop_uid, header.frame, header.frames, header.position_lps_mm, header.instance_number, size


def _place(series: Series, n: int, _all: int) -> tuple[object, ...]:
    """Where a series stands in its study: images first, by number and phase ``n``, its stacks behind each other."""
    uid, _hash, number = series.uid.partition("#")
    return series.kind != "image", series.first.series_number, n, uid, int(number or 1)


def _numbered(series: Series, n: int, count: int) -> Series:
    """Give a series that is phase ``n`` of ``count`` its number, and say so."""
    label = N_("phase {n} of {all}", n=n, all=count)
    return replace(series, label=label, checks=(*series.checks, one_of(count)))


def _built(shelf: _Shelf) -> tuple[Series, ...]:
    shelf.built = shelf.built or _build(list(shelf.headers.values()), len(shelf.copies))
    return shelf.built


def _build(headers: Sequence[Header], copies: int) -> tuple[Series, ...]:
    """Make the series of one UID: the largest stack bears it, what does not fit follows as UID#2, UID#3 …"""
    kinds: dict[Kind, list[Header]] = {"image": []}
    for header in headers:
        kinds.setdefault(kind_of(header), []).append(header)
    shared_uids = sum(n - 1 for n in Counter((header.sop_uid, header.frame) for header in headers).values())
    series = list(_of_images(kinds.pop("image"), copies, shared_uids))
    for kind, objects in kinds.items():
        objects.sort(key=lambda header: header.instance_number)
        told = object_checks(objects, kind, *((0, 0) if series else (copies, shared_uids)))
        series.append(Series(_uid(objects[0], len(series) + 1), tuple(objects), told, None, kind))
    return tuple(series)


def _of_images(headers: Sequence[Header], copies: int, shared_uids: int) -> Iterable[Series]:
    """Make a series of each stack of images; the first one tells what became of the others."""
    found = stacks(headers)
    if not found:
        return
    main, rest = found[0], found[1:]
    phases = main.phases
    same_place = sum(len(stack.headers) for stack in rest[phases - 1 :] if _over(main, stack))
    elsewhere = sum(len(stack.headers) for stack in rest[phases - 1 :]) - same_place
    yield _series(Found(main, elsewhere, same_place, copies, shared_uids), 1)
    for number, stack in enumerate(rest, 2):
        yield _series(Found(stack), number)


def _over(main: Stack, other: Stack) -> bool:
    """Whether ``other`` lies where ``main`` is: split off for its positions, not for its kind."""
    a, b = main.headers[0], other.headers[0]
    alike = (a.rows, a.columns, a.orientation, a.samples) == (b.rows, b.columns, b.orientation, b.samples)
    return alike and is_localizer(a) == is_localizer(b) and a.position_lps_mm is not None


def _series(found: Found, number: int) -> Series:
    grid = found.stack.grid if len(found.stack.headers) > 1 else None
    return Series(_uid(found.first, number), found.stack.headers, checks(found), grid, "image", found.stack.label)


def _uid(header: Header, number: int) -> str:
    return header.series_uid + (f"#{number}" if number > 1 else "")


def nothing_found(path: Path, unreadable: Sequence[Unreadable]) -> Problem:
    """Return the Problem that says why opening ``path`` showed nothing."""
    name = Path(path).name or str(path)
    if not unreadable:
        return Problem(_("There are no files in '{name}'.").format(name=name), _("Choose a folder with DICOM images."))
    if Path(path).is_file():
        return Problem(_("'{name}' cannot be opened.").format(name=name), unreadable[0].reason)
    reasons = Counter(one.reason for one in unreadable).most_common(1)
    text = _("There is no DICOM image in '{name}'; {n} files were looked at.").format(name=name, n=len(unreadable))
    if len(unreadable) == 1:
        text = _("There is no DICOM image in '{name}'; its only file was looked at.").format(name=name)
    return Problem(text, _("Most often: {reason}").format(reason=reasons[0][0]))
