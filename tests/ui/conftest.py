"""Windows without a screen, dressed as the reader sees them, and what they show."""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medviewer.app.session import Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.core.volume import Volume
from medviewer.dicom.decode import close_pool
from medviewer.dicom.sources import scratch
from medviewer.phantom import small
from medviewer.ui import garbage, theme
from medviewer.ui.jobs import Jobs
from medviewer.ui.view import View
from medviewer.ui.window import MainWindow
from tests.ui.samples import volume_of

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="session", autouse=True)
def _dressed(qapp: QApplication) -> Iterator[None]:
    """The theme, as at the program's start; the decode workers end with the tests."""
    theme.apply(qapp)
    gc.disable()  # the program collects its garbage in the window's thread alone, and so do its tests
    yield
    gc.enable()
    close_pool()


@pytest.fixture(autouse=True)
def _swept(qapp: QApplication) -> None:
    """What earlier tests closed is gone: dozens of dead windows make every change of style slow."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    garbage.collect()


@pytest.fixture
def volume() -> Iterator[Volume]:
    """A small chest with a sphere in the left lung, all slices read."""
    made = volume_of()
    yield made
    made.close()


@pytest.fixture
def noisy() -> Iterator[Volume]:
    """The small chest with noise, so that no two slices are alike."""
    made = volume_of(small.make(noise_hu=30.0))
    yield made
    made.close()


@pytest.fixture
def view(qapp: QApplication) -> Iterator[View]:
    """A view on nothing yet; its jobs have ended afterwards."""
    jobs = Jobs()
    yield View(jobs)
    jobs.close()


@pytest.fixture
def make_window(
    qtbot: QtBot, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., MainWindow]]:
    """Windows on a session and a home of their own; closed afterwards."""
    scratch.close()  # a program keeps its private folder for as long as it runs; each of these has another home
    monkeypatch.setenv("MEDVIEWER_HOME", str(tmp_path_factory.mktemp("home")))
    opened: list[MainWindow] = []

    def make(**chosen: object) -> MainWindow:
        store = Store(tmp_path / f"cases-{len(opened)}.sqlite")
        wanted = Settings(**{"language": "en", "auto_read": False, "auto_register": False, **chosen})  # type: ignore[arg-type]
        window = MainWindow(Session(store, wanted))
        qtbot.addWidget(window)
        window.resize(1400, 900)
        window.docks.arrange(900)
        window.show()
        opened.append(window)
        return window

    yield make
    for window in opened:
        window.close()
        window.session.store.close()
        window.session.library.close()


@pytest.fixture
def window(make_window: Callable[..., MainWindow]) -> MainWindow:
    """A window in which nothing is open and no model reads by itself."""
    return make_window()
