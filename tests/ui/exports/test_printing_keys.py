"""Key images on paper: the pictures that were kept, with their notes and whose they are."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from medviewer.app.snapshots import encoded
from medviewer.core.arrangement import Cell
from medviewer.core.key_image import KeyImage
from medviewer.core.volume import Volume
from medviewer.imaging.window import LUNG
from medviewer.ui.exports import printing
from medviewer.ui.exports.picture import BAND_PX, Wish
from medviewer.ui.exports.printing import PrintDialog, PrintRun, Sheet
from medviewer.ui.first_look import middle
from medviewer.ui.window import MainWindow

PICTURE = encoded(np.full((640, 800, 3), 90, np.uint8), "png")
KEYS = tuple(
    KeyImage(str(n), "1", f"1.{n}", 1, "native", (0.0, 0.0, 0.0), note=note, picture=PICTURE)
    for n, note in enumerate(("", "a nodule", "结节"))
)


@pytest.fixture
def open_window(window: MainWindow, volume: Volume) -> MainWindow:
    window.view.show_volume(volume, LUNG, middle(volume))
    return window


def test_key_images_are_offered_where_there_are_any(qtbot: QtBot, open_window: MainWindow) -> None:
    viewport = open_window.viewer.active
    plain = PrintDialog(viewport, 24, parent=open_window)
    assert plain.what.findData("keys") < 0
    dialog = PrintDialog(viewport, 24, KEYS, open_window)
    dialog.what.setCurrentIndex(dialog.what.findData("keys"))
    assert not dialog.every.isEnabled()
    assert dialog.sheet == Sheet(1, 1, keys=KEYS)
    for made in (plain, dialog):
        qtbot.addWidget(made)


def test_a_body_in_three_dimensions_is_printed_as_it_is_seen_and_not_as_a_series(
    qtbot: QtBot, open_window: MainWindow
) -> None:
    viewport = open_window.viewer.active
    viewport.set_cell(Cell("volume"))
    dialog = PrintDialog(viewport, 24, parent=open_window)
    qtbot.addWidget(dialog)
    assert [dialog.what.itemData(n) for n in range(dialog.what.count())] == ["screen"]


@pytest.mark.parametrize(("names", "who"), [(True, "Doe Jane · P-7 · 2026-01-15"), (False, "")])
def test_they_are_printed_with_their_notes_and_the_patient_only_where_wanted(
    qtbot: QtBot, open_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: bool, who: str
) -> None:
    feet: list[str] = []
    monkeypatch.setattr(printing, "_foot", lambda _painter, _page, said: feet.append(said))
    placed: list[QImage] = []
    monkeypatch.setattr(printing, "_place", lambda _painter, _page, picture, *_rest: placed.append(picture))
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "a.pdf"))
    viewport = open_window.viewer.active
    run = PrintRun(printer, [viewport], viewport, Sheet(1, 2, keys=KEYS), Wish(names=names))
    with qtbot.waitSignal(run.printed, timeout=20_000) as printed:
        pass
    assert printed.args == [2]
    assert feet == [who, who]
    plain, noted = 640, 640 + round(BAND_PX * 640 / 900)
    assert [picture.height() for picture in placed] == [plain, pytest.approx(noted, abs=1), pytest.approx(noted, abs=1)]
