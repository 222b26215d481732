"""Thousands of vessel pieces at once: tapered capsules and the share of each voxel they fill."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Cover = NDArray[np.uint8]
_CHUNK = 1_500_000  # voxels looked at together: about 6 MB per field, stays near the cache


@dataclass(frozen=True, eq=False)
class Capsules:
    """Capsules from ``starts`` to ``stops`` (n, 3) in x, y, z mm; ``radii`` (n, 2) at both ends."""

    starts: Array
    stops: Array
    radii: Array

    def __len__(self) -> int:
        return len(self.starts)

    def pick(self, which: NDArray[np.bool_]) -> "Capsules":
        """Return those for which ``which`` (n,) is true."""
        return Capsules(self.starts[which], self.stops[which], self.radii[which])

    def wider(self, by_mm: float, share: float = 0.0) -> "Capsules":
        """Return them with ``by_mm`` and ``share`` of the radius added, as a wall around a lumen."""
        return Capsules(self.starts, self.stops, self.radii * (1.0 + share) + by_mm)

    def scaled(self, factors: Sequence[float] | Array) -> "Capsules":
        """Return them with places stretched by ``factors`` along x, y, z; radii stay."""
        return Capsules(self.starts * factors, self.stops * factors, self.radii)

    def distance_mm(self, points: Array) -> Array:
        """Least distance (m,) from ``points`` (m, 3) to the surface of any capsule; inf where there is none."""
        if not len(self):
            return np.full(len(points), np.inf)
        step = self.stops - self.starts
        out = np.empty(len(points))
        for n, point in enumerate(points):
            offset = point - self.starts
            t = np.clip((offset * step).sum(1) / np.maximum((step * step).sum(1), 1e-9), 0.0, 1.0)
            apart = np.linalg.norm(offset - t[:, None] * step, axis=1)
            out[n] = (apart - self.radii[:, 0] - t * (self.radii[:, 1] - self.radii[:, 0])).min()
        return out


def join(parts: Iterable[Capsules]) -> Capsules:
    """Return all capsules of ``parts`` as one."""
    parts = [*parts]
    return Capsules(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("starts", "stops", "radii")))


def tube(points: Sequence[Sequence[float]], radii: Sequence[float], pieces: int = 6) -> Capsules:
    """Return a tube along ``points`` (x, y, z mm), rounded by a Catmull-Rom curve, its radius interpolated."""
    p = np.asarray(points, np.float64)
    padded = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    t = np.linspace(0.0, 1.0, pieces, endpoint=False)[:, None]
    a, b, c, d = (padded[n : n + len(p) - 1, None, :] for n in range(4))
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    line = np.vstack([curve.reshape(-1, 3), p[-1:]])
    wide = np.interp(np.linspace(0, len(p) - 1, len(line)), np.arange(len(p)), radii)
    return Capsules(line[:-1], line[1:], np.column_stack([wide[:-1], wide[1:]]))


def paint(into: Cover, capsules: Capsules, origin_xyz: Sequence[float], spacing_xyz: Sequence[float]) -> None:
    """Raise ``into`` (k, j, i; 255 = whole voxel) to the share of each voxel that any capsule fills.

    ``origin_xyz`` is the centre of voxel (0, 0, 0). Capsules much thicker than a voxel should be cut into pieces no
    longer than they are thick: only their bounding boxes are looked at.
    """
    if not len(capsules):
        return
    spacing, origin = np.asarray(spacing_xyz), np.asarray(origin_xyz)
    reach = capsules.radii.max(1)[:, None] + 0.75 * spacing
    low = np.floor((np.minimum(capsules.starts, capsules.stops) - reach - origin) / spacing).astype(np.int64)
    high = np.ceil((np.maximum(capsules.starts, capsules.stops) + reach - origin) / spacing).astype(np.int64)
    size = -(-(high - low + 1) // (3, 3, 2)) * (3, 3, 2)  # few different boxes: fewer, larger batches
    seen = np.all((high >= 0) & (low < np.asarray(into.shape)[::-1]), axis=1)
    for box in np.unique(size[seen], axis=0):
        members = np.flatnonzero(seen & np.all(size == box, axis=1))
        for part in np.array_split(members, -(-len(members) * int(box.prod()) // _CHUNK)):
            _paint_boxes(into, capsules, part, low=low[part], box=box, origin=origin, spacing=spacing)


def _paint_boxes(
    into: Cover,
    capsules: Capsules,
    which: NDArray[np.int64],
    *,
    low: NDArray[np.int64],
    box: NDArray[np.int64],
    origin: Array,
    spacing: Array,
) -> None:
    """Paint capsules ``which``, each inside its own box of the same size ``box`` (x, y, z) from index ``low``."""
    index = [low[:, axis, None] + np.arange(box[axis]) for axis in range(3)]
    inside = [(i >= 0) & (i < n) for i, n in zip(index, into.shape[::-1], strict=True)]
    index = [np.clip(i, 0, n - 1) for i, n in zip(index, into.shape[::-1], strict=True)]
    start, radii = capsules.starts[which], capsules.radii[which]
    step = capsules.stops[which] - start
    at = [origin[a] + spacing[a] * (low[:, a, None] + np.arange(box[a])) - start[:, a, None] for a in range(3)]
    share = _share(at, step, radii, spacing)
    share[~(inside[2][:, :, None, None] & inside[1][:, None, :, None] & inside[0][:, None, None, :])] = 0
    _, rows, columns = into.shape
    flat = (index[2][:, :, None, None] * rows + index[1][:, None, :, None]) * columns + index[0][:, None, None, :]
    hit = share > 0
    np.maximum.at(into.reshape(-1), flat[hit], share[hit])


def _share(at: list[Array], step: Array, radii: Array, spacing: Array) -> Cover:
    """Share (n, z, y, x; 255 = all) of each voxel in its capsule; two cuts through a slice stand for its thickness."""
    wide = np.float32(0.5 * (spacing[0] + spacing[1]))
    total: NDArray[np.float32] | None = None
    squared = np.maximum((step * step).sum(1), 1e-9)
    for cut in (-0.25, 0.25):
        x, y, z = (
            (at[a] + (cut * spacing[2] if a == 2 else 0.0)).astype(np.float32)[(slice(None), *_along(a))]
            for a in range(3)
        )
        sx, sy, sz = (step[:, a, None, None, None].astype(np.float32) for a in range(3))
        along = x * sx + (y * sy + z * sz)
        t = np.clip(along / squared[:, None, None, None].astype(np.float32), 0.0, 1.0)
        square = x * x + (y * y + z * z) - t * (2.0 * along - t * squared[:, None, None, None].astype(np.float32))
        first, last = (radii[:, n, None, None, None].astype(np.float32) for n in range(2))
        radius = first + t * (last - first)
        thin = np.minimum(1.0, 2.0 * radius / wide)  # thinner than a pixel: it can never fill one
        part = np.clip(0.5 + (radius - np.sqrt(np.maximum(square, 0.0))) / wide, 0.0, 1.0) * thin
        total = part if total is None else total + part
    assert total is not None
    share: Cover = (total * np.float32(127.5) + np.float32(0.5)).astype(np.uint8)
    return share


def _along(axis: int) -> tuple[slice | None, ...]:
    """Index that lays a row of x, y or z (axis 0, 1, 2) out along its axis of (z, y, x)."""
    place: list[slice | None] = [None, None, None]
    place[2 - axis] = slice(None)
    return tuple(place)
