"""Five steps through the real window, by mouse or keyboard, in nobody's way."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medviewer import paths
from medviewer.app.keymap import Keymap
from medviewer.core.problem import Problem
from medviewer.ui.comfort import tour
from medviewer.ui.comfort.comfort import Comfort
from medviewer.ui.comfort.tour import STEPS, Tour
from medviewer.ui.dialogs import notice
from medviewer.ui.dialogs.notice import Notice
from medviewer.ui.dialogs.tour import best_place
from medviewer.ui.window import MainWindow
from tests.ui.samples import folder_of
from tests.ui.test_settings_dialog import comfort_of


@pytest.fixture
def comfort(window: MainWindow, qtbot: QtBot) -> Comfort:
    """A window that has the focus."""
    with qtbot.waitActive(window):
        window.activateWindow()
    return comfort_of(window)


def titles(shown: Tour, qtbot: QtBot) -> list[str]:
    """Go through the tour with Enter; return the titles it showed."""
    seen = []
    with qtbot.waitSignal(shown.ended):
        for _step in STEPS:
            seen.append(shown.card.title.text())
            QTest.keyClick(shown.card.next, Qt.Key.Key_Return)
    return seen


def test_it_has_five_steps_and_is_remembered(comfort: Comfort, qtbot: QtBot) -> None:
    assert not tour.seen()
    shown = comfort.start_tour()
    assert titles(shown, qtbot) == [
        "Studies and series",
        "Images and tools",
        "Findings",
        "Risk and treatment",
        "Report and help",
    ]
    assert tour.seen()


def test_each_step_lights_up_what_it_speaks_of(comfort: Comfort, window: MainWindow, qtbot: QtBot) -> None:
    shown = comfort.start_tour()
    for step in STEPS:
        target = step.targets(window)[0]
        area = QRect(target.mapTo(window, QPoint()), target.size())
        qtbot.waitUntil(lambda area=area: area in shown.spotlight.lit)  # type: ignore[misc]
        assert target.isVisible()
        assert not target.visibleRegion().isEmpty()
        assert window.rect().contains(shown.card.geometry())
        shown.card.next.click()


def test_it_goes_back_and_is_skipped_with_escape(comfort: Comfort, qtbot: QtBot) -> None:
    shown = comfort.start_tour()
    assert not shown.card.back.isEnabled()
    shown.card.next.click()
    assert shown.card.where.text() == "Step 2 of 5"
    shown.card.back.click()
    assert shown.card.where.text() == "Step 1 of 5"
    with qtbot.waitSignal(shown.ended):
        QTest.keyClick(shown.card.next, Qt.Key.Key_Escape)
    assert tour.seen()


def test_it_names_the_keys_the_reader_chose(comfort: Comfort, window: MainWindow) -> None:
    usual = {action.id: action.keys for action in window.table}
    comfort.take_keymap(Keymap().with_keys("open", ("Alt+O",), usual).with_keys("library", (), usual))
    said = comfort.start_tour().card.text.text()
    assert "press Alt+O" in said
    assert "The library (Library…) finds" in said  # it has no key now: its name in the menu
    assert "{" not in said


def test_the_window_can_be_used_and_files_opened_meanwhile(
    comfort: Comfort, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    shown = comfort.start_tour()
    assert window.childAt(window.viewer.mapTo(window, window.viewer.rect().center())) is not shown.spotlight
    window.flow.open_path(folder_of(tmp_path / "ct"))
    qtbot.waitUntil(lambda: window.view.volume is not None and not window.flow.busy, timeout=20_000)
    assert shown.card.isVisible()
    assert shown.card.where.text() == "Step 1 of 5"


def test_it_follows_when_the_window_changes_its_size(comfort: Comfort, window: MainWindow, qtbot: QtBot) -> None:
    shown = comfort.start_tour()
    window.resize(1100, 700)
    qtbot.waitUntil(lambda: shown.spotlight.size() == window.size())
    assert window.rect().contains(shown.card.geometry())


def test_nothing_of_its_text_is_cut(comfort: Comfort, window: MainWindow, qtbot: QtBot) -> None:
    shown = comfort.start_tour()
    for _step in STEPS:
        words = shown.card.text
        qtbot.waitUntil(lambda words=words: words.height() >= words.heightForWidth(words.width()))  # type: ignore[misc]
        shown.card.next.click()


def test_a_first_start_shows_the_notice_and_then_the_tour_each_once(
    comfort: Comfort, window: MainWindow, qtbot: QtBot
) -> None:
    comfort.welcome()
    dialog = next(one for one in QApplication.topLevelWidgets() if isinstance(one, Notice) and one.isVisible())
    assert comfort._tour is None
    dialog.accept()
    assert notice.seen()
    assert comfort._tour is not None
    comfort._tour.end()
    comfort.welcome()
    assert comfort._tour is None


def test_who_closes_the_notice_unread_sees_it_again_and_no_tour(comfort: Comfort) -> None:
    comfort.welcome()
    dialog = next(one for one in QApplication.topLevelWidgets() if isinstance(one, Notice) and one.isVisible())
    dialog.reject()
    assert not notice.seen()
    assert comfort._tour is None


def test_a_window_made_for_a_picture_or_a_test_shows_no_tour(make_window: Callable[..., MainWindow]) -> None:
    assert comfort_of(make_window())._tour is None


def full(*_given: object, **_named: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_is_full_is_told_and_the_tour_ends_all_the_same(
    comfort: Comfort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "touch", full)
    shown = comfort.start_tour()
    with pytest.raises(Problem, match="cannot be remembered"):
        shown.end()
    assert not shown.card.isVisible()
    assert comfort._tour is None


def test_a_notice_read_on_a_full_disk_closes_with_one_sentence_and_the_tour_begins(
    comfort: Comfort, monkeypatch: pytest.MonkeyPatch
) -> None:
    comfort.welcome()
    dialog = next(one for one in QApplication.topLevelWidgets() if isinstance(one, Notice) and one.isVisible())
    monkeypatch.setattr(Path, "touch", full)
    with pytest.raises(Problem, match="cannot be remembered"):
        dialog.accept()
    assert not dialog.isVisible()
    assert not [one for one in QApplication.topLevelWidgets() if isinstance(one, Notice) and one.isVisible()]
    assert comfort._tour is not None


def test_empty_files_left_by_a_full_disk_count_as_read(comfort: Comfort) -> None:
    for name in (notice.MARK, tour.MARK):
        (paths.user_data() / name).write_bytes(b"")
    comfort.welcome()
    assert comfort._tour is None
    assert not [one for one in QApplication.topLevelWidgets() if isinstance(one, Notice) and one.isVisible()]


def test_a_home_that_cannot_be_made_keeps_nobody_from_the_notice(
    comfort: Comfort, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder", "utf-8")
    monkeypatch.setenv("MEDVIEWER_HOME", str(tmp_path / "file" / "home"))
    assert not notice.seen()
    assert not tour.seen()


ROOM = QRect(0, 0, 1000, 700)


@pytest.mark.parametrize(
    ("lit", "place"),
    [
        ([QRect(0, 100, 200, 500)], QRect(212, 250, 300, 200)),  # to the right
        ([QRect(700, 100, 300, 500)], QRect(388, 250, 300, 200)),  # to the left
        ([QRect(0, 0, 1000, 100)], QRect(350, 112, 300, 200)),  # below
        ([QRect(0, 500, 1000, 200)], QRect(350, 288, 300, 200)),  # above
    ],
)
def test_the_card_hides_nothing_it_speaks_of_where_there_is_room(lit: list[QRect], place: QRect) -> None:
    assert best_place(QSize(300, 200), lit, ROOM) == place


def test_the_card_stays_in_the_window_where_there_is_none() -> None:
    assert ROOM.contains(best_place(QSize(300, 200), [ROOM], ROOM))
    assert ROOM.contains(best_place(QSize(300, 200), [], ROOM))
