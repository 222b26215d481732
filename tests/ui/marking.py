"""A room to measure in: a volume, a case that can be undone, viewports with the reader's hand."""

from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell, CellKind
from medviewer.core.case import Case
from medviewer.core.discover import discover
from medviewer.core.edits import Edit
from medviewer.core.history import History
from medviewer.core.mark import Mark, MarkKind
from medviewer.core.volume import Volume
from medviewer.imaging.window import MEDIASTINUM
from medviewer.phantom import small
from medviewer.ui import tools
from medviewer.ui.marks.grab import grab
from medviewer.ui.marks.paint import painting_of
from medviewer.ui.marks.text import TextEditor
from medviewer.ui.marks.view import MarkView, marks_of
from medviewer.ui.tool import Tool
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport

LEFT = Qt.MouseButton.LeftButton
TOOLS = discover(tools, Tool)
MIDDLE = small.make().truth[0].center_lps_mm
PLACED: dict[str, Any] = {"frame_of_reference_uid": "9.9", "pixel_spacing_mm": (1.6, 1.6), "spacing_kind": "plane"}
PX = 8  # screen pixels a voxel, in a viewport of 512 pixels on 64 voxels


@dataclass
class Room:
    """A view with a case; ``done`` are the steps taken."""

    view: View
    qtbot: QtBot
    history: History = field(default_factory=lambda: History(Case("1.2.3")))

    def __post_init__(self) -> None:
        self.view.do, self.view.case = self.do, lambda: self.history.case

    def do(self, edit: Edit) -> None:
        self.history.do(edit)
        self.view.marks_changed.emit()

    def undo(self) -> None:
        self.history.undo()
        self.view.marks_changed.emit()

    @property
    def marks(self) -> tuple[Mark, ...]:
        return self.history.case.marks

    @property
    def shared(self) -> MarkView:
        return marks_of(self.view)

    def show(self, volume: Volume, kind: CellKind = "axial", size: int = 512) -> Viewport:
        viewport = self.viewport(kind, size)
        self.view.show_volume(volume, MEDIASTINUM, MIDDLE)
        return viewport

    def viewport(self, kind: CellKind = "axial", size: int = 512) -> Viewport:
        made = Viewport(self.view, Cell(kind), self.view.case)
        made.paintings.append(painting_of(made))
        made.grabs.append(grab)
        self.qtbot.addWidget(made)
        made.resize(size, size)
        made.show()
        return made


def use(viewport: Viewport, kind: MarkKind) -> None:
    viewport.tools = {LEFT: TOOLS[kind]}


def drag(viewport: Viewport, *way: tuple[int, int], release: bool = True) -> None:
    """Press at the first point, go through the others, let go at the last."""
    QTest.mousePress(viewport, LEFT, pos=QPoint(*way[0]))
    for point in way[1:]:
        QTest.mouseMove(viewport, QPoint(*point))
    if release:
        QTest.mouseRelease(viewport, LEFT, pos=QPoint(*way[-1]))


def click(viewport: Viewport, *at: int) -> None:
    """Move there and click."""
    QTest.mouseMove(viewport, QPoint(*at))
    QTest.mouseClick(viewport, LEFT, pos=QPoint(*at))


def editor(viewport: Viewport) -> TextEditor:
    """The line edit that is open in the viewport."""
    (shown,) = (one for one in viewport.findChildren(TextEditor) if one.isVisible())
    return shown


def at(viewport: Viewport, place: tuple[float, float, float]) -> QPointF:
    """Where a place of the patient is in the viewport."""
    assert viewport.plane is not None
    return viewport.placing.to_screen(*viewport.plane.geometry(viewport.index).to_xy(place).tolist())
