"""What is written of the value under the mouse."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from medviewer.core.volume import READY, Volume
from medviewer.ui.planes.plane import Plane
from medviewer.ui.value_words import number, unit_title, value_words
from tests.ui.films import coloured, film


@pytest.fixture
def said() -> Iterator[Any]:
    volumes: list[Volume] = []

    def words(volume: Volume) -> str:
        volumes.append(volume)
        return value_words(Plane(volume, "axial"), (1.0, 1.0, 0.0))

    yield words
    for volume in volumes:
        volume.close()


def values(value: int) -> np.ndarray:
    return np.full((1, 3, 4), value, np.int16)


def test_hu_is_said_only_of_hu(said: Any) -> None:
    assert said(film(values(-40), modality="CT", unit="HU")) == "−40 HU"
    assert said(film(values(-40), modality="CT", rescale_type="US")) == "−40"


def test_suv_has_decimals_and_the_activity_beside_it(said: Any) -> None:
    pet: dict[str, Any] = {"modality": "PT", "slope": 0.001, "unit": "SUVbw"}
    with_activity = film(values(2310), {"suv": 0.0002, "unit": "BQML"}, **pet)
    assert said(with_activity) == "2.31 SUVbw  11550 Bq/ml"
    assert said(film(values(2310), {"suv": 1.0, "unit": "GML"}, **pet)) == "2.31 SUVbw"


def test_without_suv_the_activity_alone_is_said(said: Any) -> None:
    assert said(film(values(5000), modality="PT", unit="BQML")) == "5000 Bq/ml"


def test_colours_are_said_as_red_green_and_blue(said: Any) -> None:
    rgb = np.zeros((1, 3, 4, 3), np.uint8)
    rgb[0, 1, 1] = 12, 34, 56
    assert said(coloured(rgb)) == "R 12 G 34 B 56"


def test_nothing_is_said_outside_or_of_what_was_not_read(said: Any) -> None:
    volume = film(values(3))
    assert value_words(Plane(volume, "axial"), (99.0, 0.0, 0.0)) == ""
    volume.state[0] = READY + 1
    assert said(volume) == ""


@pytest.mark.parametrize(
    ("value", "step", "written"),
    [(12.4, 1.0, "12"), (0.314159, 0.001, "0.31"), (3.5, 0.1, "3.5"), (0.00081, 1e-8, "0.00081"), (0.0, 1e-8, "0.00")],
)
def test_a_value_has_the_decimals_that_its_steps_tell(value: float, step: float, written: str) -> None:
    assert number(value, step) == written


def test_words_that_are_no_unit_are_left_out() -> None:
    assert [unit_title(unit) for unit in ("US", "CNTS", "mm2/s", "BQML")] == ["", "", "mm2/s", "Bq/ml"]
