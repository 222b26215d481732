"""The list of studies and series."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from medviewer.core.study import Check, Header, Kind, Patient, Series, Study
from medviewer.dicom.header import FOREIGN
from medviewer.i18n import N_
from medviewer.phantom import small
from medviewer.ui import theme
from medviewer.ui.browser import (
    BADGE_ROLE,
    CHECKS_ROLE,
    SHOWN_ROLE,
    SPOKEN_ROLE,
    THUMB_ROLE,
    UID_ROLE,
    Browser,
    badge_area,
    series_lines,
    study_lines,
)
from tests.ui.samples import painted


def series(uid: str, *checks: Check, count: int = 3, title: str = "Lung", number: int = 4) -> Series:
    said = Header(
        "", "1", "", "s", uid, "CT", patient=Patient(name="Doe^Jane"), series_description=title, series_number=number
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


def test_an_empty_list_says_what_comes_here(browser: Browser) -> None:
    full = inks(browser)
    browser.show_studies(())
    assert theme.colour("dim").name() in inks(browser)
    browser.show_studies((STUDY,))
    assert inks(browser) == full


def inks(browser: Browser) -> set[str]:
    """The colours of the list."""
    image = browser.viewport().grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(0, image.width()) for y in range(60)}


def test_a_study_is_a_heading_over_its_series(browser: Browser) -> None:
    assert [item.text() for item in browser.series_items()] == ["Lung, CT, 3 images, 2.5 mm", "Lung, CT, 1 image"]
    assert browser._items.rowCount() == 3
    assert "Doe Jane" in browser._items.item(0).text()


def test_what_is_odd_is_told_in_words_behind_a_badge(browser: Browser) -> None:
    plain, odd = browser.series_items()
    assert (plain.data(BADGE_ROLE), odd.data(BADGE_ROLE)) == ("", "warning")
    assert "A slice is missing." in odd.toolTip()


def test_the_gravest_check_is_spoken_in_words(browser: Browser) -> None:
    checks = Check("a", "info", N_("A.")), Check("b", "stop", N_("B."))
    browser.show_studies((Study("s", (series("a", *checks),)),))
    (item,) = browser.series_items()
    assert item.data(BADGE_ROLE) == "stop"
    assert item.data(SPOKEN_ROLE) == "Lung, CT, 3 images, 2.5 mm. Limitation: B."


def test_what_a_series_is_by_nature_alarms_nobody(browser: Browser) -> None:
    colour, lossy = Check("colour", "stop", N_("In colour.")), Check("lossy", "warning", N_("With loss."))
    browser.show_studies((Study("s", (series("a", colour), series("b", colour, lossy))),))
    first, second = browser.series_items()
    assert (first.data(BADGE_ROLE), second.data(BADGE_ROLE)) == ("info", "warning")
    assert second.data(CHECKS_ROLE) == ["Warning: With loss.", "Note: In colour."]


def badge_place(browser: Browser) -> QPoint:
    """The middle of the badge of the second series."""
    return badge_area(browser.visualRect(list(browser.series_items())[1].index())).center()


def test_a_click_on_a_badge_asks_for_the_checks_and_not_for_the_series(browser: Browser, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(browser.series_wanted), qtbot.waitSignal(browser.checks_wanted) as asked:
        QTest.mouseClick(browser.viewport(), Qt.MouseButton.LeftButton, pos=badge_place(browser))
    assert asked.args == ["s", "b"]


def test_a_series_without_a_badge_is_opened_where_the_badge_would_be(browser: Browser, qtbot: QtBot) -> None:
    place = badge_area(browser.visualRect(next(browser.series_items()).index())).center()
    with qtbot.assertNotEmitted(browser.checks_wanted), qtbot.waitSignal(browser.series_wanted):
        QTest.mouseClick(browser.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_the_checks_are_reached_by_keys_alone(browser: Browser, qtbot: QtBot) -> None:
    browser.setFocus()
    QTest.keyClick(browser, Qt.Key.Key_End)
    with qtbot.assertNotEmitted(browser.series_wanted), qtbot.waitSignal(browser.checks_wanted) as asked:
        QTest.keyClick(browser, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert asked.args == ["s", "b"]
    with qtbot.waitSignal(browser.series_wanted):
        QTest.keyClick(browser, Qt.Key.Key_Return)


def test_a_badge_tells_what_it_means_when_pointed_at(browser: Browser) -> None:
    place = badge_place(browser)
    event = QHelpEvent(QEvent.Type.ToolTip, place, browser.viewport().mapToGlobal(place))
    QApplication.sendEvent(browser.viewport(), event)
    assert "Warning: A slice is missing." in QToolTip.text()
    assert "Ctrl+Enter" in QToolTip.text()
    QToolTip.hideText()


def test_a_series_without_a_name_is_called_by_its_number() -> None:
    assert series_lines(series("a", title=""))[0] == "Series 4"
    assert series_lines(series("a", title="", number=0))[0] == "Unnamed series"


def test_what_files_say_is_no_markup(browser: Browser) -> None:
    browser.show_studies((Study("s", (series("a", title="<img src=x>"),)),))
    assert "&lt;img" in next(browser.series_items()).toolTip()
    assert "<img" not in next(browser.series_items()).toolTip()


def test_the_row_in_focus_stays_in_focus_while_the_list_grows(browser: Browser) -> None:
    browser.mark_shown("a")
    browser.setCurrentIndex(list(browser.series_items())[1].index())
    browser.show_studies((Study("s", (series("0"), *STUDY.series)),))
    assert browser.currentIndex().data(UID_ROLE) == "b"


def test_a_straightened_series_is_marked_where_it_came_from(browser: Browser) -> None:
    browser.mark_shown("b#straightened")
    assert [bool(item.data(SHOWN_ROLE)) for item in browser.series_items()] == [False, True]


@pytest.mark.parametrize(
    ("sop_class", "kind", "lines"),
    [
        ("88.33", "report", ("Lung", "Structured report, SR, 3 files")),
        ("66.4", "segmentation", ("Lung", "Segmentation, SR, 3 files")),
        ("104.1", "document", ("Lung", "Encapsulated PDF, SR, 3 files")),
        ("481.3", "contours", ("Lung", "Radiotherapy structures, SR, 3 files")),
        ("11.1", "presentation", ("Lung", "Presentation state, SR, 3 files")),
        ("481.5", "other", ("Lung", "Radiotherapy plan, SR, 3 files")),
    ],
)
def test_what_is_no_image_bears_its_kind_and_its_sign(
    browser: Browser, sop_class: str, kind: Kind, lines: tuple[str, str]
) -> None:
    header = Header("", "1", "1.2.840.10008.5.1.4.1.1." + sop_class, "s", "r", "SR", series_description="Lung")
    made = Series("r", (header,) * 3, kind=kind)
    assert series_lines(made) == lines
    browser.show_studies((Study("s", (series("r"),)),))
    plain = painted(browser)
    browser.show_studies((Study("s", (made,)),))
    assert (painted(browser)[60:110, :64] != plain[60:110, :64]).any()


def test_phases_and_films_are_told_apart() -> None:
    phase = Series("a", series("a").headers, (), small.GRID, "image", N_("phase {n} of {all}", n=3, all=10))
    assert series_lines(phase)[1] == "phase 3 of 10, CT, 3 images, 2.5 mm"
    film = Header("", "1", "", "s", "a", "US", frames=87)
    assert series_lines(Series("a", (film,) * 87))[1] == "US, 87 frames"


def test_a_file_without_modality_is_called_by_its_kind() -> None:
    said = Header("/a/brain.nii.gz", "1", "", "s", "f", "OT", transfer_syntax=FOREIGN, series_description="brain")
    assert series_lines(Series("f", (said,) * 3, (), small.GRID)) == ("brain", "NIfTI, 3 images, 2.5 mm")


def test_a_badge_shortens_no_more_than_the_line_it_stands_in(qtbot: QtBot) -> None:
    long = "phase 12 of 19, with contrast"
    wide = {}
    for name, checks in (("plain", ()), ("marked", (Check("gap", "warning", N_("A slice is missing.")),))):
        one = replace(series("a", *checks), label=N_("phase {n} of {all}, with contrast", n=12, all=19))
        made = Browser()
        qtbot.addWidget(made)
        made.resize(230, 300)
        made.show()
        made.show_studies((Study("s", (one,)),))
        image = made.viewport().grab().toImage()
        row = made.visualRect(next(made.series_items()).index())
        ink = [
            x
            for x in range(70, row.right())
            for y in range(row.center().y() + 4, row.bottom() - 8)
            if image.pixelColor(x, y).lightness() > 110
        ]
        wide[name] = max(ink)
    assert long in series_lines(one)[1]
    assert wide["marked"] == wide["plain"]


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


def test_series_of_two_studies_may_bear_the_same_number(browser: Browser, qtbot: QtBot) -> None:
    browser.show_studies((Study("s", (series("a"),)), Study("t", (series("a"), series("b")))))
    browser.mark_shown("a", "t")
    assert [bool(item.data(SHOWN_ROLE)) for item in browser.series_items()] == [False, True, False]
    with qtbot.waitSignal(browser.series_wanted) as asked:
        browser.step(1)
    assert asked.args == ["t", "b"]


def test_the_series_on_the_screen_is_marked_and_stays_so(browser: Browser) -> None:
    browser.mark_shown("b")
    browser.show_studies((STUDY,))
    assert [bool(item.data(SHOWN_ROLE)) for item in browser.series_items()] == [False, True]


def test_a_thumbnail_comes_later_and_stays(browser: Browser) -> None:
    image = QImage(112, 112, QImage.Format.Format_Grayscale8)
    image.fill(200)
    dark = painted(browser)
    browser.set_thumbnail(STUDY.uid, "a", image)
    browser.show_studies((STUDY,))
    assert next(browser.series_items()).data(THUMB_ROLE) is not None
    assert (painted(browser) == 200).all(axis=2).sum() > (dark == 200).all(axis=2).sum() + 1000


def test_a_series_without_description_has_its_number(browser: Browser) -> None:
    assert series_lines(series("x", title=""))[0] == "Series 4"


def test_a_study_without_a_name_says_so() -> None:
    assert study_lines(Study("s", (Series("a", (Header("", "1", "", "s", "a"),)),)))[0] == "no name"
