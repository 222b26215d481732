"""Tables of colours and of values, plain and in segments."""

from typing import Any

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.sequence import Sequence

from medviewer.dicom.pixels.encapsulated import Refused
from medviewer.dicom.pixels.palette import expand, palette_of, values_of


def palette(count: int, bits: int, data: bytes, segmented: bool = False, first: int = 0) -> Dataset:
    dataset = Dataset()
    for name in ("Red", "Green", "Blue"):
        setattr(dataset, f"{name}PaletteColorLookupTableDescriptor", [count, first, bits])
        setattr(dataset, f"{'Segmented' * segmented}{name}PaletteColorLookupTableData", data)
    return dataset


def lut(count: int, first: int, bits: int, data: Any) -> Dataset:
    dataset, item = Dataset(), Dataset()
    item.add_new((0x0028, 0x3002), "US", [count, first, bits])
    item.add_new((0x0028, 0x3006), "OW" if isinstance(data, bytes) else "US", data)
    dataset.ModalityLUTSequence = Sequence([item])
    return dataset


def test_discrete_linear_and_indirect_segments_are_expanded() -> None:
    segments = [0, 2, 10, 20, 1, 4, 60, 2, 1, 8, 0]  # 10 20 | 30 40 50 60 | from byte 8 on: linear to 60 again
    assert expand(segments, wide=True) == [10, 20, 30, 40, 50, 60, 60, 60, 60, 60]


def test_segments_of_bytes_name_their_place_in_four_bytes() -> None:
    assert expand([0, 2, 10, 20, 2, 1, 0, 0, 0, 0], wide=False) == [10, 20, 10, 20]


def test_segments_cannot_grow_without_end() -> None:
    endless = [0, 1, 7, 1, 65535, 9] + [2, 65535, 0, 0] * 50
    assert len(expand(endless, wide=True)) == 1 << 16


@pytest.mark.parametrize("segments", [[1, 4, 60], [3, 1, 1], [0, 1, 7, 2, 1, 6, 0], [0, 1, 7, 2, 1, 999, 0]])
def test_damaged_segments_raise(segments: list[int]) -> None:
    with pytest.raises((IndexError, ValueError)):
        expand(segments, wide=True)


def test_a_segmented_palette_is_read() -> None:
    segments = np.array([0, 1, 0, 1, 255, 65280], "<u2").tobytes()
    colours, first = palette_of(palette(256, 16, segments, segmented=True))
    assert (len(colours), first) == (256, 0)
    assert np.array_equal(colours[:, 0], np.arange(256))


def test_8_bit_colours_written_as_16_bit_numbers_are_not_black() -> None:
    colours, _first = palette_of(palette(4, 16, np.array([0, 50, 100, 200], "<u2").tobytes()))
    assert colours[:, 1].tolist() == [0, 50, 100, 200]


def test_a_count_of_0_stands_for_65536_entries() -> None:
    assert len(palette_of(palette(0, 16, bytes(1 << 17)))[0]) == 1 << 16


@pytest.mark.parametrize("broken", [palette(256, 8, b"\0" * 100), palette(0, 16, b""), Dataset()])
def test_a_damaged_palette_is_refused(broken: Dataset) -> None:
    with pytest.raises(Refused, match="table of colours"):
        palette_of(broken)


@pytest.mark.parametrize("data", [np.arange(4, dtype="<u2").tobytes(), [0, 1, 2, 3], bytes([0, 1, 2, 3])])
def test_a_modality_lut_is_read_in_every_form(data: Any) -> None:
    table, first = values_of(lut(4, 2, 16, data))
    assert (table.tolist(), first) == ([0, 1, 2, 3], 2)


def test_a_damaged_modality_lut_is_refused() -> None:
    for broken in (lut(400, 0, 16, bytes(10)), Dataset()):
        with pytest.raises(Refused, match="table of values"):
            values_of(broken)
