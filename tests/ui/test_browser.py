"""The list of studies and series."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.core.study import Check, Header, Patient, Series, Study
from medviewer.i18n import N_
from medviewer.phantom import small
from medviewer.ui.browser import BADGE_ROLE, SHOWN_ROLE, THUMB_ROLE, Browser, series_lines, study_lines, worst
from tests.ui.samples import painted


def series(uid: str, *checks: Check, count: int = 3, title: str = "Lung") -> Series:
    said = Header(
        "", "1", "", "s", uid, "CT", patient=Patient(name="Doe^Jane"), series_description=title, series_number=4
    )
    return Series(uid, (said,) * count, checks, small.GRID if count > 1 else None)


STUDY = Study("s", (series("a"), series("b", Check("gap", "warning", N_("A slice is missing.")), count=1)))


@pytest.fixture
def browser(qtbot: QtBot) -> Browser:
    made = Browser()
    qtbot.addWidget(made)
    made.resize(240, 400)
    made.show()
    made.show_studies((STUDY,))
    return made


def test_a_study_is_a_heading_over_its_series(browser: Browser) -> None:
    assert [item.text() for item in browser.series_items()] == ["Lung, CT, 3 images, 2.5 mm", "Lung, CT, 1 image"]
    assert browser._items.rowCount() == 3
    assert "Doe Jane" in browser._items.item(0).text()


def test_what_is_odd_is_told_in_words_behind_a_badge(browser: Browser) -> None:
    plain, odd = browser.series_items()
    assert (plain.data(BADGE_ROLE), odd.data(BADGE_ROLE)) == ("", "warning")
    assert "A slice is missing." in odd.toolTip()


def test_the_gravest_check_decides_the_badge() -> None:
    info, stop = Check("a", "info", N_("A.")), Check("b", "stop", N_("B."))
    assert worst((info, stop)) == "stop"
    assert worst((info,)) == "info"
    assert worst(()) == ""


def test_a_click_asks_for_the_series(browser: Browser, qtbot: QtBot) -> None:
    item = list(browser.series_items())[1]
    with qtbot.waitSignal(browser.series_wanted) as asked:
        QTest.mouseClick(browser.viewport(), Qt.MouseButton.LeftButton, pos=browser.visualRect(item.index()).center())
    assert asked.args == ["s", "b"]


def test_a_click_on_the_heading_asks_for_nothing(browser: Browser, qtbot: QtBot) -> None:
    place = browser.visualRect(browser._items.item(0).index()).center()
    with qtbot.assertNotEmitted(browser.series_wanted):
        QTest.mouseClick(browser.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_keys_step_from_series_to_series_and_stop_at_the_ends(browser: Browser, qtbot: QtBot) -> None:
    asked: list[str] = []
    browser.series_wanted.connect(lambda _study, uid: asked.append(uid))
    browser.step(1)
    browser.mark_shown("a")
    browser.step(1)
    browser.mark_shown("b")
    browser.step(1)
    browser.step(-1)
    assert asked == ["a", "b", "a"]


def test_the_series_on_the_screen_is_marked_and_stays_so(browser: Browser) -> None:
    browser.mark_shown("b")
    browser.show_studies((STUDY,))
    assert [bool(item.data(SHOWN_ROLE)) for item in browser.series_items()] == [False, True]


def test_a_thumbnail_comes_later_and_stays(browser: Browser) -> None:
    image = QImage(112, 112, QImage.Format.Format_Grayscale8)
    image.fill(200)
    dark = painted(browser)
    browser.set_thumbnail("a", image)
    browser.show_studies((STUDY,))
    assert next(browser.series_items()).data(THUMB_ROLE) is not None
    assert (painted(browser) == 200).all(axis=2).sum() > (dark == 200).all(axis=2).sum() + 1000


def test_a_series_without_description_has_its_number(browser: Browser) -> None:
    assert series_lines(series("x", title=""))[0] == "Series 4"


def test_a_study_without_a_name_says_so() -> None:
    assert study_lines(Study("s", (Series("a", (Header("", "1", "", "s", "a"),)),)))[0] == "no name"
