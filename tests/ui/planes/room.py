"""Volumes whose every value is known, and viewports of one display side by side, for the tests of planes."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QGridLayout, QWidget
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell, CellKind
from medviewer.core.grid import Grid
from medviewer.core.look import Window
from medviewer.core.shared import SharedArray
from medviewer.core.study import Header, Series
from medviewer.core.volume import READY, Volume
from medviewer.ui.planes import curves as plane_curves
from medviewer.ui.planes import oblique
from medviewer.ui.planes.oblique_lines import PlaneLines
from medviewer.ui.tool import Tool
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport

SLOPE = np.array([3.0, -5.0, 7.0])  # values a mm along L, P and H
USUAL = np.eye(3)[::-1]  # k to the head, j to the back, i to the left


def volume_on(grid: Grid, voxels: np.ndarray | None = None, uid: str = "1.2.9") -> Volume:
    """Return a volume of these voxels; by default a gradient, so that each place's value is known: x @ SLOPE."""
    if voxels is None:
        voxels = np.rint(grid.to_lps(np.moveaxis(np.indices(grid.shape_kji), 0, -1)) @ SLOPE)
    block, state = SharedArray.make(grid.shape_kji, "int16"), SharedArray.make((grid.shape_kji[0],), "uint8")
    block.array[...], state.array[...] = voxels, READY
    said = {"modality": "CT", "rows": grid.shape_kji[1], "columns": grid.shape_kji[2]}
    headers = tuple(Header("", f"{uid}.{k}", "", "1.2", uid, **said) for k in range(grid.shape_kji[0]))  # type: ignore[arg-type]
    return Volume(Series(uid, headers, (), grid), grid, block, state, unit="HU")


def centred(shape: tuple[int, int, int], spacing_mm: tuple[float, float, float], axes: np.ndarray) -> Grid:
    """Return a grid whose middle is the patient's origin."""
    rows = tuple(tuple(float(v) for v in row) for row in axes)
    grid = Grid(shape, (0.0, 0.0, 0.0), spacing_mm, rows)  # type: ignore[arg-type]
    middle = grid.to_lps((np.array(shape) - 1) / 2)
    return replace(grid, origin_lps_mm=tuple((-middle).tolist()))


class Room:
    """Viewports of the main display in one widget, equipped as the window does it."""

    def __init__(self, qtbot: QtBot, view: View, volume: Volume, kinds: Iterable[CellKind], tool: Tool) -> None:
        self.view, self.widget = view, QWidget()
        qtbot.addWidget(self.widget)
        self.widget.resize(900, 900)
        grid = QGridLayout(self.widget)
        view.show_volume(volume, Window(40, 400), (0.0, 0.0, 0.0))
        self.viewports = {kind: Viewport(view, Cell(kind), lambda: None) for kind in kinds}
        for number, viewport in enumerate(self.viewports.values()):
            grid.addWidget(viewport, number // 2, number % 2)
            viewport.references = tuple(other for other in self.viewports.values() if other is not viewport)
            viewport.paintings += [PlaneLines(viewport).paint, plane_curves.painting_of(viewport)]
            viewport.grabs = [oblique.grab, plane_curves.grab]
            viewport.tools = {Qt.MouseButton.LeftButton: tool}
        self.widget.show()
        qtbot.waitExposed(self.widget)


def drag(viewport: Viewport, start: QPointF, end: QPointF, steps: int = 4) -> None:
    """Press, move in steps, release, as a hand does."""
    left = Qt.MouseButton.LeftButton
    QTest.mouseMove(viewport, start.toPoint())
    QTest.mousePress(viewport, left, pos=start.toPoint())
    for step in range(1, steps + 1):
        QTest.mouseMove(viewport, (start + (end - start) * (step / steps)).toPoint())
    QTest.mouseRelease(viewport, left, pos=end.toPoint())


def handle(viewport: Viewport, kind: str, which: Callable[[oblique.Handle], bool] = lambda _h: True) -> oblique.Handle:
    """Return the first handle of a kind that is as wanted."""
    from medviewer.ui.planes.lines import lines_of

    found = (h for line in lines_of(viewport) for h in oblique.handles_of(viewport, line))
    return next(h for h in found if h.kind == kind and which(h))


def whole(at: QPointF) -> QPointF:
    """Return the pixel a mouse event can name."""
    return QPointF(QPoint(at.toPoint()))
