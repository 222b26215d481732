"""Where marks are in the voxels of a volume, and where images are that make no regular stack."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medviewer.core.grid import triple
from medviewer.core.mark import Mark
from medviewer.core.study import Header, Series
from medviewer.core.volume import Volume
from medviewer.imaging.reslice import PlaneGeometry

Points = NDArray[np.float64]
SAME = 1e-3  # of a slice: nearer to one than this, a plane is that slice
PARALLEL = 1e-4


def image_of(mark: Mark, series: Series) -> int | None:
    """Return which image of the series a mark was drawn on; None where it runs across images or they are not here."""
    if not mark.sop_uid:
        return None
    images = enumerate(series.headers)
    return next((k for k, header in images if (header.sop_uid, header.frame) == (mark.sop_uid, mark.frame)), None)


def image_plane(volume: Volume, k: int) -> PlaneGeometry | None:
    """Return where image ``k`` of an irregular series is by its own header, rows down and columns to the right.

    None where the header does not say, or where the voxels are no longer those of the file.
    """
    header = volume.series.headers[k]
    if header.position_lps_mm is None or header.orientation is None or header.pixel_spacing_mm is None:
        return None
    if (header.rows, header.columns) != volume.grid.shape_kji[1:] or _remade(volume.series):
        return None
    right, down = header.orientation[:3], header.orientation[3:]
    return PlaneGeometry((header.rows, header.columns), header.position_lps_mm, right, down, header.pixel_spacing_mm)


def _remade(series: Series) -> bool:
    return any(check.code == "straightened" for check in series.checks)


def in_patient(volume: Volume, lps_mm: ArrayLike, k: int) -> Points:
    """Return where points (..., 3) on image ``k``, in the space that the volume is drawn in, are in the patient.

    A regular stack is drawn where it is; others have images whose own headers know better.
    """
    own = None if volume.regular else image_plane(volume, k)
    if own is None:
        return np.asarray(lps_mm, dtype=np.float64)
    return own.to_lps(volume.grid.to_kji(lps_mm)[..., :0:-1])


def in_voxels(volume: Volume, lps_mm: ArrayLike, k: int | None) -> Points:
    """Return the fractional indices (..., 3) k, j, i of points in LPS mm that lie on image ``k``, None for any."""
    if volume.regular or k is None:
        return volume.grid.to_kji(lps_mm)
    own = image_plane(volume, k)
    kji = volume.grid.to_kji(lps_mm)
    if own is not None:
        kji[..., 1:] = own.to_xy(lps_mm)[..., ::-1]
    kji[..., 0] = k
    return kji


def true_geometry(volume: Volume, shown: PlaneGeometry, k: int) -> PlaneGeometry:
    """Return where the pixels of image ``k``, drawn at ``shown``, are in the patient."""
    if volume.regular:
        return shown
    corner, right, down = in_patient(volume, shown.to_lps([[0, 0], [1, 0], [0, 1]]), k)
    ways = [right - corner, down - corner]
    column_mm, row_mm = (float(np.linalg.norm(way)) for way in ways)
    return replace(
        shown,
        origin_lps_mm=triple(corner),
        right_lps=triple(ways[0] / column_mm),
        down_lps=triple(ways[1] / row_mm),
        spacing_mm=(row_mm, column_mm),
    )


def along_array(mark: Mark, volume: Volume) -> tuple[int, int] | None:
    """Return the array axis (0 k, 1 j, 2 i) and the index of the slice that a mark lies in; None between slices."""
    k = image_of(mark, volume.series)
    if not volume.regular or (k is not None and _lies_on(mark, volume, k)):
        return None if k is None else (0, k)
    normal, axes = np.asarray(mark.normal_lps), np.asarray(volume.grid.axes_kji_lps)
    within = np.abs(axes @ normal) <= PARALLEL
    for axis in range(3):
        if all(within[other] for other in range(3) if other != axis):
            at = float(volume.grid.to_kji(mark.points_lps_mm[0])[axis])
            inside = 0 <= round(at) < volume.grid.shape_kji[axis]
            return (axis, round(at)) if inside and abs(at - round(at)) <= SAME else None
    return None


def _lies_on(mark: Mark, volume: Volume, k: int) -> bool:
    """Whether all points are on image ``k`` of a regular stack: its grid may have grown since the mark was drawn."""
    across = volume.grid.to_kji(np.asarray(mark.points_lps_mm))[:, 0] - k
    return bool(np.all(np.abs(across) <= 0.1))


def header_of(mark: Mark, series: Series) -> Header:
    """Return the header of the image that a mark was drawn on, of the first one where it runs across them."""
    k = image_of(mark, series)
    return series.headers[k if k is not None else 0]
