"""How answers to candidate patches are judged: the area under the curve, with confidence intervals by block."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import rankdata

from medviewer.train.evaluate import DIGITS, RESAMPLES
from medviewer.train.patches import Patches

SPECIFICITIES = (0.9, 0.95, 0.99)
CORE, RING = 6.0, 12.0  # pixels from the middle: the candidate, and what lies around it
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def area(scores: Floats, truth: Bools) -> float:
    """Return how often a true one has the higher score (n,) than a false one, ties half; NaN without both kinds."""
    true = int(truth.sum())
    pairs = true * (len(truth) - true)
    if not pairs:
        return float("nan")
    return float((rankdata(scores)[truth].sum() - true * (true + 1) / 2.0) / pairs)


def sensitivity(scores: Floats, truth: Bools, specificity: float) -> float:
    """Return the share of true ones that score higher than a share ``specificity`` of the false; NaN without both."""
    if truth.all() or not truth.any():
        return float("nan")
    return float((scores[truth] > np.quantile(scores[~truth], specificity, method="higher")).mean())


def areas(scores: Floats, patches: Patches) -> list[dict[str, Any]]:
    """Return the area of each column of scores (n, m), with 95 % intervals by block.

    JSON-ready: value, low, high; from the second on, ``difference`` is the same of how much more than the first.
    """

    def measure(rows: NDArray[np.int64]) -> list[float]:
        return [area(column, patches.nodule[rows]) for column in scores[rows].T]

    values, drawn = _resampled(measure, patches)
    answers = [_row(value, each) for value, each in zip(values, drawn.T, strict=True)]
    for n in range(1, len(answers)):
        answers[n]["difference"] = _row(values[n] - values[0], drawn[:, n] - drawn[:, 0])
    return answers


def sensitivities(scores: Floats, patches: Patches) -> dict[str, Any]:
    """Return the sensitivity of scores (n,) at each of SPECIFICITIES, with 95 % intervals by block; JSON-ready."""

    def measure(rows: NDArray[np.int64]) -> list[float]:
        return [sensitivity(scores[rows], patches.nodule[rows], each) for each in SPECIFICITIES]

    values, drawn = _resampled(measure, patches)
    names = [f"at_specificity_{each}" for each in SPECIFICITIES]
    return {name: _row(value, each) for name, value, each in zip(names, values, drawn.T, strict=True)}


def _resampled(measure: Callable[[NDArray[np.int64]], list[float]], patches: Patches) -> tuple[list[float], Floats]:
    """Measure all patches, and resamples of blocks of them (resamples, m)."""
    names, own = np.unique(patches.block, return_inverse=True)
    members = [np.flatnonzero(own == n) for n in range(len(names))]
    picks = np.random.default_rng(0).integers(0, len(names), (RESAMPLES, len(names)))
    drawn = [measure(np.concatenate([members[n] for n in pick])) for pick in picks]
    return measure(np.arange(len(patches))), np.array(drawn)


def _row(value: float, resampled: Sequence[float] | Floats) -> dict[str, Any]:
    known = np.asarray(resampled)[~np.isnan(resampled)]
    low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (np.nan, np.nan)
    return {"value": round(value, DIGITS), "low": round(float(low), DIGITS), "high": round(float(high), DIGITS)}


def contrast(images: NDArray[np.uint8]) -> Floats:
    """Return how much brighter the middle of each patch (n, h, w) is than the ring around it, (n,): the baseline."""
    row, column = np.mgrid[: images.shape[1], : images.shape[2]]
    away = np.hypot(row - images.shape[1] // 2, column - images.shape[2] // 2)
    core, ring = away < CORE, (away >= CORE) & (away < RING)
    difference: Floats = images[:, core].mean(axis=1) - images[:, ring].mean(axis=1)
    return difference


def best_temperature(logits: Floats, truth: Bools) -> float:
    """Return what to divide ``logits`` (n,) by so that their chances fit ``truth`` best, by cross-entropy."""

    def entropy(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        return float(np.mean(np.logaddexp(0.0, scaled) - truth * scaled))

    return float(np.exp(minimize_scalar(entropy, bounds=(-2.0, 2.0), method="bounded").x))
