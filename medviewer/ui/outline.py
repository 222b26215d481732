"""The outline of a region as line segments (marching squares)."""

import numpy as np
from numpy.typing import NDArray

Segments = NDArray[np.float64]

# Middles of the sides of a cell between four pixels, (row, column) from its upper left pixel.
_TOP, _RIGHT, _BOTTOM, _LEFT = (0.0, 0.5), (0.5, 1.0), (1.0, 0.5), (0.5, 0.0)
# Which sides are joined, by corners inside: 1 upper left, 2 upper right, 4 lower right, 8 lower left.
_JOINED = {
    1: ((_LEFT, _TOP),),
    2: ((_TOP, _RIGHT),),
    3: ((_LEFT, _RIGHT),),
    4: ((_RIGHT, _BOTTOM),),
    5: ((_LEFT, _TOP), (_RIGHT, _BOTTOM)),
    6: ((_TOP, _BOTTOM),),
    7: ((_LEFT, _BOTTOM),),
    8: ((_BOTTOM, _LEFT),),
    9: ((_BOTTOM, _TOP),),
    10: ((_TOP, _RIGHT), (_BOTTOM, _LEFT)),
    11: ((_BOTTOM, _RIGHT),),
    12: ((_RIGHT, _LEFT),),
    13: ((_RIGHT, _TOP),),
    14: ((_TOP, _LEFT),),
}


def outline(inside: NDArray[np.bool_]) -> Segments:
    """Return the border of ``inside`` (rows, columns) as segments (n, 2, 2): two (row, column) ends each.

    Coordinates count from the first pixel's centre. The border runs midway between pixels inside and outside.
    """
    padded = np.pad(inside, 1)
    corners = padded[:-1, :-1] * 1 + padded[:-1, 1:] * 2 + padded[1:, 1:] * 4 + padded[1:, :-1] * 8
    parts = []
    for case, joined in _JOINED.items():
        cells = np.argwhere(corners == case) - 1.0
        parts += [cells[:, None, :] + np.asarray(ends) for ends in joined if len(cells)]
    return np.concatenate(parts) if parts else np.empty((0, 2, 2))
