"""Garbage is collected where windows live."""

import gc
import threading
import weakref

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from medviewer.ui import garbage


class Knot:
    """Something that only the collector can take apart; notes in which thread that was."""

    def __init__(self, taken_apart: list[int]) -> None:
        self.me = self
        weakref.finalize(self, lambda: taken_apart.append(threading.get_ident()))


def test_no_other_thread_takes_knots_apart(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "EVERY_MS", 10)
    keeper = garbage.Garbage()
    taken_apart: list[int] = []

    def make() -> None:
        for _n in range(3000):
            Knot(taken_apart)

    worker = threading.Thread(target=make)
    worker.start()
    worker.join()
    assert taken_apart == []
    qtbot.waitUntil(lambda: len(taken_apart) == 3000)
    assert set(taken_apart) == {threading.get_ident()}
    keeper.close()


def test_what_is_due_is_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda generation: done.append(generation))
    for counts, due in (((700, 10, 10), -1), ((701, 3, 1), 0), ((5, 11, 1), 1), ((5, 3, 11), 2)):
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        assert garbage.collect() == due
    assert done == [0, 1, 2]


def test_afterwards_python_collects_by_itself(qtbot: QtBot) -> None:
    was = gc.isenabled()
    keeper = garbage.Garbage(parent := QWidget())
    qtbot.addWidget(parent)
    assert not gc.isenabled()
    keeper.close()
    assert gc.isenabled()
    if not was:
        gc.disable()


def test_what_lives_as_long_as_the_program_is_not_looked_through_again(qtbot: QtBot) -> None:
    keeper, taken_apart = garbage.Garbage(), list[int]()
    keeper.wait()
    before = gc.get_freeze_count()
    keeper.settle()
    assert gc.get_freeze_count() > before
    assert len(gc.get_objects()) < gc.get_freeze_count()
    Knot(taken_apart)
    gc.collect()
    assert len(taken_apart) == 1  # what comes later is collected as ever
    keeper.close()
    assert gc.get_freeze_count() == 0
