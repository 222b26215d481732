"""Findings and reference lines over an image."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell
from medviewer.core.case import Case
from medviewer.core.finding import Status
from medviewer.core.volume import Volume
from medviewer.imaging.frames import turned_about, upright
from medviewer.imaging.window import LUNG
from medviewer.ui import theme
from medviewer.ui.overlay import BOX_LINES, Overlay, label
from medviewer.ui.planes.plane import Plane
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.samples import case_of, painted, sphere, volume_of


class Board:
    """A viewport that shows ``case``."""

    def __init__(self, view: View, qtbot: QtBot, volume: Volume, cell: Cell | None = None) -> None:
        self.case: Case = case_of(sphere(volume))
        self.viewport = Viewport(view, cell or Cell(), lambda: self.case)
        qtbot.addWidget(self.viewport)
        self.viewport.resize(600, 600)
        self.viewport.show()
        view.show_volume(volume, LUNG, self.case.findings[0].center_lps_mm)

    def has(self, colour: str) -> bool:
        """Whether pixels of that colour of the theme are painted."""
        wanted = theme.colour(colour)
        rgb = np.array([wanted.red(), wanted.green(), wanted.blue()])
        return int(np.all(painted(self.viewport) == rgb, axis=2).sum()) > 20


@pytest.fixture
def board(view: View, qtbot: QtBot, volume: Volume) -> Board:
    return Board(view, qtbot, volume)


def test_a_finding_is_drawn_on_the_slices_that_cut_it(board: Board) -> None:
    assert board.has("found")
    board.viewport.step(6)
    assert not board.has("found")


@pytest.mark.parametrize("orientation", ["axial", "coronal", "sagittal"])
def test_the_outline_lies_on_the_finding_in_every_plane(volume: Volume, orientation: str) -> None:
    finding, plane = sphere(volume), Plane(volume, orientation)  # type: ignore[arg-type]
    index = plane.index_at(finding.center_lps_mm)
    ends = np.array([(line.x1(), line.y1()) for line in Overlay(plane).lines(finding, index)]) - 0.5
    x, y = plane.geometry(index).to_xy(finding.center_lps_mm)
    row_mm, column_mm = plane.geometry(index).spacing_mm
    radius_mm = np.hypot((ends[:, 0] - x) * column_mm, (ends[:, 1] - y) * row_mm)
    assert radius_mm == pytest.approx(6.0, abs=1.6)


def test_the_outline_is_worked_out_once(volume: Volume) -> None:
    overlay, finding = Overlay(Plane(volume, "axial")), sphere(volume)
    assert overlay.lines(finding, 13) is overlay.lines(finding, 13)
    assert overlay.lines(finding, 3) == []


def test_a_finding_of_another_series_is_not_drawn(board: Board) -> None:
    other = volume_of(uid="9.9")
    board.case = case_of(sphere(other))
    assert not board.has("found")
    other.close()


@pytest.mark.parametrize(("status", "colour"), [("accepted", "good"), ("unreviewed", "found")])
def test_the_verdict_is_seen_on_the_image(board: Board, status: Status, colour: str) -> None:
    board.case = case_of(board.case.findings[0].with_status(status))
    assert board.has(colour)


def test_a_rejected_finding_is_only_drawn_while_it_is_chosen(board: Board) -> None:
    rejected = board.case.findings[0].with_status("rejected")
    board.case = case_of(rejected)
    board.viewport.view.toggle_texts()  # the grey of the texts is the grey of rejected findings
    board.viewport.view.toggle_texts()
    assert board.viewport.overlay is not None
    plain = painted(board.viewport)
    board.viewport.view.select(rejected)
    assert not np.array_equal(plain, painted(board.viewport))


def test_no_verdict_is_told_by_colour_alone() -> None:
    styles = {status: (BOX_LINES[status], label_of(status)) for status in BOX_LINES}
    assert len(set(styles.values())) == len(styles)


def label_of(status: Status) -> str:
    volume = volume_of()
    found = sphere(volume, status=status)
    volume.close()
    return label(case_of(found), found, with_size=False)


def test_the_label_has_number_verdict_and_size(volume: Volume) -> None:
    first, second = sphere(volume, "a"), sphere(volume, "b", status="accepted")
    assert label(case_of(first, second), second, with_size=True).startswith("2 ✓   ")
    assert label(case_of(first, second), first, with_size=False) == "1 ?"


def test_the_label_stays_inside_the_viewport(board: Board) -> None:
    viewport = board.viewport
    viewport.view.select(board.case.findings[0])
    viewport.set_camera(viewport.placing.panned(QPointF(290.0 - viewport.width() / 4, 0.0)))
    box = viewport.overlay.box_px(viewport.placing, viewport.index, board.case.findings[0])  # type: ignore[union-attr]
    shown = painted(viewport)[int(box.top()) - 22 : int(box.top()), -40:-2]
    assert box.right() > viewport.width() - 100
    assert (shown == [244, 201, 93]).all(axis=2).any()  # ink of the label up to the edge


def test_overlays_can_be_hidden(board: Board) -> None:
    board.viewport.view.toggle_overlay()
    assert not board.has("found")
    board.viewport.view.toggle_overlay()
    board.viewport.view.toggle_texts()
    assert not board.has("found")


def test_a_tilted_plane_shows_the_finding_it_cuts_and_no_other(view: View, qtbot: QtBot, volume: Volume) -> None:
    board = Board(view, qtbot, volume, Cell("coronal"))
    assert board.has("found")
    view.set_axes(view.main, turned_about(upright(volume.grid), (0.0, 0.0, 1.0), 0.4))
    assert board.viewport.plane is not None
    assert board.viewport.plane.axis == -1
    assert board.has("found")
    board.viewport.step(30)
    assert not board.has("found")
