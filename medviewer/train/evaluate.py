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
    return mean_of_rows(np.stack(every, axis=1))


def between_readers(crops: Crops) -> Floats:
    """Return each crop's Dice between every two readers who both drew on it, averaged, (n,); NaN for fewer than two."""
    drawn = drawn_by(crops)
    pairs = [
        np.where(drawn[:, a] & drawn[:, b], dice(crops.reader(a), crops.reader(b)), np.nan)
        for a, b in combinations(range(READERS), 2)
    ]
    return mean_of_rows(np.stack(pairs, axis=1))


def consensus(crops: Crops) -> dict[str, Any]:
    """Report on slices of all four readers the Dice of each with what at least two of the other three drew.

    No net can know more of a reader than the others together do, so this is about as high as one can get.
    """
    drawn = np.stack([crops.reader(r) for r in range(READERS)])
    total = drawn.sum(axis=0)
    every = np.stack([dice(total - drawn[r] >= 2, drawn[r]) for r in range(READERS)], axis=1)
    four = drawn_by(crops).all(axis=1)
    return {"slices_of_all_four_readers": interval(np.where(four, every.mean(axis=1), np.nan), crops.column("pid"))}


def mean_of_rows(values: Floats) -> Floats:
    """Return the mean of each row of ``values`` (n, m) without its NaN, (n,); NaN where there is nothing else."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    means: Floats = np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
    return means


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


def overlaps(masks: Bools, crops: Crops, values: Floats | None = None) -> dict[str, Any]:
    """Report the Dice of masks (n, h, w) with the readers, slices of two and more readers and of one apart.

    "by_pairs_of_readers" weights a slice by its pairs of readers, as a mean over all pairs of readers does. ``values``
    (n,) are Dice known already.
    """
    count = drawn_by(crops).sum(axis=1)
    dices, patients = against_readers(masks, crops) if values is None else values, crops.column("pid")
    several, pairs = np.where(count >= 2, dices, np.nan), count * (count - 1) / 2.0
    return {
        "slices_of_two_or_more_readers": interval(several, patients),
        "slices_of_all_four_readers": interval(np.where(count == READERS, dices, np.nan), patients),
        "slices_of_one_reader": interval(np.where(count == 1, dices, np.nan), patients),
        "all_slices": interval(dices, patients),
        "by_pairs_of_readers": interval(several * pairs, patients, np.where(count >= 2, pairs, 0.0)),
    }
