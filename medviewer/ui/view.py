"""What is being looked at: neither undone nor saved."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtCore import QObject, Signal

from medviewer.core.arrangement import MAIN, PRIOR
from medviewer.core.case import Case
from medviewer.core.edits import Edit
from medviewer.core.finding import Finding, Point
from medviewer.core.job import Job
from medviewer.core.look import Lut, NamedTone, Window
from medviewer.core.presentation import Presentation
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Series
from medviewer.core.volume import Volume
from medviewer.i18n import _
from medviewer.ui.display import Display, Fusion, Matrix
from medviewer.ui.enhance.enhancing import Enhancing
from medviewer.ui.layers_view import LayerView
from medviewer.ui.looks import Looks
from medviewer.ui.planes.refine import Refining

if TYPE_CHECKING:
    from medviewer.ui.jobs import Jobs

ReadingState = Literal["idle", "running", "done", "refused", "failed", "cancelled"]
Link = Literal["scroll", "pan", "zoom", "window"]
LINKS: frozenset[Link] = frozenset({"scroll", "pan", "zoom", "window"})


@dataclass(frozen=True)
class ReadingStatus:
    """How far the model is with the series shown.

    ``text`` says why (refused, failed); ``share`` is 0 to 1 and ``remaining_s`` seconds, while running;
    ``device`` is what it ran on, once done.
    """

    state: ReadingState = "idle"
    model_id: str = ""
    text: str = ""
    share: float = 0.0
    remaining_s: float | None = None
    device: str = ""


def _nothing_open(_edit: Edit) -> None:
    raise Problem(_("No study is open."), _("Choose a study on the left first."))


class View(QObject):
    """The displays in the room, and the place, finding and tools everybody looks with; all follow its signals.

    The main display is the series that is read and measured; ``active`` is the one that keys act on. ``do`` changes
    the open case and ``case`` returns it, None where none is open: the window sets both. A job that reads a volume is
    given to ``hold`` with it, so that the volume is freed no sooner than the job has ended.
    Raise Problem from any slot to tell the reader something; start long work with ``jobs.start``.
    """

    volume_changed = Signal()  # a display shows another volume
    displays_changed = Signal()  # another display is active, is fused or enhanced, or is related otherwise to the main
    planes_changed = Signal()  # oblique axes or a curve
    page_changed = Signal()  # a document stands in place of the images, or no longer
    slices_changed = Signal()  # more slices of a volume have been read
    finding_changed = Signal()  # another finding is selected
    marks_changed = Signal()  # marks or regions of the case, or which of them is selected
    moved = Signal()  # the point looked at
    look_changed = Signal()  # window, inversion, overlays, or what a file says of them became known
    presentation_changed = Signal()  # another presentation state, or none, is applied
    links_changed = Signal()  # what is done together in all viewports
    reading_changed = Signal()  # how far the model is
    reading_wanted = Signal()  # the reader asks for a new reading
    straighten_wanted = Signal()  # the reader asks for the tilted series to be straightened

    def __init__(self, jobs: "Jobs", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs = jobs
        self.layers = LayerView(self)
        self.main = self.active = Display(MAIN, to_main=np.eye(4))
        self.displays: dict[str, Display] = {MAIN: self.main}
        self.links: frozenset[Link] = LINKS
        self.do: Callable[[Edit], None] = _nothing_open
        self.case: Callable[[], Case | None] = lambda: None
        self.hold: Callable[[Job, Volume], None] = lambda _job, _volume: None
        self.page: Series | None = None  # whose document stands in place of the images
        self.finding_id: str | None = None
        self.looks = Looks(jobs, self.look_changed.emit)
        self.enhancing = Enhancing(jobs, self.look_changed.emit)
        self.refining = Refining(jobs, self.look_changed.emit, self)
        for forget in (self.enhancing.forget, self.refining.forget):
            self.volume_changed.connect(forget)
        self.overlay_shown = True
        self.texts_shown = True
        self.reading = ReadingStatus()

    # ---- the displays ----

    def display(self, name: str) -> Display:
        """Return the display of that name; an empty one where there was none."""
        if name not in self.displays:
            self.displays[name] = Display(name)
        return self.displays[name]

    def show_volume(self, volume: Volume | None, window: Window, at_lps_mm: Point) -> None:
        """Look at ``volume`` with ``window``, at a point in LPS mm; no finding is selected then, and no prior shown."""
        before = self.main.volume
        self.main.show(volume, window, at_lps_mm)
        for other in self.displays.values():
            if other is not self.main and other.volume is not None and other.volume is before:
                self._show(other, None, window, at_lps_mm)  # it showed the same voxels, which go now
        self.finding_id = None
        if PRIOR in self.displays:
            self._show(self.display(PRIOR), None, window, at_lps_mm)
        self._relate()
        self.layers.keep_for(volume)
        self.volume_changed.emit()
        self.finding_changed.emit()

    def show_in(self, name: str, volume: Volume | None, window: Window, at_lps_mm: Point) -> None:
        """Show ``volume`` in another display than the main one, None takes it away."""
        self._show(self.display(name), volume, window, at_lps_mm)
        self.volume_changed.emit()

    def show_prior(self, prior: Volume | None) -> None:
        """Compare with ``prior``, linked by patient position, in the greys of the main series."""
        shown = self.display(PRIOR)
        self._show(shown, prior, self.main.default_window, self.point_lps_mm)
        shown.window, shown.as_filed = self.main.window, self.main.as_filed
        self.volume_changed.emit()

    def _show(self, display: Display, volume: Volume | None, window: Window, at_lps_mm: Point) -> None:
        display.show(volume, window, at_lps_mm)
        for other in self.displays.values():
            if other.fusion is not None and other.fusion.display == display.name:
                other.fusion = None
        self._relate_one(display)
        there = display.from_main(self.point_lps_mm) if "scroll" in self.links else None
        display.point_lps_mm = there or at_lps_mm

    def _relate(self) -> None:
        for display in self.displays.values():
            self._relate_one(display)

    def _relate_one(self, display: Display) -> None:
        """Series of one frame of reference share their places; a prior is taken to until it is registered."""
        main, own = self.main.volume, display.volume
        if display is self.main:
            return
        frames = {volume.series.first.frame_of_reference_uid for volume in (main, own) if volume is not None}
        same = (len(frames) == 1 and "" not in frames) or display.name == PRIOR
        placed = main is not None and own is not None and main.regular and own.regular
        display.to_main = np.eye(4) if same and placed else None

    def relate(self, display: Display, to_main: Matrix | None) -> None:
        """Set how the places of ``display`` map to the main series, 4x4 in LPS mm; its viewports follow at once."""
        display.to_main = to_main
        self._carry(self.main)
        self.displays_changed.emit()
        self.moved.emit()

    def activate(self, display: Display) -> None:
        """Let keys act on ``display``."""
        if display is not self.active:
            self.active = display
            self.displays_changed.emit()
            self.look_changed.emit()

    def set_axes(self, display: Display, axes: Matrix | None) -> None:
        """Tilt the planes of a display: rows towards head, back and left; None makes them upright again."""
        display.axes = axes
        self.planes_changed.emit()

    def set_curve(self, display: Display, points_lps_mm: tuple[Point, ...]) -> None:
        """Lay the curved plane of a display through these points."""
        display.curve_lps_mm = points_lps_mm
        self.planes_changed.emit()

    def set_fusion(self, display: Display, fusion: Fusion | None) -> None:
        """Show another display in colours over ``display``, None shows its greys alone."""
        display.fusion = fusion
        self.displays_changed.emit()
        self.look_changed.emit()

    def set_enhancement(self, display: Display, enhancement: str) -> None:
        """Make the pictures of a display smoother or sharper for the eye, by the id of the way; empty as they are."""
        display.enhancement = enhancement
        self.displays_changed.emit()
        self.look_changed.emit()

    # ---- the main display and the active one, by their old names ----

    @property
    def volume(self) -> Volume | None:
        """The volume of the main series, None where nothing is open."""
        return self.main.volume

    @property
    def prior(self) -> Volume | None:
        """The volume of the prior examination."""
        return self.displays[PRIOR].volume if PRIOR in self.displays else None

    @property
    def point_lps_mm(self) -> Point:
        """The place looked at, in the main series' patient space."""
        return self.main.point_lps_mm

    @property
    def window(self) -> Window:
        """The window of the active display."""
        return self.active.window

    @property
    def default_window(self) -> Window:
        """The active display's window at first."""
        return self.active.default_window

    @property
    def lut(self) -> Lut | None:
        """A table chosen by the reader in place of the window, in the active display."""
        return self.active.lut

    @property
    def as_filed(self) -> bool:
        """Whether the active display's greys are those of the files or the presentation state, not the reader's."""
        return self.active.as_filed

    @property
    def presentation(self) -> Presentation | None:
        """The presentation state applied to the active display."""
        return self.active.presentation

    @property
    def inverted(self) -> bool:
        """Whether black and white are swapped in the active display."""
        return self.active.inverted

    @property
    def default_inverted(self) -> bool:
        """Whether they are at first."""
        return self.active.default_inverted

    # ---- looking ----

    def show_page(self, series: Series | None) -> None:
        """Tell that a document of ``series`` stands in place of the images, None that they are seen again."""
        if series is not self.page:
            self.page = series
            self.page_changed.emit()

    def select(self, finding: Finding | None) -> None:
        """Select ``finding`` and go to its centre; None selects nothing."""
        self.finding_id = None if finding is None else finding.id
        if finding is not None:
            self.move_to(finding.center_lps_mm)
        self.finding_changed.emit()

    def move_to(self, point_lps_mm: Point, display: Display | None = None) -> None:
        """Look at another point, LPS mm of ``display`` (the main one); where linked, every display follows."""
        moving = display or self.main
        if point_lps_mm != moving.point_lps_mm:
            moving.point_lps_mm = point_lps_mm
            self._carry(moving)
            self.moved.emit()

    def _carry(self, moving: Display) -> None:
        """Bring the other displays to the place that ``moving`` looks at."""
        at_main = moving.in_main(moving.point_lps_mm)
        if at_main is None or "scroll" not in self.links:
            return
        for other in self.displays.values():
            if other is not moving:
                other.point_lps_mm = other.from_main(at_main) or other.point_lps_mm

    def set_link(self, link: Link, on: bool) -> None:
        """Do something together in all viewports, or in each by itself."""
        self.links = self.links | {link} if on else self.links - {link}
        if link == "scroll" and on:
            self._carry(self.active)
            self.moved.emit()
        self.links_changed.emit()

    # ---- greys ----

    def _alike(self, display: Display) -> tuple[Display, ...]:
        """Return the displays whose greys go with those of ``display``: of one modality and unit, where linked."""
        volume = display.volume
        if volume is None or "window" not in self.links:
            return (display,)
        mine = volume.series.modality, volume.unit
        others = [one for one in self.displays.values() if one is not display and one.volume is not None]
        return (display, *(o for o in others if o.volume and (o.volume.series.modality, o.volume.unit) == mine))

    def set_window(self, window: Window, display: Display | None = None) -> None:
        """Show other greys; the default window gives every image the greys of its file again."""
        chosen = display or self.active
        for one in self._alike(chosen):
            one.window, one.lut = window, None
            one.as_filed = window == chosen.default_window
        self.look_changed.emit()

    def set_tone(self, tone: Window | Lut) -> None:
        """Show the greys of a window or table, one of ``tones`` for example."""
        for one in self._alike(self.active):
            one.window = tone.window if isinstance(tone, Lut) else tone
            one.lut = tone if isinstance(tone, Lut) else None
            one.as_filed = False
        self.look_changed.emit()

    def tones(self, header: Header) -> tuple[NamedTone, ...]:
        """Return the windows and tables that the file of an image offers, as far as they are known.

        Those of ordinary CT are read only when asked for: call ``looks.ask(header)``; look_changed tells of them.
        """
        return self.looks.of(header).tones

    def set_presentation(self, presentation: Presentation | None) -> None:
        """Show the main images as a presentation state wants them, None as they are; the reader's greys are put aside.

        A state that fits no image is no harm: it says nothing of them.
        """
        self.main.present(presentation)
        self.presentation_changed.emit()
        self.look_changed.emit()

    def reset_looks(self) -> None:
        """Show every display in its first greys, nothing presented, fused or enhanced."""
        for display in self.displays.values():
            display.present(None)
            display.inverted, display.fusion, display.enhancement = display.default_inverted, None, ""
        self.presentation_changed.emit()
        self.displays_changed.emit()
        self.look_changed.emit()

    def invert(self) -> None:
        """Swap black and white in the active display."""
        self.active.inverted = not self.active.inverted
        self.look_changed.emit()

    def toggle_overlay(self) -> None:
        """Show or hide what the model found."""
        self.overlay_shown = not self.overlay_shown
        self.look_changed.emit()

    def toggle_texts(self) -> None:
        """Show or hide everything that is drawn over the image."""
        self.texts_shown = not self.texts_shown
        self.look_changed.emit()

    def set_reading(self, reading: ReadingStatus) -> None:
        """Tell how far the model is."""
        self.reading = reading
        self.reading_changed.emit()
