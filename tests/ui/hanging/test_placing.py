"""Films lie mirrored and at their edge as their protocol wants; what is on the screen can be saved as one."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from medviewer.app.hanging.hang import Shown, protocols
from medviewer.app.hanging.protocol import Over
from medviewer.core.arrangement import Cell
from medviewer.core.problem import Problem
from medviewer.core.volume import Volume
from medviewer.imaging.window import LUNG
from medviewer.ui.display import Fusion
from medviewer.ui.first_look import middle
from medviewer.ui.hanging.placing import ask_and_save, fuse_all, on_screen, place_all
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from medviewer.ui.window import MainWindow
from tests.ui.films import film, ramp
from tests.ui.samples import folder_of


@pytest.fixture
def breast(qtbot: QtBot, view: View) -> Viewport:
    """A tall film on a wide viewport."""
    viewport = Viewport(view, Cell("native"), lambda: None)
    qtbot.addWidget(viewport)
    viewport.resize(600, 300)
    view.show_volume(film(ramp(2, 40, 20), modality="MG", pixel_spacing_mm=(1.0, 1.0)), LUNG, (0.0, 0.0, 0.0))
    return viewport


def on_the_screen(viewport: Viewport) -> QRectF:
    placing = viewport.placing
    return placing.image_to_screen.mapRect(QRectF(0, 0, placing.columns, placing.rows))


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_film_lies_whole_against_its_edge(breast: Viewport, side: str, flipped: bool) -> None:
    place_all([breast], {"main": Shown("1", "2", flipped_h=flipped, against=side)})  # type: ignore[arg-type]
    area = on_the_screen(breast)
    assert area.width() == pytest.approx(150.0)
    assert (area.top(), area.bottom()) == pytest.approx((0.0, 300.0))
    assert (area.left() if side == "left" else area.right()) == pytest.approx(0.0 if side == "left" else 600.0)
    first_column = breast.placing.image_to_screen.map(QPointF(0.0, 0.0)).x()
    assert (first_column > area.center().x()) == flipped


def test_a_film_the_protocol_says_nothing_of_stays_as_it_is(breast: Viewport) -> None:
    before = replace(breast.camera, zoom=3.0)
    breast.set_camera(before)
    place_all([breast], {"main": Shown("1", "2"), "2": Shown("1", "3", flipped_h=True)})
    assert breast.camera == before


def test_a_mirrored_film_shows_its_columns_the_other_way(breast: Viewport) -> None:
    place_all([breast], {"main": Shown("1", "2", flipped_h=True, flipped_v=True)})
    corner = breast.placing.to_screen(0, 0)
    assert corner.x() > 300
    assert corner.y() > 150


def test_what_is_on_the_screen_names_the_film_looked_at_and_the_colours_over_it(
    breast: Viewport, view: View, volume: Volume
) -> None:
    breast.go_to(1)
    view.show_in("2", volume, LUNG, middle(volume))
    view.set_fusion(view.main, Fusion("2", "hot-iron", 0.3))
    seen = on_screen(view)
    assert seen["main"].image == 1
    assert seen["main"].over == Over("2", "hot-iron", 0.3)
    assert seen["2"].image is None


def test_the_colours_a_protocol_wants_are_laid_over(view: View, volume: Volume) -> None:
    view.show_volume(volume, LUNG, middle(volume))
    displays = {"main": Shown("1", "2", over=Over("2", share=0.25))}
    fuse_all(view, displays, "hot-iron")
    assert view.main.fusion is None  # nothing to lay over it yet
    view.show_in("2", volume, LUNG, middle(volume))
    fuse_all(view, displays, "hot-iron")
    assert view.main.fusion == Fusion("2", "hot-iron", 0.25)


def test_the_reader_saves_the_arrangement_by_name(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_a: ("Mine", True))
    with pytest.raises(Problem, match="No study is open"):
        ask_and_save(window)
    window.flow.open_path(folder_of(tmp_path_factory.mktemp("ct")))
    qtbot.waitUntil(lambda: window.session.study is not None and window.view.volume is not None, timeout=10_000)
    window.viewer.set_grid(1, 1)
    ask_and_save(window)
    own = [one for one in protocols() if one.own]
    assert [one.title for one in own] == ["Mine"]
    assert own[0].arrangement == window.viewer.arrangement
    assert [each.modality for each in own[0].sets] == [("CT",)]
