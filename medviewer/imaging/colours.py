"""Colour maps: which colour a grey stands for, as tables of 256; computed, those of DICOM by its published shapes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medviewer.i18n import N_, Message

Table = NDArray[np.uint8]
_LEVELS = np.arange(256)
# The steps of DICOM's "PET 20 Step" (PS3.6 Annex B), as #rrggbb.
_STEPS = (
    "000000 600050 303050 303070 505080 6060b0 7070c0 8080e0 306030 309030 "
    "50c050 40e040 e0e050 d0d060 d0b040 d09000 c06000 b03000 ff0000 ffffff"
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class ColourMap:
    """One colour map: uint8 (256, 3), red, green and blue from the lowest to the highest value of a window."""

    id: str
    title: Message
    table: Table

    @property
    def packed(self) -> NDArray[np.uint32]:
        """The table as the screen's pixels, 0xffRRGGBB."""
        return packed(self.table[:, 0], self.table[:, 1], self.table[:, 2])


def packed(red: Table, green: Table, blue: Table) -> NDArray[np.uint32]:
    """Return three uint8 arrays of one shape as the screen's pixels, 0xffRRGGBB."""
    high, middle, low = (part.astype(np.uint32) for part in (red, green, blue))
    return high << np.uint32(16) | middle << np.uint32(8) | low | np.uint32(0xFF000000)


def colour_map(colours_id: str) -> ColourMap:
    """Return a colour map by its id; the first one for an id that is not known, as of a newer version's settings."""
    return COLOUR_MAPS.get(colours_id, COLOUR_MAPS[FIRST])


def _lines(red: Sequence[ArrayLike], green: Sequence[ArrayLike], blue: Sequence[ArrayLike]) -> Table:
    """Return the table of straight lines through corners (level, part) of each of the three colours."""
    parts = (np.interp(_LEVELS, *np.transpose(np.asarray(corners))) for corners in (red, green, blue))
    return _table(np.stack(list(parts), axis=1))


def _table(parts: NDArray[np.float64]) -> Table:
    """Return parts 0 to 255 (256, 3) as a table nobody can change."""
    made = np.clip(np.rint(parts), 0, 255).astype(np.uint8)
    made.setflags(write=False)
    return made


def _hot_iron() -> Table:
    return _table(np.stack([_LEVELS * 2.0, _rise(128, 2.0), _rise(191, 4.0)], axis=1))


def _rise(start: int, slope: float) -> NDArray[np.float64]:
    """Return a line that leaves 0 at ``start``; the last entry is full, as DICOM has it."""
    return np.append(np.clip((_LEVELS[:-1] - start) * slope, 0.0, 255.0), 255.0)


def _pet() -> Table:
    return _lines(
        ((0, 0), (64, 0), (191, 253), (192, 255), (255, 255)),
        ((0, 0), (63, 128), (128, 0), (255, 255)),
        ((0, 0), (128, 255), (192, 0), (255, 255)),
    )


def _hot_metal_blue() -> Table:
    return _lines(
        ((0, 0), (85, 0), (104, 55), (120, 93), (153, 190), (170, 255), (255, 255)),
        ((0, 0), (119, 0), (252, 250), (255, 255)),
        ((0, 0), (102, 200), (119, 150), (136, 50), (153, 0), (170, 0), (240, 206), (255, 255)),
    )


def _twenty_steps() -> Table:
    steps = np.array([list(bytes.fromhex(step)) for step in _STEPS.split()], dtype=np.float64)
    return _table(steps[np.minimum(_LEVELS * len(steps) // 255, len(steps) - 1)])


def _helix() -> Table:
    """Green's cubehelix (2011): round the colours once and a half, brighter at every step, for greys too."""
    share = _LEVELS / 255.0
    angle = 2.0 * np.pi * (0.5 / 3.0 + 1.0 - 1.5 * share)
    reach = 1.1 * share * (1.0 - share) / 2.0
    turns = np.array([[-0.14861, 1.78277], [-0.29227, -0.90649], [1.97294, 0.0]])
    return _table(255.0 * (share[:, None] + reach[:, None] * (np.stack([np.cos(angle), np.sin(angle)], 1) @ turns.T)))


def _single(red: float, green: float, blue: float) -> Table:
    return _table(_LEVELS[:, None] * np.array([red, green, blue]))


def _hot() -> Table:
    return _lines(
        ((0, 0), (95, 255), (255, 255)), ((0, 0), (95, 0), (191, 255), (255, 255)), ((0, 0), (191, 0), (255, 255))
    )


def _cool() -> Table:
    return _lines(((0, 0), (128, 0), (255, 255)), ((0, 0), (128, 128), (255, 255)), ((0, 0), (96, 255), (255, 255)))


FIRST = "hot-iron"
COLOUR_MAPS: dict[str, ColourMap] = {
    made.id: made
    for made in (
        ColourMap(FIRST, N_("Hot iron"), _hot_iron()),
        ColourMap("pet", N_("PET rainbow"), _pet()),
        ColourMap("hot-metal-blue", N_("Hot metal blue"), _hot_metal_blue()),
        ColourMap("pet-20", N_("PET, 20 steps"), _twenty_steps()),
        ColourMap("helix", N_("Even rainbow"), _helix()),
        ColourMap("hot", N_("Hot"), _hot()),
        ColourMap("cool", N_("Cool"), _cool()),
        ColourMap("grey-inverse", N_("Black on white"), _table(255.0 - _LEVELS[:, None] * np.ones(3))),
        ColourMap("grey", N_("White on black"), _single(1.0, 1.0, 1.0)),
        ColourMap("red", N_("Red"), _single(1.0, 0.0, 0.0)),
        ColourMap("green", N_("Green"), _single(0.0, 1.0, 0.0)),
    )
}
