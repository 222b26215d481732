"""The library's window, used as a reader would: type, move, open, forget."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from medviewer.app.library.library import Library
from medviewer.ui.jobs import Jobs
from medviewer.ui.library import dialog as dialog_file
from medviewer.ui.library.dialog import LibraryDialog
from medviewer.ui.library.table import COLUMNS, DISK
from tests.app.studies import images, study
from tests.dicom.files import series_files


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Three studies; one has two series."""
    made = Library(tmp_path / "library.sqlite")
    made.remember([
        study(
            "1",
            images(tmp_path / "a", 3, study="1", date="20250101"),
            images(tmp_path / "a", 2, study="1", modality="PT"),
        ),
        study("2", images(tmp_path / "b", 1, study="2", name="张^伟", date="20240505")),
        study("3", images(tmp_path / "c", 4, study="3", name="<b>Meyer</b>^Karl", date="20230909")),
    ])  # fmt: skip
    yield made
    made.close()


@pytest.fixture
def jobs(qapp: QApplication) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


@pytest.fixture
def dialog(library: Library, jobs: Jobs, qtbot: QtBot) -> LibraryDialog:
    made = LibraryDialog(library, jobs)
    qtbot.addWidget(made)
    made.show()
    settled(made, qtbot)
    return made


def settled(dialog: LibraryDialog, qtbot: QtBot) -> None:
    """Wait until nothing is being looked up any more."""
    timers = dialog._search_soon, dialog._series_soon

    def still() -> bool:
        jobs = dialog._jobs
        return not (jobs.quiet or jobs.running or any(timer.isActive() for timer in timers))

    qtbot.waitUntil(still)


def listed(dialog: LibraryDialog) -> list[str]:
    return [row.study_uid for row in dialog.table.rows]


def confirm(dialog: LibraryDialog, qtbot: QtBot, word: str) -> None:
    """Press a button of the question on the screen."""
    (box,) = dialog.findChildren(QMessageBox)
    button = next(each for each in box.buttons() if each.text() == word)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settled(dialog, qtbot)


def test_all_studies_are_listed_newest_first_and_the_first_is_chosen(dialog: LibraryDialog) -> None:
    assert listed(dialog) == ["1", "2", "3"]
    assert dialog.chosen is not None
    assert dialog.chosen.study_uid == "1"
    assert dialog.state.text() == "3 studies"
    said = [dialog.table.index(0, column).data() for column in range(len(COLUMNS))]
    assert said[:8] == ["Doe Jane", "P1", "1960-01-01", "F", "2025-01-01", "CT, PT", "CT chest", "5"]


def test_typing_narrows_the_list_at_once(dialog: LibraryDialog, qtbot: QtBot) -> None:
    QTest.keyClicks(dialog.bar.text, "doe JANE")
    settled(dialog, qtbot)
    assert listed(dialog) == ["1"]
    assert dialog.state.text() == "1 of 3 studies"
    dialog.bar.text.clear()
    settled(dialog, qtbot)
    assert len(listed(dialog)) == 3


def test_the_field_is_ready_to_type_and_the_keys_lead_to_a_study(dialog: LibraryDialog, qtbot: QtBot) -> None:
    assert dialog.focusWidget() is dialog.bar.text
    QTest.keyClick(dialog.bar.text, Qt.Key.Key_Down)
    assert dialog.focusWidget() is dialog.view
    with qtbot.waitSignal(dialog.study_wanted) as wanted:
        QTest.keyClick(dialog.view, Qt.Key.Key_Return)
    assert wanted.args == ["2"]


def test_enter_opens_what_is_chosen_but_not_before_the_list_fits_the_text(dialog: LibraryDialog, qtbot: QtBot) -> None:
    QTest.keyClicks(dialog.bar.text, "meyer")
    with qtbot.assertNotEmitted(dialog.study_wanted):
        QTest.keyClick(dialog.bar.text, Qt.Key.Key_Return)
    settled(dialog, qtbot)
    with qtbot.waitSignal(dialog.study_wanted) as wanted:
        QTest.keyClick(dialog.bar.text, Qt.Key.Key_Return)
    assert wanted.args == ["3"]


def test_a_double_click_opens(dialog: LibraryDialog, qtbot: QtBot) -> None:
    place = dialog.view.visualRect(dialog.table.index(1, 0)).center()
    with qtbot.waitSignal(dialog.study_wanted) as wanted:
        QTest.mouseClick(dialog.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        QTest.mouseDClick(dialog.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert wanted.args == ["2"]


def test_modality_and_dates_narrow_the_list(dialog: LibraryDialog, qtbot: QtBot) -> None:
    dialog.bar.modality.setCurrentText("PT")
    settled(dialog, qtbot)
    assert listed(dialog) == ["1"]
    dialog.bar.modality.setCurrentIndex(0)
    QTest.keyClicks(dialog.bar.since, "2024")
    QTest.keyClicks(dialog.bar.until, "2024-12")
    settled(dialog, qtbot)
    assert listed(dialog) == ["2"]


def test_a_click_on_a_heading_sorts_and_the_chosen_study_stays_chosen(dialog: LibraryDialog) -> None:
    header = dialog.view.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(7) + 20, 8)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert listed(dialog) in (["2", "3", "1"], ["1", "3", "2"])
    assert dialog.chosen is not None
    assert dialog.chosen.study_uid == "1"
    assert dialog.view.currentIndex().row() == listed(dialog).index("1")


def test_the_series_of_the_chosen_study_are_shown_with_their_pictures(
    dialog: LibraryDialog, library: Library, qtbot: QtBot
) -> None:
    picture, buffer = QImage(8, 8, QImage.Format.Format_Grayscale8), QBuffer()
    picture.fill(200)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload]
    library.keep_thumbnail("2.1", bytes(buffer.data().data()))
    assert [dialog.strip.item(n).text() for n in range(dialog.strip.count())] == [
        "Lung\nCT, 3 images",
        "Lung\nPT, 2 images",
    ]
    dialog.view.selectRow(1)
    settled(dialog, qtbot)
    assert dialog.strip.count() == 1
    drawn = dialog.strip.item(0).icon().pixmap(8, 8).toImage()
    assert drawn.pixelColor(4, 4).red() == 200


def test_what_is_gone_is_marked_in_words_and_cannot_be_opened(
    dialog: LibraryDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    shutil.rmtree(tmp_path / "a")
    (tmp_path / "c" / "CT1.dcm").unlink()
    dialog.buttons["check"].click()
    settled(dialog, qtbot)
    assert [dialog.table.index(row, DISK).data() for row in range(3)] == ["gone", "", "1 of 4 gone"]
    assert "Insert the disc" in dialog.table.index(0, DISK).data(Qt.ItemDataRole.ToolTipRole)
    assert dialog.table.index(0, DISK).data(Qt.ItemDataRole.DecorationRole) is not None
    assert not dialog.buttons["open"].isEnabled()
    with qtbot.assertNotEmitted(dialog.study_wanted):
        QTest.keyClick(dialog.view, Qt.Key.Key_Return)


def test_copies_are_told_with_their_place(
    dialog: LibraryDialog, library: Library, tmp_path: Path, qtbot: QtBot
) -> None:
    library.remember([study("1", images(tmp_path / "copy", 2, study="1"))])
    dialog.search()
    settled(dialog, qtbot)
    assert dialog.table.index(0, DISK).data() == "2 copies"
    assert dialog.more.text() == f"2 files in {tmp_path / 'copy'} hold images that the library has already."


def test_names_are_never_markup(dialog: LibraryDialog) -> None:
    assert dialog.table.index(2, 0).data() == "<b>Meyer</b> Karl"
    assert "<b>" not in dialog.table.index(2, 0).data(Qt.ItemDataRole.ToolTipRole)
    for said in (dialog.state, dialog.empty, dialog.more):
        assert said.textFormat() == Qt.TextFormat.PlainText


def test_delete_forgets_a_study_and_leaves_its_files(dialog: LibraryDialog, tmp_path: Path, qtbot: QtBot) -> None:
    dialog.view.setFocus()
    QTest.keyClick(dialog.view, Qt.Key.Key_Delete)
    settled(dialog, qtbot)
    assert listed(dialog) == ["2", "3"]
    assert len(list((tmp_path / "a").iterdir())) == 5


def test_import_hands_the_study_on(dialog: LibraryDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.import_wanted) as wanted:
        dialog.buttons["import"].click()
    assert wanted.args == ["1"]


def test_the_index_is_deleted_after_one_question(dialog: LibraryDialog, qtbot: QtBot) -> None:
    dialog.buttons["delete"].click()
    confirm(dialog, qtbot, "Cancel")
    assert len(listed(dialog)) == 3
    QApplication.sendPostedEvents(None, 52)  # the first question is gone
    dialog.buttons["delete"].click()
    confirm(dialog, qtbot, "Delete")
    assert listed(dialog) == []
    assert dialog.empty.isVisible()
    assert "Open a folder or a disc" in dialog.empty.text()
    assert not dialog.buttons["forget"].isEnabled()


def test_the_index_is_built_again_from_the_places_given(
    library: Library, jobs: Jobs, tmp_path: Path, qtbot: QtBot
) -> None:
    series_files(tmp_path / "library" / "ct", 2)
    shutil.rmtree(tmp_path / "a")
    dialog = LibraryDialog(library, jobs, lambda: (tmp_path / "library",))
    qtbot.addWidget(dialog)
    dialog.show()
    settled(dialog, qtbot)
    dialog.buttons["rebuild"].click()
    confirm(dialog, qtbot, "Rebuild")
    assert set(listed(dialog)) == {"1", "1.2.3"}  # 2 and 3 are no DICOM; the folder of 1 is away
    assert dialog.note.text() == "1 folder is not there; its studies stay in the list."


def test_no_study_that_fits_says_what_to_do(dialog: LibraryDialog, qtbot: QtBot) -> None:
    QTest.keyClicks(dialog.bar.text, "nobody")
    settled(dialog, qtbot)
    assert dialog.empty.isVisible()
    assert "Take out a word" in dialog.empty.text()
    assert dialog.strip.count() == 0


def test_a_longer_list_than_is_shown_says_so(
    dialog: LibraryDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialog_file, "LIMIT", 2)
    dialog.search()
    settled(dialog, qtbot)
    assert dialog.state.text() == "The newest 2 studies that fit, of 3; another word narrows the list."


def test_an_index_that_cannot_be_read_is_one_sentence_in_the_window(jobs: Jobs, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "file").write_text("")
    dialog = LibraryDialog(Library(tmp_path / "file" / "library.sqlite"), jobs)
    qtbot.addWidget(dialog)
    dialog.show()
    settled(dialog, qtbot)
    assert dialog.state.text().startswith("The library cannot be opened")


def test_every_control_has_a_tooltip(dialog: LibraryDialog) -> None:
    controls = [
        widget
        for kind in (QAbstractButton, QLineEdit, QComboBox)
        for widget in dialog.findChildren(kind)
        if widget.isVisible() and widget.objectName() != "_q_qlineeditclearbutton"
    ]
    assert len(controls) >= 11
    assert [type(widget).__name__ for widget in controls if not widget.toolTip()] == []
