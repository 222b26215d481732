"""K keeps the image shown with its picture, once more drops it; the panel leads back, notes and undoes."""

from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell, Slab
from medviewer.core.problem import Problem
from medviewer.core.volume import Volume
from medviewer.imaging.window import LUNG, Window
from medviewer.report.draft import draft
from medviewer.ui import corners
from medviewer.ui.exports.keys import is_key, key_of, star, toggle_key
from medviewer.ui.first_look import middle
from medviewer.ui.panels.keys import KeysPanel
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from medviewer.ui.window import MainWindow
from tests.ui.samples import folder_of


@pytest.fixture
def reading(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> MainWindow:
    """A window on a small chest CT whose case is open."""
    window.flow.open_path(folder_of(tmp_path))
    qtbot.waitUntil(lambda: window.session.study is not None and not window.flow.busy, timeout=10_000)
    window.viewer.set_grid(1, 1)
    return window


def press_k(qtbot: QtBot, window: MainWindow, count: int) -> None:
    toggle_key(window)
    qtbot.waitUntil(lambda: len(window.session.case.keys) == count)


def test_an_image_is_kept_with_its_picture_and_dropped_again(qtbot: QtBot, reading: MainWindow) -> None:
    press_k(qtbot, reading, 1)
    (key,) = reading.session.case.keys
    viewport = reading.viewer.active
    assert viewport.header is not None
    assert (key.kind, key.sop_uid) == ("native", viewport.header.sop_uid)
    picture = QImage.fromData(key.picture)
    assert min(picture.width(), picture.height()) >= 300
    assert is_key(reading.session.case, viewport)
    viewport.step(1)
    assert not is_key(reading.session.case, viewport)
    viewport.step(-1)
    press_k(qtbot, reading, 0)
    reading.session.undo()
    assert reading.session.case.keys == (key,)


def test_several_images_are_kept_in_their_order_and_come_back_with_the_study(qtbot: QtBot, reading: MainWindow) -> None:
    press_k(qtbot, reading, 1)
    reading.viewer.active.step(3)
    press_k(qtbot, reading, 2)
    kept, uid = reading.session.case.keys, reading.session.case.study_uid
    reading.session.close_study()
    reading.session.open_study(uid)
    assert reading.session.case.keys == kept


def test_they_reach_the_report(qtbot: QtBot, reading: MainWindow) -> None:
    press_k(qtbot, reading, 1)
    case, study = reading.session.case, reading.session.study
    assert study is not None
    (image,) = draft(case, study, [], []).section("findings").images
    assert image.png == case.keys[0].picture
    assert image.caption.startswith("Key image 1, ")
    assert ", image " in image.caption


def test_nothing_open_is_said(window: MainWindow) -> None:
    with pytest.raises(Problem, match="No images are open"):
        toggle_key(window)


def test_other_planes_and_slabs_are_pictures_of_their_own(qtbot: QtBot, view: View, volume: Volume) -> None:
    view.show_volume(volume, LUNG, middle(volume))
    made = {}
    for name, cell in {"axial": Cell(), "coronal": Cell("coronal"), "slab": Cell(slab=Slab(10.0, "max"))}.items():
        viewport = Viewport(view, cell, lambda: None)
        qtbot.addWidget(viewport)
        made[name] = key_of(viewport, name)
    kinds = {name: key.kind for name, key in made.items() if key is not None}
    assert kinds == {"axial": "native", "coronal": "coronal", "slab": "axial"}
    axial = made["axial"]
    assert axial is not None
    assert axial.window is None
    view.set_window(Window(40, 400))
    again = key_of(viewport)
    assert again is not None
    assert again.window == Window(40, 400)


def test_a_star_marks_it(qtbot: QtBot, reading: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    real = corners.write

    def listen(painter: QPainter, area: QRectF, line: corners.Line, *where: float) -> None:
        written.append(line.text)
        real(painter, area, line, *where)

    monkeypatch.setattr("medviewer.ui.exports.keys.write", listen)
    reading.viewer.equip(star)
    press_k(qtbot, reading, 1)
    reading.viewer.active.grab()
    assert set(written) == {"★ Key image"}
    reading.viewer.active.step(1)
    written.clear()
    reading.viewer.active.grab()
    assert written == []


@pytest.fixture
def panel(qtbot: QtBot, reading: MainWindow) -> KeysPanel:
    made = KeysPanel(reading.session, reading.view)
    qtbot.addWidget(made)
    made.resize(400, 400)
    made.show()
    return made


def test_the_panel_says_what_to_do_and_then_shows_them(qtbot: QtBot, reading: MainWindow, panel: KeysPanel) -> None:
    assert panel.message.isVisible()
    assert "Press K" in panel.message.text()
    press_k(qtbot, reading, 1)
    assert panel.list.count() == 1
    assert not panel.list.item(0).icon().isNull()


def test_a_double_click_leads_to_the_image_and_delete_drops_it(
    qtbot: QtBot, reading: MainWindow, panel: KeysPanel
) -> None:
    at = reading.viewer.active.index
    press_k(qtbot, reading, 1)
    reading.viewer.active.step(4)
    panel.list.setCurrentRow(0)
    panel.list.itemDoubleClicked.emit(panel.list.item(0))
    assert reading.viewer.active.index == at
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert reading.session.case.keys == ()
    assert panel.message.isVisible()


def test_enter_asks_for_an_image_that_is_not_on_the_screen(qtbot: QtBot, reading: MainWindow, panel: KeysPanel) -> None:
    press_k(qtbot, reading, 1)
    (key,) = reading.session.case.keys
    reading.view.show_volume(None, LUNG, (0.0, 0.0, 0.0))
    panel.list.setCurrentRow(0)
    with qtbot.waitSignal(panel.image_wanted) as wanted:
        QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert wanted.args == [key.sop_uid, key.frame]


def test_a_note_is_typed_under_it_and_can_be_undone(qtbot: QtBot, reading: MainWindow, panel: KeysPanel) -> None:
    press_k(qtbot, reading, 1)
    panel.list.item(0).setText("  spiculated ")
    assert reading.session.case.keys[0].note == "spiculated"
    assert panel.list.item(0).text() == "spiculated"
    reading.session.undo()
    assert reading.session.case.keys[0].note == ""
    assert panel.list.item(0).text() != "spiculated"
