"""From stored pixel values to the int16 voxels of a volume: one scale a volume, one rule a slice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import Header

LOW, HIGH = -32768, 32767
AIR_HU = -1024


@dataclass(frozen=True)
class Scale:
    """What a volume's voxels mean: real value = voxel * slope + intercept; ``padding`` is the voxel for no image."""

    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""
    padding: int = 0


@dataclass(frozen=True)
class Rule:
    """How a slice's stored values become voxels: stored * factor + offset, cut to int16."""

    factor: float = 1.0
    offset: float = 0.0

    @property
    def shifts(self) -> bool:
        """Whether the rule only adds a whole number."""
        return self.factor == 1.0 and self.offset == int(self.offset)


def scale_of(headers: Sequence[Header]) -> Scale:
    """Choose the scale of a volume: HU where rescaling is in whole numbers, else stored values and their rescale.

    Where rescaling differs from slice to slice (PET) all slices share the finest scale that holds them all.
    """
    first = headers[0]
    if first.samples > 1 or first.photometric == "PALETTE COLOR":  # shown as 8-bit brightness
        return Scale()
    hounsfield = first.modality == "CT" and first.rescale_type in ("", "HU")
    unit = "HU" if hounsfield else first.rescale_type if first.rescale_type != "US" else ""
    if hounsfield and all(_whole(h.slope) and _whole(h.intercept) and h.bits_allocated <= 16 for h in headers):
        return Scale(unit=unit, padding=AIR_HU)
    low, high = stored_range(first)
    if len({(h.slope, h.intercept, stored_range(h)) for h in headers}) == 1 and high - low < 1 << 16:
        shift = 0 if high <= HIGH else high - HIGH
        padding = low - shift
        if hounsfield:
            padding = int(np.clip(round((AIR_HU - first.intercept) / first.slope) - shift, LOW, HIGH))
        return Scale(first.slope, first.intercept + shift * first.slope, unit, padding)
    ends = [bound * h.slope + h.intercept for h in headers for bound in stored_range(h)]
    slope = (max(ends) - min(ends)) / (HIGH - LOW) or 1.0
    return Scale(slope, min(ends) - LOW * slope, unit, LOW)


def rule_of(header: Header, scale: Scale) -> Rule:
    """Return how the stored values of ``header``'s image become voxels of a volume with that scale."""
    factor = header.slope / scale.slope
    return Rule(factor, round((header.intercept - scale.intercept) / scale.slope, 6))


def stored_range(header: Header) -> tuple[int, int]:
    """Return the smallest and largest value that the stored bits can hold."""
    bits = max(1, min(header.bits_stored or header.bits_allocated, 32))
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if header.signed else (0, (1 << bits) - 1)


def _whole(value: float) -> bool:
    return value == int(value)


def clean(stored: NDArray[Any], header: Header) -> NDArray[Any]:
    """Clear the bits above ``bits_stored``, in place: overlays may hide there; signed values get their sign."""
    width = stored.dtype.itemsize
    spare = width * 8 - header.bits_stored if header.bits_stored > 0 else 0
    if header.signed:
        stored = stored.view(f"i{width}")
        if spare > 0:
            np.left_shift(stored, spare, out=stored)
            np.right_shift(stored, spare, out=stored)
    elif spare > 0:
        np.bitwise_and(stored, stored.dtype.type((1 << header.bits_stored) - 1), out=stored)
    return stored


def shift_in_place(voxels: NDArray[np.int16], header: Header, rule: Rule) -> None:
    """Turn 16-bit stored values, read straight into ``voxels``, into voxels; for rules that only shift."""
    stored = clean(voxels if header.signed else voxels.view(np.uint16), header)
    offset = int(rule.offset)
    low, high = stored_range(header)
    if low + offset < LOW or high + offset > HIGH:
        np.clip(stored, max(low, LOW - offset), min(high, HIGH - offset), out=stored)
    if offset:
        plain = voxels.view(np.uint16)  # adds modulo 65536, which is right for signed values too
        np.add(plain, np.uint16(offset & 0xFFFF), out=plain)


def put(stored: NDArray[Any], header: Header, rule: Rule, voxels: NDArray[np.int16]) -> None:
    """Write ``stored`` values of any integer type into ``voxels`` (rows, columns)."""
    if rule.shifts and stored.dtype == ("<i2" if header.signed else "<u2"):  # the same without a detour over 64 bits
        voxels[...] = stored.view(np.int16)
        shift_in_place(voxels, header, rule)
    elif rule.shifts:
        np.clip(stored.astype(np.int64) + int(rule.offset), LOW, HIGH, out=voxels, casting="unsafe")
    else:
        np.clip(np.rint(stored * rule.factor + rule.offset), LOW, HIGH, out=voxels, casting="unsafe")
