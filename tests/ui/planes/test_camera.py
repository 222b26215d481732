"""The place looked at stays under the eye when planes are turned."""

import numpy as np
import pytest

from medviewer.core.arrangement import Slab
from medviewer.imaging import frames
from medviewer.ui.camera import Camera, Placing
from medviewer.ui.display import Display
from medviewer.ui.planes.camera import camera_after
from medviewer.ui.planes.plane import Plane, plane_of
from tests.ui.planes.room import USUAL, centred, volume_on

GRID = centred((40, 90, 100), (2.0, 1.0, 1.0), USUAL)
AT = (12.0, -9.0, 7.0)


def placing(plane: Plane, camera: Camera) -> Placing:
    (rows, columns), (row_mm, column_mm) = plane.geometry(0).shape, plane.geometry(0).spacing_mm
    return Placing(camera, columns, rows, column_mm, row_mm, 500, 400)


def on_screen(plane: Plane, camera: Camera) -> tuple[float, float]:
    x, y = plane.geometry(plane.index_at(AT)).to_xy(AT).tolist()
    at = placing(plane, camera).to_screen(x, y)
    return at.x(), at.y()


@pytest.mark.parametrize("camera", [Camera(), Camera(2.0, (8.0, -3.0), 1, flipped_h=True)])
def test_a_turned_stack_keeps_its_scale_and_the_place(camera: Camera) -> None:
    display = Display(volume=volume_on(GRID))
    upright = plane_of(display, "coronal", Slab())
    display.axes = frames.turned_about(frames.upright(GRID), (0, 0.2, 1), 0.6)
    tilted = plane_of(display, "coronal", Slab())
    kept = camera_after(upright, tilted, placing(upright, camera), AT)
    assert on_screen(tilted, kept) == pytest.approx(on_screen(upright, camera), abs=1e-6)
    assert placing(tilted, kept).px_per_mm == pytest.approx(placing(upright, camera).px_per_mm)
    assert (kept.quarter_turns, kept.flipped_h) == (camera.quarter_turns, camera.flipped_h)
    back = camera_after(tilted, upright, placing(tilted, kept), AT)
    assert back.zoom == pytest.approx(camera.zoom)
    assert np.allclose(back.center_mm, camera.center_mm)


def test_a_thicker_plane_is_seen_as_the_thin_one_was() -> None:
    display, camera = Display(volume=volume_on(GRID)), Camera(3.0, (1.0, 2.0))
    thin, thick = plane_of(display, "axial", Slab()), plane_of(display, "axial", Slab(10.0, "max"))
    assert camera_after(thin, thick, placing(thin, camera), AT) is camera


def test_another_stack_and_a_new_curve_are_shown_whole() -> None:
    display, camera = Display(volume=volume_on(GRID)), Camera(3.0, (1.0, 2.0))
    axial, coronal = plane_of(display, "axial", Slab()), plane_of(display, "coronal", Slab())
    assert camera_after(axial, coronal, placing(axial, camera), AT) == Camera()
    display.curve_lps_mm = ((-20.0, 0.0, 0.0), (0.0, 10.0, 0.0), (20.0, 0.0, 0.0))
    curved = plane_of(display, "curved", Slab())
    assert camera_after(axial, curved, placing(axial, camera), AT) == Camera()
    display.curve_lps_mm = ((-20.0, 0.0, 0.0), (0.0, 11.0, 0.0), (20.0, 0.0, 0.0))
    assert camera_after(curved, plane_of(display, "curved", Slab()), placing(curved, camera), AT) == camera
