"""A case under the brush: a view whose edits go to a history, viewports on it, and a hand that paints."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell
from medviewer.core.case import Case
from medviewer.core.discover import discover
from medviewer.core.edits import Edit
from medviewer.core.finding import Point
from medviewer.core.history import History
from medviewer.core.region import Region
from medviewer.core.volume import Volume
from medviewer.imaging.window import LUNG
from medviewer.phantom import small
from medviewer.ui import tools
from medviewer.ui.regions.paint import RegionPainter
from medviewer.ui.regions.view import RegionView, regions_of
from medviewer.ui.tool import Tool
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport

NODULE: Point = small.make().truth[0].center_lps_mm
TOOLS = discover(tools, Tool)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
PX_PER_VOXEL = 8.0  # 64 voxels of the small volume on 512 pixels


class Room:
    """One case, one view, as many viewports as are asked for; all edits can be undone."""

    def __init__(self, view: View, qtbot: QtBot, volume: Volume | None, case: Case | None = None) -> None:
        self.view, self.qtbot, self.volume = view, qtbot, volume
        self.history = History(case or Case("1.2.3"))
        view.do, view.case = self._do, lambda: self.history.case
        self.regions: RegionView = regions_of(view)
        self._painter = RegionPainter(self.regions)
        if volume is not None:
            view.show_volume(volume, LUNG, NODULE)

    def _do(self, edit: Edit) -> None:
        self.history.do(edit)
        self.view.marks_changed.emit()

    def viewport(self, cell: Cell | None = None, tool: str = "brush") -> Viewport:
        """A viewport of 512 x 512 pixels with a tool in its left hand."""
        made = Viewport(self.view, cell or Cell(), lambda: self.history.case)
        made.tools = {LEFT: TOOLS[tool]}
        made.paintings.append(self._painter.painting_of(made))
        self.qtbot.addWidget(made)
        made.resize(512, 512)
        made.show()
        return made

    @property
    def region(self) -> Region:
        """The only region of the case."""
        (one,) = self.history.case.regions
        return one

    def voxels(self, region: Region | None = None) -> np.ndarray:
        """What is painted, as an array of the whole volume."""
        assert self.volume is not None
        mask = (region or self.region).mask
        shape = self.volume.grid.shape_kji
        return np.zeros(shape, np.bool_) if mask is None else mask.full(shape)

    def brush(self, **changes: object) -> None:
        """Change the brush."""
        from dataclasses import replace

        self.regions.set_brush(replace(self.regions.brush, **changes))  # type: ignore[arg-type]


def at(viewport: Viewport, place_lps_mm: Point) -> QPoint:
    """Return where a place is on the screen."""
    assert viewport.plane is not None
    x, y = viewport.plane.geometry(viewport.index).to_xy(place_lps_mm).tolist()
    found: QPointF = viewport.placing.to_screen(x, y)
    return found.toPoint()


def stroke(
    viewport: Viewport, *way: QPoint, keys: Qt.KeyboardModifier = NONE, before_up: Callable[[], None] | None = None
) -> None:
    """Press at the first point, go through the others, let go at the last."""
    QTest.mousePress(viewport, LEFT, keys, way[0])
    for point in way[1:]:
        QTest.mouseMove(viewport, point)
    if before_up is not None:
        before_up()
    QTest.mouseRelease(viewport, LEFT, keys, way[-1])
