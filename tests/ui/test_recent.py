"""The studies opened last, on the empty page."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from medviewer.app.library.library import Library
from medviewer.core.job import Job
from medviewer.ui import theme
from medviewer.ui.jobs import Jobs
from medviewer.ui.library.recent import RecentStudies
from tests.app.studies import images, study


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path / "library.sqlite")
    made.remember(
        [study(str(n), images(tmp_path / str(n), 2, study=str(n), name=f"Patient^{n}")) for n in range(1, 11)]
    )
    yield made
    made.close()


@pytest.fixture
def recent(library: Library, qapp: QApplication, qtbot: QtBot) -> Iterator[RecentStudies]:
    jobs, page = Jobs(), QWidget()
    made = RecentStudies(library, jobs)
    QVBoxLayout(page).addWidget(made)
    qtbot.addWidget(page)
    page.resize(700, 600)
    page.show()
    yield made
    jobs.close()


def refreshed(recent: RecentStudies, qtbot: QtBot) -> list[str]:
    recent.refresh()
    qtbot.waitUntil(lambda: not recent._jobs.quiet)
    return [recent.list.item(row).text() for row in range(recent.list.count())]


def test_it_is_hidden_until_a_study_was_opened(recent: RecentStudies, library: Library, qtbot: QtBot) -> None:
    assert refreshed(recent, qtbot) == []
    assert not recent.isVisible()
    library.opened("3")
    assert refreshed(recent, qtbot) == ["Patient 3\n2026-01-15  CT  CT chest"]
    assert recent.isVisible()
    library.forget("3")
    assert refreshed(recent, qtbot) == []
    assert not recent.isVisible()


def test_with_large_texts_the_list_fits_a_small_page_and_is_scrolled(
    recent: RecentStudies, library: Library, qtbot: QtBot, qapp: QApplication
) -> None:
    for n in range(1, 11):
        library.opened(str(n))
    refreshed(recent, qtbot)
    theme.apply(qapp, "dark", 200)
    recent.window().resize(500, 450)
    qapp.processEvents()
    assert recent.window().size().toTuple() == (500, 450)
    assert recent.window().rect().contains(recent.geometry())
    assert recent.list.verticalScrollBar().maximum() > 0
    theme.apply(qapp)


def test_eight_at_most_the_latest_first_and_none_cut_off(recent: RecentStudies, library: Library, qtbot: QtBot) -> None:
    for n in range(1, 11):
        library.opened(str(n))
    shown = refreshed(recent, qtbot)
    assert [text.partition("\n")[0] for text in shown] == [f"Patient {n}" for n in range(10, 2, -1)]
    last = recent.list.visualItemRect(recent.list.item(7))
    assert last.bottom() <= recent.list.viewport().height()


def test_a_click_and_enter_ask_for_the_study(recent: RecentStudies, library: Library, qtbot: QtBot) -> None:
    library.opened("1")
    library.opened("2")
    refreshed(recent, qtbot)
    with qtbot.waitSignal(recent.study_wanted) as wanted:
        place = recent.list.visualItemRect(recent.list.item(1)).center()
        QTest.mouseClick(recent.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert wanted.args == ["1"]
    with qtbot.waitSignal(recent.study_wanted) as wanted:
        QTest.keyClick(recent.list, Qt.Key.Key_Up)
        QTest.keyClick(recent.list, Qt.Key.Key_Return)
    assert wanted.args == ["2"]


def test_what_is_gone_is_said_in_words(recent: RecentStudies, library: Library, tmp_path: Path, qtbot: QtBot) -> None:
    library.opened("1")
    shutil.rmtree(tmp_path / "1")
    library.check_disk(Job())
    assert refreshed(recent, qtbot) == ["Patient 1\n2026-01-15  CT  CT chest  ⚠ gone"]
    assert "Insert the disc" in recent.list.item(0).toolTip()


def test_a_library_that_cannot_be_read_shows_nothing(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    jobs = Jobs()
    recent = RecentStudies(Library(tmp_path / "file" / "x.sqlite"), jobs)
    qtbot.addWidget(recent)
    assert refreshed(recent, qtbot) == []
    assert not recent.isVisible()
    jobs.close()
