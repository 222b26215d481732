"""Outlines that the reader draws: named, coloured regions of voxels of one series."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import starmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.mask import Index, Mask

Colour = tuple[int, int, int]
# Apart from each other and from the yellow and green of findings, and seen on black and on white.
COLOURS: tuple[Colour, ...] = (
    (64, 196, 255),
    (255, 110, 199),
    (255, 150, 60),
    (150, 130, 255),
    (70, 224, 190),
    (255, 99, 88),
    (190, 230, 90),
    (214, 160, 120),
)


@dataclass(frozen=True)
class Appearance:
    """What a region is called and how it is shown; ``colour_rgb`` 0 to 255."""

    name: str
    colour_rgb: Colour
    hidden: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {"name": self.name, "colour_rgb": list(self.colour_rgb), "hidden": self.hidden}

    @staticmethod
    def from_dict(data: dict[str, Any]) -> "Appearance":
        """Build the appearance that ``to_dict`` described; ValueError where it has no such colour."""
        red, green, blue = (int(value) for value in data["colour_rgb"])
        if not all(0 <= value <= 255 for value in (red, green, blue)):
            raise ValueError("no such colour")
        return Appearance(str(data["name"]), (red, green, blue), bool(data["hidden"]))


@dataclass(frozen=True, eq=False)
class Region:
    """A region of the voxels of the series ``series_uid``; ``mask`` is None while nothing is painted."""

    id: str
    name: str
    series_uid: str
    colour_rgb: Colour = COLOURS[0]
    mask: Mask | None = None
    hidden: bool = False

    @property
    def appearance(self) -> Appearance:
        """Name, colour and whether it is hidden."""
        return Appearance(self.name, self.colour_rgb, self.hidden)

    def looking(self, appearance: Appearance) -> "Region":
        """Return the region with another name, colour or visibility."""
        return replace(self, name=appearance.name, colour_rgb=appearance.colour_rgb, hidden=appearance.hidden)

    def painted(self, bits: Mask) -> "Region":
        """Return the region with the voxels of ``bits`` turned over."""
        return replace(self, mask=flipped(self.mask, bits))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data, without the mask."""
        return {"id": self.id, "series_uid": self.series_uid, **self.appearance.to_dict()}

    @staticmethod
    def from_dict(data: dict[str, Any], mask: Mask | None = None) -> "Region":
        """Build the region that ``to_dict`` described."""
        return Region(str(data["id"]), "", str(data["series_uid"]), mask=mask).looking(Appearance.from_dict(data))


def new_id() -> str:
    """Return an id that no other region has."""
    return uuid.uuid4().hex


def free_colour(taken: Iterable[Colour]) -> Colour:
    """Return the first colour of ``COLOURS`` that was taken least often."""
    used = list(taken)
    return min(COLOURS, key=used.count)


def flipped(mask: Mask | None, bits: Mask) -> Mask | None:
    """Return ``mask`` with the true voxels of ``bits`` turned over, None where nothing is left; its own inverse."""
    if mask is None:
        return trimmed(bits)
    low, high = _around(mask, bits)
    if (low, high) == (mask.offset_kji, _end(mask)):
        voxels = mask.voxels.copy()
    else:
        voxels = np.zeros([b - a for a, b in zip(low, high, strict=True)], np.bool_)
        voxels[_within(mask, low)] = mask.voxels
    voxels[_within(bits, low)] ^= bits.voxels
    return trimmed(Mask(low, voxels))


def difference(before: Mask | None, after: Mask | None) -> Mask | None:
    """Return the bits that turn ``before`` into ``after``; None where they are equal."""
    if before is None or after is None:
        return before or after
    return flipped(before, after)


def trimmed(mask: Mask) -> Mask | None:
    """Return the mask in the smallest box that holds its true voxels, None where there are none.

    Only the faces that go are looked at: the inside of a large region costs nothing.
    """
    if not mask.voxels.any():
        return None
    low, high = [0, 0, 0], list(mask.voxels.shape)
    for axis in range(3):
        while not _face(mask.voxels, low, high, axis, low[axis]).any():
            low[axis] += 1
        while not _face(mask.voxels, low, high, axis, high[axis] - 1).any():
            high[axis] -= 1
    box = tuple(starmap(slice, zip(low, high, strict=True)))
    k, j, i = (offset + start for offset, start in zip(mask.offset_kji, low, strict=True))
    return Mask((k, j, i), np.ascontiguousarray(mask.voxels[box]))


def _face(voxels: NDArray[np.bool_], low: list[int], high: list[int], axis: int, at: int) -> NDArray[np.bool_]:
    box = [slice(a, b) for a, b in zip(low, high, strict=True)]
    box[axis] = slice(at, at + 1)
    face: NDArray[np.bool_] = voxels[tuple(box)]
    return face


def _end(mask: Mask) -> Index:
    k, j, i = (offset + size for offset, size in zip(mask.offset_kji, mask.voxels.shape, strict=True))
    return k, j, i


def _around(one: Mask, other: Mask) -> tuple[Index, Index]:
    """Return the first voxel of the box around both masks, and the one behind its last."""
    k0, j0, i0 = map(min, one.offset_kji, other.offset_kji)
    k1, j1, i1 = map(max, _end(one), _end(other))
    return (k0, j0, i0), (k1, j1, i1)


def _within(mask: Mask, low: Index) -> tuple[slice, ...]:
    """Return where the mask's box lies in an array whose first voxel is ``low``."""
    return tuple(slice(part.start - at, part.stop - at) for part, at in zip(mask.box, low, strict=True))
