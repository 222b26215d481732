"""Detection on fields: the crops of one nodule stacked are a small volume in which everything found is judged."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.nodules.candidates import largest_diameter_mm, regions
from medviewer.ai.nodules.looking import middle
from medviewer.ai.nodules.sift import SMALLEST_MM
from medviewer.train.crops import Crops
from medviewer.train.evaluate import interval

Bools = NDArray[np.bool_]
WANTED_READERS, WANTED_MM = 3, 6.0  # the nodules a reader would least forgive to be missed
HIT_SHARE = 0.25  # of the smaller of both must be common, of what was found and what was drawn


@dataclass(frozen=True, slots=True)
class Found:
    """Something found in a field: what the nets answer, whether readers drew there, whether it is the field's nodule.

    ``score`` is the detection net's alone until ``scored``; ``crop``, ``row`` and ``column`` are its middle.
    """

    field: int
    score: float
    true: bool
    own: bool
    crop: int
    row: float
    column: float


@dataclass(frozen=True, eq=False)
class Fields:
    """What was found in every field (one per nodule); each field's patient, readers who drew, nodule diameter in mm."""

    found: tuple[Found, ...]
    patients: NDArray[np.str_]
    readers: NDArray[np.int64]
    diameter_mm: NDArray[np.float64]

    def scores(self) -> tuple[NDArray[np.float64], Bools]:
        """Return scores and truths of all that was found, (n,) each."""
        return np.array([f.score for f in self.found]), np.array([f.true for f in self.found], np.bool_)

    def scored(self, scores: NDArray[np.float64]) -> "Fields":
        """Return the fields with other scores (n,)."""
        return replace(self, found=tuple(replace(f, score=float(s)) for f, s in zip(self.found, scores, strict=True)))


def detect(chances: NDArray[np.float16], crops: Crops, labels: NDArray[np.float32], seen: float) -> Fields:
    """Group the chances (n, h, w) of each nodule's crops in 3-D as the reading of a scan does; judge each region.

    ``seen`` is the chance from which on a pixel is part of a region.
    """
    found: list[Found] = []
    nodules = np.unique(crops.nodule)
    for field, nodule in enumerate(nodules):
        rows = np.flatnonzero(crops.nodule == nodule)
        own, any_nodule = crops.masks[rows] > 0, labels[rows] > 0
        spacing = _spacing(crops, rows)
        for region in regions(chances[rows].astype(np.float32), seen):
            if largest_diameter_mm(region.mask, spacing) < SMALLEST_MM / 2:
                continue
            where = region.mask.full(any_nodule.shape)
            k, row, column = middle(region.mask)
            hit = _hit(where, any_nodule), _hit(where, own)
            found.append(Found(field, region.score, *hit, int(rows[int(k)]), row, column))
    table = [crops.rows[nodule] for nodule in nodules]
    readers = np.array([int(row["n_readers"]) for row in table])
    diameters = np.array([float(row["diam_mm"] or "nan") for row in table])
    return Fields(tuple(found), np.array([row["pid"] for row in table]), readers, diameters)


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
    hit = _any(fields, (found.field for found in kept if found.own)).astype(np.float64)
    false = np.bincount([f.field for f in kept if not f.true], minlength=len(fields.patients)).astype(np.float64)
    sensitivity = {
        f"sensitivity_{least}_or_more_readers": interval(
            np.where(fields.readers >= least, hit, np.nan), fields.patients
        )
        for least in (1, 2, 3, 4)
    }
    large = (fields.readers >= WANTED_READERS) & (fields.diameter_mm >= WANTED_MM)
    return sensitivity | {
        "sensitivity_3_or_more_readers_6_mm": interval(np.where(large, hit, np.nan), fields.patients),
        "false_positives_per_field": interval(false, fields.patients),
        "share_true": interval(
            np.array([float(f.true) for f in kept]), np.array([fields.patients[f.field] for f in kept], dtype=np.str_)
        ),
    }


def _any(fields: Fields, hits: Iterable[int]) -> Bools:
    hit = np.zeros(len(fields.patients), np.bool_)
    hit[list(hits)] = True
    return hit


def curve(fields: Fields, thresholds: Iterable[float]) -> list[dict[str, Any]]:
    """Return the free-response curve on fields: sensitivity and false positives at each threshold."""
    return [{"threshold": round(level, 3), **at_threshold(fields, level)} for level in thresholds]


def threshold_for(fields: Fields, false_positives_per_field: float) -> float:
    """Return the lowest score threshold (two decimals) with at most so many false positives a field on average."""
    false = np.array([found.score for found in fields.found if not found.true])
    for percent in range(1, 100):
        if np.count_nonzero(false >= percent / 100.0) <= false_positives_per_field * len(fields.patients):
            return percent / 100.0
    return 0.99
