"""Windows, tables and lengths as plain data."""

import numpy as np
import pytest

from medviewer.core.lengths import length_label, length_note, spacing_kind
from medviewer.core.look import Lut, NamedTone, Window
from medviewer.core.study import Header, SpacingKind


def header(**said: object) -> Header:
    return Header("", "1", "", "1", "1", **said)  # type: ignore[arg-type]


def test_a_window_keeps_its_function_when_it_is_moved() -> None:
    assert Window(5.0, 10.0, "SIGMOID").moved(1.0, -4.0) == Window(6.0, 6.0, "SIGMOID")


def test_only_windows_of_whole_values_stop_at_one() -> None:
    assert Window(40.0, 3.0).moved(0.0, -9.0).width == 1.0
    assert 0.0 < Window(2.0, 0.5, "LINEAR_EXACT").moved(0.0, -9.0).width < 0.001


def test_a_table_stands_for_the_window_over_its_rise() -> None:
    values = np.concatenate([np.zeros(10), np.arange(0, 101), np.full(20, 100)]).astype(np.uint16)
    window = Lut(1000.0, values, 8).window
    assert (window.center, window.width) == (1060.0, 100.0)


def test_an_even_table_still_has_a_window() -> None:
    assert Lut(0.0, np.full(5, 7, np.uint16), 8).window.width >= 1.0


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("plane", "mm"),
        ("calibrated", "mm"),
        ("region", "mm"),
        ("detector", "mm at the detector"),
        ("nominal", "mm, nominal"),
        ("", "mm"),
    ],
)
def test_a_length_says_what_it_is_measured_at(kind: SpacingKind, said: str) -> None:
    assert str(length_label(header(pixel_spacing_mm=(0.2, 0.2), spacing_kind=kind))) == said


def test_without_spacing_lengths_are_in_pixels() -> None:
    assert str(length_label(header())) == "px"
    assert spacing_kind(header(spacing_kind="detector")) == ""


def test_a_known_magnification_is_told() -> None:
    film = header(pixel_spacing_mm=(0.2, 0.2), spacing_kind="detector", magnification=1.1)
    assert "divide by 1.1 (magnification)" in str(length_note(film))
    assert length_note(header(pixel_spacing_mm=(0.2, 0.2), spacing_kind="plane")) is None


def test_a_tone_of_the_file_can_always_be_listed() -> None:
    assert NamedTone("LUNG", Window(-600.0, 1500.0)).label == "LUNG  W 1500  L −600"
    assert NamedTone("", Window(0.5, 0.25, "SIGMOID")).label == "W 0.25  L 0.5"
    table = Lut(0.0, np.arange(3, dtype=np.uint16), 8)
    assert [NamedTone(title, table).label for title in ("SOFT", "")] == ["SOFT", "VOI LUT (3)"]
