"""Which marks are seen, which one is chosen, and what they measure; shared by the images, the tools and the panel."""

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from medviewer.core.mark import Mark
from medviewer.core.mark_edits import AddMark, ChangeMark, RemoveMarks
from medviewer.core.phases import are_phases
from medviewer.core.study import Series
from medviewer.core.volume import Volume
from medviewer.i18n import N_, _
from medviewer.imaging.marks.measure import Measured, measure, pixels_under

if TYPE_CHECKING:
    from medviewer.ui.display import Display
    from medviewer.ui.view import View

KEPT = 1000
LARGE_PX = 250_000.0  # a region of more pixels is measured in the background
DOUBLE_CLICK_S = 0.5
WAITING = Measured(notes=(N_("Measuring…"),), complete=False)


class MarkView(QObject):
    """The marks of the open case as they are looked at.

    ``changed`` fires when a mark is dragged, or when values arrive that took a while; changes of the case and of the
    choice fire the view's ``marks_changed``. ``find_series`` finds series of the study that are not in the room;
    ``show_phase`` shows the series of that UID where another phase of it is, and returns there, None where none is.
    """

    changed = Signal()

    def __init__(self, view: "View") -> None:
        super().__init__(view)
        self.view = view
        self.chosen_id: str | None = None
        self.preview: Mark | None = None  # a mark of the case as it is while it is dragged
        self.find_series: Callable[[str], Series | None] = lambda _uid: None
        self.show_phase: Callable[[str], Display | None] = lambda _uid: None
        self._measured: dict[str, tuple[Mark, Volume | None, int, Measured]] = {}
        self._finished_s = 0.0
        self._turns = 0  # how often values may have changed
        view.volume_changed.connect(self._measured.clear)
        for signal in (
            view.volume_changed,
            view.displays_changed,
            view.slices_changed,
            view.marks_changed,
            self.changed,
        ):
            signal.connect(self._turn)

    def _turn(self) -> None:
        self._turns += 1

    @property
    def state(self) -> tuple[object, ...]:
        """What the marks look like depends on: equal while nothing has changed."""
        case = self.view.case()
        return self._turns, self.chosen_id, id(self.preview), 0 if case is None else id(case.marks)

    @property
    def any(self) -> bool:
        """Whether the case has marks."""
        case = self.view.case()
        return case is not None and bool(case.marks)

    # ---- which ----

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks of the case, one that is being dragged as it is now."""
        case, preview = self.view.case(), self.preview
        saved = () if case is None else case.marks
        if preview is None:
            return saved
        return tuple(preview if mark.id == preview.id else mark for mark in saved)

    @property
    def chosen(self) -> Mark | None:
        """The mark chosen, None where none is."""
        return self.mark(self.chosen_id or "")

    def mark(self, mark_id: str) -> Mark | None:
        """Return the mark of that id, None where there is none."""
        return next((mark for mark in self.marks if mark.id == mark_id), None)

    def shown_on(self, series: Series) -> list[Mark]:
        """Return the marks that may be seen on a series: those of its other phases measure what is not there now."""
        return [mark for mark in self.marks if mark.series_uid == series.uid or not self._of_phase(mark, series)]

    def _of_phase(self, mark: Mark, series: Series) -> bool:
        home = self.series_of(mark) if series.label is not None else None
        return home is not None and are_phases(home, series)

    def choose(self, mark_id: str | None) -> None:
        """Choose a mark, None for none."""
        if mark_id != self.chosen_id:
            self.chosen_id = mark_id
            self.view.marks_changed.emit()

    def show_preview(self, mark: Mark | None) -> None:
        """Show a mark as it would be, None as it is."""
        self.preview = mark
        self.changed.emit()

    # ---- changes ----

    def add(self, mark: Mark) -> None:
        """Add a mark with what it measures now, and choose it; Problem where that cannot be saved."""
        self._finished_s = time.monotonic()
        self.chosen_id = mark.id
        self.view.do(AddMark(self.with_values(mark)))

    def change(self, before: Mark, after: Mark) -> None:
        """Put another mark in the place of one; Problem where that cannot be saved."""
        self.show_preview(None)
        if before != after and self.mark(before.id) is not None:  # it may have been undone while it was dragged
            moved = before.points_lps_mm != after.points_lps_mm
            self.view.do(ChangeMark(before, self.with_values(after) if moved else after))

    def remove(self, ids: Iterable[str]) -> None:
        """Delete marks; Problem where that cannot be saved."""
        case = self.view.case()
        gone = RemoveMarks.of(case, ids) if case is not None else RemoveMarks((), ())
        if gone.marks:
            self.show_preview(None)
            self.view.do(gone)

    @property
    def just_finished(self) -> bool:
        """Whether a mark was finished a moment ago: the second click of a double click is no wish of its own."""
        return time.monotonic() - self._finished_s < DOUBLE_CLICK_S

    # ---- values ----

    def volume_of(self, mark: Mark) -> Volume | None:
        """Return the volume that a mark was drawn on; None while it is not in the room."""
        shown = (display.volume for display in self.view.displays.values())
        return next((volume for volume in shown if volume is not None and volume.series.uid == mark.series_uid), None)

    def series_of(self, mark: Mark) -> Series | None:
        """Return the series that a mark was drawn on; None where the study does not have it."""
        volume = self.volume_of(mark)
        return self.find_series(mark.series_uid) if volume is None else volume.series

    def with_values(self, mark: Mark) -> Mark:
        """Return the mark with what it measures, to be kept with it."""
        from dataclasses import replace

        volume, measured = self.volume_of(mark), self.measured(mark)
        if volume is None or not measured.complete:
            return mark
        return replace(mark, measured=measured.numbers, unit=volume.unit)

    def measured(self, mark: Mark) -> Measured:
        """Return what a mark measures, worked out once for as long as nothing under it changes."""
        volume = self.volume_of(mark)
        read = 0 if volume is None else int((volume.state != 0).sum())
        known = self._measured.get(mark.id)
        same = known is not None and known[1] is volume and _alike(known[0], mark)
        if known is not None and same and (known[3].complete or known[2] == read):
            return known[3]
        found = self._measure(mark, volume)
        self._keep(mark, volume, read, found)
        return found

    def _keep(self, mark: Mark, volume: Volume | None, read: int, found: Measured) -> None:
        if len(self._measured) >= KEPT:
            self._measured.clear()
        self._measured[mark.id] = mark, volume, read, found

    def _measure(self, mark: Mark, volume: Volume | None) -> Measured:
        series = self.series_of(mark)
        if series is None:
            return Measured(notes=(N_("The images it was drawn on are not in this study."),))
        if volume is None or pixels_under(mark, volume) < LARGE_PX:
            return measure(mark, series, volume)
        self._measure_later(mark, series, volume)
        return WAITING

    def _measure_later(self, mark: Mark, series: Series, volume: Volume) -> None:
        def arrive(found: Measured) -> None:
            known = self._measured.get(mark.id)
            if known is not None and known[0] is mark:
                self._keep(mark, volume, known[2], found)
                self.changed.emit()
                self.view.marks_changed.emit()

        start = self.view.jobs.start
        job = start(_("Measuring…"), lambda _job: measure(mark, series, volume), done=arrive, quiet=True)
        self.view.hold(job, volume)


def _alike(one: Mark, other: Mark) -> bool:
    """Whether two states of a mark measure the same."""
    return one is other or (one.points_lps_mm == other.points_lps_mm and one.right_lps == other.right_lps)


def marks_of(view: "View") -> MarkView:
    """Return the marks of a view; made at first use."""
    found = view.findChild(MarkView)
    return found if isinstance(found, MarkView) else MarkView(view)
