"""Branching trees that fill a lobe: each branch heads for the middle of the points it has to serve, then divides."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medviewer.phantom.capsules import Capsules

Array = NDArray[np.float64]
_REACH = 0.42  # of the way to the middle of its points that a branch goes before it divides
_MURRAY = 1.0 / 2.75  # radius ~ (points served) ** this: between Murray's law and constant velocity


@dataclass(frozen=True)
class Branch:
    """One branch from ``start`` to ``stop`` (x, y, z mm) setting out in ``heading``.

    ``share`` of the tree is served by it, ``parent_share`` by the branch it comes from.
    """

    start: Array
    stop: Array
    heading: Array
    share: float
    parent_share: float


def grow(root: Array, heading: Array, points: Array, rng: np.random.Generator) -> list[Branch]:
    """Grow a tree from ``root`` towards ``points`` (n, 3), after Tawhai's volume-filling method."""
    branches: list[Branch] = []
    waiting = [(root, heading / np.linalg.norm(heading), points, 1.0)]
    while waiting:
        start, before, served, parent_share = waiting.pop()
        ahead = served.mean(axis=0) - start
        far = float(np.linalg.norm(ahead))
        toward = ahead / max(far, 1e-6)
        bent = toward + 0.25 * before + rng.normal(0.0, 0.09, 3)
        bent /= np.linalg.norm(bent)
        stop = served[0] if len(served) == 1 else start + bent * max(_REACH * far, 1.5)
        share = len(served) / len(points)
        branches.append(Branch(start, stop, before, share, parent_share))
        if len(served) > 1:
            waiting += [(stop, bent, part, share) for part in _divide(served, bent)]
    return branches


def _divide(points: Array, along: Array) -> Iterator[Array]:
    """Split ``points`` in two by the plane through their middle that holds ``along`` and cuts their widest spread."""
    offset = points - points.mean(axis=0)
    across = offset - np.outer(offset @ along, along)
    side = across @ np.linalg.eigh(across.T @ across)[1][:, -1]
    order = np.argsort(side)
    half = int(np.clip(np.searchsorted(side[order], 0.0), 1, len(points) - 1))
    yield points[order[:half]]
    yield points[order[half:]]


def vessels(branches: list[Branch], root_radius_mm: float, least_mm: float, pieces: int = 3) -> Capsules:
    """Return the branches as gently bent tapered capsules; those thinner than ``least_mm`` are left out."""
    kept = [b for b in branches if root_radius_mm * b.share**_MURRAY >= least_mm]
    if not kept:
        return Capsules(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 2)))
    start, stop, heading = (np.array([getattr(b, name) for b in kept]) for name in ("start", "stop", "heading"))
    length = np.linalg.norm(stop - start, axis=1)[:, None]
    middle = 0.5 * (start + stop) + 0.16 * length * (heading - (stop - start) / np.maximum(length, 1e-6))
    t = np.linspace(0.0, 1.0, pieces + 1)[:, None, None]
    line = (1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * stop
    wide = root_radius_mm * np.array([b.share for b in kept]) ** _MURRAY
    radii = wide * (1.0 - 0.14 * np.linspace(0.0, 1.0, pieces + 1)[:, None])
    return Capsules(
        line[:-1].reshape(-1, 3), line[1:].reshape(-1, 3), np.stack([radii[:-1], radii[1:]], axis=-1).reshape(-1, 2)
    )


def beside(branches: list[Branch], apart_mm: float, to: Array) -> list[Branch]:
    """Move a tree aside in the direction ``to``, ``apart_mm`` at its root and less where it is thinner.

    So an artery runs along its bronchus.
    """
    push = apart_mm * to / np.linalg.norm(to)
    return [
        replace(b, start=b.start + push * b.parent_share**_MURRAY, stop=b.stop + push * b.share**_MURRAY)
        for b in branches
    ]
