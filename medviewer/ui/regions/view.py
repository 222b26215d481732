"""What outlining works with: the region chosen, the brush, how regions are drawn, and what is being painted now."""

import time
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from medviewer.core.case import Case
from medviewer.core.finding import Finding
from medviewer.core.mask import Mask
from medviewer.core.problem import Problem
from medviewer.core.region import Colour, Region, free_colour, new_id
from medviewer.core.region_canvas import Canvas
from medviewer.core.region_gate import PRESETS, Gate
from medviewer.core.volume import Volume
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.view import View

LEAST_MM, MOST_MM, SIZE_STEP = 0.5, 150.0, 1.15
SIZE_SHOWN_S, OTHERS_EVERY_MS = 1.2, 60
OPACITY = 0.35


FIRST_GATE = PRESETS[0][2]


@dataclass(frozen=True)
class Brush:
    """What the brush is like.

    Attributes:
        diameter_mm: of its circle or ball; pixels where the images have no millimetres.
        ball: it paints in 3-D, else only on the plane shown.
        gate: the real values it paints over; used where ``gated``.
        guard: growing stops where it leaks.
    """

    diameter_mm: float = 10.0
    ball: bool = False
    gate: Gate = FIRST_GATE
    gated: bool = False
    guard: bool = True


FIRST_BRUSH = Brush()


@dataclass(frozen=True, eq=False)
class Target:
    """What is painted on: a region of the case, a finding of it, or a region that is yet to be added."""

    volume: Volume
    region: Region | None = None
    finding: Finding | None = None
    is_new: bool = False

    @property
    def mask(self) -> Mask | None:
        """Its voxels so far."""
        thing = self.finding or self.region
        return None if thing is None else thing.mask

    @property
    def colour_rgb(self) -> Colour:
        """The colour it is painted in; that of findings while one is edited."""
        if self.region is not None:
            return self.region.colour_rgb
        colour = theme.on_image("found")
        return colour.red(), colour.green(), colour.blue()


@dataclass(frozen=True, eq=False)
class Draft:
    """What is being painted, before it is an edit."""

    target: Target
    canvas: Canvas


class RegionView(QObject):
    """The state of outlining, neither undone nor saved; one a view, see ``regions_of``."""

    changed = Signal()  # the brush, what is chosen, how it is drawn
    draft_changed = Signal()  # what is being painted, told a few times a second

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self.view = view
        self.brush = FIRST_BRUSH
        self.filled, self.opacity = True, OPACITY
        self.chosen_id = ""
        self.editing_finding = False
        self.draft: Draft | None = None
        self.note = ""  # what growing had to say, until something else is done
        self.busy = False  # a command on the target is under way: no stroke may come between
        self._size_shown_until_s = 0.0
        self._telling = False
        view.volume_changed.connect(self._forget)

    def _forget(self) -> None:
        """What was painted on images that are gone is dropped, and what was said of them."""
        if self.draft is not None and not self.is_shown(self.draft.target.volume):
            self.show_draft(None)
        self.say("")

    def is_shown(self, volume: Volume) -> bool:
        """Whether a volume is still in the room."""
        return any(display.volume is volume for display in self.view.displays.values())

    # ---- the case ----

    @property
    def case(self) -> Case | None:
        """The open case, None where nothing is open."""
        return self.view.case()

    def regions_of(self, volume: Volume) -> tuple[Region, ...]:
        """Return the regions of the series shown in ``volume`` that fit its voxels."""
        case = self.case
        regions = () if case is None else case.regions
        return tuple(one for one in regions if one.series_uid == volume.series.uid and fits(one.mask, volume))

    @property
    def chosen(self) -> Region | None:
        """The region chosen, None where there is none."""
        return None if self.case is None else self.case.region(self.chosen_id)

    @property
    def finding(self) -> Finding | None:
        """The finding whose outline is edited, None where regions are painted."""
        wanted = self.view.finding_id if self.editing_finding else None
        return None if self.case is None or wanted is None else self.case.finding(wanted)

    def target(self, volume: Volume) -> Target:
        """Return what a stroke on ``volume`` paints on; Problem where that is nothing."""
        case = self.case
        if case is None:
            raise Problem(_("No study is open."), _("Choose a study on the left first."))
        if self.editing_finding:
            return self._finding_target(volume)
        chosen = self.chosen
        if chosen is not None and chosen.series_uid == volume.series.uid:
            if not fits(chosen.mask, volume):
                raise Problem(_("This outline was drawn on images of another size."), _("Start a new one."))
            if chosen.hidden:
                raise Problem(_("The chosen outline is hidden."), _("Show it in the list, or start a new one."))
            return Target(volume, chosen)
        return Target(volume, new_region(case, volume), is_new=True)

    def _finding_target(self, volume: Volume) -> Target:
        finding = self.finding
        if finding is None:
            raise Problem(_("No finding is chosen."), _("Choose one in the list of findings, then paint its outline."))
        if finding.series_uid != volume.series.uid or not fits(finding.mask, volume):
            raise Problem(_("The chosen finding is in another series."), _("Paint on the images it was found in."))
        return Target(volume, finding=finding)

    # ---- choosing ----

    def choose(self, region_id: str) -> None:
        """Paint on that region from now on, empty for none; findings are no longer edited."""
        if (region_id, False) != (self.chosen_id, self.editing_finding):
            self.chosen_id, self.editing_finding = region_id, False
            self.changed.emit()
            self.draft_changed.emit()

    def edit_finding(self, on: bool) -> None:
        """Let brush and eraser work on the outline of the chosen finding, or on regions again."""
        if on != self.editing_finding:
            self.editing_finding = on
            self.changed.emit()

    def set_brush(self, brush: Brush) -> None:
        """Use another brush."""
        size_mm = min(max(brush.diameter_mm, LEAST_MM), MOST_MM)
        brush = replace(brush, diameter_mm=size_mm)
        if brush.diameter_mm != self.brush.diameter_mm:
            self._size_shown_until_s = time.monotonic() + SIZE_SHOWN_S
            QTimer.singleShot(round(1000 * SIZE_SHOWN_S) + 50, self, self._tell)
        if brush != self.brush:
            self.brush = brush
            self.changed.emit()
            self.draft_changed.emit()

    def resize_brush(self, notches: int) -> None:
        """Make the brush larger by steps, smaller where negative; its size is shown for a moment."""
        self.set_brush(replace(self.brush, diameter_mm=round(self.brush.diameter_mm * SIZE_STEP**notches, 1)))

    @property
    def shows_size(self) -> bool:
        """Whether the brush's size is written beside it."""
        return time.monotonic() < self._size_shown_until_s

    def set_drawing(self, filled: bool, opacity: float) -> None:
        """Fill regions, or draw their contours alone; ``opacity`` 0 to 1 of the filling."""
        if (filled, opacity) != (self.filled, self.opacity):
            self.filled, self.opacity = filled, min(max(opacity, 0.0), 1.0)
            self.changed.emit()
            self.draft_changed.emit()

    def say(self, note: str) -> None:
        """Put a sentence beside the outlines; empty takes it away."""
        if note != self.note:
            self.note = note
            self.changed.emit()

    # ---- what is being painted ----

    def begin(self, volume: Volume) -> Draft:
        """Begin to paint on ``volume``; Problem where that is not possible."""
        target = self.target(volume)
        self.say("")
        self.draft = Draft(target, Canvas(volume.grid.shape_kji, target.mask))
        return self.draft

    def show_draft(self, draft: Draft | None) -> None:
        """Show what is being painted in every viewport, None where it is over."""
        self.draft = draft
        self.draft_changed.emit()

    def tell_others(self) -> None:
        """Let the other viewports show what is being painted, soon."""
        if not self._telling:
            self._telling = True
            QTimer.singleShot(OTHERS_EVERY_MS, self, self._tell)

    def _tell(self) -> None:
        self._telling = False
        self.draft_changed.emit()


def regions_of(view: View) -> RegionView:
    """Return the state of outlining of a view, made at the first call."""
    found = view.findChild(RegionView)
    return found if isinstance(found, RegionView) else RegionView(view)


def new_region(case: Case, volume: Volume, name: str = "") -> Region:
    """Return an empty region of a series, with a name and a colour of its own."""
    taken = {one.name for one in case.regions}
    number = 1
    while not name or name in taken:
        name = _("Outline {number}").format(number=number)
        number += 1
    return Region(new_id(), name, volume.series.uid, free_colour(one.colour_rgb for one in case.regions))


def fits(mask: Mask | None, volume: Volume) -> bool:
    """Whether a mask lies inside the voxels of a volume."""
    ends = zip(mask.box if mask is not None else (), volume.grid.shape_kji, strict=False)
    return all(part.start >= 0 and part.stop <= size for part, size in ends)
