"""Inner loops of fusion, compiled by numba; import this file only when one is needed (the first time costs seconds)."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def lay_over(base, voxels, added, left, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` with ``base`` weakened to ``left`` of 256 parts, plus ``added``.

    ``base``, ``out`` are 0xffRRGGBB (rows, columns), ``voxels`` uint16 of the same shape; ``added`` (0xffRRGGBB) and
    ``left`` (0 to 256) are uint32 (65536,), so chosen that no part of the sum exceeds 255.
    """
    rows, columns = base.shape
    for y in range(rows):
        for x in range(columns):
            value = voxels[y, x]
            under, kept = base[y, x], left[value]
            # Red and blue are weakened together, green by itself: each part has eight free bits above it.
            red_blue = ((under & np.uint32(0x00FF00FF)) * kept >> np.uint32(8)) & np.uint32(0x00FF00FF)
            green = ((under & np.uint32(0x0000FF00)) * kept >> np.uint32(8)) & np.uint32(0x0000FF00)
            out[y, x] = added[value] + (red_blue | green)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def set_against(one, other, voxels, nothing, mode, square_px, out):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Fill ``out`` (0xffRRGGBB) with two series' greys, uint8 (rows, columns), so that a shift between them is seen.

    ``mode`` 0: in turns, in squares of ``square_px`` (down, right) pixels; 1: ``one`` magenta, ``other`` green; 2: what
    differs around middle grey. Where ``voxels`` is ``nothing``, there is only ``one``, half as bright in mode 2.
    """
    rows, columns = one.shape
    for y in range(rows):
        down = int(y / square_px[0])
        for x in range(columns):
            here, there = np.uint32(one[y, x]), np.uint32(other[y, x])
            red = green = here
            if voxels[y, x] == nothing:
                if mode == 2:
                    red = green = here >> np.uint32(1)
            elif mode == 0:
                if (down + int(x / square_px[1])) % 2 == 1:
                    red = green = there
            elif mode == 1:
                green = there
            else:
                red = green = (there + np.uint32(256) - here) >> np.uint32(1)
            out[y, x] = np.uint32(0xFF000000) | red << np.uint32(16) | green << np.uint32(8) | red
