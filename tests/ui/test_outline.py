"""Outlines of masks."""

import numpy as np
import pytest

from medviewer.ui.outline import outline


def length(segments: np.ndarray) -> float:
    return float(np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1).sum())


def test_a_single_pixel_has_a_diamond_around_its_centre() -> None:
    inside = np.zeros((3, 4), np.bool_)
    inside[1, 2] = True
    ends = outline(inside).reshape(-1, 2)
    assert len(ends) == 8
    assert ends.mean(axis=0) == pytest.approx((1.0, 2.0))
    assert np.abs(ends - (1.0, 2.0)).sum(axis=1) == pytest.approx(0.5)


def test_every_outline_is_closed() -> None:
    inside = np.random.default_rng(3).random((12, 15)) > 0.5
    _points, counts = np.unique(outline(inside).reshape(-1, 2), axis=0, return_counts=True)
    assert set(counts) == {2}


def test_a_region_at_the_edge_is_closed_too() -> None:
    segments = outline(np.ones((2, 3), np.bool_))
    assert segments[..., 0].min() == -0.5
    assert segments[..., 1].max() == 2.5


def test_a_hole_has_an_outline_of_its_own() -> None:
    ring = np.ones((5, 5), np.bool_)
    whole = length(outline(ring))
    ring[2, 2] = False
    assert length(outline(ring)) > whole


def test_nothing_has_no_outline() -> None:
    assert outline(np.zeros((4, 4), np.bool_)).shape == (0, 2, 2)
