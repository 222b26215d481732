"""The desk every panel test works at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from medviewer.app.session import Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.ui.jobs import Jobs
from medviewer.ui.view import View
from tests.ui.panels.desk import Desk


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path) -> Iterator[Desk]:
    """A session on a store of its own, and a view; jobs have ended afterwards."""
    store, jobs = Store(tmp_path / "cases.sqlite"), Jobs()
    yield Desk(Session(store, Settings(language="en")), View(jobs))
    jobs.close()
    store.close()
