"""Growing from a click, seen while the gate is widened by dragging; one edit when the button comes up."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from medviewer.core.job import Job
from medviewer.core.mask import Index
from medviewer.core.problem import Problem
from medviewer.core.region_canvas import Canvas
from medviewer.core.region_gate import Gate
from medviewer.core.volume import READY, Volume
from medviewer.i18n import N_, Message, _
from medviewer.imaging.regions.grow import Grown, Stop
from medviewer.imaging.regions.work import GateWork, GrowWork
from medviewer.ui.corners import MIDDLE, START, Line, line_height_px, write
from medviewer.ui.regions.commit import commit
from medviewer.ui.regions.controls import is_fine
from medviewer.ui.regions.stroke import may_paint
from medviewer.ui.regions.view import Draft, RegionView, Target, regions_of

if TYPE_CHECKING:
    from medviewer.ui.tool import Drag
    from medviewer.ui.viewport import Viewport

PX_PER_DOUBLING = 120.0
NOTE_UP_PX, BESIDE_PX = 116.0, 14.0  # above the texts of the corners; beside the mouse
STOPS: dict[Stop, Message] = {
    "leak": N_("Stopped {mm:.0f} mm from the click: it leaked into a neighbour there."),
    "radius": N_("Stopped {mm:.0f} mm from the click; it goes on beyond that."),
    "size": N_("Stopped {mm:.0f} mm from the click: it became too large."),
}


@dataclass(eq=False)
class Growing:
    """What a viewport's ``draft`` holds from the click until all is grown.

    ``gate`` is in real values, None until it is found; ``factor`` is what the drag makes of it, ``asked`` what is
    being grown or was grown last.
    """

    regions: RegionView
    target: Target
    seed_kji: Index
    gate: Gate | None
    factor: float = 1.0
    asked: float = 0.0
    running: Job | None = None
    released: bool = False
    dropped: bool = False
    grown: Grown = field(default_factory=lambda: Grown(None))

    @property
    def widened(self) -> Gate | None:
        """The gate as wide as it was dragged."""
        return None if self.gate is None else self.gate.widened(self.factor)

    def ask(self) -> None:
        """Grow with the gate as it is now, unless something is being grown: that looks again when it is done."""
        if self.running is None and not self.dropped:
            self.asked = self.factor
            self.running = self.regions.view.jobs.start(
                _("Growing"), self._work, self._take, self._fail, self.drop, quiet=True
            )
            self.regions.view.hold(self.running, self.target.volume)

    def _work(self, job: Job) -> tuple[Gate, Grown]:
        from medviewer.dicom.decode import default_pool

        volume, pool = self.target.volume, default_pool()
        gate = self.gate
        if gate is None:
            low, high = cast(
                tuple[int, int], pool.ask(GateWork(volume.voxels_block.handle, volume.grid, self.seed_kji), job)
            )
            gate = _real(volume, low, high)
        stored = gate.widened(self.asked).stored(volume.slope, volume.intercept)
        guard = self.regions.brush.guard
        work = GrowWork(volume.voxels_block.handle, volume.grid, self.seed_kji, stored, guard)
        return gate, cast(Grown, pool.ask(work, job))

    def _take(self, found: tuple[Gate, Grown]) -> None:
        """Show what was grown; go on where the drag has gone on, end where the button is up."""
        self.running = None
        if self.dropped:
            return
        self.gate, self.grown = found
        canvas = Canvas(self.target.volume.grid.shape_kji, self.target.mask)
        if self.grown.mask is not None:
            canvas.put(self.grown.mask.box, self.grown.mask.voxels, on=True)
        self.regions.show_draft(Draft(self.target, canvas))
        if self.asked != self.factor:
            self.ask()
        elif self.released:
            self.finish(canvas)

    def finish(self, canvas: Canvas) -> None:
        """Make an edit of it; say why it stopped."""
        self.regions.busy = False
        try:
            commit(self.regions, self.target, canvas.changes(), "grow")
        finally:
            self.regions.show_draft(None)
        if self.grown.mask is None:
            raise Problem(
                _("The place clicked has a value outside the gate."), _("Click elsewhere, or widen the gate.")
            )
        if self.grown.stop:
            stop = STOPS[self.grown.stop]
            self.regions.say(str(stop).format(mm=self.grown.radius_mm))

    def _fail(self, error: Exception) -> None:
        self.drop()
        raise error

    def drop(self) -> None:
        """Give it up; nothing was changed."""
        self.dropped = True
        self.regions.busy = False
        if self.running is not None:
            self.running.cancel()
        self.regions.show_draft(None)


def _real(volume: Volume, low: int, high: int) -> Gate:
    """Return a gate of voxel values in real values."""
    ends = sorted((low * volume.slope + volume.intercept, high * volume.slope + volume.intercept))
    return Gate(ends[0], ends[1])


def press(viewport: "Viewport", at_px: QPointF) -> None:
    """Grow from the place clicked; in the gate chosen for the brush where it has one, else in one found there."""
    regions, volume = regions_of(viewport.view), may_paint(viewport)
    if regions.busy or viewport.draft is not None:
        return
    if not volume.regular:
        raise Problem(_("Growing needs a regular stack of slices."), _("Use the brush on these images."))
    kji = volume.grid.to_kji(viewport.lps_at(at_px))
    if not volume.grid.contains(kji):
        return
    k, j, i = (int(at) for at in np.rint(kji))
    if volume.state[k] != READY:
        raise Problem(_("The images are still being read."), _("Try again in a moment."))
    target = regions.begin(volume).target
    growing = Growing(regions, target, (k, j, i), regions.brush.gate if regions.brush.gated else None)
    regions.busy = True
    viewport.draft = growing
    growing.ask()


def drag(viewport: "Viewport", drag: "Drag") -> None:
    """Up widens the gate, down narrows it."""
    growing = viewport.draft
    if isinstance(growing, Growing):
        growing.factor = 2.0 ** ((drag.start_px.y() - drag.now_px.y()) / PX_PER_DOUBLING)
        growing.ask()
        viewport.update()


def release(viewport: "Viewport", _at_px: QPointF) -> None:
    """Keep what was grown, as soon as it is."""
    growing, viewport.draft = viewport.draft, None
    if isinstance(growing, Growing) and not growing.dropped:
        growing.released = True
        draft = growing.regions.draft
        if growing.running is None and draft is not None:
            growing.finish(draft.canvas)


def cancel(viewport: "Viewport") -> None:
    """Give up what is being grown."""
    if isinstance(viewport.draft, Growing):
        viewport.draft.drop()
        viewport.draft = None
    regions_of(viewport.view).say("")
    viewport.update()


def paint(viewport: "Viewport", painter: QPainter) -> None:
    """Write the gate beside the mouse while growing, and below the image why it stopped."""
    growing, at_px, regions = viewport.draft, viewport.hand.at_px, regions_of(viewport.view)
    high = line_height_px()
    gate = growing.widened if isinstance(growing, Growing) else None
    if gate is not None and at_px is not None and isinstance(growing, Growing):
        volume = growing.target.volume
        digits = 2 if is_fine(volume) else 0
        text = f"{gate.low:.{digits}f} … {gate.high:.{digits}f} {volume.unit}".replace("-", "\u2212").strip()
        write(painter, QRectF(at_px.x() + BESIDE_PX, at_px.y(), 200.0, high), Line(text, strong=True), START)
    if regions.note and viewport.active:
        area = QRectF(0.0, viewport.height() - NOTE_UP_PX, viewport.width(), high)
        write(painter, area, Line(regions.note, "caution"), MIDDLE)
