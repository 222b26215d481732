import pytest

from medviewer.app.volume.box import FACES, WHOLE, outward
from medviewer.core.grid import Grid
from tests.app.volumes import ASKEW, grid_of

GRID = Grid((10, 20, 40), (0.0, 0.0, 0.0), (5.0, 2.0, 1.0))  # 50 x 40 x 40 mm along head, back, left


def test_a_whole_volume_is_cut_nowhere() -> None:
    assert WHOLE.cuts(GRID) == ()


def test_a_face_moved_in_cuts_there_and_moved_back_does_not() -> None:
    box = WHOLE.moved((2, 1), -10.0, GRID)
    (cut,) = box.cuts(GRID)
    assert cut.away == (1.0, 0.0, 0.0)
    assert cut.point_lps_mm == pytest.approx((29.5, 19.0, 22.5))  # the volume ends at 39.5
    assert box.moved((2, 1), 10.0, GRID) == WHOLE


def test_a_face_stays_within_the_volume_and_before_the_one_opposite() -> None:
    assert WHOLE.moved((0, 0), -30.0, GRID) == WHOLE
    low, high = WHOLE.moved((0, 0), 500.0, GRID).ends[0]
    assert 0.9 < low < high == 1.0


def test_all_that_is_outside_any_face_is_cut_in_volumes_that_lie_askew() -> None:
    grid = grid_of(ASKEW)
    box = WHOLE
    for axis, end in FACES:
        box = box.moved((axis, end), -5.0 if end else 5.0, grid)
    inside = box.at((0.5, 0.5, 0.5), grid)
    assert len(box.cuts(grid)) == 6
    for cut, face in zip(box.cuts(grid), FACES, strict=True):
        assert cut.away == outward(face, grid)
        assert sum((p - q) * a for p, q, a in zip(inside, cut.point_lps_mm, cut.away, strict=True)) < -30.0


def test_the_edges_are_as_long_as_the_volume() -> None:
    long = sorted(sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5 for a, b in WHOLE.edges(GRID))
    assert long == pytest.approx([40.0] * 8 + [50.0] * 4)
