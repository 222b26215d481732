"""Windows cover what is asked, stay inside, and go together again."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer.ai.windows import Window, cut, over, starts, stitch, weights


@given(st.integers(0, 300), st.integers(1, 300), st.integers(128, 600))
def test_windows_cover_a_span_at_most_a_stride_apart(low: int, length: int, size: int) -> None:
    high = min(low + length, size)
    low = min(low, high - 1)
    found = starts(low, high, size, 128, 96)
    assert all(0 <= start <= size - 128 for start in found)
    assert found[0] <= low
    assert found[-1] + 128 >= high
    assert all(0 < b - a <= 96 for a, b in pairwise(found))


def test_a_small_span_gets_one_window_with_it_in_the_middle() -> None:
    assert starts(200, 220, 512, 128, 96) == [146]


def test_a_span_at_the_rim_gets_the_outermost_window() -> None:
    assert starts(505, 512, 512, 128, 96) == [384]


def test_a_slice_smaller_than_the_window_is_read_from_its_first_pixel() -> None:
    assert starts(0, 100, 100, 128, 96) == [0]
    voxels = np.arange(100 * 90, dtype=np.int16).reshape(1, 100, 90)
    window = cut(voxels, Window(0, 0, 0), 128)
    assert window.shape == (128, 128)
    assert np.array_equal(window[:100, :90], voxels[0])
    assert window[100, 0] == voxels[0, 99, 0]


def test_a_window_over_the_edge_is_mirrored_there() -> None:
    voxels = np.arange(200 * 200, dtype=np.int32).reshape(1, 200, 200).astype(np.int16)
    window = cut(voxels, Window(0, -3, 190), 128)
    assert window.shape == (128, 128)
    assert np.array_equal(window[3:, :10], voxels[0, :125, 190:])
    assert np.array_equal(window[2], window[3])
    assert np.array_equal(window[:, 9], window[:, 10])


def test_every_wanted_pixel_is_in_a_window_and_no_window_is_empty() -> None:
    wanted = np.zeros((512, 512), np.bool_)
    wanted[100:400, 60:200] = wanted[80:300, 330:470] = True
    windows = over(7, wanted, 128, 96)
    covered = np.zeros_like(wanted)
    for window in windows:
        assert window.k == 7
        assert wanted[window.j : window.j + 128, window.i : window.i + 128].any()
        covered[window.j : window.j + 128, window.i : window.i + 128] = True
    assert covered[wanted].all()


def test_a_margin_keeps_the_region_from_the_windows_rim() -> None:
    wanted = np.zeros((512, 512), np.bool_)
    wanted[100:400, 60:200] = True
    windows = over(0, wanted, 128, 96, margin=16)
    assert min(w.j for w in windows) == 84
    assert max(w.i for w in windows) + 128 == 216


def test_nothing_wanted_needs_no_window() -> None:
    assert over(0, np.zeros((200, 200), np.bool_), 128, 96) == []


def test_stitched_windows_give_back_the_picture_they_were_cut_from() -> None:
    picture = np.random.default_rng(0).random((1, 300, 260)).astype(np.float32)
    windows = over(0, np.ones((300, 260), np.bool_), 128, 96)
    parts = [picture[0, w.j : w.j + 128, w.i : w.i + 128] for w in windows]
    assert stitch((300, 260), windows, parts) == pytest.approx(picture[0], abs=1e-6)


def test_the_middle_of_a_window_outweighs_its_edge() -> None:
    weight = weights(128)
    assert weight[64, 64] == 1.0
    assert 0 < weight[0, 0] < 0.01
    values = stitch(
        (128, 160), [Window(0, 0, 0), Window(0, 0, 32)], [np.zeros((128, 128), np.float32) + v for v in (0, 1)]
    )
    assert values[64, 33] < 0.2
    assert values[64, 126] > 0.8
