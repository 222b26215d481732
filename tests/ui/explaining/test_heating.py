"""The heat map in the window: worked out when it is wanted, given up when it is not, painted over what it is about."""

import threading
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.app import explaining
from medviewer.core.finding import Finding, ModelRef
from medviewer.core.heat import MOST, Heat
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.volume import Volume
from medviewer.ui.explaining import heat_paint
from medviewer.ui.explaining.heating import Heating, heating_of
from medviewer.ui.planes.plane import plane_of
from tests.ui.explaining.conftest import Room, full
from tests.ui.samples import painted


class FakeEngine:
    """Answers a map that is hottest inside the outline; with ``hold`` it waits until it is let go or cancelled."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.hold = threading.Event()
        self.hold.set()
        self.problem: Problem | None = None
        monkeypatch.setattr(explaining, "heat_of", self.heat_of)

    def heat_of(self, volume: Volume, finding: Finding, job: Job) -> Heat:
        """Answer as ``app.explaining.heat_of`` does."""
        self.asked.append(finding.id)
        while not self.hold.wait(0.005):
            job.check()
        if self.problem is not None:
            raise self.problem
        assert finding.mask is not None
        values = np.where(full(finding.mask, volume), MOST, 20).astype(np.uint8)
        return Heat(finding.id, volume.series.uid, ModelRef("net", "1", "ab"), "Grad-CAM", (0, 0, 0), values)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """An engine that answers at once unless it is held."""
    return FakeEngine(monkeypatch)


def choose(room: Room, number: int = 0) -> Heating:
    room.window.view.select(room.window.session.case.findings[number])
    return heating_of(room.window.view)


def shown(room: Room, qtbot: QtBot) -> Heating:
    heating = choose(room)
    room.window.actions_by_id["heat"].trigger()
    qtbot.waitUntil(lambda: heating.heat is not None)
    return heating


def test_nothing_is_worked_out_before_it_is_wanted(room: Room, engine: FakeEngine) -> None:
    choose(room)
    assert engine.asked == []
    assert not heating_of(room.window.view).on


def test_the_key_shows_the_map_over_the_finding_and_hides_it_again(
    room: Room, engine: FakeEngine, qtbot: QtBot
) -> None:
    choose(room)
    viewport = room.window.viewer.viewports[0]
    before = painted(viewport)
    QTest.keyClick(viewport, Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier)
    heating = heating_of(room.window.view)
    qtbot.waitUntil(lambda: heating.heat is not None)
    hot = painted(viewport)
    box = viewport.overlay.box_px(viewport.placing, viewport.index, room.reading.findings[0])  # type: ignore[union-attr]
    middle = box.center().toPoint()
    assert not np.array_equal(hot[middle.y(), middle.x()], before[middle.y(), middle.x()])
    QTest.keyClick(viewport, Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier)
    assert np.array_equal(painted(viewport), before)


def test_the_card_says_what_it_shows_and_what_not_while_it_is_shown(
    room: Room, engine: FakeEngine, qtbot: QtBot
) -> None:
    card = room.panel.card
    choose(room)
    assert card.heat_words.isHidden()
    card.heat.click()
    qtbot.waitUntil(lambda: heating_of(room.window.view).heat is not None)
    assert card.heat.isChecked()
    assert "neither where the nodule ends" in card.heat_words.text()
    card.heat.click()
    assert card.heat_words.isHidden()


def test_the_next_finding_gets_its_own_and_one_that_was_worked_out_is_kept(
    room: Room, engine: FakeEngine, qtbot: QtBot
) -> None:
    heating = shown(room, qtbot)
    choose(room, 1)
    qtbot.waitUntil(lambda: heating.heat is not None)
    assert heating.heat is not None
    assert heating.heat.finding_id == "0.7"
    choose(room, 0)
    assert heating.heat is not None
    assert engine.asked == ["0.9", "0.7"]


def test_a_verdict_keeps_the_map(room: Room, engine: FakeEngine, qtbot: QtBot) -> None:
    heating = shown(room, qtbot)
    room.window.actions_by_id["accept"].trigger()
    assert heating.heat is not None
    assert engine.asked == ["0.9"]


def test_turning_it_off_cancels_what_is_being_worked_out(room: Room, engine: FakeEngine, qtbot: QtBot) -> None:
    engine.hold.clear()
    heating = choose(room)
    heating.toggle()
    job = heating.job
    assert job is not None
    heating.toggle()
    qtbot.waitUntil(lambda: not room.window.jobs.is_busy(job))
    assert job.cancelled
    assert heating.heat is None


def test_cancelling_the_job_turns_it_off(room: Room, engine: FakeEngine, qtbot: QtBot) -> None:
    engine.hold.clear()
    heating = choose(room)
    heating.toggle()
    assert heating.job is not None
    heating.job.cancel()
    qtbot.waitUntil(lambda: not heating.on)
    assert not room.panel.card.heat.isChecked()


def test_where_there_is_none_the_reader_is_told_once_and_it_is_off(
    room: Room, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.problem = Problem("There is no heat map of this finding.")
    heating = choose(room)
    heating.toggle()
    qtbot.waitUntil(lambda: not heating.on)
    assert [message.text for message in room.window.messages.said] == ["There is no heat map of this finding."]
    assert engine.asked == ["0.9"]


def test_another_series_gives_it_up(room: Room, engine: FakeEngine, qtbot: QtBot) -> None:
    engine.hold.clear()
    heating = choose(room)
    heating.toggle()
    job = heating.job
    room.window.view.show_volume(None, room.window.view.window, (0.0, 0.0, 0.0))
    qtbot.waitUntil(lambda: job is not None and not room.window.jobs.is_busy(job))
    assert heating.heat is None


@pytest.mark.parametrize("kind", ["axial", "coronal", "sagittal"])
def test_in_every_plane_it_lies_where_the_outline_is(kind: str, room: Room) -> None:
    finding, volume = room.reading.findings[0], room.volume
    assert finding.mask is not None
    values = np.where(full(finding.mask, volume), MOST, 0).astype(np.uint8)
    heat = Heat(finding.id, volume.series.uid, ModelRef("net", "1", "ab"), "Grad-CAM", (0, 0, 0), values)
    plane = plane_of(room.window.view.main, kind, room.window.viewer.viewports[0].slab)  # type: ignore[arg-type]
    index = plane.index_at(finding.center_lps_mm)
    picture, at = heat_paint.picture_of(heat, plane, index)
    assert picture is not None
    x, y = plane.geometry(index).to_xy(finding.center_lps_mm).tolist()
    assert picture.pixelColor(round(x - at.x()), round(y - at.y())).alpha() > 100
    assert picture.pixelColor(0, 0).alpha() == 0


def test_the_reader_s_own_finding_has_no_map_to_ask_for(
    make_room: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = make_room()
    mine = Finding(**{**vars(room.reading.findings[0]), "id": "mine", "model": None})
    with pytest.raises(Problem, match="no model did"):
        explaining.heat_of(room.volume, mine, Job())
