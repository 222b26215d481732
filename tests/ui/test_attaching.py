"""Objects that are no images, opened from the list of series as a reader would."""

import threading
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ComprehensiveSRStorage, CTImageStorage
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.core.job import Job
from medviewer.core.study import Series, Study
from medviewer.ui import attaching
from medviewer.ui.browser import SHOWN_ROLE, UID_ROLE
from medviewer.ui.file_menus import StatesMenu
from medviewer.ui.window import MainWindow
from tests.dicom.objects.cases import SHAPE, images, marker, seg_file
from tests.dicom.objects.test_document import object_file, pdf
from tests.dicom.shown import image_file, state_file
from tests.ui.samples import painted


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A CT and a segmentation drawn on it."""
    files = images(tmp_path / "study" / "ct")
    seg_file(tmp_path / "study" / "drawn.dcm", files, marker().astype("uint8"))
    return tmp_path / "study"


def settled(window: MainWindow) -> bool:
    return not window.flow.busy and not window.jobs.quiet and window.session.study is not None


def open_and_wait(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    window.flow.open_path(folder)
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)


def series_of(window: MainWindow, kind: str) -> Series:
    assert window.session.study is not None
    return next(series for series in window.session.study.series if series.kind == kind)


def choose(window: MainWindow, kind: str) -> None:
    """Click the series of that kind in the list."""
    uid = series_of(window, kind).uid
    item = next(item for item in window.browser.series_items() if item.data(256) == uid)
    place = window.browser.visualRect(item.index()).center()
    QTest.mouseClick(window.browser.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_study_opens_with_its_images_not_with_its_segments(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    open_and_wait(window, folder, qtbot)
    assert window.view.volume is not None
    assert window.view.volume.series.kind == "image"
    assert window.session.series is not None
    assert window.session.series.kind == "image"


def test_segments_come_over_the_images_on_the_screen(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    open_and_wait(window, folder, qtbot)
    volume, before = window.view.volume, painted(window.viewer.active)
    choose(window, "segmentation")
    qtbot.waitUntil(lambda: bool(window.view.layers.layers), timeout=10_000)
    assert window.view.volume is volume
    layer = window.view.layers.layers[0]
    assert layer.title == "part 1"
    assert layer.mask is not None
    assert layer.mask.full(SHAPE).sum() == marker().sum()
    assert (painted(window.viewer.active) != before).any()
    assert window.docks.panels["layers"].content.isVisible()


def test_other_images_take_the_segments_away(window: MainWindow, folder: Path, qtbot: QtBot, tmp_path: Path) -> None:
    images(tmp_path / "study" / "more", SeriesInstanceUID="1.2.3.5", SeriesNumber=2)
    open_and_wait(window, folder, qtbot)
    choose(window, "segmentation")
    qtbot.waitUntil(lambda: bool(window.view.layers.layers), timeout=10_000)
    shown = window.view.volume
    other = next(s for s in window.session.study.series if s.kind == "image" and s.uid != shown.series.uid)  # type: ignore[union-attr]
    window.browser.series_wanted.emit("1.2.3", other.uid)
    qtbot.waitUntil(lambda: window.view.volume is not shown and settled(window), timeout=10_000)
    assert window.view.layers.layers == ()


def test_segments_bring_their_images_where_others_are_shown(
    window: MainWindow, folder: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    images(tmp_path / "study" / "more", SeriesInstanceUID="1.2.3.5", SeriesNumber=2, SOPInstanceUID=None)
    open_and_wait(window, folder, qtbot)
    window.browser.series_wanted.emit("1.2.3", "1.2.3.5")
    qtbot.waitUntil(lambda: settled(window), timeout=10_000)
    choose(window, "segmentation")
    qtbot.waitUntil(lambda: bool(window.view.layers.layers), timeout=10_000)
    assert window.view.volume is not None
    assert window.view.volume.series.uid == "1.2.3.4"
    shown = [item.data(UID_ROLE) for item in window.browser.series_items() if item.data(SHOWN_ROLE)]
    assert shown == [series_of(window, "segmentation").uid]  # the images came with it; keys go on from what was chosen


def test_segments_without_their_images_say_so(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    for file in (folder / "ct").iterdir():
        file.unlink()
    open_and_wait(window, folder, qtbot)
    qtbot.waitUntil(lambda: bool(window.messages.said), timeout=10_000)
    assert "not in this study" in window.messages.said[-1].text
    assert window.view.volume is None
    assert window.viewer.currentWidget() is window.viewer.pages  # which says what the file is


def test_a_report_is_a_page_and_its_links_lead_to_images(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    report_over(images(tmp_path / "ct"), tmp_path / "report.dcm")
    open_and_wait(window, tmp_path, qtbot)
    choose(window, "report")
    qtbot.waitUntil(lambda: window.viewer.currentWidget() is window.viewer.pages, timeout=10_000)
    assert window.view.page == series_of(window, "report")
    tree = window.viewer.pages.page.tree
    link = next(row for row in window.viewer.pages.page._rows() if "Enter" in row.text(1))
    tree.setCurrentItem(link)
    QTest.keyClick(tree, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.viewer.currentIndex() == 1 and settled(window), timeout=10_000)
    assert window.view.volume is not None
    assert window.view.page is None
    shown = window.view.volume.series.headers[window.viewer.active.index]
    assert shown.sop_uid == "1.2.3.4.2"


def report_over(files: list[Path], path: Path) -> None:
    """Write a report that refers to the image of slice 1."""
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", "IMAGE"
    image = Dataset()
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = CTImageStorage, "1.2.3.4.2"
    item.ReferencedSOPSequence = Sequence([image])
    object_file(
        path, ComprehensiveSRStorage, Modality="SR", SeriesInstanceUID="1.2.3.8", ContentSequence=Sequence([item]),
        ValueType="CONTAINER", ContinuityOfContent="SEPARATE",
    )  # fmt: skip
    assert files


def test_segments_over_images_behind_a_page_bring_them_back(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    report_over([folder], folder / "report.dcm")
    open_and_wait(window, folder, qtbot)
    choose(window, "report")
    qtbot.waitUntil(lambda: window.viewer.currentWidget() is window.viewer.pages, timeout=10_000)
    choose(window, "segmentation")
    qtbot.waitUntil(lambda: bool(window.view.layers.layers), timeout=10_000)
    assert window.viewer.currentIndex() == 1


def test_a_study_of_nothing_but_a_document_opens_as_a_page(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    pdf(tmp_path / "letter.dcm")
    open_and_wait(window, tmp_path, qtbot)
    qtbot.waitUntil(lambda: window.viewer.currentWidget() is window.viewer.pages, timeout=10_000)
    assert window.viewer.pages.page.title.text() == "Letter"
    assert window.viewer.pages.page.open_button.isVisible()
    assert window.view.volume is None


def test_a_document_of_another_patient_takes_the_images_away(
    window: MainWindow, folder: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    open_and_wait(window, folder, qtbot)
    (tmp_path / "other").mkdir()
    pdf(tmp_path / "other" / "letter.dcm", StudyInstanceUID="9.9")
    open_and_wait(window, tmp_path / "other", qtbot)
    qtbot.waitUntil(lambda: window.viewer.currentWidget() is window.viewer.pages, timeout=10_000)
    assert window.view.volume is None
    assert window.session.study is not None
    assert window.session.study.uid == "9.9"


def test_a_page_that_comes_late_does_not_cover_the_images_of_another_patient(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images(tmp_path / "all" / "ct")
    pdf(tmp_path / "all" / "letter.dcm", StudyInstanceUID="9.9")
    open_and_wait(window, tmp_path / "all", qtbot)
    held, read = threading.Event(), attaching._read_pages

    def read_late(study: Study, series: Series, job: Job) -> attaching.Pages:
        held.wait(10)
        return read(study, series, job)

    monkeypatch.setattr(attaching, "_read_pages", read_late)
    window.flow.open_study("9.9")
    window.flow.open_study("1.2.3")
    qtbot.waitUntil(lambda: window.view.volume is not None, timeout=10_000)
    held.set()
    qtbot.waitUntil(lambda: settled(window), timeout=10_000)
    assert window.viewer.currentWidget() is not window.viewer.pages


def test_a_presentation_state_is_applied_and_can_be_left(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    files = [image_file(tmp_path / f"{k}.dcm", k=k) for k in range(2)]
    state_file(tmp_path / "state.dcm", [dcmread(file) for file in files])
    open_and_wait(window, tmp_path, qtbot)
    menu = window.findChild(StatesMenu)
    assert menu is not None
    qtbot.waitUntil(lambda: menu.isEnabled(), timeout=10_000)
    assert [entry.isChecked() for entry in menu.actions()] == [True, False]
    menu.actions()[1].trigger()
    assert window.view.presentation is window.flow.attaching.states[0]
    menu.actions()[0].trigger()
    assert window.view.presentation is None
    choose(window, "presentation")
    qtbot.waitUntil(lambda: window.view.presentation is not None, timeout=10_000)
