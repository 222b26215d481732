"""Greys follow DICOM's linear VOI function."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer.core.look import Lut, Rescale, VoiFunction
from medviewer.core.presentation import Presented
from medviewer.core.study import Header
from medviewer.imaging.render import chain_of, lookup_table, shades, to_grey
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


def exact(value: float, window: Window) -> float:
    """The pseudo-code of PS3.3 C.11.2.1.2 and C.11.2.1.3, output range 0 to 1, word by word."""
    c, w = window.center, window.width
    if window.function == "SIGMOID":
        return 0.0 if value < c - 100 * w else float(1 / (1 + np.exp(-4 * (value - c) / w)))
    if window.function == "LINEAR_EXACT":
        return 0.0 if value <= c - w / 2 else 1.0 if value > c + w / 2 else (value - c) / w + 0.5
    if value <= c - 0.5 - (w - 1) / 2:
        return 0.0
    return 1.0 if value > c - 0.5 + (w - 1) / 2 else (value - (c - 0.5)) / (w - 1) + 0.5


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("center", "width"), [(2048.0, 4096.0), (2048.0, 1.0), (0.0, 100.0), (-600.0, 1501.0)])
def test_every_voi_function_is_the_standards(function: VoiFunction, center: float, width: float) -> None:
    window = Window(center, width, function)
    values = np.array([-5000.0, -601.0, -600.0, -50.0, -1.0, 0.0, 49.5, 50.0, 2047.0, 2048.0, 2049.0, 4096.0, 9000.0])
    assert shades(values, window) == pytest.approx([exact(v, window) for v in values])


def test_a_scaled_window_shows_scaled_values_alike() -> None:
    values = np.linspace(0.0, 30000.0, 301)
    for window in (Window(8000.0, 9000.0), Window(8000.0, 9000.0, "SIGMOID"), Window(7.0, 9000.0, "LINEAR_EXACT")):
        assert shades(values * 1e-3, window.scaled(1e-3)) == pytest.approx(shades(values, window), abs=1e-9)


def test_a_table_maps_its_values_and_holds_its_ends() -> None:
    lut = Lut(10.0, np.array([0, 100, 255], np.uint16), 8)
    plane = np.array([[-5, 10, 11, 12, 900]], np.int16)
    assert to_grey(plane, lut).tolist() == [[0, 0, 100, 255, 255]]
    assert to_grey(plane, lut, invert=True).tolist() == [[255, 255, 155, 0, 0]]


def test_a_table_acts_on_real_values() -> None:
    lut = Lut(-1000.0, np.arange(2000, dtype=np.uint16), 11)
    assert to_grey(np.array([[24]], np.int16), lut, intercept=-1024.0)[0, 0] == 0
    assert to_grey(np.array([[1047]], np.int16), lut, intercept=-1024.0)[0, 0] == round(255 * 1023 / 2047)


def test_a_presentation_state_begins_with_stored_values() -> None:
    image = Header("", "1", "", "1", "1", modality="CT", slope=2.0, intercept=-1024.0, bits_stored=12)
    asked = Presented(modality=Rescale(1.0, 0.0), voi=Window(500.0, 101.0))
    chain = chain_of(asked, image, "HU")
    stored = np.array([400.0, 450.0, 500.0, 549.0, 600.0])
    assert shades(stored * 2.0 - 1024.0, chain) == pytest.approx(shades(stored, Window(500.0, 101.0)))


def test_without_modality_a_state_works_on_stored_values_too() -> None:
    image = Header("", "1", "", "1", "1", modality="CT", slope=1.0, intercept=-1024.0, bits_stored=12)
    chain = chain_of(Presented(voi=Window(1024.0, 401.0)), image, "HU")
    assert shades(np.array([0.0]), chain) == pytest.approx(shades(np.array([1024.0]), Window(1024.0, 401.0)))


def test_a_state_without_window_shows_the_whole_range() -> None:
    image = Header("", "1", "", "1", "1", slope=2.0, intercept=-10.0, bits_stored=8)
    chain = chain_of(Presented(modality=Rescale(2.0, -10.0)), image)
    assert shades(np.array([-10.0, 500.0]), chain) == pytest.approx([0.0, 1.0])


def test_suv_is_turned_back_to_stored_values_for_a_state() -> None:
    image = Header("", "1", "", "1", "1", modality="PT", slope=0.5, suv=0.001, bits_stored=15)
    chain = chain_of(Presented(modality=Rescale(0.5, 0.0), voi=Window(1000.0, 2000.0, "LINEAR_EXACT")), image, "SUVbw")
    assert shades(np.array([1.0]), chain) == pytest.approx([0.5])  # 1 SUV is 1000 Bq/ml


def test_a_presentation_table_comes_last() -> None:
    table = Lut(0.0, np.array([255, 128, 0], np.uint16), 8)
    image = Header("", "1", "", "1", "1", bits_stored=8)
    chain = chain_of(Presented(voi=Window(50.0, 100.0, "LINEAR_EXACT"), table=table), image)
    assert shades(np.array([0.0, 50.0, 100.0]), chain) == pytest.approx([1.0, 128 / 255, 0.0])


def test_an_image_behind_a_modality_table_keeps_its_real_values() -> None:
    image = Header("", "1", "", "1", "1", modality_lut=True, slope=3.0, bits_stored=8)
    steps = Lut(0.0, np.arange(256, dtype=np.uint16), 8)
    chain = chain_of(Presented(modality=steps, voi=Window(100.0, 51.0)), image)
    assert shades(np.array([110.0]), chain) == pytest.approx(shades(np.array([110.0]), Window(100.0, 51.0)))
