"""From a patient to a CT: every slice painted, blurred as a scanner does, and given its noise."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from medviewer.core.job import Job
from medviewer.phantom import capsules, noise
from medviewer.phantom.body import Slice, paint_body
from medviewer.phantom.build import CENTER_Y_MM, FIELD_MM, Build
from medviewer.phantom.canvas import Canvas
from medviewer.phantom.capsules import Capsules, Cover
from medviewer.phantom.lungs import Floor, floor
from medviewer.phantom.mediastinum import AIR_HU, BLOOD_HU
from medviewer.phantom.shape import Field

NOISE_HU = 27.0  # SD in the middle of the body before slices are mixed
_SLICE_MIX = 0.1  # of each neighbour seen in a slice
_PIXEL_MIX = 0.11
_THREADS = 2
Voxels = NDArray[np.int16]


@dataclass(frozen=True)
class Frame:
    """The voxels in patient mm (standard body times scale): size and place of the first voxel, as x, y, z."""

    shape_kji: tuple[int, int, int]
    spacing_xyz: tuple[float, float, float]
    origin_xyz: tuple[float, float, float]

    @staticmethod
    def of(shape_kji: tuple[int, int, int], shift_mm: Sequence[float]) -> "Frame":
        """Return the frame that covers the field of view, the patient moved by ``shift_mm`` in it."""
        spacing = [length / n for length, n in zip(FIELD_MM, shape_kji[::-1], strict=True)]
        low = (-FIELD_MM[0] / 2, CENTER_Y_MM - FIELD_MM[1] / 2, 0.0)
        x, y, z = (a + 0.5 * s - m for a, s, m in zip(low, spacing, shift_mm, strict=True))
        return Frame(shape_kji, (spacing[0], spacing[1], spacing[2]), (x, y, z))


@dataclass(frozen=True, eq=False)
class Patch:
    """Something painted last: ``share`` (k, j, i; 0 to 1) of each voxel from ``low_kji`` on, and its HU there.

    ``body`` is the share without fringes, which are painted but not measured.
    """

    low_kji: tuple[int, int, int]
    share: Field
    hu: Field
    body: Field


@dataclass(frozen=True, eq=False)
class Trees:
    """Share (255 = all) of each voxel filled by blood, by airways with their walls, and by their lumen."""

    blood: Cover
    walls: Cover
    lumens: Cover

    @staticmethod
    def of(frame: Frame, blood: Capsules, airways: Capsules) -> "Trees":
        """Paint the trees; capsules in patient mm."""
        covers = [np.zeros(frame.shape_kji, np.uint8) for _ in range(3)]
        walls = airways.wider(0.45, 0.12)
        with ThreadPoolExecutor(_THREADS) as pool:
            paint = partial(capsules.paint, origin_xyz=frame.origin_xyz, spacing_xyz=frame.spacing_xyz)
            [*pool.map(paint, covers, (blood, walls, airways))]
        return Trees(*covers)


class Painter:
    """Paints the slices of one CT; the textures are the same for all of them."""

    def __init__(self, build: Build, frame: Frame, trees: Trees, patches: Sequence[Patch], exam: int) -> None:
        self.build, self.frame, self.trees, self.patches, self.exam = build, frame, trees, patches, exam
        _, rows, columns = frame.shape_kji
        pixel = frame.spacing_xyz[0]
        sx, sy, _ = build.scale
        self.x = _line(frame, 0, sx)[None, :]
        self.y = _line(frame, 1, sy)[:, None]
        self.ground: Floor = floor(build, self.x, self.y)
        self.kernel = noise.kernel(rows, columns, pixel)
        rng = np.random.default_rng([build.seed, 3])
        coarse, fine = (noise.soft_kernel(rows, columns, pixel, mm) for mm in (7.0, 2.6))
        self.grains = [noise.plane(rng, (rows, columns), coarse) for _ in range(2)]
        self.fine_grains = [noise.plane(rng, (rows, columns), fine) for _ in range(2)]

    def slice(self, k: int) -> Field:
        """Return slice ``k`` in HU with its noise (rows, columns)."""
        _, rows, columns = self.frame.shape_kji
        z_mm = self.frame.origin_xyz[2] + k * self.frame.spacing_xyz[2]
        canvas = Canvas(
            np.empty((rows, columns), np.float32),
            self.x,
            self.y,
            z_mm / self.build.scale[2],
            self.frame.spacing_xyz[0],
            self.frame.spacing_xyz[2],
        )
        grain, fine = _turned(self.grains, z_mm / 9.0), _turned(self.fine_grains, z_mm / 2.5)
        done = paint_body(canvas, self.build, self.ground, grain, fine)
        _stamp(canvas.hu, self.trees.blood[k], BLOOD_HU - 8.0)
        _stamp(canvas.hu, self.trees.walls[k], -90.0)
        _stamp(canvas.hu, self.trees.lumens[k], AIR_HU + 30.0)
        for patch in self.patches:
            _put(canvas.hu, patch, k)
        rng = np.random.default_rng([self.build.seed, 5, self.exam, k])
        return _blurred(canvas.hu) + noise.plane(rng, (rows, columns), self.kernel) * self._strength(done)

    def _strength(self, done: Slice) -> Field:
        """SD of the noise: most in the middle of the body, less in the lungs, little in the air around."""
        strength = np.full((self.y.size, self.x.size), 8.0, np.float32)
        middle = np.clip(1.0 - done.radius_mm / 190.0, 0.0, 1.0)
        strength[done.at] += done.body * (NOISE_HU - 12.0 + 8.0 * middle + 4.0 * done.lung)
        return strength


def render(painter: Painter, job: Job) -> Voxels:
    """Paint all slices and mix each with its neighbours; HU int16 (k, j, i)."""
    shape = painter.frame.shape_kji
    sharp = np.empty(shape, np.float32)

    def paint(k: int) -> None:
        job.check()
        sharp[k] = painter.slice(k)

    with ThreadPoolExecutor(_THREADS) as pool:
        for done, _ in enumerate(pool.map(paint, range(shape[0]))):
            job.step((done + 1) / shape[0])
    voxels = np.empty(shape, np.int16)
    last = shape[0] - 1
    for k in range(shape[0]):
        mixed = sharp[max(k - 1, 0)] + sharp[min(k + 1, last)]
        mixed = (1.0 - 2.0 * _SLICE_MIX) * sharp[k] + _SLICE_MIX * mixed
        voxels[k] = np.rint(np.clip(mixed, -1024, 3071))
    return voxels


def _line(frame: Frame, axis: int, scale: float) -> Field:
    """Places of columns (axis 0) or rows (1) in mm of the standard body."""
    n = frame.shape_kji[2 - axis]
    return ((frame.origin_xyz[axis] + frame.spacing_xyz[axis] * np.arange(n)) / scale).astype(np.float32)


def _turned(grains: list[Field], phase: float) -> Field:
    """A texture that changes gradually with ``phase``, always of unit variance."""
    return grains[0] * np.float32(np.cos(phase)) + grains[1] * np.float32(np.sin(phase))


def _stamp(hu: Field, share: Cover, value: float) -> None:
    at = np.nonzero(share)
    part = share[at] * np.float32(1.0 / 255.0)
    hu[at] += part * (np.float32(value) - hu[at])


def _put(hu: Field, patch: Patch, k: int) -> None:
    local = k - patch.low_kji[0]
    if 0 <= local < len(patch.share):
        rows, columns = (slice(o, o + n) for o, n in zip(patch.low_kji[1:], patch.share.shape[1:], strict=True))
        part = hu[rows, columns]
        part += patch.share[local] * (patch.hu[local] - part)


def _blurred(hu: Field) -> Field:
    """Blur within the slice as focus and detector do."""
    for axis in (0, 1):
        mixed = hu * np.float32(1.0 - 2.0 * _PIXEL_MIX)
        ahead, behind = [slice(None)] * 2, [slice(None)] * 2
        ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
        mixed[tuple(ahead)] += np.float32(_PIXEL_MIX) * hu[tuple(behind)]
        mixed[tuple(behind)] += np.float32(_PIXEL_MIX) * hu[tuple(ahead)]
        hu = mixed
    return hu
