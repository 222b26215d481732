"""What happens to a reader who is faster than the program, or whose disk is full: nothing is mixed up or lost."""

import threading
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.core.problem import Problem
from medviewer.core.study import Patient
from medviewer.dicom import load
from medviewer.imaging.marks import measure as marks
from medviewer.phantom import small
from medviewer.ui.compare.comparing import Comparing
from medviewer.ui.exports.clip import ClipRun
from medviewer.ui.exports.picture import Wish
from medviewer.ui.exports.printing import PrintRun, Sheet
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from medviewer.ui.window import MainWindow
from tests.ui.samples import folder_of, tall_grid

OTHER = Patient("P-8", "Roe^Richard", "19500101", "M")
CLOSED = "The images were closed before the export had ended; it is not complete."


def settled(window: MainWindow) -> bool:
    return not window.flow.busy and not window.jobs.quiet and window.view.volume is not None


def open_and_wait(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    window.flow.open_path(folder)
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)


def draw(viewport: Viewport, tool: str, right_px: int = 0) -> None:
    """Drag a mark of ``tool`` over the middle of a viewport, or beside it."""
    window = viewport.window()
    assert isinstance(window, MainWindow)
    window.viewer.set_tool(tool)
    middle, left = viewport.rect().center() + QPoint(right_px, 0), Qt.MouseButton.LeftButton
    QTest.mousePress(viewport, left, pos=middle - QPoint(60, 40))
    QTest.mouseMove(viewport, middle)
    QTest.mouseMove(viewport, middle + QPoint(60, 40))
    QTest.mouseRelease(viewport, left, pos=middle + QPoint(60, 40))


def patient(window: MainWindow) -> str:
    """Whose images are on the screen."""
    return "" if window.view.volume is None else window.view.volume.series.first.patient.name


# ---- one patient's images, another one's case ----


def test_nothing_is_drawn_into_a_case_while_the_images_of_another_are_still_shown(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_and_wait(window, folder_of(tmp_path / "a"), qtbot)
    asked, go_on, allocate = threading.Event(), threading.Event(), load.allocate

    def slowly(*given: Any, **named: Any) -> Any:
        asked.set()
        assert go_on.wait(20)
        return allocate(*given, **named)

    monkeypatch.setattr(load, "allocate", slowly)
    window.flow.open_path(folder_of(tmp_path / "b", patient=OTHER))
    qtbot.waitUntil(lambda: asked.is_set() and not window.jobs.quiet, timeout=10_000)
    assert patient(window) == "Doe^Jane"
    with pytest.raises(Problem, match="No study is open"):
        draw(window.viewer.active, "length")
    go_on.set()
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    assert (patient(window), window.session.case.marks) == ("Roe^Richard", ())
    draw(window.viewer.active, "length")
    assert len(window.session.case.marks) == 1


def test_a_study_whose_images_cannot_be_loaded_still_has_its_case(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_and_wait(window, folder_of(tmp_path / "a"), qtbot)

    def refuse(*_given: Any, **_named: Any) -> Any:
        raise Problem("No room.")

    monkeypatch.setattr(load, "allocate", refuse)
    window.flow.open_path(folder_of(tmp_path / "b", patient=OTHER))
    qtbot.waitUntil(lambda: window.view.volume is None and not window.flow.busy, timeout=10_000)
    qtbot.waitUntil(lambda: window.session.study is not None and not window.jobs.quiet)
    assert [study.patient for study in (window.session.study,) if study] == [OTHER]
    assert [said.text for said in window.messages.said] == ["No room."]


def test_more_series_of_the_open_study_from_another_folder_can_be_read(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    import pydicom

    open_and_wait(window, folder_of(tmp_path / "a"), qtbot)
    more = folder_of(tmp_path / "b")
    for path in more.glob("**/*.dcm"):
        dataset = pydicom.dcmread(path)
        dataset.SeriesInstanceUID, dataset.SOPInstanceUID = "1.2.3.9", f"{dataset.SOPInstanceUID}.9"
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.save_as(path)
    open_and_wait(window, more, qtbot)
    study = window.session.study
    assert study is not None
    window.browser.series_wanted.emit(study.uid, "1.2.3.9")
    qtbot.waitUntil(lambda: settled(window), timeout=10_000)
    assert window.session.series is not None
    assert window.session.series.uid == "1.2.3.9"
    assert window.messages.said == []


# ---- exports and measures of images that go ----


def test_a_clip_ends_with_one_sentence_where_its_images_are_closed(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    open_and_wait(window, folder_of(tmp_path / "a", ct=small.make(grid=tall_grid(60))), qtbot)
    ClipRun(window.viewer.active, range(60), 10.0, tmp_path / "clip.gif", Wish())
    open_and_wait(window, folder_of(tmp_path / "b", patient=OTHER), qtbot)
    assert [said.text for said in window.messages.said] == [CLOSED]
    assert list(tmp_path.glob("*clip*")) == []


def test_printing_ends_with_one_sentence_where_its_images_are_closed(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    open_and_wait(window, folder_of(tmp_path / "a", ct=small.make(grid=tall_grid(60))), qtbot)
    printer, active = QPrinter(QPrinter.PrinterMode.HighResolution), window.viewer.active
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "print.pdf"))
    run = PrintRun(printer, [active], active, Sheet(3, 4, 1), Wish())
    window.view.show_volume(None, window.view.window, window.view.point_lps_mm)
    qtbot.waitUntil(lambda: not window.jobs.is_busy(run.job) and bool(window.messages.said))
    assert [said.text for said in window.messages.said] == [CLOSED]
    assert not (tmp_path / "print.pdf").exists()


def test_a_mark_that_takes_long_to_measure_does_no_harm_when_its_images_go(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, measure = threading.Event(), marks.measure

    def slowly(*given: Any) -> Any:
        assert threading.current_thread() is threading.main_thread() or go_on.wait(20)
        return measure(*given)

    monkeypatch.setattr("medviewer.ui.marks.view.LARGE_PX", 1.0)
    monkeypatch.setattr("medviewer.ui.marks.view.measure", slowly)
    open_and_wait(window, folder_of(tmp_path / "a"), qtbot)
    volume = window.view.volume
    assert volume is not None
    draw(window.viewer.active, "ellipse")
    window.flow.open_path(folder_of(tmp_path / "b", patient=OTHER))
    qtbot.waitUntil(lambda: patient(window) == "Roe^Richard" and not window.flow.busy, timeout=20_000)
    assert not volume.closed  # somebody still reads it
    go_on.set()
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    assert volume.closed
    assert window.messages.said == []


def test_what_compares_is_told_of_changes_no_longer_than_it_lives(window: MainWindow, view: View) -> None:
    before = list(window.session.changed)
    made = Comparing(window.session, view)
    assert len(window.session.changed) == len(before) + 3
    shiboken6.delete(made)
    assert window.session.changed == before
