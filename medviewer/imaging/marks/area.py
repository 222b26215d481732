"""Which voxels a region drawn over images covers, how much of each, and what their values are.

A voxel counts by the share of it that lies inside the outline, exactly: a region of half a pixel has half a pixel's
weight, and moving an outline by a tenth of a pixel changes its mean by as little. Minimum, maximum and histogram are of
the voxels that are at least half inside: a corner of bone does not become the maximum of the fat beside it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medviewer.core.mark import Mark
from medviewer.core.volume import READY, Volume
from medviewer.imaging.marks import place as mark_place
from medviewer.imaging.marks import shapes as mark_shapes

Reals = NDArray[np.float64]
AIR_HU = -1024.0
PADDED_SHARE = 0.01  # of an image: fewer pixels of its darkest value are no padding
_Box = tuple[slice, slice]


@dataclass(frozen=True, eq=False)
class Covered:
    """Values under a region, all float64 (n,): ``weights`` are shares of a sample of ``sample_mm2``.

    Attributes:
        values: real values (HU for CT), of the samples that count.
        colours: red, green, blue (n, 3) of colour images, else None.
        padding, unread, outside: shares of the region, 0 to 1, that do not count: no image by the file's word, not
            read, or beyond the images.
        area_samples: the whole region in samples, whatever counts.
        step: the smallest difference of two values.
    """

    values: Reals
    weights: Reals
    colours: Reals | None
    padding: float
    unread: float
    outside: float
    area_samples: float
    sample_mm2: float
    step: float


def covered(mark: Mark, volume: Volume) -> Covered | None:
    """Return what a region covers: the voxels of its slice, or interpolated samples along a plane between them.

    None where the mark's image is not among those of the volume.
    """
    where = mark_place.along_array(mark, volume)
    if where is not None:
        return _on_slice(mark, volume, *where)
    return _between_slices(mark, volume) if volume.regular else None


def coverage(corners: ArrayLike) -> tuple[NDArray[np.float64], int, int]:
    """Return how much of each pixel a polygon covers, 0 to 1 (rows, columns), and the first row and column.

    ``corners`` (n, 2) are x, y with pixel (0, 0) centred on 0, 0. Exact; parts that cross themselves count once.
    """
    around = np.asarray(corners, dtype=np.float64) + 0.5
    x0, y0 = np.floor(around.min(axis=0)).astype(int).tolist()
    x1, y1 = np.ceil(around.max(axis=0)).astype(int).tolist()
    wide, high = max(x1 - x0, 1), max(y1 - y0, 1)
    start, end = _pieces(around - (x0, y0))
    middle, drop = (start + end) / 2.0, end[:, 1] - start[:, 1]
    column = np.clip(np.floor(middle[:, 0]).astype(np.int64), 0, wide - 1)
    row = np.clip(np.floor(middle[:, 1]).astype(np.int64), 0, high - 1)
    left = middle[:, 0] - column  # the part of the pixel to the left of the piece
    at, size = row * (wide + 1) + column, high * (wide + 1)
    change = np.bincount(at, drop * (1.0 - left), size) + np.bincount(at + 1, drop * left, size)
    winding = np.cumsum(change.reshape(high, wide + 1)[:, :wide], axis=1)
    return np.clip(np.abs(winding), 0.0, 1.0), y0, x0


def _pieces(around: Reals) -> tuple[Reals, Reals]:
    """Cut the edges of a closed polygon at the borders of pixels; return starts and ends (n, 2) of the pieces."""
    start, way = around, np.roll(around, -1, axis=0) - around
    edges, places = [np.arange(len(start))] * 2, [np.zeros(len(start)), np.ones(len(start))]
    for axis in range(2):
        one, other = start[:, axis], start[:, axis] + way[:, axis]
        first = np.floor(np.minimum(one, other)).astype(np.int64) + 1
        count = np.maximum(np.ceil(np.maximum(one, other)).astype(np.int64) - first, 0)
        edge = np.repeat(np.arange(len(start)), count)
        border = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[edge]
        edges.append(edge)
        places.append((border - one[edge]) / way[edge, axis])
    edge, place = np.concatenate(edges), np.concatenate(places)
    order = np.lexsort((place, edge))
    edge, place = edge[order], place[order]
    points = start[edge] + place[:, None] * way[edge]
    same = edge[1:] == edge[:-1]
    return points[:-1][same], points[1:][same]


def _on_slice(mark: Mark, volume: Volume, axis: int, index: int) -> Covered:
    """Weigh the voxels of one slice of the array."""
    down, right = (other for other in range(3) if other != axis)
    kji = mark_place.in_voxels(volume, mark_shapes.outline(mark), index if axis == 0 else None)
    shape = volume.grid.shape_kji
    weights, box, whole = _inside(kji[:, [right, down]], shape[down], shape[right])
    row_mm, column_mm = volume.grid.spacing_kji_mm[down], volume.grid.spacing_kji_mm[right]
    picture = np.moveaxis(volume.voxels, axis, 0)[index]
    padded = _is_padding(picture, volume, index if axis == 0 else 0, full=axis == 0)
    lost = volume.state != READY
    unread = np.broadcast_to(lost[index] if axis == 0 else lost[box[0], None], weights.shape)
    colours = None if volume.colours is None else np.moveaxis(volume.colours, axis, 0)[index][box]
    return _counted(
        volume, picture[box], weights, whole, row_mm * column_mm,
        padded=None if padded is None else padded[box], unread=unread, colours=colours,
    )  # fmt: skip


def _inside(corners_xy: Reals, rows: int, columns: int) -> tuple[Reals, _Box, float]:
    """Return weights, their box in the picture, and the whole region in pixels, beyond the picture too."""
    beyond = np.array([columns, rows], dtype=np.float64)
    weights, y0, x0 = coverage(np.clip(corners_xy, -beyond, 2.0 * beyond))  # no more memory than nine pictures take
    top, left = max(y0, 0), max(x0, 0)
    bottom, right = max(min(y0 + weights.shape[0], rows), top), max(min(x0 + weights.shape[1], columns), left)
    kept = weights[top - y0 : bottom - y0, left - x0 : right - x0]
    return kept, (slice(top, bottom), slice(left, right)), float(weights.sum())


def _between_slices(mark: Mark, volume: Volume) -> Covered:
    """Weigh samples on a plane through the volume, as far apart as its closest voxels, linearly interpolated."""
    step_mm = min(volume.grid.spacing_kji_mm)
    corners = mark_shapes.to_uv(mark, mark_shapes.outline(mark)) / step_mm
    weights, y0, x0 = coverage(corners)
    rows, columns = np.nonzero(weights)
    share = weights[rows, columns]
    lps_mm = mark_shapes.to_lps(mark, np.column_stack([columns + x0, rows + y0]) * step_mm)
    kji = volume.grid.to_kji(lps_mm)
    values, padded, unread = _interpolated(volume, kji)
    edge = np.abs(kji - (np.asarray(volume.grid.shape_kji) - 1) / 2.0) <= np.asarray(volume.grid.shape_kji) / 2.0
    inside = edge.all(axis=1)
    return _counted(
        volume, values[inside], share[inside], float(share.sum()), step_mm**2,
        padded=padded[inside], unread=unread[inside], colours=None,
    )  # fmt: skip


def _interpolated(volume: Volume, kji: Reals) -> tuple[Reals, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return voxels at fractional indices (n, 3), and whether padding or an unread slice has a part in them."""
    last = np.asarray(volume.grid.shape_kji) - 1
    at = np.clip(kji, 0, last)
    low = np.minimum(np.floor(at).astype(np.int64), np.maximum(last - 1, 0))
    part = at - low
    total, padded, unread = np.zeros(len(at)), np.zeros(len(at), np.bool_), np.zeros(len(at), np.bool_)
    for corner in np.ndindex(2, 2, 2):
        k, j, i = np.minimum(low + corner, last).T
        weight = np.prod(np.where(corner, part, 1.0 - part), axis=1)
        voxels = volume.voxels[k, j, i]
        total += weight * voxels
        gone = _is_padding(voxels, volume, 0, full=False)
        padded |= (weight > 0) & (False if gone is None else gone)
        unread |= (weight > 0) & (volume.state[k] != READY)
    return total, padded, unread


def _counted(
    volume: Volume,
    voxels: NDArray[np.int16] | Reals,
    weights: Reals,
    whole: float,
    sample_mm2: float,
    *,
    padded: NDArray[np.bool_] | None,
    unread: NDArray[np.bool_],
    colours: NDArray[np.uint8] | None,
) -> Covered:
    """Leave out what does not count, and tell how much that is."""
    hidden = np.zeros(weights.shape, np.bool_) if padded is None else padded & ~unread
    used = (weights > 0) & ~unread & ~hidden
    share = weights / max(whole, 1e-300)
    return Covered(
        values=voxels[used].astype(np.float64) * volume.slope + volume.intercept,
        weights=weights[used],
        colours=None if colours is None else colours[used].astype(np.float64),
        padding=float(share[hidden].sum()),
        unread=float(share[unread].sum()),
        outside=max(0.0, 1.0 - float(share.sum())),
        area_samples=whole,
        sample_mm2=sample_mm2,
        step=abs(volume.slope),
    )


def _is_padding(voxels: NDArray[np.int16], volume: Volume, k: int, *, full: bool) -> NDArray[np.bool_] | None:
    """Return which voxels stand for no image, as the header of image ``k`` says; None where it names no such value.

    Padding of CT below air was loaded as air; other padding outside an image's values as the image's darkest, which is
    taken for padding where it is common. ``full`` tells that ``voxels`` are the whole image.
    """
    header = volume.series.headers[k]
    if header.padding is None or header.is_colour or header.float_pixels or header.modality_lut:
        return None
    suv = header.suv if volume.unit == "SUVbw" and header.suv else 1.0
    limit = header.padding if header.padding_limit is None else header.padding_limit
    ends = sorted((value * header.slope + header.intercept) * suv for value in (header.padding, limit))
    if volume.unit == "HU" and ends[1] < AIR_HU:
        ends = [AIR_HU, AIR_HU]
    low, high = ((end - volume.intercept) / volume.slope for end in ends)
    padded: NDArray[np.bool_] = (voxels >= min(low, high) - 0.5) & (voxels <= max(low, high) + 0.5)
    if full and volume.unit != "HU" and not padded.any() and voxels.size:
        darkest = voxels == (voxels.max() if header.photometric == "MONOCHROME1" else voxels.min())
        return darkest if darkest.mean() >= PADDED_SHARE else None
    return padded
