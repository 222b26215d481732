"""What a score is worth: bands of scores, each with the share of true nodules measured in it. No torch here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from medviewer.i18n import N_

WORDINGS = (N_("uncertain"), N_("possible"), N_("likely"), N_("very likely"))
_LEAST_PPV = (0.0, 0.25, 0.5, 0.75)  # which word a band deserves by the share of true ones measured in it


@dataclass(frozen=True)
class Band:
    """Scores from ``score_from`` up to the next band; ``ppv`` is the share of true ones among ``count`` measured."""

    score_from: float
    wording: str
    ppv: float
    count: int


def wording(bands: Sequence[Band], score: float) -> str:
    """Return the word of the band that ``score`` falls in; empty where there are no bands."""
    below = [band for band in bands if band.score_from <= score]
    return below[-1].wording if below else bands[0].wording if bands else ""


def bands(scores: ArrayLike, truths: ArrayLike, count: int = 8) -> tuple[Band, ...]:
    """Measure bands on candidates with scores (n,) and truths (n,) bool, as isotonic as their words must be.

    The candidates are cut into ``count`` groups of equal size; neighbours are merged while a higher score does not mean
    a higher share of true ones, and where they would get the same word. ValueError where there are no candidates.
    """
    values, true = np.asarray(scores, np.float64), np.asarray(truths, np.bool_)
    if not values.size:
        raise ValueError("no candidates to measure")
    order = np.argsort(values, kind="stable")
    groups = [group for group in np.array_split(order, count) if len(group)]
    merged: list[list[float]] = []  # score from, true ones, all
    for group in groups:
        merged.append([values[group[0]], float(true[group].sum()), float(len(group))])
        while len(merged) > 1 and (_ppv(merged[-2]) >= _ppv(merged[-1]) or _word(merged[-2]) == _word(merged[-1])):
            _start, hits, size = merged.pop()
            merged[-1][1] += hits
            merged[-1][2] += size
    merged[0][0] = 0.0
    return tuple(Band(round(float(row[0]), 3), _word(row), round(_ppv(row), 3), int(row[2])) for row in merged)


def _ppv(row: Sequence[float]) -> float:
    return row[1] / row[2]


def _word(row: Sequence[float]) -> str:
    return [word.msgid for word, least in zip(WORDINGS, _LEAST_PPV, strict=True) if _ppv(row) >= least][-1]
