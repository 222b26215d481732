import numpy as np
import pytest

from medviewer.app.volume.camera import DEGREES_PER_PX, LEAST_FIELD_MM, SIDES, Side, VolumeCamera
from medviewer.core.grid import Grid

PX = (400, 200)


@pytest.mark.parametrize(
    ("side", "right", "up"),
    [
        ("front", (1, 0, 0), (0, 0, 1)),  # the patient's left is at the reader's right
        ("back", (-1, 0, 0), (0, 0, 1)),
        ("left", (0, 1, 0), (0, 0, 1)),  # seen from the patient's left the back is at the right
        ("right", (0, -1, 0), (0, 0, 1)),
        ("feet", (1, 0, 0), (0, -1, 0)),  # as an axial slice
        ("head", (-1, 0, 0), (0, -1, 0)),
    ],
)
def test_each_side_shows_the_patient_as_a_reader_expects(
    side: Side, right: tuple[float, ...], up: tuple[float, ...]
) -> None:
    axes = VolumeCamera((0.0, 0.0, 0.0)).seen_from(side).axes
    assert axes[0] == right
    assert axes[1] == up
    assert np.allclose(np.cross(axes[0], axes[1]), axes[2])


def test_a_drag_to_the_right_brings_the_patients_right_side_into_view() -> None:
    turned = VolumeCamera((0.0, 0.0, 0.0)).orbited(90 / DEGREES_PER_PX, 0)
    assert np.allclose(turned.axes, SIDES["right"], atol=1e-12)


def test_a_drag_down_brings_the_head_into_view() -> None:
    turned = VolumeCamera((0.0, 0.0, 0.0)).orbited(0, 90 / DEGREES_PER_PX)
    assert np.allclose(turned.axes[2], (0, 0, 1), atol=1e-12)


def test_rolling_turns_the_picture_clockwise() -> None:
    rolled = VolumeCamera((0.0, 0.0, 0.0)).rolled(90)
    x, y = rolled.to_px((0.0, 0.0, 10.0), *PX)  # the head, at the top before
    assert x > PX[0] / 2
    assert y == pytest.approx(PX[1] / 2)


def test_thousands_of_small_turns_leave_the_axes_at_right_angles() -> None:
    camera = VolumeCamera((0.0, 0.0, 0.0))
    for _turn in range(3000):
        camera = camera.orbited(3, 1)
    axes = np.asarray(camera.axes)
    assert np.allclose(axes @ axes.T, np.eye(3), atol=1e-12)


def test_the_field_is_across_the_shorter_side() -> None:
    camera = VolumeCamera((0.0, 0.0, 0.0), field_mm=100.0)
    assert camera.mm_per_px(*PX) == 0.5
    assert camera.to_px((0.0, 0.0, 50.0), *PX) == (200.0, 0.0)
    assert camera.zoomed(2.0).mm_per_px(*PX) == 0.25
    assert camera.zoomed(1e9).field_mm == LEAST_FIELD_MM


def test_panning_moves_what_is_seen_with_the_mouse() -> None:
    camera = VolumeCamera((5.0, 6.0, 7.0)).orbited(33, 21)
    before = camera.to_px((1.0, 2.0, 3.0), *PX)
    after = camera.panned(12, -7, *PX).to_px((1.0, 2.0, 3.0), *PX)
    assert np.subtract(after, before) == pytest.approx((12, -7))


def test_a_pixel_and_the_place_under_it_belong_together() -> None:
    camera = VolumeCamera((5.0, 6.0, 7.0), field_mm=120.0).orbited(40, -10)
    assert camera.to_px(camera.place(33.0, 44.0, *PX), *PX) == pytest.approx((33.0, 44.0))


def test_a_view_begins_with_all_of_the_volume_in_it() -> None:
    grid = Grid((30, 60, 50), (-10.0, 20.0, 5.0), (4.0, 1.0, 2.0))
    camera = VolumeCamera.around(grid)
    assert camera.center_lps_mm == (39.0, 49.5, 63.0)  # half of 49 x 2, 59 x 1, 29 x 4 mm from the origin
    assert camera.field_mm == pytest.approx(1.05 * 116.0)
