"""The threshold slider: says what is measured while it is dragged, and does one undoable thing when it is let go."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionSlider

from tests.ui.explaining.conftest import OWN, Room
from tests.ui.samples import turn_wheel


def handle(room: Room) -> QPoint:
    slider, option = room.panel.threshold.slider, QStyleOptionSlider()
    slider.initStyleOption(option)
    part = QStyle.SubControl.SC_SliderHandle
    return slider.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, slider).center()


def drag(room: Room, share: float, *, let_go: bool = True) -> None:
    """Drag the handle to a share of the slider's width."""
    slider = room.panel.threshold.slider
    QApplication.processEvents()
    start = handle(room)
    end = QPoint(round(share * (slider.width() - 1)), start.y())
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 5):
        QTest.mouseMove(slider, start + (end - start) * step / 4)
        QApplication.processEvents()
    if let_go:
        QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=end)


def chosen(room: Room) -> dict[str, float]:
    return room.window.session.case.thresholds


def test_it_stands_at_the_models_own_threshold_and_says_what_that_does(room: Room) -> None:
    bar = room.panel.threshold
    assert bar.isVisibleTo(room.panel)
    assert (bar.slider.value(), bar.slider.maximum()) == (2, 3)
    assert bar.value.text() == f"{OWN:.2f} (model's own)"
    assert bar.told.text() == (
        "Finds 84 % (79–89) of drawn nodules; 0.24 (0.12–0.48) false ones per field. Measured on drawn chests."
    )
    assert not bar.own.isVisibleTo(bar)


def test_while_it_is_dragged_it_says_what_would_happen_and_nothing_does(room: Room) -> None:
    drag(room, 0.0, let_go=False)
    bar = room.panel.threshold
    assert bar.told.text().startswith("Finds 95 % (90–100)")
    assert bar.changes.text() == "2 would come in, 0 unreviewed would go."
    assert bar.changes.isVisibleTo(bar)
    assert room.ids == ["0.9", "0.7"]
    assert chosen(room) == {}
    QTest.mouseRelease(bar.slider, Qt.MouseButton.LeftButton, pos=handle(room))


def test_letting_go_brings_in_what_is_above_by_one_step_that_can_be_undone(room: Room) -> None:
    drag(room, 0.0)
    assert room.ids == ["0.9", "0.7", "0.5", "0.3"]
    assert room.under == []
    assert chosen(room) == {room.volume.series.uid: 0.2}
    room.window.session.undo()
    assert room.ids == ["0.9", "0.7"]
    assert chosen(room) == {}
    assert room.panel.threshold.slider.value() == 2
    room.window.session.redo()
    assert room.panel.threshold.slider.value() == 0


def test_unreviewed_findings_under_it_go_and_judged_ones_stay(room: Room) -> None:
    room.window.view.select(room.window.session.case.findings[1])
    room.window.actions_by_id["accept"].trigger()
    drag(room, 1.0)
    assert room.ids == ["0.9", "0.7"]
    room.window.actions_by_id["accept"].trigger()  # takes the verdict back
    drag(room, 0.4)
    drag(room, 1.0)
    assert room.ids == ["0.9"]
    assert room.under[0] == "0.7"
    assert room.window.view.finding_id is None


def test_the_arrow_keys_move_it_from_one_measured_threshold_to_the_next(room: Room) -> None:
    slider = room.panel.threshold.slider
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert chosen(room) == {room.volume.series.uid: 0.4}
    assert room.ids == ["0.9", "0.7", "0.5"]


def test_the_wheel_does_not_move_it(room: Room) -> None:
    turn_wheel(room.panel.threshold.slider, 3)
    assert room.panel.threshold.slider.value() == 2
    assert chosen(room) == {}


def test_the_models_own_threshold_is_one_button_away(room: Room) -> None:
    drag(room, 0.0)
    room.panel.threshold.own.click()
    assert chosen(room) == {}
    assert room.ids == ["0.9", "0.7"]
    assert not room.panel.threshold.own.isVisibleTo(room.panel)


def test_it_is_the_same_after_the_case_was_saved_and_opened_again(room: Room) -> None:
    session = room.window.session
    drag(room, 0.0)
    session.close_study()
    session.open_study("1.2.3")
    assert session.case.thresholds == {room.volume.series.uid: 0.2}
    assert room.ids == ["0.9", "0.7", "0.5", "0.3"]


def test_a_model_whose_thresholds_nobody_measured_has_no_slider(make_room: Callable[..., Room]) -> None:
    room = make_room(label="Nodule")
    assert not room.panel.threshold.isVisibleTo(room.panel)
    assert room.panel.candidates.isVisibleTo(room.panel)
