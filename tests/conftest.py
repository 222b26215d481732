"""What every test shares: a private home for user data, and the real data where it is at hand."""

from pathlib import Path

import pytest

from medviewer import paths


@pytest.fixture(autouse=True)
def _private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the reader's own cases and settings."""
    monkeypatch.setenv("MEDVIEWER_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the checkout; skips where it is absent."""
    folder = paths.shared_data()
    if folder is None:
        pytest.skip("no real data: ../shared/data is absent and MEDVIEWER_DATA is not set")
    return folder
