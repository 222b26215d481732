"""Presets are the readers' own; the first window shows something."""

import numpy as np
import pytest

from medviewer.core.study import Header
from medviewer.imaging.window import (
    EIGHT_BITS,
    LUNG,
    MEDIASTINUM,
    PRESETS,
    Window,
    default_window,
    file_window,
    starts_inverted,
)

CT = Header("", "1", "", "1", "1", modality="CT")


def test_the_presets_lie_under_their_keys_as_facts_say() -> None:
    assert [preset.key for preset in PRESETS] == list(range(10))
    assert PRESETS[0].window is None
    widths = {p.name: (p.window.width, p.window.center) for p in PRESETS if p.window}
    assert widths == {
        "lung": (1500, -600), "mediastinum": (400, 40), "abdomen": (350, 40), "liver": (150, 90), "brain": (80, 40),
        "stroke": (40, 40), "subdural": (200, 75), "bone": (2000, 400), "angio": (600, 200),
    }  # fmt: skip


def test_the_files_own_window_comes_first() -> None:
    header = Header("", "1", "", "1", "1", modality="CT", window_center=-500.0, window_width=1400.0)
    assert default_window(header, np.zeros((2, 2), np.int16)) == Window(-500.0, 1400.0)


def test_a_window_without_width_in_the_file_is_not_used() -> None:
    header = Header("", "1", "", "1", "1", modality="CT", window_center=40.0, window_width=0.0)
    assert default_window(header, np.full((8, 8), 30, np.int16)) == MEDIASTINUM


def test_a_chest_begins_in_the_lung_window_and_a_belly_in_the_soft_tissue_window() -> None:
    chest = np.full((40, 40), 40, np.int16)
    chest[:, :20] = -850
    assert default_window(CT, chest) == LUNG
    assert default_window(CT, np.where(chest < 0, -1000, chest).astype(np.int16)) == MEDIASTINUM


def test_an_mr_begins_with_the_bulk_of_its_values_without_padding() -> None:
    header = Header("", "1", "", "1", "1", modality="MR", padding=-32768, slope=2.0)
    values = np.concatenate([np.full(5000, -32768), np.arange(1000)]).astype(np.int16)
    window = default_window(header, values, slope=2.0)
    assert window.center == pytest.approx(999.0, abs=5)
    assert window.width == pytest.approx(1958.0, rel=0.02)


def test_an_empty_or_even_picture_still_has_a_window() -> None:
    header = Header("", "1", "", "1", "1", modality="MR", padding=0)
    assert default_window(header, np.zeros((4, 4), np.int16)).width >= 1
    assert default_window(header, np.full((4, 4), 7, np.int16)) == Window(7.0, 1.0)


def test_dragging_never_makes_a_window_narrower_than_one() -> None:
    assert LUNG.moved(10.0, -5000.0) == Window(-590.0, 1.0)


def test_the_function_of_the_file_belongs_to_its_window() -> None:
    said = Header("", "1", "", "1", "1", window_center=0.5, window_width=0.25, voi_function="sigmoid ")
    assert file_window(said) == Window(0.5, 0.25, "SIGMOID")
    assert file_window(Header("", "1", "", "1", "1", window_center=0.5, window_width=0.25)) is None


def test_a_pet_begins_with_suv_0_to_10_black_on_white() -> None:
    header = Header("", "1", "", "1", "1", modality="PT", window_center=9000.0, window_width=18000.0, suv=0.001)
    values = np.arange(9000, dtype=np.int16)
    assert default_window(header, values, 0.001, unit="SUVbw") == Window(5.0, 10.0, "LINEAR_EXACT")
    assert starts_inverted(header)
    assert not starts_inverted(CT)


def test_a_pet_without_suv_begins_with_its_own_window_or_nearly_its_hottest() -> None:
    values = np.arange(10000, dtype=np.int16)
    bare = Header("", "1", "", "1", "1", modality="PT")
    window = default_window(bare, values, unit="BQML")
    assert window.center - window.width / 2 == pytest.approx(0.0, abs=1.5)
    assert window.center + window.width / 2 == pytest.approx(9979.0, abs=1.5)


def test_the_files_window_in_activity_is_turned_to_suv() -> None:
    header = Header("", "1", "", "1", "1", window_center=5000.5, window_width=10001.0, suv=0.001)
    window = file_window(header, "SUVbw")
    assert window is not None
    assert (window.center, window.width) == pytest.approx((5.0, 10.0))
    assert window.function == "LINEAR_EXACT"


def test_ultrasound_begins_with_its_whole_range() -> None:
    header = Header("", "1", "", "1", "1", modality="US", bits_stored=8)
    assert default_window(header, np.full((8, 8), 3, np.int16)) == Window(128.0, 256.0)


def test_colours_begin_as_they_are() -> None:
    header = Header(
        "", "1", "", "1", "1", modality="US", samples=3, photometric="RGB", window_center=9.0, window_width=5.0
    )
    assert default_window(header, np.zeros((2, 2), np.int16)) == EIGHT_BITS


def test_a_window_of_stored_values_that_shows_nothing_is_not_used() -> None:
    film = Header("", "1", "", "1", "1", modality="DX", window_center=200.0, window_width=100.0)
    values = np.arange(8000, 12000, dtype=np.int16)
    window = default_window(film, values)
    assert 8000 < window.center < 12000
    assert default_window(film, np.arange(100, 300, dtype=np.int16)) == Window(200.0, 100.0)


def test_values_of_small_steps_get_a_window_of_fractions() -> None:
    header = Header("", "1", "", "1", "1", modality="MR")
    window = default_window(header, np.arange(1000, dtype=np.int16), slope=1e-6)
    assert window.function == "LINEAR_EXACT"
    assert window.width == pytest.approx(0.00098, rel=0.02)


def test_ct_in_other_units_than_hu_is_not_taken_for_a_chest() -> None:
    chest = np.full((40, 40), 40, np.int16)
    chest[:, :20] = -850
    assert default_window(CT, chest, unit="ED") not in (LUNG, MEDIASTINUM)


def test_padding_is_left_out_in_real_values() -> None:
    header = Header("", "1", "", "1", "1", modality="CT", padding=0, intercept=-1024.0, rescale_type="US")
    values = np.concatenate([np.full(5000, -1024), np.arange(0, 1000)]).astype(np.int16)
    assert default_window(header, values, unit="x").center == pytest.approx(499.5, abs=6)
