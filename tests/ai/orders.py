"""One and the same body stored in every order of axes, and on tilted grids."""

from dataclasses import replace
from itertools import permutations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid, triple

Order = tuple[tuple[int, int, int], tuple[bool, bool, bool]]
ALL_48: list[Order] = [
    ((a, b, c), (p, q, r)) for a, b, c in permutations(range(3)) for p, q, r in product((False, True), repeat=3)
]


def name_of(order: Order) -> str:
    """Say an order as "-kij": which stored axis comes first, second, third, and which run backwards."""
    return "".join(("-" if back else "") + "kji"[axis] for axis, back in zip(*order, strict=True))


def stored(voxels: NDArray[Any], grid: Grid, order: Order) -> tuple[NDArray[Any], Grid]:
    """Return the same body with its axes in another order and direction, as another file might hold it."""
    axes, backwards = order
    flipped = tuple(slice(None, None, -1 if back else 1) for back in backwards)
    turned = np.ascontiguousarray(voxels.transpose(axes)[flipped])
    corner = [0, 0, 0]
    for axis, back in zip(axes, backwards, strict=True):
        corner[axis] = voxels.shape[axis] - 1 if back else 0
    signs = [-1.0 if back else 1.0 for back in backwards]
    directions = [triple(np.asarray(grid.axes_kji_lps[a]) * s) for a, s in zip(axes, signs, strict=True)]
    spacing = [grid.spacing_kji_mm[axis] for axis in axes]
    return turned, Grid(
        turned.shape, triple(grid.to_lps(corner)), triple(spacing), (directions[0], directions[1], directions[2])
    )


def tilted(grid: Grid, deg: tuple[float, float, float]) -> Grid:
    """Return the grid turned about the middle of its box, by so many degrees about L, P and H one after the other."""
    turn = np.eye(3)
    for axis, angle in enumerate(np.radians(deg)):
        plane = [n for n in range(3) if n != axis]
        step = np.eye(3)
        step[np.ix_(plane, plane)] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        turn = step @ turn
    directions = [triple(turn @ np.asarray(axis)) for axis in grid.axes_kji_lps]
    axes = (directions[0], directions[1], directions[2])
    middle = (np.asarray(grid.shape_kji) - 1) / 2.0
    moved = replace(grid, axes_kji_lps=axes)
    return replace(moved, origin_lps_mm=triple(grid.to_lps(middle) - middle @ moved.steps_lps_mm))
