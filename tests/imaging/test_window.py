"""Presets are the readers' own; the first window shows something."""

import numpy as np
import pytest

from medviewer.core.study import Header
from medviewer.imaging.window import LUNG, MEDIASTINUM, PRESETS, Window, default_window

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
    header = Header("", "1", "", "1", "1", modality="MR", padding=-32768)
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
