"""Two series in one picture: colours over greys, or one against the other to check how they lie."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from medviewer.core.arrangement import Blend
from medviewer.core.grid import triple
from medviewer.core.look import Tone, Window
from medviewer.core.volume import READY, Volume
from medviewer.i18n import N_, Message
from medviewer.imaging.colours import FIRST, colour_map, packed
from medviewer.imaging.curved import CurvedGeometry, straightened
from medviewer.imaging.render import lookup_table
from medviewer.imaging.reslice import PlaneGeometry, oblique

# "blend": colours over greys. The others compare two series: in squares, in two colours, or as what differs.
Mode = Literal["blend", "squares", "two-colours", "difference"]
MODES: tuple[Mode, ...] = get_args(Mode)
MODE_TITLES: dict[Mode, Message] = {
    "blend": N_("Colours over greys"),
    "squares": N_("Checkerboard"),
    "two-colours": N_("Magenta and green"),
    "difference": N_("Difference"),
}
NOTHING = -32768  # the voxel of places where the other series has none
SQUARE_MM, RAMP = 24.0, 0.1  # side of a square; share of the window over which colours come up from nothing
_FULL = 256
Matrix = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Words = NDArray[np.uint32]


@dataclass(frozen=True)
class Tint:
    """How the values of the other series are laid over the greys.

    Attributes:
        tone: its own window, or table.
        colours: id of a colour map.
        share: 0 the greys alone to 1 the colours alone.
        clear_below: values at the window's lower end and under it do not hide the greys.
    """

    tone: Tone
    colours: str
    share: float = 0.5
    clear_below: bool = True


def carried(where: PlaneGeometry, relation: Matrix) -> PlaneGeometry:
    """Return the same pixels in another patient space; ``relation`` is 4x4, from this space's LPS mm to the other's."""
    turn, shift = relation[:3, :3], relation[:3, 3]
    right, down = where.steps_lps_mm @ turn.T
    right_mm, down_mm = float(np.linalg.norm(right)), float(np.linalg.norm(down))
    there = replace(
        where,
        origin_lps_mm=triple(turn @ where.origin_lps_mm + shift),
        right_lps=triple(right / right_mm),
        down_lps=triple(down / down_mm),
        spacing_mm=(down_mm, right_mm),
    )
    if isinstance(there, CurvedGeometry):
        return replace(there, line_lps_mm=tuple(triple(turn @ place + shift) for place in there.line))
    return there


def sampling(
    volume: Volume,
    where: PlaneGeometry,
    relation: Matrix,
    *,
    slab_mm: float = 0.0,
    blend: Blend = "mean",
    layers: int = 0,
) -> Callable[[Callable[[], None] | None], NDArray[np.int16]]:
    """Return what interpolates the voxels of another series on the pixels of a plane, flat or bent, in any thread.

    It returns int16 (rows, columns): NOTHING where the other has none, or where what surrounds the pixel has not been
    read by now. ``layers`` and what it is given to call between its parts are as in ``reslice.oblique``.
    """
    there, voxels, ready = carried(where, relation), volume.voxels, volume.state == READY
    interpolate: Callable[..., NDArray[np.int16]] = straightened if isinstance(there, CurvedGeometry) else oblique
    return lambda check: interpolate(
        voxels, volume.grid, there, slab_mm=slab_mm, blend=blend, outside=NOTHING,
        ready=ready, layers=layers, check=check,
    )  # fmt: skip


def value_at(volume: Volume, at_lps_mm: tuple[float, float, float], relation: Matrix) -> float | None:
    """Return the real value of the other series' voxel at a place of this one; None where it has none."""
    kji = volume.grid.to_kji((relation @ np.array([*at_lps_mm, 1.0]))[:3])
    if not volume.grid.contains(kji):
        return None
    k, j, i = (round(float(index)) for index in kji)
    if volume.state[k] != READY:
        return None
    return float(volume.voxels[k, j, i]) * volume.slope + volume.intercept


def over(base: Words, voxels: NDArray[np.int16], tint: Tint, slope: float, intercept: float) -> Words:
    """Return the screen's pixels 0xffRRGGBB of ``voxels`` in colours over ``base``, both (rows, columns).

    Each part is base * (1 - cover) + colour * cover, to one step of 256; cover is ``tint.share``, less where the value
    is low, and 0 for NOTHING.
    """
    from medviewer.imaging.fuse_kernels import lay_over

    added, left = _tables(tint.tone, tint.colours, round(tint.share * _FULL), tint.clear_below, slope, intercept)
    out = np.empty_like(base)
    lay_over(base, voxels.view(np.uint16), added, left, out)
    return out


@lru_cache(maxsize=16)
def _tables(  # noqa: PLR0917 - plain keys of a cache
    tone: Tone, colours: str, share: int, clear_below: bool, slope: float, intercept: float
) -> tuple[Words, Words]:
    """Return for every voxel, by its bits as uint16, the colour it adds (0xffRRGGBB) and what is left of 256."""
    level = lookup_table(tone, slope, intercept).astype(np.int64)
    alpha = np.minimum(level / (RAMP * 255.0), 1.0) if clear_below else np.ones(len(level))
    cover = np.rint(share * alpha).astype(np.uint32)
    cover[np.int16(NOTHING).view(np.uint16)] = 0
    parts = (colour_map(colours).table[level] * cover[:, None] >> np.uint32(8)).astype(np.uint8)
    return packed(parts[:, 0], parts[:, 1], parts[:, 2]), np.uint32(_FULL) - cover


def compared(one: Bytes, other: Bytes, voxels: NDArray[np.int16], mode: Mode, spacing_mm: tuple[float, float]) -> Words:
    """Return one picture of two series' greys, all (rows, columns), to see whether they lie on one another.

    "squares" takes turns between them; "two-colours" is grey where they agree, magenta where ``one`` is brighter and
    green where ``other`` is; "difference" is middle grey where they agree, brighter where ``other`` is. Where
    ``voxels``, of the other, are NOTHING, there is only ``one``, at half its brightness among differences.
    """
    from medviewer.imaging.fuse_kernels import set_against

    out = np.empty(one.shape, np.uint32)
    square_px = (SQUARE_MM / spacing_mm[0], SQUARE_MM / spacing_mm[1])
    set_against(one, other, voxels, NOTHING, MODES.index(mode) - 1, square_px, out)
    return out


def warm() -> None:
    """Compile the inner loops, or load them as compiled before, so that nobody waits for them; takes seconds once."""
    pixels, voxels = np.zeros((2, 2), np.uint32), np.zeros((2, 2), np.int16)
    over(pixels, voxels, Tint(Window(0.0, 1.0, "LINEAR_EXACT"), FIRST), 1.0, 0.0)
    compared(pixels.astype(np.uint8), pixels.astype(np.uint8), voxels, "difference", (1.0, 1.0))
