"""Buttons in a row that is too long go on in the next line."""

import pytest
from PySide6.QtWidgets import QFrame, QWidget
from pytestqt.qtbot import QtBot

from medviewer.ui.wrapping import GAP_PX, WrappingRow


@pytest.fixture
def row(qtbot: QtBot) -> QWidget:
    """Four things of 100 x 20 pixels."""
    made = QWidget()
    buttons = [QFrame() for _n in range(4)]
    for button in buttons:
        button.setFixedSize(100, 20)
    made.setLayout(WrappingRow(*buttons))
    qtbot.addWidget(made)
    return made


def places(row: QWidget, wide_px: int) -> list[tuple[int, int]]:
    row.resize(wide_px, row.heightForWidth(wide_px))
    row.show()
    return [button.pos().toTuple() for button in row.findChildren(QFrame)]


def test_buttons_stand_side_by_side_where_there_is_room(row: QWidget) -> None:
    step = 100 + GAP_PX
    assert places(row, 4 * step) == [(0, 0), (step, 0), (2 * step, 0), (3 * step, 0)]
    assert row.sizeHint().toTuple() == (4 * step - GAP_PX, 20)


def test_what_does_not_fit_goes_on_below(row: QWidget) -> None:
    step = 100 + GAP_PX
    assert places(row, 2 * step) == [(0, 0), (step, 0), (0, 20 + GAP_PX), (step, 20 + GAP_PX)]
    assert row.heightForWidth(2 * step) == 2 * 20 + GAP_PX
    assert row.minimumSizeHint().width() == 100


def test_what_is_hidden_takes_no_room(row: QWidget) -> None:
    row.findChildren(QFrame)[0].hide()
    assert places(row, 110)[1:] == [(0, 0), (0, 20 + GAP_PX), (0, 40 + 2 * GAP_PX)]


def test_a_button_can_be_taken_out(row: QWidget) -> None:
    layout = row.layout()
    assert layout is not None
    item = layout.takeAt(0)
    assert item is not None
    assert (layout.count(), layout.itemAt(3), layout.takeAt(3)) == (3, None, None)


def test_in_a_room_higher_than_needed_they_stand_in_the_middle(row: QWidget) -> None:
    places(row, 500)
    row.resize(500, 60)
    assert {frame.y() for frame in row.findChildren(QFrame)} == {20}
