"""Starting, the screenshot, the demo, the bench."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medviewer import paths
from medviewer.app import reading
from medviewer.app.bench.workbench import Workbench
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.volume import PENDING, Volume
from medviewer.dicom import load
from medviewer.phantom import write
from medviewer.ui import bench, demo
from medviewer.ui import start as start_file
from medviewer.ui.start import Start
from medviewer.ui.window import MainWindow, run
from tests.ui.models import FakeModel
from tests.ui.samples import folder_of


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is warmed up: these tests use no network."""
    monkeypatch.setattr(Start, "_warm", lambda _self, _job: None)


def test_a_screenshot_waits_for_the_findings(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    FakeModel(monkeypatch)
    shown: list[tuple[str, str | None]] = []
    save = Start._save

    def look_and_save(start: Start, window: MainWindow) -> None:
        shown.append((window.view.reading.state, window.view.finding_id))
        save(start, window)

    monkeypatch.setattr(Start, "_save", look_and_save)
    assert run(folder_of(tmp_path), screenshot=tmp_path / "window.png") == 0
    assert shown == [("done", "f1")]
    picture = QImage(str(tmp_path / "window.png"))
    assert (picture.width(), picture.height()) == (1600, 1000)


def test_what_the_program_is_started_with_comes_before_warming_up(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    FakeModel(monkeypatch)
    there: list[bool] = []
    monkeypatch.setattr(Start, "_warm", lambda start, _job: there.append(start.window.flow._now.loaded))
    assert run(folder_of(tmp_path), screenshot=tmp_path / "window.png") == 0
    assert there == [True]


def test_what_takes_long_to_open_is_not_waited_for(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    warmed: list[bool] = []
    monkeypatch.setattr(Start, "_warm", lambda _start, _job: warmed.append(True))
    monkeypatch.setattr(start_file, "WARM_LATEST_MS", 1)
    start = Start(qapp)
    start.show(opens=True)
    assert warmed == []
    qtbot.waitUntil(lambda: warmed == [True])
    start.window.flow.prior_due.emit(None, None)
    qtbot.waitUntil(lambda: not start.window.jobs.quiet)
    assert warmed == [True]
    start.close()


def test_a_screenshot_of_nothing_is_a_sentence_and_exit_code_one(
    qapp: QApplication, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "empty", screenshot=tmp_path / "window.png") == 1
    assert "There are no files in 'empty'." in capsys.readouterr().err
    assert not (tmp_path / "window.png").exists()


def test_a_screenshot_of_what_does_not_fit_into_memory_is_a_sentence(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_room(_series: object, **_limits: object) -> None:
        raise Problem("This series needs 9 GB.", "Close other programs.")

    monkeypatch.setattr(load, "allocate", no_room)
    assert run(folder_of(tmp_path), screenshot=tmp_path / "window.png") == 1
    assert capsys.readouterr().err.strip() == "This series needs 9 GB. Close other programs."


def test_a_screenshot_that_cannot_be_saved_says_so(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    FakeModel(monkeypatch)
    assert run(folder_of(tmp_path), screenshot=tmp_path / "no" / "such" / "window.png") == 1
    assert "could not be saved" in capsys.readouterr().err


def test_the_settings_complaints_are_shown(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    from medviewer.app import settings

    settings.file().write_text("theme = 'pink'\n")
    start = Start(qapp)
    start.show()
    assert "pink" in start.window.messages.said[0].text
    start.close()


def test_the_demo_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Path] = []

    def fake(folder: Path, _seed: int, *, prior: bool, job: Job) -> None:
        assert prior
        calls.append(folder)
        (folder / "truth.json").write_text("{}")

    monkeypatch.setattr(write, "write", fake)
    first, second = demo.demo_folder(Job()), demo.demo_folder(Job())
    assert first == second
    assert len(calls) == 1
    assert (first / "truth.json").is_file()


def test_a_cancelled_demo_leaves_nothing_half_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def fake(folder: Path, _seed: int, *, prior: bool, job: Job) -> None:
        (folder / "half.dcm").write_text("x")
        raise Cancelled

    monkeypatch.setattr(write, "write", fake)
    with pytest.raises(Cancelled):
        demo.demo_folder(Job())
    assert not list((paths.user_data() / "demo").glob("*"))


def test_the_start_is_measured_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_PROGRAM", "print('usable', flush=True)\nimport time\ntime.sleep(60)")
    assert 0.0 < bench._one_start_s({}) < 50.0


def test_a_window_that_does_not_start_is_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_PROGRAM", "raise SystemExit(3)")
    with pytest.raises(Problem):
        bench._one_start_s({})


def test_the_measured_program_is_the_real_one() -> None:
    compile(bench._PROGRAM, "start", "exec")
    assert "Start(program)" in bench._PROGRAM


def test_wheel_to_picture_is_measured_to_the_painted_frame(
    qapp: QApplication, volume: Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "TURNS", 12)
    seen: set[int] = set()
    with bench._viewport(volume) as viewport:
        assert (viewport.width(), viewport.height()) == (1000, 1000)
        viewport.view.moved.connect(lambda: seen.add(viewport.index))
        assert bench._wheel_p95_ms(viewport) > 0.0
    assert len(seen) >= 10


def test_work_goes_on_beside_the_wheel_and_ends_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []
    monkeypatch.setattr(bench, "UNDER_WAY_S", 0.02)

    def work(job: Job) -> None:
        rounds.append(1)
        job.step(0.5)
        time.sleep(0.001)

    with bench._meanwhile(work):
        pass
    done = len(rounds)
    assert done > 1
    assert len(rounds) == done


def test_the_longest_gap_of_a_whole_opening_is_measured(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    FakeModel(monkeypatch)
    assert 0.0 < bench.longest_gap_ms(folder_of(tmp_path), 20.0) < 20_000.0


def test_the_first_image_is_timed_when_it_is_painted(
    qapp: QApplication, volume: Volume, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(reading, "fitting", lambda _series: [])
    monkeypatch.setattr("medviewer.ui.model_run._refusal", lambda _volume: "This is no chest CT.")
    monkeypatch.setattr(Workbench, "folder", folder_of(tmp_path))
    with Workbench(Job()) as small:
        assert 0.0 < bench.first_image_s(small) < 20.0
    with bench._viewport(volume) as viewport:
        assert bench._paints(viewport, 0.0)
        volume.state[...] = PENDING
        assert not bench._paints(viewport, 0.0)


def test_every_budget_of_the_window_is_in_the_list() -> None:
    assert {budget.id: (budget.limit, budget.unit) for budget in bench.BUDGETS} == {
        "window-first-image": (0.3, "s"),
        "window-start": (1.5, "s"),
        "wheel-idle": (5.0, "ms"),
        "wheel-loading": (16.0, "ms"),
        "wheel-inferring": (16.0, "ms"),
        "wheel-linked": (16.0, "ms"),
        "brush": (16.0, "ms"),
        "window-blocked": (50.0, "ms"),
    }


def test_the_window_is_not_slow_for_importing_what_it_does_not_need() -> None:
    heavy = ("torch", "SimpleITK", "pydicom", "highdicom", "scipy", "numba", "sqlalchemy", "vtkmodules", "cv2")
    code = f"import sys, medviewer.ui.start; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
