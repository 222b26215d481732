"""An engine of this room's own tasks, and a volume for it."""

from collections.abc import Iterator

import pytest

from medviewer.ai.engine import Engine
from medviewer.core.volume import Volume
from tests.ai.engine_cases import TASKS, small_volume


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine(TASKS, torch=False)
    engine.warm()
    yield engine
    engine.close()


@pytest.fixture
def volume() -> Iterator[Volume]:
    volume = small_volume()
    yield volume
    volume.close()
