"""How answers are judged: overlap with each reader, long axis, fields; means with confidence intervals by patient."""

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medviewer.train.crops import READERS, Crops

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
RESAMPLES = 1000
DIGITS = 4


def dice(one: Bools, other: Bools) -> Floats:
    """Return the Dice overlap of each pair of masks (n, h, w), (n,); NaN where both are empty."""
    both = np.count_nonzero(one & other, axis=(1, 2))
    sizes = np.count_nonzero(one, axis=(1, 2)) + np.count_nonzero(other, axis=(1, 2))
    overlap: Floats = np.divide(2.0 * both, sizes, out=np.full(len(one), np.nan), where=sizes > 0)
    return overlap


def drawn_by(crops: Crops) -> Bools:
    """Return which readers drew something on each crop, bool (n, readers)."""
    return np.stack([crops.reader(r).any(axis=(1, 2)) for r in range(READERS)], axis=1)


def against_readers(masks: Bools, crops: Crops) -> Floats:
    """Return each crop's Dice with every reader who drew on it, averaged, (n,); NaN where none did."""
    drawn = drawn_by(crops)
    every = [np.where(drawn[:, r], dice(masks, crops.reader(r)), np.nan) for r in range(READERS)]
    return _mean_of_rows(np.stack(every, axis=1))


def between_readers(crops: Crops) -> Floats:
    """Return each crop's Dice between every two readers who both drew on it, averaged, (n,); NaN for fewer than two."""
    drawn = drawn_by(crops)
    pairs = [
        np.where(drawn[:, a] & drawn[:, b], dice(crops.reader(a), crops.reader(b)), np.nan)
        for a, b in combinations(range(READERS), 2)
    ]
    return _mean_of_rows(np.stack(pairs, axis=1))


def _mean_of_rows(values: Floats) -> Floats:
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    means: Floats = np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
    return means


def long_axes_mm(masks: Bools, spacing_mm: Floats) -> Floats:
    """Return the long axis in mm of each mask (n, h, w), (n,); NaN where it is empty."""
    from medviewer.imaging.measure import axes

    lengths = np.full(len(masks), np.nan)
    for n in np.flatnonzero(masks.any(axis=(1, 2))):
        line = axes(masks[n], float(spacing_mm[n]), float(spacing_mm[n]))[0]
        lengths[n] = np.linalg.norm(line[1] - line[0])
    return lengths


def interval(
    values: ArrayLike, patients: NDArray[np.str_], weights: ArrayLike | None = None, seed: int = 0
) -> dict[str, Any]:
    """Return the mean of ``values`` (n,), NaN left out, with its 95 % interval over 1000 resamples of patients.

    With ``weights`` it is sum(values) / sum(weights), for rates. JSON-ready: mean, low, high, n, patients.
    """
    numbers = np.asarray(values, np.float64)
    parts = np.ones(len(numbers)) if weights is None else np.asarray(weights, np.float64)
    known = ~np.isnan(numbers)
    names, own = np.unique(patients[known], return_inverse=True)
    if not len(names):
        return {"mean": None, "low": None, "high": None, "n": 0, "patients": 0}
    sums = np.bincount(own, numbers[known], len(names))
    sizes = np.bincount(own, parts[known], len(names))
    picks = np.random.default_rng(seed).integers(0, len(names), (RESAMPLES, len(names)))
    below = sizes[picks].sum(axis=1)
    means = sums[picks].sum(axis=1)[below > 0] / below[below > 0]
    low, high = np.percentile(means, [2.5, 97.5]) if len(means) else (np.nan, np.nan)
    return {
        "mean": round(float(sums.sum() / sizes.sum()), DIGITS) if sizes.sum() else None,
        "low": round(float(low), DIGITS),
        "high": round(float(high), DIGITS),
        "n": int(known.sum()),
        "patients": len(names),
    }


def central(masks: Bools) -> Bools:
    """Keep of each mask (n, h, w) the connected part nearest to the middle, as the second look at a candidate does."""
    from scipy import ndimage

    kept = np.zeros_like(masks)
    middle = (np.asarray(masks.shape[1:]) - 1) / 2.0
    for n, mask in enumerate(masks):
        labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
        if count:
            places = np.argwhere(mask)
            row, column = places[np.square(places - middle).sum(axis=1).argmin()]
            kept[n] = labels == labels[row, column]
    return kept


def otsu(images: NDArray[np.uint8], within: int = 24) -> Bools:
    """Outline by Otsu's threshold of the middle ``2 * within`` pixels, the part nearest to the middle: the baseline."""
    size = images.shape[1]
    inner = slice(size // 2 - within, size // 2 + within)
    masks = np.zeros(images.shape, np.bool_)
    for n, image in enumerate(images):
        part = image[inner, inner]
        masks[n, inner, inner] = part > _otsu_level(np.bincount(part.ravel(), minlength=256))
    return central(masks)


def _otsu_level(histogram: NDArray[np.int64]) -> int:
    """Return the grey level that parts a histogram (256,) best (Otsu 1979, doi:10.1109/TSMC.1979.4310076)."""
    levels = np.arange(256)
    below = np.cumsum(histogram).astype(np.float64)
    above = below[-1] - below
    sums = np.cumsum(histogram * levels).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return int(np.nan_to_num(apart).argmax())


def overlaps(masks: Bools, crops: Crops) -> dict[str, Any]:
    """Report the Dice of masks (n, h, w) with the readers, slices of two and more readers and of one apart."""
    count = drawn_by(crops).sum(axis=1)
    values, patients = against_readers(masks, crops), crops.column("pid")
    return {
        "slices_of_two_or_more_readers": interval(np.where(count >= 2, values, np.nan), patients),
        "slices_of_one_reader": interval(np.where(count == 1, values, np.nan), patients),
    }


def largest_slices(crops: Crops, least_readers: int = 2) -> NDArray[np.int64]:
    """Return for each nodule the crop with the largest area drawn in common, among those of enough readers."""
    areas = np.stack([crops.reader(r).sum(axis=(1, 2)) for r in range(READERS)], axis=1).astype(np.float64)
    enough = (areas > 0).sum(axis=1) >= least_readers
    areas[areas == 0] = np.nan
    mean = _mean_of_rows(areas)
    best = [
        int(rows[np.nanargmax(mean[rows])])
        for nodule in np.unique(crops.nodule[enough])
        if len(rows := np.flatnonzero((crops.nodule == nodule) & enough))
    ]
    return np.array(best, dtype=np.int64)


def axis_errors(masks: Bools, crops: Crops, on: NDArray[np.int64]) -> dict[str, Any]:
    """Report the long-axis error in mm against the mean of the readers, on the crops ``on``; none drawn counts as 0 mm.

    ``readers`` is what one reader differs from the mean of the others.
    """
    spacing, patients = crops.numbers("pixel_spacing")[on], crops.column("pid")[on]
    drawn = np.stack([long_axes_mm(crops.reader(r)[on], spacing) for r in range(READERS)], axis=1)
    error = np.nan_to_num(long_axes_mm(masks[on], spacing)) - _mean_of_rows(drawn)
    return {
        "absolute_mm": interval(np.abs(error), patients),
        "signed_mm": interval(error, patients),
        "readers_absolute_mm": interval(_apart(drawn), patients),
    }


def _apart(drawn: Floats) -> Floats:
    """Mean distance of each reader's number from the mean of the others', (n,)."""
    others = [_mean_of_rows(np.delete(drawn, r, axis=1)) for r in range(drawn.shape[1])]
    return _mean_of_rows(np.abs(drawn - np.stack(others, axis=1)))
