"""What was opened once is found in the library and opened again, without another look through the folder."""

import shutil
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from medviewer.core.volume import READY
from medviewer.dicom.catalogue import Catalogue
from medviewer.ui.opening import Opening
from medviewer.ui.window import MainWindow
from tests.ui.samples import folder_of


def settled(window: MainWindow) -> bool:
    return not window.flow.busy and not window.jobs.quiet and window.view.volume is not None


@pytest.fixture
def remembered(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> str:
    """The UID of a study that was opened, and is no longer in the catalogue."""
    window.flow.open_path(folder_of(tmp_path / "scans"))
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    assert window.session.study is not None
    uid = window.session.study.uid
    window.session.close_study()
    window.session.catalogue = Catalogue()
    return uid


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The paths that are looked through from now on."""
    asked: list[object] = []
    look_through = Opening.open_paths

    def note(opening: Opening, paths: list[Path]) -> None:
        asked.append(paths)
        look_through(opening, paths)

    monkeypatch.setattr(Opening, "open_paths", note)
    return asked


def test_a_study_opens_again_without_another_scan(
    window: MainWindow, remembered: str, scans: list[object], qtbot: QtBot
) -> None:
    assert window.session.library.count() == 1
    window.flow.shelf.open_study(remembered)
    qtbot.waitUntil(lambda: window.session.study is not None and settled(window), timeout=20_000)
    assert window.session.study is not None
    assert window.session.study.uid == remembered
    assert scans == []


def test_the_last_studies_are_offered_on_the_empty_page(window: MainWindow, remembered: str, qtbot: QtBot) -> None:
    window.recent.refresh()
    qtbot.waitUntil(lambda: window.recent.list.count() == 1, timeout=5_000)
    window.recent.study_wanted.emit(remembered)
    qtbot.waitUntil(lambda: window.session.study is not None and settled(window), timeout=20_000)


def test_a_folder_that_is_gone_is_told_and_nothing_else_happens(
    window: MainWindow, remembered: str, scans: list[object], qtbot: QtBot, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "scans")
    window.flow.shelf.open_study(remembered)
    qtbot.waitUntil(lambda: bool(window.messages.said), timeout=10_000)
    assert "no longer where they were" in window.messages.said[-1].text
    assert (window.session.study, scans) == (None, [])
    row = window.session.library.study(remembered)
    assert row is not None
    assert row.missing == 24


def test_files_that_changed_are_looked_through_again(
    window: MainWindow, remembered: str, scans: list[object], qtbot: QtBot, tmp_path: Path
) -> None:
    for file in (tmp_path / "scans").rglob("*.dcm"):
        file.write_bytes(file.read_bytes() + b"\0\0")
    window.flow.shelf.open_study(remembered)
    qtbot.waitUntil(lambda: window.session.study is not None and settled(window), timeout=20_000)
    assert len(scans) == 1


def test_an_imported_study_is_read_from_its_copies(
    window: MainWindow, remembered: str, qtbot: QtBot, tmp_path: Path
) -> None:
    window.flow.shelf.import_study(remembered)
    qtbot.waitUntil(lambda: window.session.study is not None and settled(window), timeout=20_000)
    assert sum(1 for file in window.flow.shelf.folder.rglob("*") if file.is_file()) == 24
    window.session.close_study()
    window.session.catalogue = Catalogue()
    shutil.rmtree(tmp_path / "scans")
    window.flow.shelf.open_study(remembered)
    qtbot.waitUntil(lambda: window.session.study is not None and settled(window), timeout=20_000)
    assert window.messages.said == []
    assert window.view.volume is not None
    assert set(window.view.volume.state) == {READY}


def test_small_pictures_are_kept(window: MainWindow, remembered: str) -> None:
    series = window.session.library.series(remembered)[0]
    image = window.flow.shelf.thumbnail(series.series_uid)
    assert image is not None
    assert image.width() == image.height() > 50
    assert window.flow.shelf.thumbnail("9.9.9") is None


def test_studies_are_not_remembered_where_the_reader_does_not_want_it(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.session.library.on = False
    window.flow.open_path(folder_of(tmp_path / "scans"))
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    assert window.session.library.count() == 0
