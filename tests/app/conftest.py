"""Stores for the tests of this room."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from medviewer.app.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the test's database is."""
    return tmp_path / "cases.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """A store of its own."""
    made = Store(path, wait_s=0.05)
    yield made
    made.close()
