"""Tables in a data set: the colours of a palette (PS3.3 C.7.6.3.1.5, segmented: C.7.9.2) and the modality LUT."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.dicom.pixels.encapsulated import Refused
from medviewer.i18n import N_

MOST_ENTRIES = 1 << 16  # a descriptor's count has 16 bits, in which 0 stands for this
_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2
_NO_PALETTE = N_("The file's table of colours is missing or damaged.")
_NO_TABLE = N_("The file's table of values (modality LUT) is damaged.")
Table = NDArray[np.int32]


def palette_of(dataset: Any, little: bool = True) -> tuple[NDArray[np.uint8], int]:
    """Return the RGB (n, 3) of each entry of the palette and the stored value of the first; Refused without one."""
    try:
        count, first, bits = _descriptor(dataset.RedPaletteColorLookupTableDescriptor)
        colours = np.stack([_channel(dataset, name, count, bits, little) for name in ("Red", "Green", "Blue")], axis=-1)
    except Exception as error:  # pydicom fails in many ways on damaged tables
        raise Refused(_NO_PALETTE) from error
    wide = int(colours.max(initial=0)) > 0xFF  # some write 8-bit colours as 16-bit numbers
    return (colours >> 8 if wide else colours).astype(np.uint8), first


def values_of(dataset: Any, little: bool = True) -> tuple[Table, int]:
    """Return the entries (n,) of the modality LUT and the stored value of the first; Refused where it is damaged."""
    try:
        item = dataset.ModalityLUTSequence[0]
        count, first, _bits = _descriptor(item.LUTDescriptor)
        data = item.LUTData
        table = _entries(data, count, little) if isinstance(data, bytes) else np.array(data, np.int64) & 0xFFFF
        table = table[:count].astype(np.int32)
        if not len(table):
            raise Refused(_NO_TABLE)
    except Exception as error:  # pydicom fails in many ways on damaged tables
        raise Refused(_NO_TABLE) from error
    return table, first


def _descriptor(raw: Any) -> tuple[int, int, int]:
    """Return how many entries there are, the first stored value, and the bits of an entry."""
    count, first, bits = (int(value) for value in raw)
    return (count & 0xFFFF) or MOST_ENTRIES, first, bits


def _channel(dataset: Any, name: str, count: int, bits: int, little: bool) -> Table:
    data = dataset.get(f"{name}PaletteColorLookupTableData")
    if data is not None:
        return _entries(data, count, little)[:count]
    wide = bits > 8
    segments = np.frombuffer(dataset[f"Segmented{name}PaletteColorLookupTableData"].value, _kind(wide, little))
    table = np.array(expand(segments.tolist(), wide), np.int32)[:count]
    if len(table) != count:
        raise Refused(_NO_PALETTE)
    return table


def _entries(data: bytes, count: int, little: bool) -> Table:
    """Read ``count`` entries, whose width is told by the length of ``data``: descriptors are often wrong there."""
    entries = np.frombuffer(data, _kind(len(data) >= 2 * count, little))
    if len(entries) < count:
        raise Refused(_NO_TABLE)
    return entries.astype(np.int32)


def _kind(wide: bool, little: bool) -> str:
    return "u1" if not wide else "<u2" if little else ">u2"


def expand(segments: list[int], wide: bool, most: int = MOST_ENTRIES) -> list[int]:
    """Return the entries that the segments of a segmented palette stand for, at most ``most`` of them.

    ``wide`` says that a segment's numbers have 16 bits, not 8. Raises IndexError or ValueError on damage.
    """
    entries: list[int] = []
    at = 0
    while at + 1 < len(segments) and len(entries) < most:  # a single last number is padding
        at = _Segments(segments, wide, most).expand_one(at, entries)
    return entries[:most]


@dataclass(frozen=True)
class _Segments:
    """The numbers of a segmented palette and how many entries they may stand for."""

    numbers: list[int]
    wide: bool
    most: int

    def expand_one(self, at: int, entries: list[int], inside: bool = False) -> int:
        """Append the entries of the segment at ``at``; return where the next one starts."""
        kind, length = self.numbers[at], self.numbers[at + 1]
        if kind == _DISCRETE:
            entries.extend(self.numbers[at + 2 : at + 2 + length])
            return at + 2 + length
        if kind == _LINEAR:
            last, target = entries[-1], self.numbers[at + 2]
            entries.extend(round(last + (target - last) * (k + 1) / length) for k in range(min(length, self.most)))
            return at + 3
        if kind != _INDIRECT or inside:
            raise ValueError(kind)
        self._copy(at, length, entries)
        return at + (4 if self.wide else 6)

    def _copy(self, at: int, count: int, entries: list[int]) -> None:
        """Expand ``count`` earlier segments again; where they start is told as a number of bytes."""
        here = self.numbers[at + 2 : at + 6]
        start = here[0] | here[1] << 16 if self.wide else int.from_bytes(bytes(here), "little")
        start //= 2 if self.wide else 1
        for _segment in range(count):
            if len(entries) < self.most:
                start = self.expand_one(start, entries, inside=True)
