"""As a reader would: choose, save, copy, print; what cannot be written is one sentence."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from PIL import Image, ImageSequence
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QDialog, QFileDialog
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell, CellKind
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.volume import PENDING, READY, Volume
from medviewer.imaging.window import LUNG
from medviewer.ui.exports import files as export_files
from medviewer.ui.exports.clip import ClipRun
from medviewer.ui.exports.dialog import ClipDialog, ExportDialog, SnapshotDialog, burned_in_words
from medviewer.ui.exports.picture import BAND_PX, Wish
from medviewer.ui.exports.printing import PrintDialog, PrintRun, Sheet
from medviewer.ui.exports.told import Told
from medviewer.ui.first_look import middle
from medviewer.ui.view import View
from medviewer.ui.window import MainWindow
from tests.ui.samples import volume_of


@pytest.fixture
def open_window(window: MainWindow, volume: Volume) -> MainWindow:
    window.view.show_volume(volume, LUNG, middle(volume))
    return window


def choosing(
    monkeypatch: pytest.MonkeyPatch, path: Path, set_up: Callable[[ExportDialog], None] = lambda _d: None
) -> None:
    """Let the dialogs be answered at once."""

    def answer(dialog: ExportDialog) -> int:
        set_up(dialog)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(ExportDialog, "exec", answer)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a: (str(path), "x (*.png)"))


def idle(window: MainWindow) -> bool:
    return not window.jobs.running


def told(window: MainWindow) -> list[str]:
    return [each.text.text() for each in window.viewer.findChildren(Told) if each.isVisible()]


def test_a_picture_is_saved_and_that_is_said(
    qtbot: QtBot, open_window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    choosing(monkeypatch, tmp_path / "Lung 1.0")
    export_files.save_snapshot(open_window)
    qtbot.waitUntil(lambda: bool(told(open_window)))
    saved = tmp_path / "Lung 1.0.png"
    assert told(open_window) == [f"Saved as {saved}"]
    size = open_window.viewer.active.size()
    assert Image.open(saved).size == (size.width(), size.height() + BAND_PX)


def test_the_whole_layout_is_saved_as_jpeg(
    qtbot: QtBot, open_window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    open_window.viewer.set_grid(1, 2)

    def whole(dialog: ExportDialog) -> None:
        assert isinstance(dialog, SnapshotDialog)
        dialog.all.setChecked(True)
        assert not dialog.native.isEnabled()

    choosing(monkeypatch, tmp_path / "all.jpg", whole)
    export_files.save_snapshot(open_window)
    qtbot.waitUntil(lambda: idle(open_window))
    assert Image.open(tmp_path / "all.jpg").size[0] > 1.9 * open_window.viewer.active.width()


def test_a_folder_that_cannot_be_written_to_is_one_sentence(
    qtbot: QtBot, open_window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    choosing(monkeypatch, tmp_path / "nowhere" / "a.png")
    export_files.save_snapshot(open_window)
    qtbot.waitUntil(lambda: idle(open_window) and open_window.messages.isVisible())
    assert not told(open_window)


def test_a_copy_warns_of_names_in_the_pixels(window: MainWindow) -> None:
    film = volume_of(burned_in="YES")
    window.resize(960, 600)
    window.view.show_volume(film, LUNG, middle(film))
    export_files.copy_picture(window)
    (told,) = [each for each in window.viewer.findChildren(Told) if each.isVisible()]
    assert "pixels hold the patient's name" in told.text.text()
    assert window.viewer.rect().contains(told.geometry())  # wrapped, not cut
    window.view.show_volume(None, LUNG, (0.0, 0.0, 0.0))
    film.close()


def test_a_copy_goes_to_the_clipboard_without_names(open_window: MainWindow) -> None:
    export_files.copy_picture(open_window)
    image = QGuiApplication.clipboard().image()
    assert image.width() == open_window.viewer.active.width()
    assert told(open_window) == ["The image was copied, without names."]


def test_a_clip_is_saved_from_image_to_image(
    qtbot: QtBot, open_window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def some(dialog: ExportDialog) -> None:
        assert isinstance(dialog, ClipDialog)
        dialog.first.setValue(4)
        dialog.last.setValue(9)
        dialog.overlays.setChecked(False)
        dialog.native.setChecked(True)

    choosing(monkeypatch, tmp_path / "a.gif", some)
    before = open_window.view.point_lps_mm
    run = export_files.save_clip(open_window)
    assert run is not None
    with qtbot.waitSignal(run.saved, timeout=10_000):
        pass
    with Image.open(tmp_path / "a.gif") as gif:
        # images that are alike are one, shown longer
        shown_ms = sum(frame.info["duration"] for frame in ImageSequence.Iterator(gif))
        assert gif.size == (64, 64 + BAND_PX)
    assert shown_ms == 6 * 70
    assert open_window.view.point_lps_mm == before


def test_a_clip_can_be_cancelled_and_leaves_nothing(qtbot: QtBot, open_window: MainWindow, tmp_path: Path) -> None:
    run = ClipRun(open_window.viewer.active, range(20), 10, tmp_path / "a.mp4", Wish())
    run.job.cancel()
    qtbot.waitUntil(lambda: idle(open_window))
    assert list(tmp_path.iterdir()) == []


def test_nothing_open_and_single_images_are_refused(window: MainWindow, view: View) -> None:
    for save in (export_files.save_snapshot, export_files.save_clip, export_files.copy_picture):
        with pytest.raises(Problem, match="No images are open"):
            save(window)


def test_names_need_overlays_and_backwards_is_a_way(qtbot: QtBot, open_window: MainWindow) -> None:
    dialog = ClipDialog(open_window.viewer.active, 24, 15.2, open_window)
    qtbot.addWidget(dialog)
    assert dialog.fps.value() == 15
    dialog.names.setChecked(True)
    assert dialog.wish == Wish(names=True)
    dialog.overlays.setChecked(False)
    assert dialog.wish == Wish(overlays=False, names=False)
    assert not dialog.names.isEnabled()
    dialog.first.setValue(5)
    dialog.last.setValue(3)
    assert list(dialog.numbers) == [4, 3, 2]


@pytest.mark.parametrize(
    ("modality", "said", "words"),
    [("CT", "", ""), ("CT", "YES", "The file says"), ("US", "", "Images of this kind"), ("US", "NO", "")],
)
def test_names_in_the_pixels_are_warned_of(
    qtbot: QtBot, window: MainWindow, modality: str, said: str, words: str
) -> None:
    volume = volume_of(modality=modality, burned_in=said)
    window.view.show_volume(volume, LUNG, middle(volume))
    found = burned_in_words(window.viewer.active)
    assert found.startswith(words)
    assert bool(found) == bool(words)
    window.view.show_volume(None, LUNG, (0.0, 0.0, 0.0))
    volume.close()


def _pdf(path: Path) -> QPrinter:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(path))
    return printer


@pytest.mark.parametrize(("sheet", "pages"), [(Sheet(), 1), (Sheet(2, 2, every=5), 2), (Sheet(1, 2, every=4), 3)])
def test_images_are_printed_so_many_a_page(
    qtbot: QtBot, open_window: MainWindow, tmp_path: Path, sheet: Sheet, pages: int
) -> None:
    viewport = open_window.viewer.active  # of 24 slices
    run = PrintRun(_pdf(tmp_path / "a.pdf"), [viewport], viewport, sheet, Wish())
    with qtbot.waitSignal(run.printed, timeout=20_000) as printed:
        pass
    assert printed.args == [pages]
    data = (tmp_path / "a.pdf").read_bytes()
    assert data.startswith(b"%PDF")
    assert data.count(b"/Type /Page\n") == pages
    qtbot.waitUntil(lambda: idle(open_window))


def test_a_pdf_that_the_disk_had_no_room_for_leaves_the_old_one(
    qtbot: QtBot, open_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.pdf").write_bytes(b"old")
    viewport, end = open_window.viewer.active, QPainter.end

    def full(painter: QPainter) -> bool:
        """The printer says nothing, and the end of its file is missing."""
        done = end(painter)
        (draft,) = tmp_path.glob(".*.pdf")
        draft.write_bytes(draft.read_bytes()[:-2000])
        return done

    run = PrintRun(_pdf(tmp_path / "a.pdf"), [viewport], viewport, Sheet(), Wish())
    monkeypatch.setattr(QPainter, "end", full)
    with qtbot.captureExceptions() as caught:
        qtbot.waitUntil(lambda: not open_window.jobs.is_busy(run.job))
    monkeypatch.undo()
    assert str(caught[0][1]).startswith("'a.pdf' could not be written: No space left on device.")
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]
    assert (tmp_path / "a.pdf").read_bytes() == b"old"


@pytest.fixture
def half_read(window: MainWindow, volume: Volume) -> MainWindow:
    """A window on a series of 24 images of which only the first and the last three have been read."""
    volume.state[3:-3] = PENDING
    window.view.show_volume(volume, LUNG, middle(volume))
    return window


@pytest.mark.parametrize("kind", ["axial", "coronal"])
def test_printing_a_series_waits_for_images_that_are_still_being_read(
    qtbot: QtBot, half_read: MainWindow, volume: Volume, tmp_path: Path, kind: CellKind
) -> None:
    viewport, read = half_read.viewer.active, Event()
    viewport.set_cell(Cell(kind))
    half_read.jobs.start("Loading images", lambda _job: read.wait(20.0))
    run = PrintRun(_pdf(tmp_path / "a.pdf"), [viewport], viewport, Sheet(3, 4, every=4), Wish())
    turns: list[int] = []
    run._timer.timeout.connect(lambda: turns.append(run._n))
    qtbot.waitUntil(lambda: len(turns) > 4)
    assert turns[-2:] == ([1, 1] if kind == "axial" else [0, 0])  # a plane across the images needs all of them
    volume.state[:] = READY
    with qtbot.waitSignal(run.printed, timeout=20_000):
        read.set()
    assert run._n == run._count
    qtbot.waitUntil(lambda: idle(half_read))


def test_waiting_to_print_can_be_cancelled_and_the_file_stays_as_it_was(
    qtbot: QtBot, half_read: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "a.pdf").write_bytes(b"old")
    viewport, read = half_read.viewer.active, Event()
    half_read.jobs.start("Loading images", lambda _job: read.wait(20.0))
    run = PrintRun(_pdf(tmp_path / "a.pdf"), [viewport], viewport, Sheet(1, 1, every=1), Wish())
    qtbot.waitUntil(lambda: run._n == 3)
    run.job.cancel()
    qtbot.waitUntil(lambda: not half_read.jobs.is_busy(run.job))
    read.set()
    qtbot.waitUntil(lambda: idle(half_read))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


@pytest.mark.parametrize("what", ["print", "clip"])
def test_images_that_nobody_reads_end_an_export_with_one_sentence(
    qtbot: QtBot, half_read: MainWindow, tmp_path: Path, what: str
) -> None:
    viewport = half_read.viewer.active
    if what == "print":
        PrintRun(_pdf(tmp_path / "a.pdf"), [viewport], viewport, Sheet(1, 1, every=1), Wish())
    else:
        ClipRun(viewport, range(24), 10.0, tmp_path / "a.gif", Wish())
    with qtbot.captureExceptions() as caught:
        qtbot.waitUntil(lambda: idle(half_read))
    assert len(caught) == 1
    assert str(caught[0][1]).startswith("Some of these images have not been read, so the export has ended.")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.qt_log_ignore("QPainter::begin", "QPdf", "QPrinter")
def test_a_printer_that_cannot_be_used_and_too_much_paper_are_said(open_window: MainWindow, tmp_path: Path) -> None:
    viewport = open_window.viewer.active
    with pytest.raises(Problem, match="The printer cannot be used"):
        PrintRun(_pdf(tmp_path / "nowhere" / "a.pdf"), [viewport], viewport, Sheet(), Wish())
    with pytest.raises(Problem, match="more than 60 pages"):
        PrintRun(_pdf(tmp_path / "a.pdf"), [viewport] * 61, viewport, Sheet(), Wish())


def test_the_print_dialog_says_what_was_chosen(qtbot: QtBot, open_window: MainWindow) -> None:
    dialog = PrintDialog(open_window.viewer.active, 24, parent=open_window)
    qtbot.addWidget(dialog)
    assert dialog.sheet == Sheet(1, 1, 0)
    dialog.grid.setCurrentIndex(2)
    dialog.what.setCurrentIndex(1)
    dialog.every.setValue(6)
    assert dialog.sheet == Sheet(2, 2, 6)
    assert dialog.wish.names


def test_a_job_that_waits_for_the_printer_can_be_cancelled(
    qtbot: QtBot, open_window: MainWindow, tmp_path: Path
) -> None:
    viewport = open_window.viewer.active
    run = PrintRun(_pdf(tmp_path / "a.pdf"), [viewport], viewport, Sheet(1, 1, every=1), Wish())
    job: Job = run.job
    job.cancel()
    qtbot.waitUntil(lambda: idle(open_window))
