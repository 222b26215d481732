"""From a folder to findings on the screen, with real files and a model that answers at once."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from medviewer.core.case import Case
from medviewer.core.edits import SetStatus
from medviewer.core.finding import Finding
from medviewer.core.history import History
from medviewer.core.problem import Unsuitable
from medviewer.core.study import Patient
from medviewer.core.volume import FAILED, READY, Volume
from medviewer.imaging.window import LUNG
from medviewer.phantom import small
from medviewer.ui.browser import STUDY_ROLE, UID_ROLE
from medviewer.ui.first_look import first_window, middle
from medviewer.ui.window import MainWindow
from tests.ui.models import FakeModel
from tests.ui.samples import folder_of, tall_grid, volume_of

Make = Callable[..., MainWindow]


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    return FakeModel(monkeypatch)


@pytest.fixture
def reader(make_window: Make, model: FakeModel) -> MainWindow:
    """A window whose model reads by itself."""
    return make_window(auto_read=True)


def settled(window: MainWindow) -> bool:
    return not window.flow.busy and not window.jobs.quiet and window.view.volume is not None


def open_and_wait(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    window.flow.open_path(folder)
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)


def test_a_folder_is_shown_loaded_and_read(reader: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    open_and_wait(reader, folder_of(tmp_path), qtbot)
    assert reader.view.volume is not None
    assert set(reader.view.volume.state) == {READY}
    assert reader.view.window == LUNG
    assert [f.status for f in reader.session.case.findings] == ["unreviewed"]
    assert (reader.view.reading.state, reader.view.reading.device) == ("done", "CPU")
    assert reader.strip.model.text() == "test-model (CPU)"
    listed = list(reader.browser.series_items())
    assert [reader.browser.has_thumbnail(item.data(STUDY_ROLE), item.data(UID_ROLE)) for item in listed] == [True]


def test_the_first_image_comes_before_the_last(reader: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    seen: list[tuple[int, bool]] = []
    reader.view.volume_changed.connect(
        lambda: seen.append((reader.viewer.active.index, reader.view.volume is not None))
    )
    open_and_wait(reader, folder_of(tmp_path), qtbot)
    assert seen[0] == (12, True)  # the middle one, read first


def test_without_leave_the_model_waits_until_it_is_asked(
    window: MainWindow, model: FakeModel, qtbot: QtBot, tmp_path: Path
) -> None:
    open_and_wait(window, folder_of(tmp_path), qtbot)
    assert (model.runs, window.view.reading.state) == (0, "idle")
    window.flow.read_again()
    qtbot.waitUntil(lambda: window.view.reading.state == "done")
    assert len(window.session.case.findings) == 1


def test_progress_is_told_and_cancel_works(reader: MainWindow, model: FakeModel, qtbot: QtBot, tmp_path: Path) -> None:
    model.hold.clear()
    reader.flow.open_path(folder_of(tmp_path))
    qtbot.waitUntil(lambda: reader.view.reading.share == 0.25, timeout=10_000)
    assert reader.view.reading.remaining_s is not None
    row = next(row for row in reader.strip.rows if row.title.text() == "The model reads the images")
    row.cancel.click()
    qtbot.waitUntil(lambda: reader.view.reading.state == "cancelled")
    assert reader.session.case.findings == ()
    assert reader.messages.said == []
    model.hold.set()
    reader.flow.read_again()
    qtbot.waitUntil(lambda: len(reader.session.case.findings) == 1)


def test_a_new_reading_keeps_what_was_judged(reader: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    open_and_wait(reader, folder_of(tmp_path), qtbot)
    found = reader.session.case.findings[0]
    reader.session.do(SetStatus(found.id, "unreviewed", "accepted"))
    reader.flow.read_again()
    qtbot.waitUntil(lambda: settled(reader))
    assert [(f.id, f.status) for f in reader.session.case.findings] == [(found.id, "accepted")]


def test_a_saved_case_is_not_read_again(reader: MainWindow, model: FakeModel, qtbot: QtBot, tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    open_and_wait(reader, folder, qtbot)
    reader.session.close_study()
    open_and_wait(reader, folder, qtbot)
    assert (model.runs, len(reader.session.case.findings)) == (1, 1)
    assert reader.view.reading.state == "done"


def test_the_saved_case_is_read_beside_the_work(
    reader: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay, threads = reader.session.store.replay, list[threading.Thread]()

    def noted(case: Case) -> tuple[History, int]:
        threads.append(threading.current_thread())
        return replay(case)

    monkeypatch.setattr(reader.session.store, "replay", noted)
    open_and_wait(reader, folder_of(tmp_path), qtbot)
    assert reader.session.study is not None
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()


def test_a_series_no_model_reads_says_why(
    reader: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from medviewer.app import reading

    monkeypatch.setattr(reading, "fitting", lambda _series: [])
    monkeypatch.setattr("medviewer.ui.model_run._refusal", lambda _volume: "This is no chest CT.")
    open_and_wait(reader, folder_of(tmp_path), qtbot)
    assert (reader.view.reading.state, reader.view.reading.text) == ("refused", "This is no chest CT.")
    assert reader.messages.said == []


def test_the_prior_of_the_same_patient_comes_beside(reader: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    folder_of(tmp_path, date="20240110")
    folder_of(tmp_path, date="20250110")
    folder_of(tmp_path, date="20260115")
    folder_of(tmp_path, date="20251111", patient=Patient("OTHER", "Roe^Ann"))
    open_and_wait(reader, tmp_path, qtbot)
    assert reader.session.study is not None
    assert reader.session.study.date == "20260115"
    assert reader.view.prior is not None
    assert reader.view.prior.series.first.study_date == "20250110"
    assert reader.actions_by_id["layout-compare"].isEnabled()


def test_the_other_series_replaces_the_one_shown_and_frees_it(reader: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    folder_of(tmp_path, date="20250110")
    folder_of(tmp_path, date="20260115")
    open_and_wait(reader, tmp_path, qtbot)
    first, prior = reader.view.volume, reader.view.prior
    reader.browser.step(1)
    qtbot.waitUntil(lambda: reader.view.volume is not first and settled(reader), timeout=20_000)
    assert first is not None
    assert prior is not None
    assert (first.voxels.size, prior.voxels.size) == (0, 0)
    assert reader.session.study is not None
    assert reader.session.study.date == "20250110"
    assert reader.view.prior is None


def test_nothing_is_lost_when_the_next_folder_holds_nothing(reader: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    open_and_wait(reader, folder_of(tmp_path), qtbot)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "letter.txt").write_text("no image")
    with qtbot.waitSignal(reader.flow.failed):
        reader.flow.open_path(tmp_path / "notes")
    assert "no DICOM image" in reader.messages.said[-1].text
    assert reader.view.volume is not None
    assert reader.session.study is not None


def test_a_damaged_file_costs_its_image_and_one_sentence(reader: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    files = sorted(folder.iterdir())
    files[5].write_bytes(files[5].read_bytes()[:-3000])
    open_and_wait(reader, folder, qtbot)
    assert reader.view.volume is not None
    assert list(reader.view.volume.state).count(FAILED) == 1
    assert [said.text for said in reader.messages.said] == ["1 of 24 images of this series could not be read."]


def test_the_newest_wish_counts_when_two_folders_are_dropped(reader: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    first = folder_of(tmp_path / "a", ct=small.make(grid=tall_grid()), date="20260201")
    second = folder_of(tmp_path / "b", date="20260101")
    reader.flow.open_path(first)
    reader.flow.open_path(second)
    qtbot.waitUntil(lambda: settled(reader), timeout=20_000)
    assert reader.session.study is not None
    assert reader.session.study.date == "20260101"


def test_one_image_is_enough_for_a_look(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    for path in sorted(folder.iterdir())[1:]:
        path.unlink()
    open_and_wait(window, folder, qtbot)
    assert window.view.volume is not None
    assert not window.view.volume.regular
    assert window.viewer.layout_id == "single"


def test_a_preview_is_shown_while_a_slow_scan_goes_on(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    from medviewer.dicom.header import read_header

    window.flow._preview(read_header(sorted(folder_of(tmp_path).iterdir())[3]))
    qtbot.waitUntil(lambda: settled(window))
    assert window.view.volume is not None
    assert window.view.volume.grid.shape_kji[0] == 1
    open_and_wait(window, tmp_path / "20260115", qtbot)
    assert window.view.volume.grid.shape_kji[0] == 24


def test_closing_frees_every_volume(make_window: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make_window()
    open_and_wait(window, folder_of(tmp_path), qtbot)
    volume = window.view.volume
    window.close()
    assert volume is not None
    assert volume.voxels.size == 0


def test_the_first_window_is_judged_by_the_image_shown_first() -> None:
    volume = volume_of(modality="MR")
    volume.voxels[:12], volume.voxels[12:] = 0, np.arange(volume.voxels[0].size).reshape(volume.voxels[0].shape) % 500
    assert first_window(volume).width > 100.0
    volume.state[12:] = 0
    assert first_window(volume).width <= 1.0
    volume.close()


def test_the_first_window_is_judged_by_what_is_there() -> None:
    volume = volume_of(ready=False)
    assert first_window(volume) == LUNG
    volume.state[:] = READY
    assert first_window(volume).width >= 1.0
    assert middle(volume)[2] == pytest.approx(float(volume.grid.to_lps((12, 0, 0))[2]))
    volume.close()


def test_what_a_model_does_not_apply_to_is_no_alarm_unless_asked_for(
    reader: MainWindow, model: FakeModel, qtbot: QtBot, tmp_path: Path
) -> None:
    def no_lungs(_volume: Volume) -> tuple[Finding, ...]:
        raise Unsuitable("No lungs were found.")

    model.answer = no_lungs
    open_and_wait(reader, folder_of(tmp_path), qtbot)
    assert (reader.view.reading.state, reader.view.reading.text) == ("refused", "No lungs were found.")
    assert reader.messages.said == []
    reader.flow.read_again()
    qtbot.waitUntil(lambda: reader.view.reading.state == "failed")
    assert [said.text for said in reader.messages.said] == ["No lungs were found."]
