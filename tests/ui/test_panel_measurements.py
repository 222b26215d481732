"""The measurements panel: list, numbers, names, eyes, export."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from medviewer.app.session import Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.core.case import Case
from medviewer.core.history import History
from medviewer.core.mark import Mark
from medviewer.core.mark_edits import AddMark
from medviewer.core.problem import Problem
from medviewer.core.study import Check, Series, Study
from medviewer.core.volume import PENDING, READY, Volume
from medviewer.i18n import N_
from medviewer.imaging.window import MEDIASTINUM
from medviewer.ui.marks.table import EYE, NAME, PLACE, VALUE
from medviewer.ui.panels.measurements import MeasurementsPanel, empty_words
from medviewer.ui.view import View
from tests.marks import on_slice
from tests.ui.marking import MIDDLE, PLACED
from tests.ui.samples import noted, volume_of

KEY = Qt.Key


@pytest.fixture
def shown() -> Iterator[Volume]:
    made = volume_of(**PLACED)
    yield made
    made.close()


@pytest.fixture
def session(tmp_path: Path, view: View, shown: Volume) -> Iterator[Session]:
    """A session on one study, its case open."""
    made = Session(Store(tmp_path / "cases.sqlite"), Settings())
    made.study = Study("1.2.3", (shown.series,))
    made._history = History(Case("1.2.3"))
    view.do, view.case = lambda edit: made.do(edit, view), lambda: made.case if made.study else None
    made.changed.append(lambda _touched, _source: view.marks_changed.emit())
    yield made
    made.store.close()
    made.library.close()


@pytest.fixture
def panel(session: Session, view: View, shown: Volume, qtbot: QtBot) -> MeasurementsPanel:
    made = MeasurementsPanel(session, view)
    qtbot.addWidget(made)
    view.show_volume(shown, MEDIASTINUM, MIDDLE)
    made.resize(520, 600)
    made.show()
    return made


@pytest.fixture
def put(session: Session, shown: Volume) -> Callable[..., Mark]:
    def add(kind: str, *points_ji: tuple[float, float], k: int = 13, **more: object) -> Mark:
        made = on_slice(shown, kind, points_ji, k=k, id=f"m{len(session.case.marks)}", **more)  # type: ignore[arg-type]
        session.do(AddMark(made))
        return made

    return add


def said(panel: MeasurementsPanel, row: int) -> list[str]:
    return [str(panel.model.index(row, column).data() or "") for column in range(panel.model.columnCount())]


def click(panel: MeasurementsPanel, row: int, column: int) -> None:
    place = panel.table.visualRect(panel.model.index(row, column)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_an_empty_list_says_what_to_do(panel: MeasurementsPanel) -> None:
    assert panel.pages.currentIndex() == 0
    assert "Press D" in panel.empty.text()


def test_the_empty_list_says_what_is_not_offered(shown: Volume) -> None:
    check = Check("cut-short", "stop", N_("All files are cut short."))
    assert "All files are cut short." in empty_words(True, noted(shown, check).series)
    header = replace(shown.series.first, pixel_spacing_mm=None)
    assert "pixels" in empty_words(True, Series("1", (header,)))
    assert empty_words(False, None) == "Open a study to measure in its images."


def test_each_mark_is_a_row_with_value_and_place(panel: MeasurementsPanel, put: Callable[..., Mark]) -> None:
    put("length", (10, 10), (10, 20), name="target")
    put("rectangle", (28.5, 43.5), (31.5, 46.5))
    assert panel.pages.currentIndex() == 1
    assert said(panel, 0) == ["1", "", "target", "Length", "16.0 mm", "Image 11"]
    assert said(panel, 1)[VALUE] == "40.0 ± 0.0 HU, 23.0 mm²"


def test_a_click_goes_there_and_shows_the_numbers(
    panel: MeasurementsPanel, put: Callable[..., Mark], view: View
) -> None:
    put("length", (10, 10), (10, 20))
    region = put("rectangle", (28.5, 43.5), (31.5, 46.5), k=5)
    click(panel, 1, VALUE)
    assert panel.marks.chosen_id == region.id
    assert view.point_lps_mm == pytest.approx(region.center_lps_mm)
    assert panel.card.isVisible()
    assert panel.card.histogram.isVisible()
    click(panel, 0, VALUE)
    assert not panel.card.histogram.isVisible()


def test_arrow_keys_go_from_mark_to_mark(panel: MeasurementsPanel, put: Callable[..., Mark], view: View) -> None:
    put("length", (10, 10), (10, 20), k=3)
    put("length", (10, 10), (10, 20), k=9)
    click(panel, 0, VALUE)
    QTest.keyClick(panel.table, KEY.Key_Down)
    assert panel.marks.chosen_id == "m1"
    assert view.point_lps_mm[2] == pytest.approx(panel.marks.marks[1].center_lps_mm[2])


def test_a_name_is_typed_in_place_and_can_be_undone(
    panel: MeasurementsPanel, put: Callable[..., Mark], session: Session, qtbot: QtBot
) -> None:
    put("length", (10, 10), (10, 20))
    panel.table.setCurrentIndex(panel.model.index(0, NAME))
    QTest.keyClick(panel.table, KEY.Key_F2)
    typing = panel.table.findChild(QLineEdit)
    assert isinstance(typing, QLineEdit)
    QTest.keyClicks(typing, "target 1")
    QTest.keyClick(typing, KEY.Key_Return)
    qtbot.waitUntil(lambda: session.case.marks[0].name == "target 1")
    session.undo()
    assert said(panel, 0)[NAME] == ""


def test_a_name_is_never_taken_for_markup(panel: MeasurementsPanel, put: Callable[..., Mark]) -> None:
    put("length", (20.0, 20.0), (30.0, 20.0), name="<img src='file:///etc/passwd'>{0}")
    model = panel.table.model()
    shown = model.index(0, NAME).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;img" in shown
    assert "<img" not in shown
    assert model.index(0, NAME).data() == "<img src='file:///etc/passwd'>{0}"


def test_the_eye_and_space_hide_and_show(panel: MeasurementsPanel, put: Callable[..., Mark], session: Session) -> None:
    put("length", (10, 10), (10, 20))
    click(panel, 0, EYE)
    assert session.case.marks[0].hidden
    panel.table.setCurrentIndex(panel.model.index(0, NAME))
    QTest.keyClick(panel.table, KEY.Key_Space)
    assert not session.case.marks[0].hidden


@pytest.mark.parametrize("way", ["key", "button"])
def test_a_mark_is_deleted_and_undo_brings_it_back(
    panel: MeasurementsPanel, put: Callable[..., Mark], session: Session, way: str
) -> None:
    put("length", (10, 10), (10, 20))
    put("length", (20, 10), (20, 20))
    click(panel, 0, VALUE)
    if way == "key":
        QTest.keyClick(panel.table, KEY.Key_Delete)
    else:
        panel.remove.click()
    assert [mark.id for mark in session.case.marks] == ["m1"]
    assert not panel.remove.isEnabled()
    session.undo()
    assert [mark.id for mark in session.case.marks] == ["m0", "m1"]


def test_a_mark_chosen_on_the_image_is_chosen_in_the_list(panel: MeasurementsPanel, put: Callable[..., Mark]) -> None:
    put("length", (10, 10), (10, 20))
    put("length", (20, 10), (20, 20))
    panel.marks.choose("m1")
    assert panel.table.currentIndex().row() == 1
    panel.marks.choose(None)
    assert not panel.table.selectionModel().hasSelection()
    assert not panel.card.isVisible()


def test_values_come_as_slices_are_read(
    panel: MeasurementsPanel, put: Callable[..., Mark], view: View, shown: Volume
) -> None:
    shown.state[13] = PENDING
    put("probe", (30, 45))
    assert said(panel, 0)[VALUE] == "–"
    shown.state[13] = READY
    view.slices_changed.emit()
    assert said(panel, 0)[VALUE] == "40 HU"


def test_the_table_can_be_copied_and_saved(panel: MeasurementsPanel, put: Callable[..., Mark], tmp_path: Path) -> None:
    put("length", (10, 10), (10, 20), name="target")
    panel.copy.click()
    assert "target" in QGuiApplication.clipboard().text().splitlines()[1].split("\t")
    panel.export(tmp_path / "m.csv")
    assert "16.0" in (tmp_path / "m.csv").read_text("utf-8-sig")
    with pytest.raises(Problem, match="could not be saved"):
        panel.export(tmp_path / "nowhere" / "m.csv")


def test_without_its_images_a_mark_shows_what_it_kept(
    panel: MeasurementsPanel, put: Callable[..., Mark], view: View
) -> None:
    put("probe", (30, 45), measured={"value": 41.0}, unit="HU")
    assert said(panel, 0)[VALUE] == "40 HU"
    other = volume_of(uid="7.7", **PLACED)
    view.show_volume(other, MEDIASTINUM, MIDDLE)
    assert said(panel, 0)[VALUE] == "41 HU"
    view.show_volume(None, MEDIASTINUM, MIDDLE)
    other.close()


def test_a_plane_across_the_images_is_named(panel: MeasurementsPanel, put: Callable[..., Mark]) -> None:
    lying = {"sop_uid": "", "normal_lps": (0.0, 1.0, 0.0), "right_lps": (1.0, 0.0, 0.0)}
    put("length", (10, 10), (10, 20), **lying)
    assert said(panel, 0)[PLACE] == "Coronal A 24.0 mm"
    put("length", (10, 10), (10, 20), **{**lying, "normal_lps": (0.0, 0.8, 0.6)})
    assert said(panel, 1)[PLACE] == "Oblique"


def test_the_histogram_is_painted(panel: MeasurementsPanel, put: Callable[..., Mark], view: View) -> None:
    put("rectangle", (20.0, 30.0), (40.0, 60.0))
    click(panel, 0, VALUE)
    picture = panel.card.histogram.grab().toImage()
    inks = {picture.pixelColor(QPoint(x, 40)).name() for x in range(picture.width())}
    assert len(inks) > 1
