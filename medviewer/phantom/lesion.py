"""Nodules as shapes: drawn from the seed, measured on a fine mask, painted voxel by voxel."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medviewer.phantom import capsules
from medviewer.phantom.capsules import Capsules
from medviewer.phantom.render import Frame, Patch
from medviewer.phantom.shape import Field, ellipsoid, smooth_min, turned
from medviewer.phantom.virtual import NoduleType, Point

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
FINE_MM = 0.3
_SUB = (5, 4, 4)  # samples per voxel along k, j, i for partial volume
_ANGLES = np.linspace(0.0, np.pi, 120, endpoint=False)


@dataclass(frozen=True)
class Kind:
    """A sort of nodule; sizes in mm, ``prior_size`` and ``prior_core`` as share of today's."""

    id: str
    type: NoduleType
    long_mm: float
    hu: float
    flatness: tuple[float, float]
    core_mm: float = 0.0
    core_hu: float = 0.0
    lobes: int = 1
    rough: float = 0.05
    spicules: int = 0
    on_pleura: bool = False
    calcified: bool = False
    prior_size: float = 1.0
    prior_core: float = 1.0


KINDS = (
    Kind("spiculated", "solid", 9.0, 34.0, (0.86, 0.9), rough=0.07, spicules=14, prior_size=0.7),
    Kind("lobulated", "solid", 14.0, 40.0, (0.8, 0.84), lobes=4, rough=0.03),
    Kind("part-solid", "part-solid", 16.0, -575.0, (0.78, 0.82), core_mm=7.0, core_hu=28.0, rough=0.09,
         prior_size=0.78, prior_core=0.6),
    Kind("ground-glass", "ground-glass", 12.0, -590.0, (0.88, 0.9), rough=0.08),
    Kind("calcified", "solid", 6.0, 820.0, (0.93, 0.95), rough=0.02, calcified=True),
    Kind("pleural", "solid", 8.0, 42.0, (0.9, 0.95), rough=0.0, on_pleura=True),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Lesion:
    """One nodule in patient mm (x, y, z). Its shape is given in units of ``radius_mm`` around ``center``.

    ``blobs`` are centres and radii of the ellipsoids it is made of, turned by ``turn`` (rows). ``waves`` (n, 4) are
    directions and phases of its roughness. ``inward`` is the direction into the lung for one on the pleura.
    """

    kind: Kind
    center: Array
    radius_mm: float
    core_radius_mm: float
    blobs: tuple[tuple[Point, Point], ...]
    turn: Array
    waves: Array
    spicules: Array
    inward: Array | None = None

    def distance(self, x: Array, y: Array, z: Array) -> Field:
        """Distance (mm) of points in patient mm, broadcast, to the surface; negative inside."""
        u, v, w = (
            np.asarray((p - c) / self.radius_mm, np.float32) for p, c in zip((x, y, z), self.center, strict=True)
        )
        field: Field | None = None
        for center, radii in self.blobs:
            own = ellipsoid(u, v, w, center, radii, turn=self.turn)
            field = own if field is None else smooth_min(field, own, 0.16)
        assert field is not None
        for a, b, c, phase in self.waves:
            field = field + np.float32(self.kind.rough) * np.sin(a * u + b * v + c * w + phase).astype(np.float32)
        return (field * np.float32(self.radius_mm)).astype(np.float32)

    def inside(self, x: Array, y: Array, z: Array, beyond_mm: float = 0.0) -> Mask:
        """Whether points belong to the nodule; for one on the pleura up to ``beyond_mm`` behind the pleura."""
        mask: Mask = self.distance(x, y, z) < 0.0
        if self.core_radius_mm > 0.0:
            mask |= self.core(x, y, z)
        if self.inward is not None:
            depth = sum((p - c) * n for p, c, n in zip((x, y, z), self.center, self.inward, strict=True))
            mask &= depth > -beyond_mm
        return mask

    def core(self, x: Array, y: Array, z: Array) -> Mask:
        """Whether points belong to its solid core."""
        at = self.center + 0.22 * self.radius_mm * self.turn[0]
        squares = sum((p - c) ** 2 for p, c in zip((x, y, z), at, strict=True))
        solid: Mask = np.asarray(squares) < self.core_radius_mm**2
        return solid


def design(kind: Kind, center: Array, rng: np.random.Generator, inward: Array | None = None) -> Lesion:
    """Draw a nodule of ``kind`` at ``center`` (patient mm) whose long axis is the kind's."""
    turn = turned(float(rng.uniform(0, 180)), float(rng.uniform(-25, 25)))
    blobs: list[tuple[Point, Point]] = [((0.0, 0.0, 0.0), (1.0, *kind.flatness))]
    if kind.lobes > 1:
        blobs = [((0.0, 0.0, 0.0), (0.62, 0.5, 0.52))]
        for n in range(kind.lobes):
            angle = 2 * np.pi * (n + rng.uniform(-0.32, 0.32)) / kind.lobes
            at = (0.55 * np.cos(angle), 0.36 * np.sin(angle), float(rng.uniform(-0.3, 0.3)))
            size = float(rng.uniform(0.34, 0.6))
            blobs.append(((float(at[0]), float(at[1]), at[2]), (size, size * 0.92, size * 1.2)))
    if inward is not None:  # a lens: flat against the pleura
        across = np.cross(inward, (0.0, 0.0, 1.0))
        across /= np.linalg.norm(across)
        turn = np.array([across, np.cross(inward, across), inward])
        blobs = [((0.0, 0.0, 0.0), (1.0, 0.95, 0.95))]
    waves = np.column_stack([rng.normal(0.0, 1.9, (4, 3)), rng.uniform(0, 2 * np.pi, 4)])
    toward = rng.normal(size=(kind.spicules, 3)) * (1.0, 1.0, 0.4)
    reach = rng.uniform(1.7, 2.5, kind.spicules)[:, None]
    spicules = toward / np.linalg.norm(toward, axis=1)[:, None] * reach
    lesion = Lesion(kind, center, kind.long_mm / 2, kind.core_mm / 2, tuple(blobs), turn, waves, spicules, inward)
    for _ in range(3):  # the roughness changes the size a little: bring the long axis to what it should be
        lesion = replace(lesion, radius_mm=lesion.radius_mm * kind.long_mm / measure(lesion).long_axis_mm)
    return lesion


def earlier(lesion: Lesion) -> Lesion:
    """Return the nodule as it was a year before."""
    kind = lesion.kind
    return replace(
        lesion,
        radius_mm=lesion.radius_mm * kind.prior_size,
        core_radius_mm=lesion.core_radius_mm * kind.prior_core,
    )


@dataclass(frozen=True)
class Size:
    """Measures of a nodule on its fine mask; ``center`` in patient mm."""

    center: Array
    axes_mm: Point
    long_axis_mm: float
    short_axis_mm: float
    volume_mm3: float


def measure(lesion: Lesion) -> Size:
    """Measure ``lesion`` on a mask of ``FINE_MM``, without its spicules."""
    half = int(np.ceil(1.45 * lesion.radius_mm / FINE_MM))
    line = np.arange(-half, half + 1) * FINE_MM
    x, y, z = (line + c for c in lesion.center)
    mask = lesion.inside(x[None, None, :], y[None, :, None], z[:, None, None])
    where = np.argwhere(mask)
    extent = (np.ptp(where, axis=0) + 1) * FINE_MM
    long_mm, short_mm = max(_axes(layer) for layer in mask if layer.any())
    return Size(
        center=lesion.center + (where.mean(axis=0)[::-1] - half) * FINE_MM,
        axes_mm=(float(extent[2]), float(extent[1]), float(extent[0])),
        long_axis_mm=long_mm,
        short_axis_mm=short_mm,
        volume_mm3=float(len(where) * FINE_MM**3),
    )


def _axes(layer: Mask) -> tuple[float, float]:
    """Longest diameter of a cut and the width square to it, in mm."""
    rim = layer & ~(layer & np.roll(layer, 1, 0) & np.roll(layer, -1, 0) & np.roll(layer, 1, 1) & np.roll(layer, -1, 1))
    points = np.argwhere(rim) * FINE_MM
    along = points @ np.array([np.sin(_ANGLES), np.cos(_ANGLES)])
    width = np.ptp(along, axis=0) + FINE_MM
    longest = int(np.argmax(width))
    return float(width[longest]), float(width[(longest + len(_ANGLES) // 2) % len(_ANGLES)])


def patch(lesion: Lesion, frame: Frame) -> Patch:
    """Return the nodule for painting: share and HU of each voxel around it, spicules included."""
    reach = lesion.radius_mm * (2.7 if lesion.kind.spicules else 1.45) + 1.0
    spacing, origin = np.asarray(frame.spacing_xyz), np.asarray(frame.origin_xyz)
    low = np.maximum(np.floor((lesion.center - reach - origin) / spacing).astype(int), 0)
    last = np.array(frame.shape_kji)[::-1] - 1
    high = np.minimum(np.ceil((lesion.center + reach - origin) / spacing).astype(int), last)
    count = high - low + 1
    x, y, z = (_fine(origin[a], spacing[a], low[a], count[a], _SUB[2 - a]) for a in range(3))
    at = x[None, None, :], y[None, :, None], z[:, None, None]
    share = _pooled(lesion.inside(*at, beyond_mm=1.2), count)
    body = share if lesion.inward is None else _pooled(lesion.inside(*at), count)
    solid = _pooled(lesion.core(*at), count) if lesion.core_radius_mm > 0 else np.zeros_like(share)
    if lesion.kind.spicules:
        rays = np.zeros(share.shape, np.uint8)
        capsules.paint(rays, _rays(lesion), origin + low * spacing, frame.spacing_xyz)
        share = np.maximum(share, rays / np.float32(255.0))
    inner = np.minimum(solid / np.maximum(share, 1e-3), 1.0)
    hu = lesion.kind.hu + inner * (lesion.kind.core_hu - lesion.kind.hu)
    return Patch((int(low[2]), int(low[1]), int(low[0])), share, hu.astype(np.float32), body)


def _fine(origin: float, step: float, first: int, count: int, parts: int) -> Array:
    """Places of ``parts`` samples in each of ``count`` voxels from index ``first`` on."""
    return origin + step * (first - 0.5 + (np.arange(count * parts) + 0.5) / parts)


def _pooled(mask: Mask, count: Sequence[int]) -> Field:
    i, j, k = (int(n) for n in count)
    cells = mask.reshape(k, _SUB[0], j, _SUB[1], i, _SUB[2])
    share: Field = cells.mean(axis=(1, 3, 5), dtype=np.float32)
    return share


def _rays(lesion: Lesion) -> Capsules:
    """The spicules: thin cones from inside the nodule outwards."""
    base = lesion.center + 0.6 * lesion.radius_mm * lesion.spicules / np.linalg.norm(lesion.spicules, axis=1)[:, None]
    tips = lesion.center + lesion.radius_mm * lesion.spicules
    return Capsules(base, tips, np.tile([0.24 * lesion.radius_mm, 0.34], (len(tips), 1)))
