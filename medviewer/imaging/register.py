"""How one volume lies to another: rigid registration of coarse copies by SimpleITK, made to run in another process.

SimpleITK holds the lock of Python while it works, so ``Registering`` is work for a worker process: it sees the voxels
in shared memory, and tells how far it is through a small shared array. The answer is the same each time: one thread,
a regular raster of samples with a fixed seed.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.registration import Matrix, Rows, Verdict, rows_of
from medviewer.core.shared import Handle, SharedArray
from medviewer.core.volume import Volume
from medviewer.imaging.body import Coarse, coarse, thinned
from medviewer.imaging.similarity import joint_share, similarity

FINE_MM, START_MM = 4.0, 9.0  # voxels of the copies: for the result, for where to begin
SHRINK = (4, 2, 1)
STEPS = 120  # at most, on each level
SAMPLES = 0.1
SEED = 1
BINS = 32
LEAST_OVERLAP = 0.25  # of the smaller body, in a start worth trying and in a result
# From which similarity a result is good. Measured: the same virtual chest a year apart 0.97, 10 mm off its place 0.79
# to 0.89, chests of two real patients 0.60, a chest and another part of the body 0.3 to 0.55.
GOOD, LEAST_ALIKE = 0.8, 0.4
GOOD_OVERLAP, GOOD_TURN_DEG = 0.5, 25.0
Tell = Callable[[float], None]


@dataclass(frozen=True)
class Seen:
    """A volume as another process sees it: where the voxels are, and what they mean."""

    voxels: Handle
    grid: Grid
    slope: float
    intercept: float
    modality: str

    @staticmethod
    def of(volume: Volume) -> "Seen":
        """Return how another process sees ``volume``, which must not be closed before that has ended."""
        scale = volume.slope, volume.intercept
        return Seen(volume.voxels_block.handle, volume.grid, *scale, volume.series.modality)

    def coarse(self) -> Coarse:
        """Return a coarse copy; FileNotFoundError where the volume is closed already."""
        block = SharedArray.see(self.voxels)
        try:
            values, grid = thinned(block.array, self.grid, FINE_MM, self.slope, self.intercept)
        finally:
            block.close()
        return coarse(values, grid, self.modality == "CT")


@dataclass(frozen=True)
class Fit:
    """What came of it: ``matrix`` leads from LPS mm of the moving to those of the fixed volume.

    ``similarity`` 0 to 1 where both are body, before and after; ``overlap`` is the share of the smaller body that lies
    in the other, ``displacement_mm`` how far the body was moved on average.
    """

    matrix: Rows
    similarity_before: float
    similarity: float
    overlap: float
    displacement_mm: float
    verdict: Verdict


@dataclass(frozen=True)
class Registering:
    """Work for a worker process: register ``moving`` onto ``fixed``; the share done goes into ``progress``."""

    fixed: Seen
    moving: Seen
    progress: Handle | None = None

    def run(self) -> Fit | None:
        """Return the fit; None where the two have no part of the body in common."""
        shown = SharedArray.see(self.progress) if self.progress else None

        def tell(share: float) -> None:
            if shown is not None:
                shown.array[0] = share

        try:
            alike = self.fixed.modality == self.moving.modality
            return register(self.fixed.coarse(), self.moving.coarse(), alike=alike, tell=tell)
        finally:
            if shown is not None:
                shown.close()


def register(fixed: Coarse, moving: Coarse, *, alike: bool = True, tell: Tell = lambda _share: None) -> Fit | None:
    """Return how ``moving`` fits onto ``fixed``; None where no place was found in which they have a part in common.

    ``alike``: both are of one modality, so that equal values mean equal tissue.
    """
    images = _Images.of(fixed, moving)
    tell(0.05)
    begin = _best_start(images, fixed, moving, alike)
    tell(0.2)
    if begin is None:
        return None
    refined = _refined(images, begin, lambda share: tell(0.2 + 0.75 * share))
    fit = max((_judged(fixed, moving, matrix, alike) for matrix in (_shifted(begin), refined)), key=_alike)
    enough = fit.overlap >= LEAST_OVERLAP and (fit.similarity >= LEAST_ALIKE or not alike)
    return fit if enough else None


def _alike(fit: "Fit") -> float:
    return fit.similarity if fit.overlap >= LEAST_OVERLAP else 0.0


@dataclass(frozen=True, eq=False)
class _Images:
    """Both copies and their bodies as SimpleITK has them."""

    fixed: Any
    moving: Any
    fixed_body: Any
    moving_body: Any

    @staticmethod
    def of(fixed: Coarse, moving: Coarse) -> "_Images":
        sitk = _itk()
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)  # sums in one order: the same answer each time
        return _Images(
            _image(fixed.values, fixed.grid),
            _image(moving.values, moving.grid),
            _image(fixed.body.astype(np.uint8), fixed.grid),
            _image(moving.body.astype(np.uint8), moving.grid),
        )


def _itk() -> Any:
    """SimpleITK, which takes a third of a second to import; it has no types."""
    import SimpleITK

    return SimpleITK


def _image(values: NDArray[Any], grid: Grid) -> Any:
    sitk = _itk()
    image = sitk.GetImageFromArray(values)
    image.SetOrigin(grid.origin_lps_mm)
    image.SetSpacing(grid.spacing_kji_mm[::-1])
    image.SetDirection(np.asarray(grid.axes_kji_lps)[::-1].T.ravel().tolist())
    return image


def _best_start(images: _Images, fixed: Coarse, moving: Coarse, alike: bool) -> NDArray[np.float64] | None:
    """Return the shift (LPS mm, moving to fixed) under which the two are most alike; None where none lets them overlap.

    Tried are: no shift, the same middle of the body, the same middle of the pictures, and for one modality the shift
    of the best correlation, which finds a chest in a scan of chest and belly.
    """
    shifts = [np.zeros(3), _body_middle(fixed) - _body_middle(moving), _middle(fixed.grid) - _middle(moving.grid)]
    if alike:
        shifts.append(_best_correlation(images))
    scored = []
    for shift in shifts:
        there = _shifted(shift)
        if joint_share(fixed, moving, there) >= LEAST_OVERLAP:
            scored.append((similarity(fixed, moving, there, every=2), tuple(shift)))
    return np.asarray(max(scored)[1]) if scored else None


def _body_middle(of: Coarse) -> NDArray[np.float64]:
    return of.grid.to_lps(np.argwhere(of.body).mean(axis=0))


def _middle(grid: Grid) -> NDArray[np.float64]:
    return grid.to_lps((np.asarray(grid.shape_kji) - 1) / 2)


def _shifted(shift_mm: NDArray[np.float64]) -> Matrix:
    matrix = np.eye(4)
    matrix[:3, 3] = shift_mm
    return matrix


def _best_correlation(images: _Images) -> NDArray[np.float64]:
    """Return the shift of the highest correlation of both bodies on an upright raster of ``START_MM``."""
    sitk = _itk()
    fixed, moving = _upright(images.fixed), _upright(images.moving)
    bodies = _upright(images.fixed_body), _upright(images.moving_body)
    apart = np.subtract(fixed.GetOrigin(), moving.GetOrigin())
    for image in (fixed, moving, *bodies):
        image.SetOrigin((0.0, 0.0, 0.0))  # the filter wants them at one place
    least = int(LEAST_OVERLAP * min(sitk.GetArrayViewFromImage(body).sum() for body in bodies))
    scores = sitk.GetArrayFromImage(sitk.MaskedFFTNormalizedCorrelation(fixed, moving, *bodies, least, 0.0))
    peak = np.unravel_index(int(scores.argmax()), scores.shape)[::-1]
    last = np.asarray(moving.GetSize()) - 1
    shift: NDArray[np.float64] = (np.asarray(peak) - last) * START_MM + apart
    return shift


def _upright(image: Any) -> Any:
    """Return an image on a raster of ``START_MM`` whose axes are those of the patient."""
    sitk = _itk()
    size = np.asarray(image.GetSize(), dtype=float)
    corners = [(np.asarray(corner) * (size - 1)).tolist() for corner in np.ndindex(2, 2, 2)]
    ends = [image.TransformContinuousIndexToPhysicalPoint(corner) for corner in corners]
    low, high = np.min(ends, axis=0), np.max(ends, axis=0)
    count = np.ceil((high - low) / START_MM).astype(int) + 1
    whole = image.GetPixelID() == sitk.sitkUInt8
    smooth = image if whole else sitk.SmoothingRecursiveGaussian(image, START_MM / 2)
    how = sitk.sitkNearestNeighbor if whole else sitk.sitkLinear
    return sitk.Resample(
        smooth, count.tolist(), sitk.Transform(), how, low.tolist(), (START_MM,) * 3, np.eye(3).ravel().tolist(),
        0.0, sitk.sitkFloat32,
    )  # fmt: skip


def _refined(images: _Images, shift_mm: NDArray[np.float64], tell: Tell) -> Matrix:
    """Return the rigid 4x4 matrix, moving to fixed, that is best by Mattes' mutual information near ``shift_mm``."""
    sitk = _itk()
    rigid = sitk.Euler3DTransform()
    body = np.argwhere(sitk.GetArrayViewFromImage(images.fixed_body)).mean(axis=0)[::-1]
    rigid.SetCenter(images.fixed.TransformContinuousIndexToPhysicalPoint(body.tolist()))
    rigid.SetTranslation((-shift_mm).tolist())  # SimpleITK's transform leads from fixed to moving
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(BINS)
    method.SetMetricFixedMask(images.fixed_body)
    method.SetMetricSamplingStrategy(method.REGULAR)
    method.SetMetricSamplingPercentagePerLevel([1.0] + [SAMPLES] * (len(SHRINK) - 1), SEED)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetOptimizerAsRegularStepGradientDescent(4.0, 0.01, STEPS, 0.8, 1e-9)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetShrinkFactorsPerLevel(SHRINK)
    method.SetSmoothingSigmasPerLevel([FINE_MM * n / 2 if n > 1 else 0.0 for n in SHRINK])
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
    method.SetInitialTransform(rigid, inPlace=True)
    method.AddCommand(
        sitk.sitkIterationEvent,
        lambda: tell((method.GetCurrentLevel() + method.GetOptimizerIteration() / STEPS) / len(SHRINK)),
    )
    with contextlib.suppress(RuntimeError):  # the two came apart on the way: the start is judged instead
        method.Execute(images.fixed, images.moving)
    back: Matrix = np.linalg.inv(_matrix_of(rigid)).astype(np.float64)
    return back


def _matrix_of(rigid: Any) -> Matrix:
    """Return SimpleITK's rigid transform, a turn around a centre and a shift, as a 4x4 matrix."""
    center, matrix = np.asarray(rigid.GetCenter()), np.eye(4)
    turn = np.asarray(rigid.GetMatrix()).reshape(3, 3)
    matrix[:3, :3], matrix[:3, 3] = turn, center + np.asarray(rigid.GetTranslation()) - turn @ center
    return matrix


def _judged(fixed: Coarse, moving: Coarse, matrix: Matrix, alike: bool) -> Fit:
    before, after = similarity(fixed, moving, np.eye(4)), similarity(fixed, moving, matrix)
    share = joint_share(fixed, moving, matrix)
    body = moving.grid.to_lps(np.argwhere(moving.body)[::7])
    moved = body @ matrix[:3, :3].T + matrix[:3, 3]
    way_mm = float(np.linalg.norm(moved - body, axis=1).mean())
    return Fit(rows_of(matrix), before, after, share, way_mm, verdict_of(after, share, turn_deg(matrix), alike=alike))


def verdict_of(similarity_after: float, overlap: float, turned_deg: float, *, alike: bool) -> Verdict:
    """Return whether a fit can be trusted; of two modalities never unseen, as they are alike in outline only."""
    good = alike and similarity_after >= GOOD and overlap >= GOOD_OVERLAP and turned_deg <= GOOD_TURN_DEG
    return "good" if good else "doubtful"


def turn_deg(matrix: Matrix) -> float:
    """Return by how many degrees a rigid matrix turns."""
    return float(np.degrees(np.arccos(np.clip((np.trace(matrix[:3, :3]) - 1) / 2, -1.0, 1.0))))
