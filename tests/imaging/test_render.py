"""Greys follow DICOM's linear VOI function."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer.imaging.render import lookup_table, to_grey
from medviewer.imaging.window import LUNG, Window


def dicom_grey(x: float, center: float, width: float) -> int:
    """PS3.3 C.11.2.1.2.1 word by word."""
    if x <= center - 0.5 - (width - 1) / 2:
        return 0
    if x > center - 0.5 + (width - 1) / 2:
        return 255
    return int(np.rint(((x - (center - 0.5)) / (width - 1) + 0.5) * 255))


@given(
    st.integers(-32768, 32767),
    st.floats(-2000, 2000).map(lambda x: round(x, 1)),
    st.floats(1, 5000).map(lambda x: round(x, 1)),
)
def test_every_grey_is_the_standards(stored: int, center: float, width: float) -> None:
    grey = to_grey(np.array([[stored]], np.int16), Window(center, width))[0, 0]
    assert abs(int(grey) - dicom_grey(stored, center, width)) <= (0 if width > 1 else 255 * (stored == center - 0.5))


def test_width_one_is_a_step() -> None:
    plane = np.array([[98, 99, 100, 101]], np.int16)
    assert to_grey(plane, Window(100.0, 1.0)).tolist() == [[0, 0, 255, 255]]


def test_the_example_of_the_standard_holds() -> None:
    plane = np.array([[-1, 0, 2048, 4095, 4096]], np.int16)
    assert to_grey(plane, Window(2048.0, 4096.0)).tolist() == [[0, 0, 128, 255, 255]]


def test_rescale_comes_before_the_window() -> None:
    plane = np.array([[0, 500]], np.int16)
    assert np.array_equal(
        to_grey(plane, LUNG, slope=2.0, intercept=-1024.0), to_grey(np.array([[-1024, -24]], np.int16), LUNG)
    )


def test_monochrome1_is_inverted_after_the_window() -> None:
    plane = np.arange(-1500, 500, 7, dtype=np.int16)[None]
    assert np.array_equal(to_grey(plane, LUNG, invert=True), 255 - to_grey(plane, LUNG))


def test_views_that_run_backwards_are_drawn_too() -> None:
    voxels = np.arange(4 * 5 * 6, dtype=np.int16).reshape(4, 5, 6)
    view = voxels[::-1, 2, ::2]
    assert np.array_equal(to_grey(view, Window(60, 120)), to_grey(np.ascontiguousarray(view), Window(60, 120)))


def test_the_table_is_made_once_per_window_and_cannot_be_spoilt() -> None:
    table = lookup_table(Window(1.0, 77.0))
    assert lookup_table(Window(1.0, 77.0)) is table
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 1
