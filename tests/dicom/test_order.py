"""The next slice is the one nearest to where the reader looks, wherever that is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer.dicom.order import Pending


def test_slices_come_outward_from_the_one_on_the_screen() -> None:
    pending = Pending(range(6))
    assert [pending.take(3) for _ in range(6)] == [3, 4, 2, 5, 1, 0]
    assert len(pending) == 0
    with pytest.raises(IndexError):
        pending.take(3)


def test_where_the_reader_jumps_the_next_slice_is_there() -> None:
    pending = Pending(range(3000))
    assert [pending.take(0) for _ in range(3)] == [0, 1, 2]
    assert [pending.take(2500) for _ in range(3)] == [2500, 2501, 2499]
    assert [pending.take(-7), pending.take(9999)] == [3, 2999]


@given(st.sets(st.integers(0, 300), min_size=1), st.lists(st.integers(-10, 310), min_size=300, max_size=300))
def test_each_slice_comes_once_and_none_left_is_nearer(slices: set[int], looks: list[int]) -> None:
    pending, left = Pending(slices), set(slices)
    for look in looks[: len(slices)]:
        nearest = pending.nearest(look)
        taken = pending.take(look)
        assert taken == nearest
        assert abs(taken - look) == min(abs(k - look) for k in left)
        left.remove(taken)
    assert len(pending) == len(left)
