"""The body of a grown region: what is left where it is pinched off from a neighbour it leaks into."""

import numpy as np
from numpy.typing import NDArray

Place = tuple[int, ...]
# A bridge is thinner than the body: at most this share of the body's largest half width. A vessel that narrows a
# little is no body with a bridge.
BRIDGE = 0.7
_STEPS = 7  # halvings in the search for the thinnest bridge that has to be cut


def body(
    inside: NDArray[np.bool_],
    gated: NDArray[np.bool_],
    far: NDArray[np.bool_],
    seed: Place,
    spacing_kji_mm: tuple[float, float, float],
) -> NDArray[np.bool_] | None:
    """Return the part of ``inside`` (k, j, i) around ``seed`` that thin bridges join to what is ``far``.

    ``gated`` is what could be grown through, also beyond ``inside``. Everything nearer than e mm to the outside is
    taken away, with the smallest e that parts seed and far; what is left there gets its rim of e back. None where
    nothing parts them but what is as thick as the body itself (after Kuhnigk 2006, doi:10.1109/TMI.2006.871547).
    """
    from scipy import ndimage

    if gated.all():
        return None
    depth_mm = np.asarray(ndimage.distance_transform_edt(gated, sampling=spacing_kji_mm))
    top = _summit(np.where(inside, depth_mm, 0.0), seed)
    low, high = 0.0, float(depth_mm[top]) * BRIDGE
    core = _core(inside, depth_mm, high, top)
    if (core & far).any():
        return None
    for _step in range(_STEPS):
        middle = (low + high) / 2.0
        tried = _core(inside, depth_mm, middle, top)
        if (tried & far).any():
            low = middle
        else:
            high, core = middle, tried
    rim_mm = high + max(spacing_kji_mm[1:]) / 2.0
    away_mm = np.asarray(ndimage.distance_transform_edt(~core, sampling=spacing_kji_mm))
    whole = connected(inside & (away_mm <= rim_mm), top)
    return whole if whole[seed] else None


def connected(inside: NDArray[np.bool_], seed: Place) -> NDArray[np.bool_]:
    """Return the part of ``inside`` that hangs together with the seed by faces."""
    from scipy import ndimage

    labels, _count = ndimage.label(inside)
    return np.asarray(labels == labels[seed])


def _core(inside: NDArray[np.bool_], depth_mm: NDArray[np.float64], rim_mm: float, top: Place) -> NDArray[np.bool_]:
    return connected(inside & (depth_mm > rim_mm), top)


def _summit(depth_mm: NDArray[np.float64], start: Place) -> Place:
    """Return where climbing from a place to ever deeper neighbours ends."""
    at = np.asarray(start)
    while True:
        low = np.maximum(at - 1, 0)
        around = depth_mm[tuple(slice(int(a), int(b)) for a, b in zip(low, at + 2, strict=True))]
        best = low + np.unravel_index(int(around.argmax()), around.shape)
        if depth_mm[tuple(best)] <= depth_mm[tuple(at)]:
            return tuple(int(n) for n in at)
        at = best
