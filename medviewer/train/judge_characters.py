"""How descriptions are judged: against each reader, size alone, and proven diagnoses where there are any."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.characters import (
    CALCIFICATION,
    CHANCES,
    LOBULATION,
    MALIGNANCY,
    MARGIN,
    SCALES,
    SPICULATION,
    TEXTURE,
    TYPES,
    type_of,
)
from medviewer.train.evaluate import DIGITS, RESAMPLES, interval

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
SIGNS = {  # what a reader's rating says in one word: scale and steps
    "spiculation_some_or_more": (SPICULATION, (3, 4, 5)),
    "lobulation_some_or_more": (LOBULATION, (3, 4, 5)),
    "margin_poorly_defined": (MARGIN, (1, 2)),
    "calcification_any": (CALCIFICATION, (1, 2, 3, 4, 5)),
    "texture_not_solid": (TEXTURE, (1, 2, 3)),
    "malignancy_suspicious": (MALIGNANCY, (4, 5)),
}


@dataclass(frozen=True, eq=False)
class Described:
    """Nodules of one split, one row each, all that is judged.

    ``counts`` and ``shares`` hold for each of SCALES (n, steps): readers who chose each step, and shares expected;
    ``raw_shares`` the same before calibration. ``opinion`` (n,) 1..5, ``size`` (n,) is the readers' mean diameter in
    mm, ``by_size`` the opinion from the outline's long axis; ``diagnosis`` (n,) 0 where unknown, 1 benign, 2 and 3
    malignant.
    """

    patients: NDArray[np.str_]
    counts: tuple[Floats, ...]
    shares: tuple[Floats, ...]
    raw_shares: tuple[Floats, ...]
    size: Floats
    by_size: Floats
    median: Floats
    diagnosis: NDArray[np.int64]

    @property
    def opinion(self) -> Floats:
        """The network's mean opinion, (n,)."""
        return means(self.shares[SCALES.index(MALIGNANCY)])

    @property
    def readers(self) -> NDArray[np.int64]:
        """How many readers rated each nodule, (n,)."""
        count: NDArray[np.int64] = self.counts[SCALES.index(MALIGNANCY)].sum(axis=1).astype(np.int64)
        return count

    def only(self, rows: Bools) -> "Described":
        """Return the nodules of ``rows``, bool (n,)."""
        return Described(
            patients=self.patients[rows],
            counts=tuple(one[rows] for one in self.counts),
            shares=tuple(one[rows] for one in self.shares),
            raw_shares=tuple(one[rows] for one in self.raw_shares),
            size=self.size[rows],
            by_size=self.by_size[rows],
            median=self.median[rows],
            diagnosis=self.diagnosis[rows],
        )


def means(parts: Floats) -> Floats:
    """Return the mean step, from 1 on, of shares or counts (n, steps), (n,); NaN where nobody chose any."""
    total = parts.sum(axis=1)
    steps = np.arange(1, parts.shape[1] + 1)
    mean: Floats = np.divide(parts @ steps, total, out=np.full(len(parts), np.nan), where=total > 0)
    return mean


def auc(
    scores: Mapping[str, Floats], truths: Bools, patients: NDArray[np.str_], against: str = "", seed: int = 0
) -> dict[str, Any]:
    """Return the area under the ROC curve of each score (n,), with its 95 % interval over 1000 resamples of patients.

    ``against`` names the score whose area is subtracted from every other's, on the same resamples.
    """
    names, own = np.unique(patients, return_inverse=True)
    picks = np.random.default_rng(seed).integers(0, max(len(names), 1), (RESAMPLES, len(names)))
    drawn = np.stack([np.bincount(pick, minlength=len(names)) for pick in picks])[:, own]
    times = np.concatenate([np.ones((1, len(truths))), drawn.astype(np.float64)])
    areas = {name: _areas(values, truths, times) for name, values in scores.items()}
    told: dict[str, Any] = {
        "n": len(truths), "positive": int(truths.sum()), "patients": len(names),
    } | {name: _spread(values) for name, values in areas.items()}  # fmt: skip
    others = [name for name in areas if against and name != against]
    return told | {f"{name}_minus_{against}": _spread(areas[name] - areas[against]) for name in others}


def _areas(scores: Floats, truths: Bools, times: Floats) -> Floats:
    """Areas for each row of ``times`` (m, n), how often each case counts; NaN where one kind is missing."""
    high, low = scores[truths], scores[~truths]
    beats = (high[:, None] > low[None, :]) + 0.5 * (high[:, None] == low[None, :])
    first, second = times[:, truths], times[:, ~truths]
    pairs = first.sum(axis=1) * second.sum(axis=1)
    won = ((first @ beats) * second).sum(axis=1)
    areas: Floats = np.divide(won, pairs, out=np.full(len(times), np.nan), where=pairs > 0)
    return areas


def _spread(areas: Floats) -> dict[str, Any]:
    """The first is of all cases, the others of the resamples."""
    known = areas[1:][~np.isnan(areas[1:])]
    if np.isnan(areas[0]) or not len(known):
        return {"auc": None, "low": None, "high": None}
    low, high = np.percentile(known, [2.5, 97.5])
    return {
        "auc": round(float(areas[0]), DIGITS), "low": round(float(low), DIGITS), "high": round(float(high), DIGITS),
    }  # fmt: skip


def classic(found: Described, least_readers: int) -> dict[str, Any]:
    """Report malignant (median opinion above 3) against benign (below 3), the median itself left out."""
    some = found.only((found.readers >= least_readers) & (found.median != 3.0) & ~np.isnan(found.median))
    scores = {"network": some.opinion, "diameter": some.size, "by_size": some.by_size}
    return auc(scores, some.median > 3.0, some.patients, "diameter")


def diagnosed(found: Described) -> dict[str, Any]:
    """Report malignant against benign diagnosis, by nodule and by patient: the highest value of the patient's nodules.

    Apart, the patients' nodules that two or more readers rated and whose median opinion is not the middle one.
    """
    known = found.only((found.diagnosis > 0) & (found.readers > 0) & ~np.isnan(found.size))
    if not len(known.patients):
        return {}
    told = known.only((known.readers >= 2) & (known.median != 3.0))
    by_nodule = auc(_rivals(known), known.diagnosis > 1, known.patients, "diameter")
    return {"by_patient": _worst(known), "by_patient_clear_nodules": _worst(told), "by_nodule": by_nodule}


def _rivals(found: Described) -> dict[str, Floats]:
    readers = means(found.counts[SCALES.index(MALIGNANCY)])
    return {"network": found.opinion, "readers": readers, "diameter": found.size}


def _worst(found: Described) -> dict[str, Any]:
    names, own = np.unique(found.patients, return_inverse=True)
    each = range(len(names))
    highest = {name: np.array([one[own == n].max() for n in each]) for name, one in _rivals(found).items()}
    sick = np.array([found.diagnosis[own == n].max() > 1 for n in each], dtype=np.bool_)
    return auc(highest, sick, names, "diameter")


def agreement(found: Described, constants: list[float]) -> dict[str, Any]:
    """Report for each scale how far network and reader are from the mean of the other readers, in steps.

    Each reader is left out in turn, of nodules that two or more rated. ``constants`` are the means of training, which
    says the same of every nodule.
    """
    told = {}
    for n, scale in enumerate(SCALES):
        counts, mean = found.counts[n], means(found.shares[n])
        steps = np.arange(1, scale.steps + 1)
        rated = counts.sum(axis=1)
        others = (counts @ steps)[:, None] - steps[None, :]
        others = np.divide(others, (rated - 1)[:, None], out=np.full(counts.shape, np.nan), where=rated[:, None] > 1)

        def error(value: Floats, counts: Floats = counts, others: Floats = others, rated: Floats = rated) -> Floats:
            apart = np.where(counts > 0, np.abs(value - others) * counts, 0.0).sum(axis=1)
            return np.where(rated > 1, apart / np.maximum(rated, 1.0), np.nan)

        told[scale.id] = {
            "network": interval(error(mean[:, None]), found.patients),
            "one_reader": interval(error(steps[None, :].astype(np.float64)), found.patients),
            "constant": interval(error(np.full((1, 1), constants[n])), found.patients),
        }
    return told


def signs(found: Described) -> dict[str, Any]:
    """Report how well the chance of each sign tells nodules where at least half of two or more readers saw it."""
    told = {}
    for name, (scale, steps) in SIGNS.items():
        part = SCALES.index(scale)
        chosen = [step - 1 for step in steps]
        rated = found.counts[part].sum(axis=1)
        rows = rated >= 2
        share = found.counts[part][rows][:, chosen].sum(axis=1) / rated[rows]
        scores = {"network": found.shares[part][rows][:, chosen].sum(axis=1), "diameter": found.size[rows]}
        told[name] = auc(scores, share >= 0.5, found.patients[rows], "diameter")
    return told


def types(found: Described) -> dict[str, Any]:
    """Report accuracy and Cohen's kappa of solid, part-solid and non-solid, against the other readers' median."""
    part = SCALES.index(TEXTURE)
    kinds = sorted(set(TYPES))
    steps = np.array([kinds.index(kind) for kind in TYPES])
    network = np.array([kinds.index(type_of(shares.tolist())) for shares in found.shares[part]])
    truth, answers, reader, rows = [], [], [], []
    for n, counts in enumerate(found.counts[part].astype(int)):
        ratings = np.repeat(np.arange(len(TYPES)), counts)
        for left in range(len(ratings) if len(ratings) > 2 else 0):
            # The lower of the two middle ones: part-solid rather than solid.
            truth.append(int(steps[int(np.quantile(np.delete(ratings, left), 0.5, method="lower"))]))
            reader.append(int(steps[ratings[left]]))
            answers.append(int(network[n]))
            rows.append(n)
    if not truth:
        return {}
    told: dict[str, Any] = {"kinds": kinds, "ratings": np.bincount(truth, minlength=len(kinds)).tolist()}
    for name, said in (("network", answers), ("one_reader", reader)):
        right = (np.array(said) == np.array(truth)).astype(np.float64)
        each = [float(right[np.array(truth) == kind].mean()) for kind in sorted(set(truth))]
        told[name] = {
            "accuracy": interval(right, found.patients[rows]),
            "mean_recall": round(float(np.mean(each)), DIGITS),
            "kappa": round(_kappa(np.array(truth), np.array(said), len(kinds)), DIGITS),
        }
    return told


def _kappa(one: NDArray[np.int64], other: NDArray[np.int64], kinds: int) -> float:
    """Cohen 1960, doi:10.1177/001316446002000104; 0 where both always say the same one thing."""
    table = np.bincount(one * kinds + other, minlength=kinds * kinds).reshape(kinds, kinds) / len(one)
    chance = float(table.sum(axis=1) @ table.sum(axis=0))
    return (float(np.trace(table)) - chance) / (1.0 - chance) if chance < 1.0 else 0.0


def calibration(found: Described, bins: int = 10) -> dict[str, Any]:
    """Report for each scale the expected calibration error of all steps' shares, before and after the temperature."""
    told = {}
    for n, scale in enumerate(SCALES):
        told[scale.id] = {
            "before": _calibration_error(found.raw_shares[n], found.counts[n], bins),
            "after": _calibration_error(found.shares[n], found.counts[n], bins),
        }
    return told


def _calibration_error(shares: Floats, counts: Floats, bins: int) -> float | None:
    """Difference of share expected and share of ratings, over bins of equal width, weighted by ratings; 0 is best."""
    rated = counts.sum(axis=1)
    if not rated.sum():
        return None
    weights = np.repeat(rated, shares.shape[1])
    which = np.minimum((shares.ravel() * bins).astype(int), bins - 1)
    expected = np.bincount(which, shares.ravel() * weights, bins)
    seen = np.bincount(which, counts.ravel(), bins)
    return round(float(np.abs(expected - seen).sum() / rated.sum() / shares.shape[1]), DIGITS)


def words(found: Described) -> dict[str, Any]:
    """Report for each word of chance how many readers saw spiculation where the word was given to it."""
    part = SCALES.index(SPICULATION)
    chance, rated = found.shares[part][:, 2:].sum(axis=1), found.counts[part].sum(axis=1)
    saw = found.counts[part][:, 2:].sum(axis=1)
    told, above = {}, 2.0
    for least, word in CHANCES:
        rows = (chance >= least) & (chance < above) & (rated > 0)
        told[word.msgid] = interval(saw[rows], found.patients[rows], rated[rows])
        above = least
    return told


def coverage(found: Described, least: list[float]) -> dict[str, Any]:
    """Report how often a reader's rating is among the steps of at least the ``least`` share, and how many those are."""
    told = {}
    for n, scale in enumerate(SCALES):
        shares, counts = found.shares[n], found.counts[n]
        sets = shares >= np.minimum(least[n], shares.max(axis=1, keepdims=True))  # the likeliest step always
        rated = counts.sum(axis=1)
        rows = rated > 0
        told[scale.id] = {
            "covered": interval((counts * sets).sum(axis=1)[rows], found.patients[rows], rated[rows]),
            "steps": interval(sets.sum(axis=1)[rows].astype(np.float64), found.patients[rows]),
            "of": scale.steps,
        }
    return told
