"""A stack scanned with a tilted gantry, resampled so that its slices lie straight above each other."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.shared import SharedArray
from medviewer.core.study import Check, Series
from medviewer.core.volume import FAILED, PENDING, READY, Volume
from medviewer.i18n import N_, _

SUFFIX = "#straightened"
AIR_HU = -1024
WHOLE = 1e-3  # a shift this close to whole pixels needs no interpolation


def straightened(volume: Volume, job: Job) -> Volume:
    """Return a volume of its own with every slice of ``volume`` moved within its plane to above the one before.

    Slices keep their number, direction and distance along the normal; rows and columns grow so that no voxel is lost,
    and what was not scanned is air (HU) or the smallest value. Values are interpolated along the columns (cubic), and
    along the rows where the tilt goes that way too. Problem where slices are still missing or nothing is tilted.
    """
    if np.any(volume.state == PENDING):
        raise Problem(_("The images are still being read."), _("Straighten them when all are there."))
    if volume.colours is not None:
        raise Problem(_("Colour images cannot be straightened."))
    shear = _Shear.of(volume.grid)
    if shear is None:
        raise Problem(_("These images are not tilted: there is nothing to straighten."))
    voxels = SharedArray.make(shear.grid.shape_kji, "int16")
    state = SharedArray.make(volume.state.shape, "uint8")
    try:
        _fill(volume, shear, voxels.array, job)
    except BaseException:
        voxels.close()
        state.close()
        raise
    state.array[...] = volume.state
    series = _told(volume.series, shear.grid)
    return replace(
        volume, series=series, grid=shear.grid, voxels_block=voxels, state_block=state, regular=not series.misplaced
    )


@dataclass(frozen=True)
class _Shear:
    """The straight grid, and by how many pixels slice k moves down (j) and right (i) in it."""

    grid: Grid
    down_px: NDArray[np.float64]
    right_px: NDArray[np.float64]

    @staticmethod
    def of(tilted: Grid) -> "_Shear | None":
        """Return what straightens ``tilted``; None where it is straight."""
        along, down, right = (np.asarray(axis) for axis in tilted.axes_kji_lps)
        across = np.cross(right, down)
        across *= np.sign(across @ along) / np.linalg.norm(across)
        step_mm, row_mm, column_mm = tilted.spacing_kji_mm
        slices = np.arange(tilted.shape_kji[0]) * step_mm
        down_px, right_px = slices * (along @ down) / row_mm, slices * (along @ right) / column_mm
        if max(np.ptp(down_px), np.ptp(right_px)) < 1.0:
            return None
        j0, i0 = np.floor(min(down_px.min(), 0.0)), np.floor(min(right_px.min(), 0.0))
        shape = (
            tilted.shape_kji[0],
            tilted.shape_kji[1] + int(np.ceil(down_px.max()) - j0),
            tilted.shape_kji[2] + int(np.ceil(right_px.max()) - i0),
        )
        x, y, z = (float(v) for v in tilted.to_lps((0.0, j0, i0)))
        normal = (float(across[0]), float(across[1]), float(across[2]))
        spacing = (step_mm * float(along @ across), row_mm, column_mm)
        grid = Grid(shape, (x, y, z), spacing, (normal, *tilted.axes_kji_lps[1:]))
        return _Shear(grid, down_px - j0, right_px - i0)


def _fill(volume: Volume, shear: _Shear, voxels: NDArray[np.int16], job: Job) -> None:
    """Write the moved slices one by one: only one slice at a time is held as numbers with a point."""
    text = _("Straightening the images")
    outside = _outside(volume)
    voxels[...] = outside
    for k in range(len(voxels)):
        if volume.state[k] == READY:
            down = _shifted(volume.voxels[k], float(shear.down_px[k]), voxels.shape[1], outside)
            voxels[k] = _shifted(down.T, float(shear.right_px[k]), voxels.shape[2], outside).T
        job.step((k + 1) / len(voxels), text)


def _shifted(lines: NDArray[np.int16], by_px: float, count: int, outside: int) -> NDArray[np.int16]:
    """Return ``lines`` moved along the first axis by ``by_px`` >= 0, among ``count`` lines; the others are outside."""
    n, whole = len(lines), int(np.floor(by_px + WHOLE))
    part = by_px - whole
    out = np.full((count, lines.shape[1]), outside, dtype=np.int16)
    if part <= WHOLE:
        out[whole : whole + n] = lines
        return out
    padded = np.pad(lines, ((2, 2), (0, 0)), mode="edge").astype(np.float32)
    moved = np.zeros((n + 1, lines.shape[1]), dtype=np.float32)  # from before the first line to behind the last
    for tap, weight in enumerate(_cubic(1.0 - part)):
        moved += np.float32(weight) * padded[tap : tap + n + 1]
    np.clip(np.rint(moved, out=moved), lines.min(), lines.max(), out=moved)
    first = 0 if part <= 0.5 else 1  # which of the two is nearer to a line
    out[whole + first : whole + first + n] = moved[first : first + n]
    return out


def _cubic(at: float) -> tuple[float, float, float, float]:
    """Return the weights of four neighbours for the place ``at`` (0 to 1) between the middle two (Catmull-Rom)."""
    square, cube = at * at, at * at * at
    return (
        (-cube + 2 * square - at) / 2,
        (3 * cube - 5 * square + 2) / 2,
        (-3 * cube + 4 * square + at) / 2,
        (cube - square) / 2,
    )


def _outside(volume: Volume) -> int:
    """Return the voxel for places that were not scanned: air, or the smallest value there is."""
    if volume.unit == "HU":
        return int(np.clip(round((AIR_HU - volume.intercept) / volume.slope), -32768, 32767))
    good = [int(volume.voxels[k].min()) for k in np.flatnonzero(volume.state != FAILED)]
    return min(good, default=0)


def _told(series: Series, grid: Grid) -> Series:
    """Return the series with the tilt taken from its checks and the straightening told."""
    text = N_("The images were straightened: their values are interpolated within each slice.")
    why = N_("Measure here across slices; the original images are unchanged and still in the list.")
    kept = tuple(check for check in series.checks if check.code != "gantry-tilt")
    return replace(series, uid=series.uid + SUFFIX, grid=grid, checks=(*kept, Check("straightened", "info", text, why)))
