"""Colour maps are those that DICOM publishes, and bright where values are high."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from medviewer.imaging.colours import COLOUR_MAPS, FIRST, colour_map, packed

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def published(name: str) -> NDArray[np.int64]:
    """Return a palette of DICOM PS3.6 Annex B, as pydicom brings it along, (256, 3)."""
    dataset = pydicom.dcmread(Path(pydicom.__file__).parent / "data" / "palettes" / f"{name}.dcm")
    parts = (dataset[f"{colour}PaletteColorLookupTableData"].value for colour in ("Red", "Green", "Blue"))
    return np.stack([np.frombuffer(part, np.uint8) for part in parts], axis=1).astype(np.int64)


@pytest.mark.parametrize(
    ("colours", "name", "apart"),
    [("hot-iron", "hotiron", 0), ("pet", "pet", 1), ("hot-metal-blue", "hotmetalblue", 1), ("pet-20", "pet20step", 0)],
)
def test_the_maps_of_dicom_are_as_published(colours: str, name: str, apart: int) -> None:
    assert np.abs(COLOUR_MAPS[colours].table - published(name)).max() <= apart


@pytest.mark.parametrize("colours", ["helix", "hot", "cool", "hot-iron", "grey", "red", "green"])
def test_higher_values_are_brighter(colours: str) -> None:
    brightness = COLOUR_MAPS[colours].table @ LUMINANCE
    assert np.all(np.diff(brightness) >= 0)
    assert brightness[255] > brightness[0]


def test_the_even_rainbow_gains_the_same_brightness_everywhere() -> None:
    brightness = COLOUR_MAPS["helix"].table @ LUMINANCE
    assert np.abs(brightness - np.arange(256)).max() < 12.0


def test_black_on_white_falls_from_white_to_black() -> None:
    table = COLOUR_MAPS["grey-inverse"].table
    assert table[0].tolist() == [255, 255, 255]
    assert table[200].tolist() == [55, 55, 55]
    assert table[255].tolist() == [0, 0, 0]


def test_every_map_is_a_table_of_bytes_that_nobody_can_change() -> None:
    for one in COLOUR_MAPS.values():
        assert one.table.shape == (256, 3)
        assert one.table.dtype == np.uint8
        assert not one.table.flags.writeable
        assert str(one.title)
    assert len({str(one.title) for one in COLOUR_MAPS.values()}) == len(COLOUR_MAPS)


def test_a_map_that_is_not_known_is_the_first_one() -> None:
    assert colour_map("of a later version") is COLOUR_MAPS[FIRST]


def test_colours_are_packed_as_the_screen_has_them() -> None:
    red, green, blue = (np.array([value], np.uint8) for value in (0x12, 0x34, 0x56))
    assert packed(red, green, blue).tolist() == [0xFF123456]
    assert COLOUR_MAPS["red"].packed[255] == 0xFFFF0000
