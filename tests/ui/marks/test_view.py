"""What marks measure while things load, and large regions that are measured in the background."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from medviewer.core.mark_edits import AddMark
from medviewer.core.volume import PENDING, READY, Volume
from medviewer.imaging.window import MEDIASTINUM
from medviewer.ui.marks import view as mark_view
from medviewer.ui.marks.view import marks_of
from medviewer.ui.view import View
from tests.marks import mark, on_slice
from tests.marks import volume as made_of
from tests.ui.marking import Room


@pytest.fixture
def shown() -> Iterator[Volume]:
    made = made_of(np.full((2, 40, 40), 7, np.int16))
    yield made
    made.close()


@pytest.fixture
def room(view: View, qtbot: QtBot, shown: Volume) -> Room:
    made = Room(view, qtbot)
    view.show_volume(shown, MEDIASTINUM, (0.0, 0.0, 0.0))
    return made


def test_a_view_has_one_set_of_marks(view: View) -> None:
    assert marks_of(view) is marks_of(view)


def test_what_is_measured_is_kept_with_the_mark(room: Room, shown: Volume) -> None:
    room.shared.add(on_slice(shown, "rectangle", [(1.5, 1.5), (4.5, 4.5)]))
    (saved,) = room.marks
    assert (saved.measured["mean"], saved.unit) == (7.0, "HU")
    room.shared.change(saved, replace(saved, name="x"))
    assert room.marks[0].measured == saved.measured


def test_a_mark_over_slices_still_read_is_measured_again(room: Room, shown: Volume) -> None:
    shown.state[0] = PENDING
    made = on_slice(shown, "rectangle", [(1.5, 1.5), (4.5, 4.5)])
    room.shared.add(made)
    assert room.marks[0].measured == {}
    shown.state[0] = READY
    assert room.shared.measured(room.marks[0]).get("mean") is not None


def test_a_large_region_is_measured_in_the_background(
    room: Room, shown: Volume, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(mark_view, "LARGE_PX", 100.0)
    made = on_slice(shown, "rectangle", [(1.5, 1.5), (24.5, 24.5)])
    room.do(AddMark(made))
    with qtbot.waitSignal(room.shared.changed):
        assert room.shared.measured(made).complete is False
    found = room.shared.measured(made)
    assert found.complete
    assert found.numbers["mean"] == pytest.approx(7.0)


def test_a_mark_of_a_series_that_is_nowhere_says_so(room: Room) -> None:
    stray = replace(mark(), series_uid="5.5")
    assert "not in this study" in str(room.shared.measured(stray).notes[0])


def test_removing_nothing_is_no_step(room: Room) -> None:
    room.shared.remove(["nobody"])
    assert room.history.done == []
