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


# The first and, where there is one, the second segment of each case, to be looked up for many cells at once.
_FIRST = np.array([_JOINED[case][0] if case in _JOINED else (_TOP, _TOP) for case in range(16)])
_SECOND = np.array([_JOINED[case][-1] if case in _JOINED else (_TOP, _TOP) for case in range(16)])


def outline(inside: NDArray[np.bool_]) -> Segments:
    """Return the border of ``inside`` (rows, columns) as segments (n, 2, 2): two (row, column) ends each.

    Coordinates count from the first pixel's centre. The border runs midway between pixels inside and outside.
    """
    padded = np.pad(np.ascontiguousarray(inside, dtype=np.bool_), 1).view(np.uint8)
    corners = padded[:-1, :-1] | padded[:-1, 1:] << 1 | padded[1:, 1:] << 2 | padded[1:, :-1] << 3
    at = np.flatnonzero((corners != 0) & (corners != 15))
    cases, cells = corners.ravel()[at], np.stack(np.divmod(at, corners.shape[1]), axis=-1)[:, None, :] - 1.0
    twice = (cases == 5) | (cases == 10)
    return np.concatenate([cells + _FIRST[cases], cells[twice] + _SECOND[cases[twice]]])
