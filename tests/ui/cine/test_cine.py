"""Images pass at the rate wanted, in the way wanted; where drawing is slow some are left out, and Escape stops."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell
from medviewer.core.volume import Volume
from medviewer.imaging.window import LUNG
from medviewer.ui.cine import cine as module
from medviewer.ui.cine.cine import Cine, frame_at
from medviewer.ui.cine.cine_bar import CineBar
from medviewer.ui.first_look import middle
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.samples import volume_of


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def perf_counter(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


class Room(QWidget):
    """A viewport with its cine and bar, whose timer is moved by hand."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self.viewport = Viewport(view, Cell(), lambda: None)
        self.cine = Cine(lambda: self.viewport, self)
        self.bar = CineBar(self.cine)
        column = QVBoxLayout(self)
        column.addWidget(self.viewport)
        column.addWidget(self.bar)

    def tick(self) -> int:
        """Let the timer fire, and return the number of the image then shown, from 1."""
        self.cine._tick()
        assert self.viewport.plane is not None
        return self.viewport.plane.number(self.viewport.index)


@pytest.fixture
def room(qtbot: QtBot, view: View, volume: Volume) -> Iterator[Room]:
    made = Room(view)
    qtbot.addWidget(made)
    view.show_volume(volume, LUNG, middle(volume))
    made.show()
    made.viewport.go_to_end(last=False)
    yield made
    made.cine.stop()


def test_the_ways_through_the_images() -> None:
    assert [frame_at(n, 4, "loop") for n in range(7)] == [0, 1, 2, 3, 0, 1, 2]
    assert [frame_at(n, 4, "bounce") for n in range(9)] == [0, 1, 2, 3, 2, 1, 0, 1, 2]
    assert [frame_at(n, 4, "once") for n in range(6)] == [0, 1, 2, 3, None, None]
    assert {frame_at(n, 1, way) for n in range(3) for way in ("loop", "bounce", "once")} == {0}


def test_an_image_comes_when_its_time_has_come(room: Room, clock: Clock) -> None:
    room.cine.start(fps=10.0)
    assert room.tick() == 1
    clock.now_s += 0.09
    assert room.tick() == 1
    clock.now_s += 0.02
    assert room.tick() == 2


def test_images_are_left_out_rather_than_late(room: Room, clock: Clock) -> None:
    room.cine.start(fps=20.0)
    clock.now_s += 0.251  # the drawing of one image took as long as five
    assert room.tick() == 6


def test_it_begins_at_the_image_shown_and_goes_round(room: Room, clock: Clock, volume: Volume) -> None:
    count = volume.grid.shape_kji[0]
    room.viewport.go_to_end(last=True)
    room.cine.start(fps=10.0)
    assert room.tick() == count
    clock.now_s += 0.101
    assert room.tick() == 1


def test_to_and_fro_turns_at_the_last_image_and_once_stops_there(room: Room, clock: Clock, volume: Volume) -> None:
    count = volume.grid.shape_kji[0]
    room.viewport.go_to_end(last=True)
    room.cine.set_way("bounce")
    room.cine.start(fps=10.0)
    clock.now_s += 0.101
    assert room.tick() == count - 1
    room.cine.stop()
    room.cine.set_way("once")
    room.viewport.go_to_end(last=True)
    room.cine.start(fps=10.0)  # once more from the first
    assert room.tick() == 1
    clock.now_s += 0.1 * count + 0.01
    assert room.tick() == count
    assert not room.cine.runs


def test_the_rate_may_be_changed_while_it_runs_without_a_jump(room: Room, clock: Clock) -> None:
    room.cine.start(fps=10.0)
    clock.now_s += 0.301
    assert room.tick() == 4
    room.bar.fps.setValue(20)
    assert room.tick() == 4
    clock.now_s += 0.101
    assert room.tick() == 6
    for wanted, kept in ((500.0, 60.0), (0.1, 1.0)):
        room.cine.set_fps(wanted)
        assert room.cine.fps == kept


def test_it_starts_at_the_rate_of_the_file(qtbot: QtBot, view: View) -> None:
    volume = volume_of(frame_time_ms=40.0)
    made = Room(view)
    qtbot.addWidget(made)
    view.show_volume(volume, LUNG, middle(volume))
    made.show()
    made.cine.start()
    assert made.cine.fps == 25.0
    assert made.bar.fps.value() == 25
    made.cine.stop()
    view.show_volume(None, LUNG, (0.0, 0.0, 0.0))
    volume.close()


def test_the_bar_is_seen_while_it_runs_and_escape_stops_it(qtbot: QtBot, room: Room) -> None:
    room.activateWindow()
    qtbot.waitUntil(room.isActiveWindow)
    room.cine.toggle()
    assert room.bar.isVisible()
    assert room.bar.play.isChecked()
    QTest.keyClick(room.viewport, Qt.Key.Key_Escape)
    assert not room.cine.runs
    assert not room.bar.isVisible()


def test_the_bar_sets_the_way_and_stops(qtbot: QtBot, room: Room) -> None:
    room.cine.start()
    room.bar.way.setCurrentIndex(room.bar.way.findData("bounce"))
    room.bar.way.activated.emit(room.bar.way.currentIndex())
    assert room.cine.way == "bounce"
    QTest.mouseClick(room.bar.play, Qt.MouseButton.LeftButton)
    assert not room.cine.runs


def test_the_real_rate_is_that_of_the_paints(qtbot: QtBot, room: Room, clock: Clock) -> None:
    room.cine.start(fps=10.0)
    for _n in range(9):
        clock.now_s += 0.2  # two images' time: every second one is left out
        room.viewport.painted_s = clock.now_s
        room.tick()
    assert room.bar.rate.text() == "really 5 images/s"


def test_nothing_runs_without_images_or_with_a_single_one(qtbot: QtBot, view: View, room: Room) -> None:
    room.cine.instead = lambda _viewport: (1, 0, lambda _n: None)
    room.cine.start()
    assert not room.cine.runs
    room.cine.instead = lambda _viewport: None
    view.show_volume(None, LUNG, (0.0, 0.0, 0.0))
    room.cine.start()
    assert not room.cine.runs


def test_it_ends_with_the_images(room: Room, view: View) -> None:
    room.cine.start()
    view.show_volume(None, LUNG, (0.0, 0.0, 0.0))
    room.cine._tick()
    assert not room.cine.runs


def test_phases_pass_in_place_of_slices(room: Room, clock: Clock) -> None:
    seen: list[int] = []
    room.cine.instead = lambda _viewport: (3, 1, seen.append)
    room.cine.start(fps=10.0)
    for _n in range(4):
        room.tick()
        clock.now_s += 0.1001
    assert seen == [1, 2, 0, 1]
