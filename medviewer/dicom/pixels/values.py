"""From stored pixel values to the int16 voxels of a volume: one scale a volume, one rule a slice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import Header

LOW, HIGH = -32768, 32767
AIR_HU = -1024
SUV_UNIT = "SUVbw"
_PET_BELOW_ZERO = 1 / 16  # of the largest value: as far below zero as a PET's values are kept
Line = tuple[float, float]


@dataclass(frozen=True)
class Scale:
    """What a volume's voxels mean: real value = voxel * slope + intercept; ``padding`` is the voxel for no image."""

    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""
    padding: int = 0


@dataclass(frozen=True)
class Rule:
    """How a slice's stored values become voxels: stored * factor + offset, cut to int16.

    Attributes:
        padded: the lowest and highest stored value that stand for no image; None where there are none.
        padding: the voxel they become; None: the darkest of the image, where they lie outside its values.
        inverted: high values are dark (MONOCHROME1).
    """

    factor: float = 1.0
    offset: float = 0.0
    padded: tuple[int, int] | None = None
    padding: int | None = None
    inverted: bool = False

    @property
    def shifts(self) -> bool:
        """Whether the rule only adds a whole number."""
        return self.factor == 1.0 and self.offset == int(self.offset)


def scale_of(headers: Sequence[Header], extent: tuple[float, float] | None = None) -> Scale:
    """Choose the scale of a volume: HU where rescaling is in whole numbers, else stored values and their rescale.

    Where rescaling differs from slice to slice (PET) all slices share the finest scale that holds them all. PET is
    in SUVbw where every header tells how. ``extent`` is the lowest and highest real value, from ``extent_of``, for
    images whose stored values have more than 16 bits; without it they keep the range that their bits could hold.
    """
    first = headers[0]
    if first.is_colour:  # shown as 8-bit brightness
        return Scale()
    unit = unit_of(headers)
    lines = [line_of(header, unit) for header in headers]
    deep = any(is_deep(header) for header in headers)
    if unit == "HU" and not deep and all(_whole(slope) and _whole(intercept) for slope, intercept in lines):
        return Scale(unit=unit, padding=AIR_HU)
    low, high = stored_range(first)
    if len(set(lines)) == 1 and len({stored_range(h) for h in headers}) == 1 and high - low < 1 << 16 and not deep:
        slope, intercept = lines[0]
        shift = 0 if high <= HIGH else high - HIGH
        scale = Scale(slope, intercept + shift * slope, unit, low - shift)
        return Scale(slope, scale.intercept, unit, _air(scale)) if unit == "HU" else scale
    bottom, top = extent or _bounds(headers, lines)
    slope = (top - bottom) / (HIGH - LOW) or 1.0
    return Scale(slope, bottom - LOW * slope, unit, LOW)


def rule_of(header: Header, scale: Scale) -> Rule:
    """Return how the stored values of ``header``'s image become voxels of a volume with that scale."""
    if header.is_colour:
        return Rule()
    slope, intercept = line_of(header, scale.unit)
    factor, offset = slope / scale.slope, round((intercept - scale.intercept) / scale.slope, 6)
    inverted = header.photometric == "MONOCHROME1"
    if header.padding is None or header.float_pixels or header.modality_lut:
        return Rule(factor, offset, inverted=inverted)
    limit = header.padding if header.padding_limit is None else header.padding_limit
    padded = (min(header.padding, limit), max(header.padding, limit))
    if scale.unit != "HU":
        return Rule(factor, offset, padded, None, inverted)
    below_air = max(bound * slope + intercept for bound in padded) < AIR_HU
    return Rule(factor, offset, padded if below_air else None, _air(scale), inverted)


def line_of(header: Header, unit: str) -> Line:
    """Return slope and intercept from stored values to real ones in ``unit``."""
    if header.modality_lut:  # decoding has applied it already
        return 1.0, 0.0
    suv = header.suv if unit == SUV_UNIT and header.suv else 1.0
    return header.slope * suv, header.intercept * suv


def unit_of(headers: Sequence[Header]) -> str:
    """Return the unit of a volume's values: SUVbw and HU where that is sure, else what the file says."""
    first = headers[0]
    if all(header.suv for header in headers):
        return SUV_UNIT
    if first.modality == "CT" and first.rescale_type in ("", "HU") and not any(h.modality_lut for h in headers):
        return "HU"
    return first.unit or (first.rescale_type if first.rescale_type != "US" else "")


def is_deep(header: Header) -> bool:
    """Whether the stored values may not fit into 16 bits, so that their range has to be measured."""
    return header.float_pixels or (header.bits_stored or header.bits_allocated) > 16


def _bounds(headers: Sequence[Header], lines: Sequence[Line]) -> tuple[float, float]:
    """Return the lowest and highest real value that the stored bits could hold."""
    ends = [
        bound * slope + intercept
        for header, (slope, intercept) in zip(headers, lines, strict=True)
        for bound in stored_range(header)
    ]
    if headers[0].modality == "PT":  # signed, but counts of decays: the sign would cost half of the precision
        return max(min(ends), -max(ends) * _PET_BELOW_ZERO), max(ends)
    return min(ends), max(ends)


def _air(scale: Scale) -> int:
    """Return the voxel of air in a volume in HU."""
    return int(np.clip(round((AIR_HU - scale.intercept) / scale.slope), LOW, HIGH))


def stored_range(header: Header) -> tuple[int, int]:
    """Return the smallest and largest value that the stored bits can hold, or the modality LUT can give."""
    if header.modality_lut:
        return 0, (1 << 16) - 1
    bits = max(1, min(header.bits_stored or header.bits_allocated, 64))
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if header.signed else (0, (1 << bits) - 1)


def _whole(value: float) -> bool:
    return value == int(value)


def clean(stored: NDArray[Any], header: Header) -> NDArray[Any]:
    """Keep of whole numbers the ``bits_stored`` bits from ``shift`` on, in place: overlays may hide in the others.

    Signed values get their sign.
    """
    width = stored.dtype.itemsize * 8
    if header.shift:
        stored = stored.view(f"u{width // 8}")
        np.right_shift(stored, header.shift, out=stored)
    spare = width - header.bits_stored if header.bits_stored > 0 else 0
    if header.signed and spare >= 0:
        stored = stored.view(f"i{width // 8}")
        if spare > 0:
            np.left_shift(stored, spare, out=stored)
            np.right_shift(stored, spare, out=stored)
    elif spare > 0:
        stored = stored.view(f"u{width // 8}")
        np.bitwise_and(stored, stored.dtype.type((1 << header.bits_stored) - 1), out=stored)
    return stored


def shift_in_place(voxels: NDArray[np.int16], header: Header, rule: Rule) -> None:
    """Turn 16-bit stored values, read straight into ``voxels``, into voxels; for rules that only shift."""
    stored = clean(voxels if header.signed else voxels.view(np.uint16), header)
    padded = _padded(stored, rule)
    offset = int(rule.offset)
    low, high = stored_range(header)
    if low + offset < LOW or high + offset > HIGH:
        np.clip(stored, max(low, LOW - offset), min(high, HIGH - offset), out=stored)
    if offset:
        plain = voxels.view(np.uint16)  # adds modulo 65536, which is right for signed values too
        np.add(plain, np.uint16(offset & 0xFFFF), out=plain)
    _fill(voxels, padded, rule)


def put(stored: NDArray[Any], header: Header, rule: Rule, voxels: NDArray[np.int16]) -> None:
    """Write ``stored`` values of any type, as ``codecs.decode`` gives them, into ``voxels`` (rows, columns)."""
    if rule.shifts and stored.dtype == ("<i2" if header.signed else "<u2"):  # the same without a detour over 64 bits
        voxels[...] = stored.view(np.int16)
        shift_in_place(voxels, header, rule)
        return
    if rule.shifts and stored.dtype.kind != "f" and stored.dtype.itemsize < 8:
        np.clip(stored.astype(np.int64) + int(rule.offset), LOW, HIGH, out=voxels, casting="unsafe")
    else:
        real = np.rint(stored.astype(np.float64) * rule.factor + rule.offset)
        np.clip(np.nan_to_num(real, nan=LOW), LOW, HIGH, out=voxels, casting="unsafe")
    _fill(voxels, _padded(stored, rule), rule)


def _padded(stored: NDArray[Any], rule: Rule) -> NDArray[np.bool_] | None:
    """Return where the stored values stand for no image; None where none do."""
    if rule.padded is None:
        return None
    low, high = rule.padded
    padded = stored == low if low == high else (stored >= low) & (stored <= high)
    return padded if padded.any() else None


def _fill(voxels: NDArray[np.int16], padded: NDArray[np.bool_] | None, rule: Rule) -> None:
    """Make padded pixels look like nothing: air, or as dark as the darkest of the image."""
    if padded is None:
        return
    if rule.padding is not None:
        voxels[padded] = rule.padding
        return
    image = voxels[~padded]
    if not image.size:
        return
    darkest, brightest = (image.max(), image.min()) if rule.inverted else (image.min(), image.max())
    values = voxels[padded]
    between = (values >= min(darkest, brightest)) & (values <= max(darkest, brightest))
    voxels[padded] = np.where(between, values, darkest)
