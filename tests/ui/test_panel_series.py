"""The series panel: checks as cards, what is offered, and the button that straightens."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from medviewer.app.session import Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.core.study import Check
from medviewer.core.volume import Volume
from medviewer.i18n import N_
from medviewer.imaging.window import Window
from medviewer.ui.panels.series import PANEL, SeriesPanel, offers
from medviewer.ui.view import ReadingStatus, View
from tests.ui.samples import noted

TILT = Check(
    "gantry-tilt", "stop", N_("The gantry was tilted by {deg:.1f}°.", deg=-18.5), N_("It can be straightened.")
)
LOSSY = Check("lossy", "warning", N_("Compressed with loss."), N_("Detail may be lost."))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(Store(tmp_path / "cases.sqlite"), Settings(language="en"))
    yield made
    made.store.close()


@pytest.fixture
def panel(qtbot: QtBot, session: Session, view: View) -> SeriesPanel:
    made = PANEL.make(session, view)
    assert isinstance(made, SeriesPanel)
    qtbot.addWidget(made)
    made.resize(420, 700)
    made.show()
    return made


def show(view: View, volume: Volume, *checks: Check) -> None:
    view.show_volume(noted(volume, *checks), Window(40.0, 400.0), (0.0, 0.0, 0.0))


def cards(panel: SeriesPanel) -> list[QWidget]:
    items = [panel.checks.itemAt(n) for n in range(panel.checks.count())]
    widgets = [item.widget() for item in items if item is not None]
    return [widget for widget in widgets if widget is not None]


def words(widget: QWidget) -> str:
    return "\n".join(text.text() for text in widget.findChildren(QLabel) if text.text())


def test_without_a_series_it_says_what_to_do(panel: SeriesPanel) -> None:
    assert panel.message.isVisible()
    assert "open a folder" in panel.message.text()


def test_each_check_says_how_grave_it_is_what_it_is_and_what_it_means(
    panel: SeriesPanel, view: View, volume: Volume
) -> None:
    show(view, volume, TILT, LOSSY)
    assert [words(card) for card in cards(panel)] == [
        "Limitation\nThe gantry was tilted by -18.5°.\nIt can be straightened.",
        "Warning\nCompressed with loss.\nDetail may be lost.",
    ]
    assert cards(panel)[0].accessibleName() == "Limitation: The gantry was tilted by -18.5°."
    assert panel.title.text() == "Lung 2.5"


def test_a_series_in_order_is_said_to_be(panel: SeriesPanel, view: View, volume: Volume) -> None:
    show(view, volume)
    (only,) = cards(panel)
    assert isinstance(only, QLabel)
    assert only.text() == "Nothing odd was found about these images."


def test_only_a_tilted_series_can_be_straightened(panel: SeriesPanel, view: View, volume: Volume, qtbot: QtBot) -> None:
    show(view, volume, LOSSY)
    assert not panel.straighten.isVisible()
    show(view, volume, TILT)
    with qtbot.waitSignal(view.straighten_wanted):
        QTest.mouseClick(panel.straighten, Qt.MouseButton.LeftButton)


def test_what_is_offered_has_a_tick_and_what_is_not_a_reason(volume: Volume) -> None:
    idle = ReadingStatus()
    assert [why for _what, why in offers(volume.series, idle)] == [""] * 4
    tilted, reason = noted(volume, TILT, LOSSY).series, "The gantry was tilted by -18.5°."
    assert [why for _what, why in offers(tilted, idle)] == [reason, "", reason, reason]
    colours = noted(volume, Check("colour", "stop", N_("These are colour images."))).series
    assert [why for _what, why in offers(colours, idle)] == ["", "", "", "These are colour images."]
    film = replace(volume.series, grid=None)
    assert offers(film, idle)[0][1] == "The series is no stack of parallel slices."
    refused = ReadingStatus("refused", text="No model reads MR.")
    assert offers(volume.series, refused)[3][1] == "No model reads MR."


def test_a_single_image_can_be_measured_where_its_pixels_have_a_size(volume: Volume) -> None:
    alone = Check("single-image", "stop", N_("The series has a single image."))
    unsized = Check("no-spacing", "stop", N_("The size of a pixel is unknown."))

    def measuring(*checks: Check) -> tuple[str, str]:
        series = noted(volume, *checks).series
        return offers(replace(series, headers=series.headers[:1]), ReadingStatus())[1]

    assert measuring(alone) == ("Measuring in the image", "")
    assert measuring(alone, unsized)[1] == "The size of a pixel is unknown."


def test_a_refusal_of_the_model_is_shown_when_it_comes(panel: SeriesPanel, view: View, volume: Volume) -> None:
    show(view, volume)
    assert "Reading by AI: yes" in words(panel)
    view.set_reading(ReadingStatus("refused", text="No model reads MR."))
    assert "Reading by AI: no. No model reads MR." in words(panel)


def test_a_hidden_panel_catches_up_when_it_is_shown(panel: SeriesPanel, view: View, volume: Volume) -> None:
    panel.hide()
    show(view, volume, TILT)
    assert cards(panel) == []
    panel.show()
    assert len(cards(panel)) == 1


def test_a_document_in_place_of_the_images_shows_its_own_checks(panel: SeriesPanel, view: View, volume: Volume) -> None:
    show(view, volume, TILT)
    copied = Check("duplicate-file", "info", N_("One file is a copy."))
    view.show_page(replace(volume.series, kind="report", checks=(copied,)))
    assert [words(card) for card in cards(panel)] == ["Note\nOne file is a copy."]
    assert not panel.offered.isVisible()


def test_texts_of_files_are_no_markup(panel: SeriesPanel, view: View, volume: Volume) -> None:
    show(view, volume, Check("not-hu", "stop", N_("In '{unit}'.", unit="<b>x</b>")))
    assert all(
        text.textFormat() == Qt.TextFormat.PlainText for text in cards(panel)[0].findChildren(QLabel) if text.text()
    )
