"""The window lives on whatever the engine does, and its objects are counted right."""

import os
import signal
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from medviewer.ui.view import View
from medviewer.ui.window import MainWindow
from tests.ui.models import real_engine
from tests.ui.samples import folder_of

LONGEST_GAP_S = 0.5  # a stall, not a slow machine: the budget itself is measured by the bench


def test_the_event_loop_keeps_its_beat_while_the_engine_runs(
    make_window: Callable[..., MainWindow], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, tmp_path: Path
) -> None:
    engine = real_engine(monkeypatch, "spin")  # a task that never gives way
    window, beats = make_window(auto_read=True), [time.monotonic()]
    window.flow.open_path(folder_of(tmp_path))
    qtbot.waitUntil(lambda: window.view.reading.share > 0.0, timeout=30_000)
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(time.monotonic()))
    beats.append(time.monotonic())
    timer.start(5)
    qtbot.waitUntil(lambda: len(beats) > 60)
    timer.stop()
    assert window.view.reading.state == "running"
    assert max(later - earlier for earlier, later in pairwise(beats[1:])) < LONGEST_GAP_S
    window.jobs.running[-1].cancel()
    qtbot.waitUntil(lambda: window.view.reading.state == "cancelled", timeout=10_000)
    engine.close()


def test_a_killed_engine_is_one_sentence_and_the_window_lives(
    make_window: Callable[..., MainWindow], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, tmp_path: Path
) -> None:
    engine = real_engine(monkeypatch, "spin")
    window = make_window(auto_read=True)
    window.flow.open_path(folder_of(tmp_path))
    qtbot.waitUntil(lambda: window.view.reading.share > 0.0, timeout=30_000)
    victim = engine.pid
    assert victim is not None
    os.kill(victim, signal.SIGKILL)
    qtbot.waitUntil(lambda: window.view.reading.state == "failed", timeout=10_000)
    assert len(window.messages.said) == 1
    assert window.messages.said[0].details == ""  # a sentence, no traceback
    assert window.view.reading.text == window.messages.said[0].text
    window.viewer.active.step(2)
    assert window.view.volume is not None
    engine.close()


def test_qt_calls_and_signals_leave_the_counts_of_none_and_true_alone(view: View) -> None:
    """PySide6 6.12.0 drops a reference at each; some hundred calls later the program is gone."""
    sys.getrefcount(None)
    before_none, before_true = sys.getrefcount(None), sys.getrefcount(True)
    for _call in range(2000):
        view.moved.emit()
        view.blockSignals(False)
        view.setObjectName("x")
    assert abs(sys.getrefcount(None) - before_none) < 500
    assert abs(sys.getrefcount(True) - before_true) < 500
