"""Detection on fields: the crops of one nodule stacked are a small volume in which everything found is judged."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.candidates import regions
from medviewer.ai.sift import keeps
from medviewer.train.crops import Crops
from medviewer.train.evaluate import interval

Bools = NDArray[np.bool_]
HIT_SHARE = 0.25  # of the smaller of both must be common, of what was found and what was drawn


@dataclass(frozen=True, slots=True)
class Found:
    """Something found in a field: its score, whether readers drew there, and whether it is the field's own nodule."""

    field: int
    score: float
    true: bool
    own: bool


@dataclass(frozen=True, eq=False)
class Fields:
    """What was found in every field (one per nodule), each field's patient and how many readers drew its nodule."""

    found: tuple[Found, ...]
    patients: NDArray[np.str_]
    readers: NDArray[np.int64]

    def scores(self) -> tuple[NDArray[np.float64], Bools]:
        """Return scores and truths of all that was found, (n,) each."""
        return np.array([f.score for f in self.found]), np.array([f.true for f in self.found], np.bool_)


def detect(chances: NDArray[np.float16], crops: Crops, labels: NDArray[np.float32], mask_threshold: float) -> Fields:
    """Group the chances (n, h, w) of each nodule's crops in 3-D as the reading of a scan does; judge each region."""
    found: list[Found] = []
    nodules = np.unique(crops.nodule)
    for field, nodule in enumerate(nodules):
        rows = np.flatnonzero(crops.nodule == nodule)
        own, any_nodule = crops.masks[rows] > 0, labels[rows] > 0
        spacing = _spacing(crops, rows)
        for region in regions(chances[rows].astype(np.float32), mask_threshold):
            if keeps(region.mask, spacing):
                where = region.mask.full(any_nodule.shape)
                found.append(Found(field, region.score, _hit(where, any_nodule), _hit(where, own)))
    readers = np.array([int(crops.rows[nodule]["n_readers"]) for nodule in nodules])
    return Fields(tuple(found), np.array([crops.rows[nodule]["pid"] for nodule in nodules]), readers)


def _spacing(crops: Crops, rows: NDArray[np.int64]) -> tuple[float, float, float]:
    pixel_mm = float(crops.numbers("pixel_spacing")[rows[0]])
    steps_mm = np.abs(np.diff(crops.z_mm[rows]))
    steps_mm = steps_mm[np.isfinite(steps_mm) & (steps_mm > 0)]
    thickness_mm = float(crops.numbers("slice_thickness")[rows[0]])
    return float(np.median(steps_mm)) if len(steps_mm) else thickness_mm, pixel_mm, pixel_mm


def _hit(found: Bools, drawn: Bools) -> bool:
    """Whether enough is common of what was found and what was drawn on the same slices."""
    common = int(np.count_nonzero(found & drawn))
    there = int(np.count_nonzero(drawn[found.any(axis=(1, 2))]))
    return common > 0 and common >= HIT_SHARE * min(int(np.count_nonzero(found)), there)


def at_threshold(fields: Fields, threshold: float) -> dict[str, Any]:
    """Report sensitivity by nodule and false positives by field at a score threshold, with intervals by patient."""
    kept = [found for found in fields.found if found.score >= threshold]
    hit = _any(fields, (found.field for found in kept if found.own))
    false = np.bincount([f.field for f in kept if not f.true], minlength=len(fields.patients)).astype(np.float64)
    sensitivity = {
        f"sensitivity_{least}_or_more_readers": interval(
            np.where(fields.readers >= least, hit.astype(np.float64), np.nan), fields.patients
        )
        for least in (1, 2, 3, 4)
    }
    return sensitivity | {
        "false_positives_per_field": interval(false, fields.patients),
        "share_true": interval(
            np.array([float(f.true) for f in kept]), np.array([fields.patients[f.field] for f in kept], dtype=np.str_)
        ),
    }


def _any(fields: Fields, hits: Iterable[int]) -> Bools:
    hit = np.zeros(len(fields.patients), np.bool_)
    hit[list(hits)] = True
    return hit


def threshold_for(fields: Fields, false_positives_per_field: float) -> float:
    """Return the lowest score threshold (two decimals) with at most so many false positives a field on average."""
    false = np.array([found.score for found in fields.found if not found.true])
    for percent in range(1, 100):
        if np.count_nonzero(false >= percent / 100.0) <= false_positives_per_field * len(fields.patients):
            return percent / 100.0
    return 0.99
