"""All studies found so far: headers go in, studies with their series and checks come out."""

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from medviewer.core.problem import Problem
from medviewer.core.study import Header, Series, Study, Unreadable
from medviewer.dicom.checks import Found, checks
from medviewer.dicom.stack import Stack, is_localizer, stacks
from medviewer.i18n import _

_Key = tuple[object, ...]


@dataclass
class _Shelf:
    """The files of one series, and the series built of them until another file comes."""

    headers: dict[_Key, Header] = field(default_factory=dict)
    copies: int = 0
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
        shelf = self._shelves.setdefault(header.study_uid, {}).setdefault(header.series_uid, _Shelf())
        key = (header.sop_uid, header.position_lps_mm, header.instance_number)
        known = shelf.headers.setdefault(key, header)
        if known is not header:
            if known.path == header.path:  # the same folder was scanned again
                shelf.headers[key] = header
            else:
                shelf.copies += 1
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
        return Study(uid, tuple(sorted(series, key=lambda one: (not one.first.rows, one.first.series_number, one.uid))))

    def series(self, uid: str) -> Series:
        """The series of that UID; Problem where there is none."""
        with self._lock:
            for shelves in self._shelves.values():
                for name, shelf in shelves.items():
                    if name == uid.partition("#")[0]:
                        for one in _built(shelf):
                            if one.uid == uid:
                                return one
        raise Problem(_("There is no series with the number {uid} here.").format(uid=uid))


def _built(shelf: _Shelf) -> tuple[Series, ...]:
    shelf.built = shelf.built or _build(list(shelf.headers.values()), shelf.copies)
    return shelf.built


def _build(headers: Sequence[Header], copies: int) -> tuple[Series, ...]:
    """Make the series of one UID: the largest stack bears it, what does not fit follows as UID#2, UID#3 …"""
    found = stacks(headers)
    main, rest = found[0], found[1:]
    same_place = sum(len(stack.headers) for stack in rest if _over(main, stack))
    elsewhere = sum(len(stack.headers) for stack in rest) - same_place
    shared_uids = sum(n - 1 for n in Counter(header.sop_uid for header in headers).values())
    series = [_series(Found(main, elsewhere, same_place, copies, shared_uids), 1)]
    series += [_series(Found(stack), number) for number, stack in enumerate(rest, 2)]
    return tuple(series)


def _over(main: Stack, other: Stack) -> bool:
    """Whether ``other`` lies where ``main`` is: split off for its positions, not for its kind."""
    a, b = main.headers[0], other.headers[0]
    alike = (a.rows, a.columns, a.orientation, a.samples) == (b.rows, b.columns, b.orientation, b.samples)
    return alike and is_localizer(a) == is_localizer(b)


def _series(found: Found, number: int) -> Series:
    uid = found.first.series_uid + (f"#{number}" if number > 1 else "")
    grid = found.stack.grid if len(found.stack.headers) > 1 else None
    return Series(uid, found.stack.headers, checks(found), grid)


def nothing_found(path: Path, unreadable: Sequence[Unreadable]) -> Problem:
    """Return the Problem that says why opening ``path`` showed nothing."""
    name = Path(path).name or str(path)
    if not unreadable:
        return Problem(_("There are no files in '{name}'.").format(name=name), _("Choose a folder with DICOM images."))
    if Path(path).is_file():
        return Problem(_("'{name}' cannot be opened.").format(name=name), unreadable[0].reason)
    reasons = Counter(one.reason for one in unreadable).most_common(1)
    return Problem(
        _("There is no DICOM image in '{name}'; {n} files were looked at.").format(name=name, n=len(unreadable)),
        _("Most often: {reason}").format(reason=reasons[0][0]),
    )
