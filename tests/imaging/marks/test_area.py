"""How much of each pixel an outline covers, against counting many small samples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.imaging.marks.area import coverage

SAMPLES = 40


def counted(corners: np.ndarray, rows: int, columns: int, y0: int, x0: int) -> np.ndarray:
    """Count the samples of each pixel that an even-odd test finds inside."""
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES - 0.5
    y = (np.arange(rows)[:, None] + y0 + steps).reshape(-1)
    x = (np.arange(columns)[:, None] + x0 + steps).reshape(-1)
    inside = np.zeros((len(y), len(x)), bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if ay != by:
            crosses = (ay > y) != (by > y)
            at = (bx - ax) * (y - ay) / (by - ay) + ax
            inside ^= crosses[:, None] & (x[None] < at[:, None])
    shares: np.ndarray = inside.reshape(rows, SAMPLES, columns, SAMPLES).mean(axis=(1, 3))
    return shares


def star(radii: list[float], x: float, y: float) -> np.ndarray:
    turns = np.linspace(0.0, 2.0 * np.pi, len(radii), endpoint=False)
    return np.column_stack([x + np.asarray(radii) * np.cos(turns), y + np.asarray(radii) * np.sin(turns)])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.5, 6.0), min_size=3, max_size=9), st.floats(-3.0, 9.0), st.floats(-3.0, 9.0))
def test_any_outline_covers_what_counting_finds(radii: list[float], x: float, y: float) -> None:
    corners = star(radii, x, y)
    weights, y0, x0 = coverage(corners)
    rows, columns = weights.shape
    assert weights == pytest.approx(counted(corners, rows, columns, y0, x0), abs=0.06)
    ahead = np.roll(corners, -1, axis=0)
    area = abs(float((corners[:, 0] * ahead[:, 1] - corners[:, 1] * ahead[:, 0]).sum())) / 2.0
    assert weights.sum() == pytest.approx(area, rel=1e-9)
    assert (weights.min(), weights.max()) >= (0.0, 0.0)
    assert weights.max() <= 1.0


def test_the_way_round_does_not_matter() -> None:
    corners = star([3.0, 4.0, 2.0, 5.0], 4.3, 2.2)
    assert coverage(corners)[0] == pytest.approx(coverage(corners[::-1])[0])


def test_a_square_on_pixel_borders_covers_whole_pixels() -> None:
    weights, y0, x0 = coverage([(1.5, 2.5), (4.5, 2.5), (4.5, 3.5), (1.5, 3.5)])
    assert (y0, x0) == (3, 2)
    assert weights.tolist() == [[1.0, 1.0, 1.0]]


def test_a_quarter_of_a_pixel_is_a_quarter() -> None:
    weights, _y0, _x0 = coverage([(0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5)])
    assert weights.tolist() == [[0.25]]
