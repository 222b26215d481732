"""The library: every study ever opened, found again by who, when and what, and opened without another scan.

It is an index of its own beside the cases, holds nothing that is not in the files, and may be deleted at any time.
"""

import logging
import operator
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from medviewer import paths
from medviewer.app.library.rows import Copies, SeriesRow, StudyRow
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Study
from medviewer.i18n import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from medviewer.app.library.disk import Opening
    from medviewer.app.library.index import LibraryIndex
    from medviewer.app.library.rebuild import Rebuilt
    from medviewer.app.library.write import Key

T = TypeVar("T")
BATCH = 4_000
PASSING = ("demo", "unpacked")  # folders beside the index that hold nothing of the reader's own
log = logging.getLogger(__name__)


def _to_log(text: str, _hint: str) -> None:
    log.warning("library: %s", text)


class Library:
    """The index of studies, opened at first use (SQLAlchemy takes 0.2 s to import); usable from any thread.

    Attributes:
        on: whether studies are remembered; what is known already can be found either way.
        tell: gets text and hint of what goes wrong where the reader asked for nothing (``remember`` and its like).
    """

    def __init__(self, where: Path | None = None, wait_s: float = 2.0, *, on: bool = True) -> None:
        """Use the file ``where``, ``library.sqlite`` among the reader's data by default."""
        self.on = on
        self.tell: Callable[[str, str], None] = _to_log
        self._where, self._wait_s = where, wait_s
        self._index: LibraryIndex | None = None
        self._known: dict[Key, list[Header]] = {}
        self._told: set[str] = set()
        self._lock = threading.RLock()

    # ---- what is remembered ----

    def remember(self, studies: Sequence[Study]) -> None:
        """Take in studies, as often as a scan tells of them; what goes wrong is told once and never raised."""
        self.remember_headers(header for study in studies for one in study.series for header in one.headers)

    def remember_headers(self, headers: Iterable[Header]) -> None:
        """Like ``remember`` for all that a scan has yielded: so that copies, which no Study holds, are counted too."""
        if self.on:
            self._quietly(lambda: self._remember(headers))

    def _remember(self, headers: Iterable[Header]) -> None:
        groups = self._worth_keeping(headers)
        with self._lock:
            fresh = {key: group for key, group in groups.items() if not _same(self._known.get(key), group)}
        if fresh:
            self._take(fresh)
            with self._lock:
                self._known.update(fresh)

    def _worth_keeping(self, headers: Iterable[Header]) -> "dict[Key, list[Header]]":
        """Return the headers by study and series, less those of the demo and of files that will soon be gone."""
        passing = tuple(f"{self._path().parent / name}{os.sep}" for name in PASSING)
        groups: dict[Key, list[Header]] = {}
        for header in headers:
            if header.study_uid and not header.path.startswith(passing):
                groups.setdefault((header.study_uid, header.series_uid), []).append(header)
        return groups

    def _take(self, groups: "dict[Key, list[Header]]") -> None:
        from medviewer.app.library import write as library_write
        from medviewer.app.library.pack import Filed, look_at

        batch: dict[Key, list[Filed]] = {}
        waiting, last = 0, next(reversed(groups), None)
        for key, headers in groups.items():
            batch[key] = look_at(headers)
            waiting += len(headers)
            if waiting >= BATCH or key == last:
                self._ask(partial(library_write.write_series, scanned=batch), write=True)
                batch, waiting = {}, 0

    def opened(self, study_uid: str) -> None:
        """Note that a study was opened just now; what goes wrong is told once and never raised."""
        from medviewer.app.library import write as library_write

        now = datetime.now(UTC).isoformat(timespec="microseconds")
        if self.on:
            self._quietly(lambda: self._ask(lambda c: library_write.opened(c, study_uid, now), write=True))

    # ---- what is known ----

    def find(
        self, text: str = "", modality: str = "", since: str = "", until: str = "", limit: int = 500
    ) -> list[StudyRow]:
        """Return studies, the newest first, that hold every word of ``text`` in name, id, description or the like.

        Parts of words will do and case does not matter. ``since`` and ``until`` are days, months or years, as
        2025-06; studies without a date are left out then. Problem where the index cannot be read.
        """
        from medviewer.app.library import search as library_search

        return self._ask(lambda c: library_search.find(c, text, modality, (since, until), limit))

    def study(self, study_uid: str) -> StudyRow | None:
        """Return one study; None where it is not known. Problem where the index cannot be read."""
        from medviewer.app.library import search as library_search

        return self._ask(lambda c: library_search.study(c, study_uid))

    def recent(self, limit: int = 8) -> list[StudyRow]:
        """Return the studies opened last, the latest first. Problem where the index cannot be read."""
        from medviewer.app.library import search as library_search

        return self._ask(lambda c: library_search.recent(c, limit))

    def series(self, study_uid: str) -> list[SeriesRow]:
        """Return the series of a study. Problem where the index cannot be read."""
        from medviewer.app.library import search as library_search

        return self._ask(lambda c: library_search.series_of(c, study_uid))

    def modalities(self) -> list[str]:
        """Return every modality there is a study of. Problem where the index cannot be read."""
        from medviewer.app.library import search as library_search

        return self._ask(library_search.modalities)

    def count(self) -> int:
        """Return the number of studies. Problem where the index cannot be read."""
        from medviewer.app.library import search as library_search

        return self._ask(library_search.count)

    def copies(self, study_uid: str) -> list[Copies]:
        """Return where images of a study are once more; they count once. Problem where the index cannot be read."""
        from medviewer.app.library import search as library_search

        return self._ask(lambda c: library_search.copies(c, study_uid))

    def folders(self, study_uid: str = "") -> list[str]:
        """Return the folders with files of a study, or of all studies. Problem where the index cannot be read."""
        from medviewer.app.library import search as library_search

        return self._ask(lambda c: library_search.folders_of(c, study_uid))

    # ---- opening, and the disk ----

    def headers(self, study_uid: str) -> list[Header]:
        """Return the headers as they were remembered, not compared with the disk (``opening`` does that).

        Series that another version wrote are left out. Problem where the index cannot be read.
        """
        from medviewer.app.library import disk as library_disk

        return [file.header for file in self._ask(lambda c: library_disk.stored(c, study_uid))[0]]

    def opening(self, study_uid: str, job: Job) -> "Opening":
        """Return the headers of a study whose files are as they were, and which are gone or changed.

        What is gone is noted. Cancelled where the reader cancelled; Problem where the index cannot be read.
        """
        from medviewer.app.library import disk as library_disk

        opening = self._look(study_uid, job)
        row = self.study(study_uid)
        if opening.gone or (row is not None and row.missing):
            copies_used: list[bool] = []
            note = partial(library_disk.note_gone, study_uid=study_uid, gone=opening.gone)
            self._quietly(lambda: copies_used.append(self._ask(note, write=True)))
            return self._look(study_uid, job) if any(copies_used) else opening
        return opening

    def _look(self, study_uid: str, job: Job) -> "Opening":
        from medviewer.app.library import disk as library_disk

        files, whole = self._ask(lambda c: library_disk.stored(c, study_uid))
        same, gone, changed = library_disk.compare(files, job)
        return library_disk.Opening(tuple(same), tuple(gone), tuple(changed), not whole, tuple(self.folders(study_uid)))

    def missing(self, study_uid: str, job: Job) -> tuple[str, ...]:
        """Return the paths of a study's files that are gone, and note their number; see ``opening``."""
        return self.opening(study_uid, job).gone

    def check_disk(self, job: Job) -> int:
        """Note how many files of every study are gone and return the number of studies that lack some.

        One question to the disk a folder, where nothing has changed in it. Cancelled where the reader cancelled;
        Problem where the index cannot be read or written.
        """
        from medviewer.app.library import disk as library_disk
        from medviewer.app.library import search as library_search

        for _look in range(2):  # a second one where copies took the place of what is gone
            seen = self._ask(lambda c: library_disk.look(c, job))
            if not seen or not self._ask(partial(library_disk.note, seen=seen), write=True):
                break
        return self._ask(library_search.count_missing)

    # ---- small pictures ----

    def thumbnail(self, series_uid: str) -> bytes | None:
        """Return the small picture of a series as PNG; None where there is none or the index cannot be read."""
        from medviewer.app.library import thumbs as library_thumbs

        found: list[tuple[bytes, bool]] = []
        self._quietly(lambda: found.extend(filter(None, [self._ask(lambda c: library_thumbs.get(c, series_uid))])))
        if found and found[0][1]:
            self._quietly(lambda: self._ask(lambda c: library_thumbs.touch(c, series_uid), write=True))
        return found[0][0] if found else None

    def keep_thumbnail(self, series_uid: str, png: bytes) -> None:
        """Keep the small picture of a series that is remembered; what goes wrong is told once and never raised."""
        from medviewer.app.library import thumbs as library_thumbs

        if self.on:
            self._quietly(lambda: self._ask(lambda c: library_thumbs.keep(c, series_uid, png), write=True))

    # ---- forgetting and building again ----

    def forget(self, study_uid: str) -> None:
        """Take a study out of the index; its files stay. Problem where the index cannot be written."""
        from medviewer.app.library import write as library_write

        self._ask(lambda c: library_write.forget(c, study_uid), write=True)
        with self._lock:
            self._known = {key: headers for key, headers in self._known.items() if key[0] != study_uid}

    def delete_index(self) -> None:
        """Delete the index with its small pictures; no image is touched. Problem where another program holds it."""
        from medviewer.app.library import index as library_index

        with self._lock:
            self.close()
            library_index.delete(self._path())

    def rebuild(self, job: Job, places: Sequence[Path] = ()) -> "Rebuilt":
        """Read every image again under the folders known and under ``places``, and drop what is no longer there.

        Studies in folders that are away, as on a disc, stay. Cancelled where the reader cancelled, and then what was
        read until then is kept; Problem where the index cannot be written.
        """
        from medviewer.app.library import rebuild as library_rebuild

        with self._lock:
            self._known.clear()
        names = library_rebuild.topmost([*self.folders(), *map(str, places)])
        built, seen = library_rebuild.read_again(names, job, lambda found: self._take(self._worth_keeping(found)))
        for name in set(names).difference(built.folders_gone):
            self._ask(partial(library_rebuild.drop_lost, folder=name, seen=seen), write=True)
        return built

    def close(self) -> None:
        """Close the connections; the library opens again at next use."""
        with self._lock:
            if self._index is not None:
                self._index.close()
            self._index = None
            self._known.clear()

    # ---- the index ----

    def _path(self) -> Path:
        try:
            return self._where or paths.user_data() / "library.sqlite"
        except OSError as error:
            raise Problem(
                _("The folder of the library cannot be made: {reason}.").format(reason=error.strerror),
                _("Set MEDVIEWER_HOME to a folder that may be written to."),
            ) from error

    def _opened(self) -> "LibraryIndex":
        """Return the open index; one that was deleted from outside is made anew."""
        from medviewer.app.library.index import LibraryIndex

        with self._lock:
            if self._index is not None and not self._index.path.exists():
                self.close()
            if self._index is None:
                self._index = LibraryIndex(self._path(), self._wait_s)
            return self._index

    def _ask(self, work: "Callable[[Connection], T]", *, write: bool = False) -> T:
        """Run ``work`` with a connection; a damaged index is set aside, and the work done in a new one."""
        from medviewer.app.library.index import Damaged

        try:
            return self._once(work, write=write)
        except Damaged:
            self._set_aside()
        try:
            return self._once(work, write=write)
        except Damaged as damage:
            raise Problem(_("The library is damaged."), _("Delete its index and build it again.")) from damage

    def _once(self, work: "Callable[[Connection], T]", *, write: bool) -> T:
        index = self._opened()
        with index.write() if write else index.read() as connection:
            return work(connection)

    def _set_aside(self) -> None:
        from medviewer.app.library.index import set_aside

        with self._lock:
            self.close()
            set_aside(self._path())
        self.tell(
            _("The library's index was damaged and has been made anew; it is empty now."),
            _("Open your folders again, or build the index again from the library's window. No image was touched."),
        )

    def _quietly(self, work: Callable[[], None]) -> None:
        """Do what nobody asked for; where it cannot be done, say so once and go on."""
        try:
            work()
        except Problem as problem:
            if problem.text not in self._told:
                self._told.add(problem.text)
                self.tell(problem.text, problem.hint)


def _same(known: Sequence[Header] | None, now: Sequence[Header]) -> bool:
    """Whether these are the very objects seen before: a scan tells of its studies many times."""
    return known is not None and len(known) == len(now) and all(map(operator.is_, known, now))
