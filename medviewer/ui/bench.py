"""The budgets of the window on this machine: start, wheel to picture, how long the window is ever blocked."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from medviewer.app.bench.budget import Budget
from medviewer.app.bench.workbench import Workbench, with_bytecode
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.volume import READY
from medviewer.i18n import N_, _

if TYPE_CHECKING:
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    from medviewer.core.volume import Volume
    from medviewer.ui.viewport import Viewport
    from medviewer.ui.window import MainWindow

SIDE_PX, TURNS, START_WAIT_S, STARTS = 1000, 150, 60.0, 3
BEAT_MS, WATCH_S, UNDER_WAY_S = 1, 20.0, 1.0
USABLE = "usable"
# What the measured program runs: the real window, until it is painted and the event loop is free again.
_PROGRAM = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from medviewer.ui.start import Start
program = QApplication([])
start = Start(program)
start.show()
QTimer.singleShot(0, lambda: QTimer.singleShot(0, lambda: print("usable", flush=True) or program.quit()))
program.exec()
start.close()
"""


def _screenless() -> dict[str, str]:
    """The environment with a screen of its own where the computer has none."""
    screen = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    return dict(os.environ) if screen or sys.platform != "linux" else {**os.environ, "QT_QPA_PLATFORM": "offscreen"}


def _program() -> "QApplication":
    from PySide6.QtWidgets import QApplication

    from medviewer.ui import theme

    os.environ.update(_screenless())
    program = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(program, QApplication)
    theme.apply(program)
    return program


def start_s(bench: Workbench) -> float:
    """Return the seconds from starting the program to its usable window, the best of a few."""
    return min(_one_start_s(with_bytecode(bench.home)) for _n in range(STARTS))


def _one_start_s(extra: dict[str, str]) -> float:
    started_s, env = time.perf_counter(), {**_screenless(), **extra}
    command = [sys.executable, "-c", _PROGRAM]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, text=True)
    watchdog = threading.Timer(START_WAIT_S, child.kill)
    watchdog.start()
    try:
        assert child.stdout is not None
        usable = any(line.strip() == USABLE for line in child.stdout)
        spent_s = time.perf_counter() - started_s
    finally:
        watchdog.cancel()
        child.kill()
        child.wait()
    if not usable:
        raise Problem(_("The window could not be started here."))
    return spent_s


@contextmanager
def _viewport(volume: "Volume") -> Iterator["Viewport"]:
    """A viewport of 1000 x 1000 pixels on the screen, showing the middle of ``volume``."""
    from medviewer.core.arrangement import Cell
    from medviewer.imaging.window import LUNG
    from medviewer.ui.first_look import middle
    from medviewer.ui.jobs import Jobs
    from medviewer.ui.view import View
    from medviewer.ui.viewport import Viewport

    program, view = _program(), View(Jobs())
    viewport = Viewport(view, Cell(), lambda: None)
    viewport.resize(SIDE_PX, SIDE_PX)
    viewport.show()
    view.show_volume(volume, LUNG, middle(volume))
    program.processEvents()
    try:
        yield viewport
    finally:
        viewport.close()
        viewport.deleteLater()
        program.processEvents()


def _wheel_p95_ms(viewport: "Viewport", awaited: tuple["Viewport", ...] = ()) -> float:
    """Return the 95th percentile of the milliseconds from a turn of the wheel to the picture on the screen.

    ``awaited``: the viewports that must all have been painted by then, by default the one with the wheel.
    """
    from PySide6.QtWidgets import QApplication

    spent_ms, every = [], awaited or (viewport,)
    for turn in range(TURNS):
        down = (turn // 50) % 2 == 0
        started_s = time.perf_counter()
        QApplication.sendEvent(viewport, _wheel(viewport, -120 if down else 120))
        while any(each.painted_s < started_s for each in every):
            QApplication.processEvents()
        spent_ms.append((time.perf_counter() - started_s) * 1000.0)
        rested_s = time.perf_counter() + 0.004  # a hand on a wheel is no faster; others get their turn as they would
        while time.perf_counter() < rested_s:
            QApplication.processEvents()
            time.sleep(0.0005)
    return float(np.percentile(spent_ms[5:], 95))


def _wheel(viewport: "Viewport", angle: int) -> "QWheelEvent":
    from PySide6.QtCore import QPoint, QPointF, Qt
    from PySide6.QtGui import QWheelEvent

    middle = QPointF(viewport.rect().center())
    none, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    at = viewport.mapToGlobal(middle)
    return QWheelEvent(middle, at, QPoint(), QPoint(0, angle), Qt.MouseButton.NoButton, none, phase, False)


def wheel_linked_ms(bench: Workbench) -> float:
    """Return the p95 from a turn of the wheel in one of four linked viewports until all four are painted.

    Three planes and a second series of the same place, on a window of 1600 x 1000 pixels.
    """
    with _four(bench.volume) as viewports:
        return _wheel_p95_ms(viewports[0], viewports)


@contextmanager
def _four(volume: "Volume") -> Iterator[tuple["Viewport", ...]]:
    """Four viewports on one window: the planes of ``volume``, and the axial ones of a prior of the same place."""
    from PySide6.QtWidgets import QGridLayout, QWidget

    from medviewer.core.arrangement import PRIOR, Cell
    from medviewer.imaging.window import LUNG
    from medviewer.ui.first_look import middle
    from medviewer.ui.jobs import Jobs
    from medviewer.ui.view import View
    from medviewer.ui.viewport import Viewport

    program, view, room = _program(), View(Jobs()), QWidget()
    cells = (Cell("axial"), Cell("coronal"), Cell("sagittal"), Cell("axial", PRIOR))
    viewports = tuple(Viewport(view, cell, lambda: None) for cell in cells)
    grid = QGridLayout(room)
    for n, viewport in enumerate(viewports):
        grid.addWidget(viewport, n // 2, n % 2)
        viewport.references = tuple(other for other in viewports if other is not viewport)
    room.resize(1600, SIDE_PX)
    room.show()
    view.show_volume(volume, LUNG, middle(volume))
    view.show_prior(volume)
    program.processEvents()
    try:
        yield viewports
    finally:
        room.close()
        room.deleteLater()
        program.processEvents()


def brush_ms(bench: Workbench) -> float:
    """Return the p95 from a move of the brush to the painted picture, at 512 x 512."""
    from medviewer.ui.regions.bench import stroke_ms

    _program()
    return stroke_ms(bench.volume)


def wheel_idle_ms(bench: Workbench) -> float:
    """Return the p95 while nothing else is done."""
    with _viewport(bench.volume) as viewport:
        return _wheel_p95_ms(viewport)


def wheel_loading_ms(bench: Workbench) -> float:
    """Return the p95 while another series is loaded over and over."""
    from medviewer.dicom.load import load_volume

    with _viewport(bench.volume) as viewport, _meanwhile(lambda job: load_volume(bench.series, job).close()):
        return _wheel_p95_ms(viewport)


def wheel_inferring_ms(bench: Workbench) -> float:
    """Return the p95 while the model reads the series."""
    volume = bench.volume
    with _viewport(volume) as viewport, _meanwhile(_reading(volume)):
        return _wheel_p95_ms(viewport)


def _reading(volume: "Volume") -> Callable[[Job], object]:
    """What reads ``volume`` on the engine, warmed up; Problem where no model may."""
    from medviewer.ai.engine import default
    from medviewer.app.reading import fitting, read

    bundles = fitting(volume.series)
    if not bundles:
        raise Problem(_("No model fits the series."))
    default().warm()
    return lambda job: read(volume, bundles[0], job, fresh=True)


@contextmanager
def _meanwhile(work: Callable[[Job], object]) -> Iterator[None]:
    """Do ``work(job)`` over and over in a thread."""
    job, ended = Job(), threading.Event()

    def run() -> None:
        try:
            while not ended.is_set():
                work(job)
        except Cancelled:
            pass

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    time.sleep(UNDER_WAY_S)  # until the work is well under way
    try:
        yield
    finally:
        ended.set()
        job.cancel()
        thread.join()


def blocked_ms(bench: Workbench) -> float:
    """Return the longest time the window did not answer while a folder was opened, loaded and read by the model."""
    return longest_gap_ms(bench.folder, WATCH_S)


def longest_gap_ms(folder: Path, watch_s: float) -> float:
    """Open ``folder`` in the window and return the longest gap in its heartbeat in ms, the beat itself left out."""
    from PySide6.QtCore import QTimer

    with _warm_window() as (program, window):
        gaps_ms, last_s = [0.0], time.perf_counter()

        def beat() -> None:
            nonlocal last_s
            now_s = time.perf_counter()
            gaps_ms.append((now_s - last_s) * 1000.0 - BEAT_MS)
            last_s = now_s

        timer = QTimer()
        timer.setInterval(BEAT_MS)
        timer.timeout.connect(beat)
        timer.start()
        window.flow.open_path(folder)
        ends_s = time.perf_counter() + watch_s
        while time.perf_counter() < ends_s and window.view.reading.state in ("idle", "running"):
            program.processEvents()
            time.sleep(0.0002)
        timer.stop()
    return max(gaps_ms)


def first_image_s(bench: Workbench) -> float:
    """Return the seconds from choosing a folder to its first image painted in the window."""
    folder = bench.folder
    with _warm_window() as (program, window):
        started_s = time.perf_counter()
        window.flow.open_path(folder)
        while not _paints(window.viewer.active, started_s):
            program.processEvents()
        return window.viewer.active.painted_s - started_s


def _paints(viewport: "Viewport", since_s: float) -> bool:
    """Whether a viewport has painted an image, and not only that there will be one."""
    plane = viewport.plane
    return plane is not None and viewport.painted_s > since_s and plane.state(viewport.index) == READY


@contextmanager
def _warm_window() -> Iterator[tuple["QApplication", "MainWindow"]]:
    """The real window when all is warm, as it is when a reader comes back to it; it remembers no study."""
    from medviewer.ui.start import Start

    program = _program()
    start = Start(program)
    start.session.library.on = False
    start.show()
    while start.window.jobs.quiet:
        program.processEvents()
        time.sleep(0.001)
    try:
        yield program, start.window
    finally:
        start.close()


BUDGETS = (
    Budget("window-first-image", N_("Folder chosen until its first image is painted"), 0.3, "s", first_image_s),
    Budget("window-start", N_("Program start to usable window"), 1.5, "s", start_s),
    Budget("wheel-idle", N_("Wheel to picture, 1000 x 1000, p95, idle"), 5.0, "ms", wheel_idle_ms),
    Budget("wheel-loading", N_("Wheel to picture, p95, while loading"), 16.0, "ms", wheel_loading_ms),
    Budget("wheel-inferring", N_("Wheel to picture, p95, while the model reads"), 16.0, "ms", wheel_inferring_ms),
    Budget("wheel-linked", N_("Wheel to four linked pictures, 1600 x 1000, p95"), 16.0, "ms", wheel_linked_ms),
    Budget("brush", N_("Brush stroke to picture, 512 x 512, p95"), 16.0, "ms", brush_ms),
    Budget("window-blocked", N_("Window blocked while opening and reading, longest"), 50.0, "ms", blocked_ms),
)
