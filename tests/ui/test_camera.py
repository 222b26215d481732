"""Where an image lies in its viewport."""

import pytest
from PySide6.QtCore import QPointF

from medviewer.ui.camera import ZOOM_MOST, Camera, Placing


def placing(camera: Camera | None = None, **sizes: float) -> Placing:
    """An image of 100 columns × 50 rows, 1 mm × 2 mm, in a viewport of 400 × 300."""
    told = {"columns": 100, "rows": 50, "column_mm": 1.0, "row_mm": 2.0, "width_px": 400, "height_px": 300, **sizes}
    return Placing(camera or Camera(), **told)  # type: ignore[arg-type]


def near(point: QPointF, x: float, y: float) -> bool:
    return (point.x(), point.y()) == pytest.approx((x, y), abs=1e-6)


def test_a_whole_image_fits_with_its_true_proportions() -> None:
    shown = placing()
    assert shown.px_per_mm == pytest.approx(3.0)  # 100 mm high in 300 px
    assert near(shown.to_screen(-0.5, -0.5), 50.0, 0.0)
    assert near(shown.to_screen(99.5, 49.5), 350.0, 300.0)


def test_the_pixel_under_a_point_is_the_one_drawn_there() -> None:
    shown = placing(Camera(zoom=2.5, center_mm=(7.0, -3.0), quarter_turns=1, flipped_h=True))
    at = shown.to_screen(12.0, 34.0)
    assert shown.to_image(at) == pytest.approx((12.0, 34.0))


def test_zooming_keeps_what_is_under_the_mouse() -> None:
    shown, mouse = placing(Camera(quarter_turns=3, flipped_v=True)), QPointF(130.0, 210.0)
    before = shown.to_image(mouse)
    after = placing(shown.zoomed(1.7, mouse))
    assert after.camera.zoom == pytest.approx(1.7)
    assert after.to_image(mouse) == pytest.approx(before)


def test_zoom_has_an_end() -> None:
    assert placing().zoomed(1e9, QPointF()).zoom == ZOOM_MOST


@pytest.mark.parametrize("camera", [Camera(), Camera(quarter_turns=1), Camera(quarter_turns=2, flipped_h=True)])
def test_panning_moves_the_image_as_the_mouse_goes(camera: Camera) -> None:
    shown = placing(camera)
    before = shown.to_screen(20.0, 20.0)
    after = placing(shown.panned(QPointF(15.0, -4.0))).to_screen(20.0, 20.0)
    assert near(after - before, 15.0, -4.0)


@pytest.mark.parametrize("flipped", [False, True])
def test_rotating_turns_clockwise_as_seen_even_when_flipped(flipped: bool) -> None:
    before = placing(Camera(flipped_h=flipped))
    top = before.to_screen(49.5, -0.5)
    assert top.y() < 10.0
    after = placing(before.camera.turned()).to_screen(49.5, -0.5)
    assert after.x() > 200.0  # what was at the top is at the right now
    assert after.y() == pytest.approx(150.0)


def test_four_quarter_turns_are_none() -> None:
    camera = Camera()
    for _turn in range(4):
        camera = camera.turned()
    assert camera == Camera()


def test_a_turned_image_fits_the_other_way_round() -> None:
    assert placing(Camera(quarter_turns=1), rows=20).px_per_mm == pytest.approx(3.0)
    assert placing(rows=20).px_per_mm == pytest.approx(4.0)


def test_a_close_up_shows_its_field_around_its_place() -> None:
    close = placing(placing().showing(10.0, 40.0, field_mm=30.0))
    assert near(close.to_screen(10.0, 40.0), 200.0, 150.0)
    assert close.px_per_mm == pytest.approx(10.0)  # 30 mm across the shorter side
