"""What a reader can open: several things at once, archives with passwords, series too large, tilted series."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from medviewer.core.volume import READY
from medviewer.dicom import room
from medviewer.dicom.header import read_header
from medviewer.ui import opening
from medviewer.ui.dialogs.too_large import TooLargeQuestion
from medviewer.ui.window import MainWindow
from tests.dicom.files import ramp, slice_file
from tests.ui.samples import folder_of


def settled(window: MainWindow) -> bool:
    return not window.flow.busy and not window.jobs.quiet and window.view.volume is not None


def wait(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)


def test_several_folders_and_files_open_together(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, date="20240101")
    single = slice_file(tmp_path / "one.dcm", ramp())
    window.flow.open_paths([folder, single])
    wait(window, qtbot)
    assert len(window.session.catalogue.studies()) == 2


def zip_of(folder: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.dcm")):
            archive.write(file, file.name)
    return path


def test_an_archive_opens_like_its_folder(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.flow.open_path(zip_of(folder_of(tmp_path / "in"), tmp_path / "scan.zip"))
    wait(window, qtbot)
    assert window.view.volume is not None
    assert set(window.view.volume.state) == {READY}
    assert window.session.library.count() == 0  # unpacked files are gone tomorrow


def encrypted(folder: Path, path: Path, password: bytes) -> Path:
    import pyzipper

    with pyzipper.AESZipFile(path, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password)
        for file in sorted(folder.rglob("*.dcm")):
            archive.write(file, file.name)
    return path


def test_the_reader_is_asked_for_a_password_until_it_fits(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, bool]] = []

    def ask(_parent: object, archive: str, wrong_before: bool, _job: object) -> str:
        asked.append((archive, wrong_before))
        return "secret" if wrong_before else "guess"

    monkeypatch.setattr(opening, "ask_password", ask)
    window.flow.open_path(encrypted(folder_of(tmp_path / "in"), tmp_path / "scan.zip", b"secret"))
    wait(window, qtbot)
    assert asked == [("scan.zip", False), ("scan.zip", True)]


def test_without_the_password_the_archive_is_told_and_left(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "ask_password", lambda *_about: None)
    window.flow.open_path(encrypted(folder_of(tmp_path / "in"), tmp_path / "scan.zip", b"secret"))
    qtbot.waitUntil(lambda: bool(window.messages.said), timeout=10_000)
    assert "password" in f"{window.messages.said[-1].text} {window.messages.said[-1].hint}"
    assert window.view.volume is None


def test_a_cancelled_scan_keeps_what_it_found(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of(tmp_path)
    seen: list[object] = []

    def slow(name: str) -> object:
        seen.append(name)
        if len(seen) == 10:
            window.jobs.cancel_all()
        return read_header(name)

    monkeypatch.setattr("medviewer.dicom.scan.read_header", slow)
    window.flow.open_path(folder)
    qtbot.waitUntil(lambda: not window.jobs.running, timeout=10_000)
    studies = window.session.catalogue.studies()
    assert 0 < len(studies[0].series[0].headers) <= 10
    assert len(list(window.browser.series_items())) == 1


@pytest.fixture
def cramped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer with memory for half of the small chest."""
    half_bytes = 24 * 64 * 64 * 2 / 2
    monkeypatch.setattr(room, "free_bytes", lambda: int(half_bytes / room.SHARE) + 100)


def question(window: MainWindow, qtbot: QtBot) -> TooLargeQuestion:
    qtbot.waitUntil(lambda: window.findChild(TooLargeQuestion) is not None, timeout=10_000)
    found = window.findChild(TooLargeQuestion)
    assert found is not None
    return found


@pytest.mark.usefixtures("cramped")
def test_a_series_too_large_opens_in_part_where_the_reader_wants_that(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.flow.open_path(folder_of(tmp_path))
    asked = question(window, qtbot)
    assert window.view.volume is None
    asked.some.click()
    wait(window, qtbot)
    assert window.view.volume is not None
    assert window.view.volume.voxels.shape[0] == 24 // asked.every_nth + 24 % asked.every_nth
    assert "thinned" in [check.code for check in window.view.volume.series.checks]


@pytest.mark.usefixtures("cramped")
def test_a_series_too_large_opens_whole_where_the_reader_insists(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.flow.open_path(folder_of(tmp_path))
    question(window, qtbot).every.click()
    wait(window, qtbot)
    assert window.view.volume is not None
    assert window.view.volume.voxels.shape[0] == 24


@pytest.mark.usefixtures("cramped")
def test_a_series_too_large_is_left_where_the_reader_says_so(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.flow.open_path(folder_of(tmp_path))
    question(window, qtbot).leave.click()
    assert window.view.volume is None
    assert window.messages.said == []


def test_a_tilted_series_is_straightened_when_asked(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    for k in range(8):
        image = np.full((48, 40), 1024, np.int16)
        image[10 + k : 20 + k, 5:25] = 1124
        slice_file(tmp_path / f"{k}.dcm", image, k, ImagePositionPatient=[-10.0, -20.0 - 0.8 * k, 2.0 * k])
    window.flow.open_path(tmp_path)
    wait(window, qtbot)
    assert window.view.volume is not None
    assert not window.view.volume.regular
    assert not window.actions_by_id["layout-mpr"].isEnabled()
    assert "tilted" in window.actions_by_id["layout-mpr"].toolTip()
    window.view.straighten_wanted.emit()
    qtbot.waitUntil(lambda: window.view.volume is not None and window.view.volume.regular, timeout=10_000)
    assert window.actions_by_id["layout-mpr"].isEnabled()
    straight = window.view.volume.voxels
    tops = [int(np.flatnonzero((straight[k] > 50).any(axis=1))[0]) for k in range(1, 7)]
    assert max(tops) - min(tops) <= 1  # the bar ran down with the tilt and now stands upright
