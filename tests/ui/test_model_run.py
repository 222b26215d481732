"""The model reads beside the work: its findings come one by one, and change the case when it has ended."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from medviewer.core.edits import SetStatus
from medviewer.core.finding import Finding
from medviewer.core.problem import Problem
from medviewer.core.volume import Volume
from medviewer.ui import model_run, verdict, words
from medviewer.ui.panels.findings import FindingsPanel
from medviewer.ui.provisional import Provisional
from medviewer.ui.window import MainWindow
from tests.ui.models import FakeModel, real_engine
from tests.ui.samples import folder_of, painted, sphere

Make = Callable[..., MainWindow]


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    """A model that has told of the sphere, and then takes its time; its answer measures it otherwise."""
    model = FakeModel(monkeypatch)
    model.hold.clear()
    model.early = lambda volume: (sphere(volume, "early"),)
    model.answer = lambda volume: (replace(sphere(volume, "early"), long_axis_mm=99.0),)
    return model


@pytest.fixture
def reader(make_window: Make, model: FakeModel, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """A window in which the model has found something and reads on."""
    window = make_window(auto_read=True)
    window.flow.open_path(folder_of(tmp_path))
    qtbot.waitUntil(lambda: bool(window.provisional.findings), timeout=20_000)
    return window


def panel_of(window: MainWindow) -> FindingsPanel:
    panel = window.docks.panels["findings"].content
    assert isinstance(panel, FindingsPanel)
    return panel


def ended(window: MainWindow, state: str, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.view.reading.state == state, timeout=20_000)


def cancel(window: MainWindow) -> None:
    next(job for job in window.jobs.running if job.title == "The model reads the images").cancel()


def test_what_is_found_is_seen_before_the_reading_ends_and_not_in_the_case(reader: MainWindow) -> None:
    assert reader.view.reading.state == "running"
    assert reader.session.case.findings == ()
    assert not reader.session.undo_label
    panel = panel_of(reader)
    assert panel.pages.currentIndex() == 1
    assert panel.filtered.index(0, 1).data() == "…"


def test_the_reader_goes_to_what_is_found_and_cannot_judge_it_yet(reader: MainWindow) -> None:
    verdict.step(reader.session, reader.view, 1)
    assert reader.view.finding_id == "early"
    (found,) = reader.provisional.findings
    assert reader.view.point_lps_mm == found.center_lps_mm
    card = panel_of(reader).card
    assert card.status.text() == "… still being read"
    assert not card.accept.isEnabled()
    verdict.accept(reader.session, reader.view)
    assert reader.session.case.findings == ()


def test_what_is_found_is_drawn_on_the_image(reader: MainWindow, qtbot: QtBot) -> None:
    verdict.step(reader.session, reader.view, 1)
    with_it = painted(reader.viewer.active)
    reader.provisional.clear()
    assert (painted(reader.viewer.active) != with_it).any()


def test_the_answer_takes_its_place_in_one_step(reader: MainWindow, model: FakeModel, qtbot: QtBot) -> None:
    verdict.step(reader.session, reader.view, 1)
    model.hold.set()
    ended(reader, "done", qtbot)
    assert reader.provisional.findings == ()
    assert [(f.id, f.long_axis_mm, type(f)) for f in reader.session.case.findings] == [("early", 99.0, Finding)]
    assert reader.view.finding_id == "early"
    assert panel_of(reader).card.accept.isEnabled()
    reader.session.undo()
    assert reader.session.case.findings == ()


def test_the_choice_goes_over_to_the_answer_at_the_same_place(
    reader: MainWindow, model: FakeModel, qtbot: QtBot
) -> None:
    model.answer = lambda volume: (sphere(volume, "late"),)
    verdict.step(reader.session, reader.view, 1)
    reader.view.move_to((0.0, 0.0, 0.0))
    model.hold.set()
    ended(reader, "done", qtbot)
    assert reader.view.finding_id == "late"
    assert reader.view.point_lps_mm == (0.0, 0.0, 0.0)


def test_what_the_answer_does_not_hold_is_gone(reader: MainWindow, model: FakeModel, qtbot: QtBot) -> None:
    model.answer = lambda _volume: ()
    verdict.step(reader.session, reader.view, 1)
    model.hold.set()
    ended(reader, "done", qtbot)
    assert reader.session.case.findings == ()
    assert reader.view.finding_id is None


def test_a_cancelled_reading_leaves_the_case_as_it_was(reader: MainWindow, qtbot: QtBot) -> None:
    verdict.step(reader.session, reader.view, 1)
    cancel(reader)
    ended(reader, "cancelled", qtbot)
    assert (reader.session.case.findings, reader.provisional.findings) == ((), ())
    assert reader.view.finding_id is None
    assert reader.messages.said == []


def test_a_reading_that_fails_leaves_the_case_as_it_was(reader: MainWindow, model: FakeModel, qtbot: QtBot) -> None:
    def fail(_volume: Volume) -> tuple[Finding, ...]:
        raise Problem("The network gives numbers that make no sense.")

    model.answer = fail
    model.hold.set()
    ended(reader, "failed", qtbot)
    assert (reader.session.case.findings, reader.provisional.findings) == ((), ())
    assert [said.text for said in reader.messages.said] == ["The network gives numbers that make no sense."]


def test_a_second_reading_does_not_show_twice_what_is_there(reader: MainWindow, model: FakeModel, qtbot: QtBot) -> None:
    model.hold.set()
    ended(reader, "done", qtbot)
    reader.session.do(SetStatus("early", "unreviewed", "accepted"))
    model.hold.clear()
    model.early = lambda volume: (sphere(volume, "again"),)
    reader.flow.read_again()
    qtbot.waitUntil(lambda: bool(reader.provisional.findings), timeout=20_000)
    seen = reader.provisional.seen(reader.session.case)
    assert seen is not None
    assert [f.id for f in seen.findings] == ["early"]
    assert words.symbol(seen.findings[0]) == "✓"
    assert model.fresh == [False, True]
    cancel(reader)
    ended(reader, "cancelled", qtbot)


def test_the_model_knows_which_slice_the_reader_looks_at(reader: MainWindow, model: FakeModel) -> None:
    volume = reader.view.volume
    assert volume is not None
    before = model.look()
    assert before == round(float(volume.grid.to_kji(reader.view.point_lps_mm)[0]))
    reader.viewer.active.step(3)
    assert model.look() not in (None, before)
    reader.view.move_to((1e6, 1e6, 1e6))
    assert model.look() in (0, volume.grid.shape_kji[0] - 1)


def test_of_a_series_that_is_not_on_the_screen_it_knows_nothing(
    reader: MainWindow, model: FakeModel, qtbot: QtBot
) -> None:
    reader.view.show_volume(None, reader.view.window, reader.view.point_lps_mm)
    assert model.look() is None


def test_another_study_is_read_at_once_and_the_first_one_no_further(
    reader: MainWindow, model: FakeModel, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_run, "WORTH_FINISHING_S", 0.0)
    first = reader.flow.model._job
    assert first is not None
    model.early = lambda _volume: ()
    reader.flow.open_path(folder_of(tmp_path / "other", date="20260301"))
    qtbot.waitUntil(lambda: model.runs == 2, timeout=20_000)
    assert first.cancelled
    assert reader.provisional.findings == ()
    model.hold.set()
    ended(reader, "done", qtbot)


def test_one_that_is_nearly_done_goes_on_behind_the_other_and_keeps_its_images(
    reader: MainWindow, model: FakeModel, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_run, "WORTH_FINISHING_S", 3600.0)
    first, volume = reader.flow.model._job, reader.view.volume
    assert first is not None
    assert volume is not None
    model.early = lambda _volume: ()
    reader.flow.open_path(folder_of(tmp_path / "other", date="20260301"))
    qtbot.waitUntil(lambda: model.runs == 2, timeout=20_000)
    assert not first.cancelled
    assert volume.voxels.size > 0
    assert reader.provisional.findings == ()
    model.hold.set()
    ended(reader, "done", qtbot)
    qtbot.waitUntil(lambda: first not in reader.jobs.running)
    assert len(reader.session.case.findings) == 1  # its own, not those of the other
    qtbot.waitUntil(lambda: volume.voxels.size == 0)


def test_an_engine_killed_by_the_system_leaves_the_case_and_the_window(
    make_window: Make, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, tmp_path: Path
) -> None:
    engine = real_engine(monkeypatch, "stream-then-spin")
    window = make_window(auto_read=True)
    window.flow.open_path(folder_of(tmp_path))
    qtbot.waitUntil(lambda: bool(window.provisional.findings), timeout=30_000)
    assert all(isinstance(found, Provisional) for found in window.provisional.findings)
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGKILL)
    ended(window, "failed", qtbot)
    assert (window.session.case.findings, window.provisional.findings) == ((), ())
    assert len(window.messages.said) == 1
    assert "stopped unexpectedly" in window.messages.said[0].text
    engine.close()
