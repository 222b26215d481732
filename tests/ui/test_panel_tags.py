"""The tags panel: what the file says, found, copied, and read only while somebody looks."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.app.session import Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.core.study import Series
from medviewer.core.volume import Volume
from medviewer.imaging.window import Window
from medviewer.ui.panels.tags import PANEL, TagsPanel
from medviewer.ui.view import View
from tests.dicom.files import ramp, slice_file


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(Store(tmp_path / "cases.sqlite"), Settings(language="en"))
    yield made
    made.store.close()


@pytest.fixture
def files(tmp_path: Path, volume: Volume) -> Volume:
    """The volume with a file behind each of its slices."""
    paths = [
        slice_file(tmp_path / f"{k}.dcm", ramp(), k, PatientName=f"Doe^{k}") for k in range(len(volume.series.headers))
    ]
    headers = tuple(replace(h, path=str(p)) for h, p in zip(volume.series.headers, paths, strict=True))
    return replace(volume, series=replace(volume.series, headers=headers))


@pytest.fixture
def panel(qtbot: QtBot, session: Session, view: View) -> TagsPanel:
    made = PANEL.make(session, view)
    assert isinstance(made, TagsPanel)
    qtbot.addWidget(made)
    made.resize(420, 500)
    return made


def look_at(view: View, volume: Volume, k: int) -> None:
    x, y, z = (float(v) for v in volume.grid.to_lps((k, 0, 0)))
    view.move_to((x, y, z))


def cell(panel: TagsPanel, name: str) -> str:
    return next((row.value for row in panel.model.rows if row.name == name), "")


def shown(panel: TagsPanel, view: View, volume: Volume, qtbot: QtBot) -> None:
    view.show_volume(volume, Window(40.0, 400.0), (0.0, 0.0, 0.0))
    look_at(view, volume, 3)
    panel.show()
    qtbot.waitUntil(lambda: cell(panel, "Patient's Name") == "Doe^3")


def test_the_tags_of_the_image_looked_at_are_shown(panel: TagsPanel, view: View, files: Volume, qtbot: QtBot) -> None:
    shown(panel, view, files, qtbot)
    assert panel.message.text() == ""
    look_at(view, files, 7)
    qtbot.waitUntil(lambda: cell(panel, "Patient's Name") == "Doe^7")


def test_a_document_in_place_of_the_images_shows_its_own_tags(
    panel: TagsPanel, view: View, files: Volume, qtbot: QtBot, tmp_path: Path
) -> None:
    shown(panel, view, files, qtbot)
    page = slice_file(tmp_path / "page.dcm", ramp(), 0, PatientName="Page")
    view.show_page(Series("p", (replace(files.series.first, path=str(page)),), kind="report"))
    qtbot.waitUntil(lambda: cell(panel, "Patient's Name") == "Page")
    view.show_page(None)
    qtbot.waitUntil(lambda: cell(panel, "Patient's Name") == "Doe^3")


def test_typing_leaves_what_matches(panel: TagsPanel, view: View, files: Volume, qtbot: QtBot) -> None:
    shown(panel, view, files, qtbot)
    QTest.keyClicks(panel.filter, "doe^")
    assert panel.filtered.rowCount() == 1
    QTest.keyClicks(panel.filter, "nobody")
    assert panel.filtered.rowCount() == 0
    panel.filter.clear()
    assert panel.filtered.rowCount() == len(panel.model.rows)


def test_rows_are_copied_with_tabs(panel: TagsPanel, view: View, files: Volume, qtbot: QtBot) -> None:
    shown(panel, view, files, qtbot)
    QTest.keyClicks(panel.filter, "doe^")
    QTest.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "(0010,0010)\tPatient's Name\tDoe^3\tPN"
    panel.filter.clear()
    panel.table.selectRow(0)
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("(0002,")
    assert QGuiApplication.clipboard().text().count("\n") == 0


def test_nothing_can_be_changed(panel: TagsPanel, view: View, files: Volume, qtbot: QtBot) -> None:
    shown(panel, view, files, qtbot)
    index = panel.filtered.index(0, 2)
    assert not index.flags() & Qt.ItemFlag.ItemIsEditable


def test_a_hidden_panel_reads_nothing(panel: TagsPanel, view: View, files: Volume, qtbot: QtBot) -> None:
    shown(panel, view, files, qtbot)
    panel.hide()
    look_at(view, files, 9)
    assert not panel._wait.isActive()
    assert view.jobs.quiet == []
    assert cell(panel, "Patient's Name") == "Doe^3"
    panel.show()
    qtbot.waitUntil(lambda: cell(panel, "Patient's Name") == "Doe^9")


def test_what_cannot_be_read_is_said(panel: TagsPanel, view: View, files: Volume, qtbot: QtBot) -> None:
    Path(files.series.headers[3].path).write_bytes(b"no DICOM at all")
    view.show_volume(files, Window(40.0, 400.0), (0.0, 0.0, 0.0))
    look_at(view, files, 3)
    panel.show()
    qtbot.waitUntil(lambda: "not a DICOM file" in panel.message.text())
    assert panel.model.rowCount() == 0


def test_without_an_image_it_says_so(panel: TagsPanel, qtbot: QtBot) -> None:
    panel.show()
    qtbot.waitUntil(lambda: panel.message.text() == "No image is shown.")
