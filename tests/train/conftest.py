"""The drawn training data, written once."""

from pathlib import Path

import pytest

from medviewer.core.job import Job
from medviewer.train.crops import Crops, load
from tests.train import synthetic


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.write(tmp_path_factory.mktemp("lidc"))


@pytest.fixture
def crops(data: Path) -> Crops:
    return load(data, ("train",), Job())
