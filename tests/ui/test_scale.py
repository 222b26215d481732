"""What is measured in pixels grows with the texts as soon as another size is chosen, and nothing is cut off."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QSpinBox,
    QTableView,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from medviewer.ui import theme
from medviewer.ui.cards import inset
from medviewer.ui.docks import RIGHT_SHARE
from medviewer.ui.library.series import SeriesStrip
from medviewer.ui.strip import Bar, Strip
from medviewer.ui.swatch import swatch
from medviewer.ui.tables import as_list
from medviewer.ui.window import MainWindow
from tests.ui.samples import volume_of

Scale = Callable[[int], None]
LARGE = (150, 200)


@pytest.fixture
def scale(qapp: QApplication) -> Iterator[Scale]:
    """Shows everything at another scale, in percent; as usual afterwards."""

    def to(percent: int) -> None:
        theme.apply(qapp, "dark", percent)
        for _turn in range(3):
            qapp.processEvents()

    yield to
    theme.apply(qapp)


def list_of(qtbot: QtBot, texts: list[str], wide_px: int) -> QTableWidget:
    table = QTableWidget(1, len(texts))
    table.setHorizontalHeaderLabels(["" for _text in texts])
    for column, text in enumerate(texts):
        table.setItem(0, column, QTableWidgetItem(text))
    qtbot.addWidget(table)
    table.resize(wide_px, 200)
    table.show()
    return table


def cut_off(table: QTableView) -> list[str]:
    """The texts of a table that their columns have no room for."""
    model, metrics = table.model(), table.fontMetrics()
    cells = [model.index(row, column) for row in range(model.rowCount()) for column in range(model.columnCount())]
    return [
        str(at.data()) for at in cells if metrics.horizontalAdvance(str(at.data())) > table.columnWidth(at.column())
    ]


@pytest.mark.parametrize("percent", LARGE)
def test_no_text_of_a_list_is_cut_off_at_any_size(qtbot: QtBot, scale: Scale, percent: int) -> None:
    table = list_of(qtbot, ["1", "right upper zone", "22.6 × 17.2", "very likely"], 420)
    as_list(table, "Findings", 1)
    scale(100)
    assert cut_off(table) == []
    assert table.horizontalScrollBar().maximum() == 0
    assert sum(table.columnWidth(n) for n in range(4)) == table.viewport().width()
    scale(percent)
    assert cut_off(table) == []
    assert table.rowHeight(0) > table.fontMetrics().height()
    assert table.font().pointSizeF() == pytest.approx(9.0 * percent / 100)


def test_the_columns_of_a_list_move_together_before_it_is_scrolled(qtbot: QtBot, scale: Scale) -> None:
    table = list_of(qtbot, ["1", "right upper zone", "22.6 × 17.2", "very likely"], 420)
    as_list(table, "Findings", 1)
    scale(100)
    spare = table.columnWidth(1) - table.fontMetrics().horizontalAdvance("right upper zone")
    table.resize(table.width() - spare, 200)  # the paddings of the other columns have to give way
    qtbot.waitUntil(lambda: sum(table.columnWidth(n) for n in range(4)) == table.viewport().width())
    qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() == 0)
    assert cut_off(table) == []


def test_a_list_too_narrow_for_its_texts_is_scrolled_sideways(qtbot: QtBot, scale: Scale) -> None:
    table = list_of(qtbot, ["1", "right upper zone", "22.6 × 17.2", "very likely"], 320)
    as_list(table, "Findings", 1)
    scale(200)
    assert table.horizontalScrollBar().maximum() > 0
    table.resize(1200, 200)
    qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() == 0)


def test_columns_keep_to_the_width_they_are_given(qtbot: QtBot, scale: Scale) -> None:
    table = list_of(qtbot, ["x", "a name much longer than anybody wants to read", "12 mm"], 400)
    as_list(table, "Measurements", 2, fixed={0: 30}, most={1: 100})
    assert [table.columnWidth(n) for n in (0, 1)] == [30, 100]
    scale(200)
    assert [table.columnWidth(n) for n in (0, 1)] == [60, 200]


@pytest.mark.parametrize("percent", LARGE)
def test_every_table_of_the_window_has_rows_as_high_as_its_texts(
    make_window: Callable[..., MainWindow], scale: Scale, percent: int
) -> None:
    window = make_window()
    for panel_id in ("findings", "measurements", "comparison", "tags"):
        window.docks.show(panel_id)
    tables = [table for table in window.findChildren(QTableView) if table.accessibleName()]
    assert len(tables) >= 4
    scale(percent)
    for table in tables:
        name = table.accessibleName()
        assert table.font().pointSizeF() == pytest.approx(9.0 * percent / 100), name
        assert table.verticalHeader().defaultSectionSize() > table.fontMetrics().height(), name


@pytest.mark.parametrize("percent", LARGE)
def test_thumbnails_in_the_list_grow_with_the_texts(window: MainWindow, scale: Scale, percent: int) -> None:
    window.docks.studies.setMinimumWidth(600)
    volume = volume_of()
    window.session.catalogue.add(volume.series.headers)
    window.browser.show_studies(window.session.catalogue.studies())
    item = next(iter(window.browser.series_items()))
    before = window.browser.visualRect(item.index()).height()
    scale(percent)
    assert window.browser.visualRect(item.index()).height() >= before * percent / 100 - 12
    volume.close()


def test_the_status_strip_grows_with_the_texts(window: MainWindow, qtbot: QtBot, scale: Scale) -> None:
    strip, bar = window.findChild(Strip), Bar()
    qtbot.addWidget(bar)
    assert strip is not None
    scale(200)
    assert bar.size() == QSize(220, 12)
    assert strip.minimumHeight() == 60
    assert strip.rows[0].cancel.iconSize() == QSize(24, 24)


def test_the_library_s_pictures_grow_with_the_texts(qtbot: QtBot, scale: Scale) -> None:
    strip = SeriesStrip()
    qtbot.addWidget(strip)
    before = strip.height()
    scale(200)
    assert strip.iconSize() == QSize(152, 152)
    assert strip.height() >= 1.8 * before


def test_key_images_grow_with_the_texts(window: MainWindow, scale: Scale) -> None:
    shown = window.findChild(QListWidget, "key-images")
    assert isinstance(shown, QListWidget)
    scale(150)
    assert shown.iconSize() == QSize(198, 198)
    assert shown.gridSize().height() >= 198 + 2 * shown.fontMetrics().height()


def test_buttons_beside_the_toolbar_grow_with_the_texts(window: MainWindow, scale: Scale) -> None:
    play = window.findChild(QToolButton, "cine-play")
    assert isinstance(play, QToolButton)
    scale(200)
    assert play.iconSize() == QSize(32, 32)
    assert swatch((255, 0, 0)).actualSize(QSize(99, 99)) == QSize(28, 28)


def test_numbers_in_boxes_keep_their_distance_from_the_rim(qtbot: QtBot, scale: Scale) -> None:
    box = QSpinBox()
    qtbot.addWidget(box)
    inset(box)
    assert box.lineEdit().textMargins().left() == 6
    scale(200)
    assert box.lineEdit().textMargins().left() == 12


@pytest.mark.parametrize("name", theme.PALETTES)
@pytest.mark.parametrize("kind", [QLineEdit, QPlainTextEdit])
def test_the_hint_in_an_empty_field_can_be_read(
    name: str, kind: type[QWidget], qapp: QApplication, qtbot: QtBot, scale: Scale
) -> None:
    theme.apply(qapp, name)
    field = kind()
    qtbot.addWidget(field)
    field.show()
    ink = field.palette().color(QPalette.ColorRole.PlaceholderText)
    assert (ink.name(), ink.alpha()) == (theme.PALETTES[name].dim, 255)


@pytest.mark.parametrize(
    "panel_id",
    ["findings", "measurements", "comparison", "risk", "treatment", "report", "keys", "series", "tags", "layers"],
)
def test_with_the_largest_texts_a_panel_fits_beside_the_images_of_a_small_window(
    make_window: Callable[..., MainWindow], scale: Scale, panel_id: str
) -> None:
    window = make_window()
    window.resize(1280, 720)
    scale(200)
    window.docks.arrange(720)
    window.docks.show(panel_id)
    content = window.docks.panels[panel_id].content
    assert content.minimumSizeHint().width() <= RIGHT_SHARE * 1280
