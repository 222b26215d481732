"""Uncompressed pixel values from the bytes of a frame: every width, byte order and arrangement of DICOM."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import Header
from medviewer.dicom.pixels.colour import HALVED
from medviewer.dicom.pixels.encapsulated import Refused
from medviewer.i18n import N_

Stored = NDArray[Any]
_PACKED_BITS = 12


@dataclass(frozen=True)
class Layout:
    """How the values of a frame lie in its bytes.

    Attributes:
        halved: two pixels share one pair of colour differences (YBR 4:2:2).
        by_plane: all reds first, then all greens, then all blues.
        big: big endian. ``words``: then values of up to 8 bits, too, were swapped in pairs of bytes.
    """

    rows: int
    columns: int
    samples: int
    bits: int
    floating: bool = False
    halved: bool = False
    by_plane: bool = False
    big: bool = False
    words: bool = False

    @property
    def values(self) -> int:
        """How many values one frame holds."""
        per_pixel = 2 if self.halved else self.samples
        return self.rows * self.columns * per_pixel

    def span(self, frame: int) -> tuple[int, int]:
        """Return the first byte of a frame and the byte behind its last; frames of single bits may share a byte."""
        start, stop = frame * self.values * self.bits // 8, self.bytes_of(frame + 1)
        return (start & ~1, stop + (stop & 1)) if self.in_pairs else (start, stop)

    def bytes_of(self, frames: int) -> int:
        """Return how many bytes the first ``frames`` frames take."""
        return -(-frames * self.values * self.bits // 8)

    @property
    def in_pairs(self) -> bool:
        """Whether bytes come in swapped pairs, which are read whole."""
        return self.big and self.words and self.bits <= 8


def layout_of(header: Header, by_plane: bool = False, big: bool = False, words: bool = False) -> Layout:
    """Return the layout of the frames of an uncompressed file; Refused for widths that DICOM does not know."""
    bits = header.bits_allocated
    if bits not in (1, _PACKED_BITS, 8, 16, 24, 32, 64) or (header.float_pixels and bits not in (32, 64)):
        raise Refused(N_("Its pixels have {n} bits each, which MedViewer does not read.", n=bits))
    halved = header.photometric in HALVED and header.samples == 3
    return Layout(header.rows, header.columns, header.samples, bits, header.float_pixels, halved, by_plane, big, words)


def unpack(data: bytes | bytearray, layout: Layout, frame: int) -> Stored:
    """Return the values (rows, columns) or (rows, columns, samples) of a frame from the bytes of its ``span``."""
    if layout.in_pairs:
        data = _swapped(data)[frame * layout.values * layout.bits // 8 % 2 :]
    flat = _flat(data, layout, frame)
    if layout.halved:
        return _doubled(flat.reshape(layout.rows, -1, 4))
    if layout.samples == 1:
        return flat.reshape(layout.rows, layout.columns)
    if layout.by_plane:
        return np.moveaxis(flat.reshape(layout.samples, layout.rows, layout.columns), 0, -1)
    return flat.reshape(layout.rows, layout.columns, layout.samples)


def _flat(data: bytes | bytearray, layout: Layout, frame: int) -> Stored:
    """Return the values one after the other, as unsigned or floating numbers that may be written to."""
    order = ">" if layout.big else "<"
    if layout.bits == 1:
        bit = frame * layout.values % 8
        return np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[bit : bit + layout.values]
    if layout.bits == _PACKED_BITS:
        return _twelve_bits(np.frombuffer(data, np.uint8), frame * layout.values % 2)[: layout.values]
    if layout.bits == 24:
        three = np.frombuffer(data, np.uint8, layout.values * 3).reshape(-1, 3).astype(np.uint32)
        low, high = (2, 0) if layout.big else (0, 2)
        return three[:, low] | three[:, 1] << 8 | three[:, high] << 16
    kind = "f" if layout.floating else "u"
    values = np.frombuffer(data, f"{order}{kind}{layout.bits // 8}", layout.values)
    return values.astype(values.dtype.newbyteorder("=")) if layout.big else values.copy()


def _twelve_bits(data: NDArray[np.uint8], skipped: int) -> Stored:
    """Read three bytes as two values, the first byte the low bits of the first; ``skipped`` values come before."""
    nibbles = np.empty(len(data) * 2, np.uint16)
    nibbles[0::2], nibbles[1::2] = data & 15, data >> 4
    nibbles = nibbles[skipped:] if skipped else nibbles
    three = nibbles[: len(nibbles) // 3 * 3].reshape(-1, 3)
    return three[:, 0] | three[:, 1] << 4 | three[:, 2] << 8


def _doubled(pairs: Stored) -> Stored:
    """Return (rows, columns, 3) of pairs of pixels (rows, columns / 2, [Y1, Y2, Cb, Cr])."""
    rows, half = pairs.shape[:2]
    full = np.empty((rows, half * 2, 3), pairs.dtype)
    full[:, 0::2, 0], full[:, 1::2, 0] = pairs[..., 0], pairs[..., 1]
    full[:, 0::2, 1:] = full[:, 1::2, 1:] = pairs[..., 2:]
    return full


def _swapped(data: bytes | bytearray) -> bytes:
    """Undo the swap of byte pairs."""
    even = np.frombuffer(data, np.uint8, len(data) & ~1).reshape(-1, 2)
    return even[:, ::-1].tobytes() + bytes(data[len(data) & ~1 :])
