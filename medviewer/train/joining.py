"""Which scan a LUNA16 patch is of: found by what is on it and by the order of the scans. Run once; see ``patients``.

Patches do not say whose they are, but both they and the crops of LIDC-IDRI are native pixels of the same slices, and
candidates are numbered in the order of the scans' series UIDs. A nodule's patch whose picture lies in a crop is an
anchor: it is of that crop's scan. Between two anchors lie only scans whose UID is between those of the two.
"""

import sys
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from medviewer.core.job import Job
from medviewer.train.crops import Crops, load
from medviewer.train.patches import Patches, read

SURE = 0.98  # correlation at which a picture is the same one: crops are near-lossless, patches were JPEG
LIKELY = 0.85  # enough where the best of all crops is of one of the few scans that are possible by order
COARSE, LOOKED_AT = 4, 40  # the search goes over pixels so many times as wide first; how many crops it then looks at
THICKEST_MM = 2.5  # LUNA16 left out scans of thicker slices
SPLITS = ("train", "val", "diagnosed", "holdout")
Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Scans:
    """The scans of crops in the order of their UIDs; ``of_crop`` (n,) and ``split`` (scans,) say which and whose."""

    images: NDArray[np.uint8]
    of_crop: NDArray[np.int64]
    split: NDArray[np.str_]

    @staticmethod
    def of(crops: Crops) -> "Scans":
        """Take the scans of ``crops`` that may be in LUNA16."""
        thin = crops.numbers("slice_thickness") <= THICKEST_MM
        _uids, first, of_crop = np.unique(crops.column("series_uid")[thin], return_index=True, return_inverse=True)
        return Scans(crops.images[thin], of_crop.astype(np.int64), crops.column("split")[thin][first])


class Pictures:
    """Images (n, s, s) in which patches of ``size`` pixels a side are looked up."""

    def __init__(self, images: Floats, size: int) -> None:
        self.size, self.side = size, images.shape[1]
        box = np.zeros((self.side, self.side), np.float32)
        box[:size, :size] = 1.0
        images = images - images.mean((1, 2), keepdims=True)
        ones, self._spectrum = np.conj(fft.rfft2(box)), fft.rfft2(images)
        total, squares = fft.irfft2(self._spectrum * ones), fft.irfft2(fft.rfft2(images * images) * ones)
        self._spread = np.sqrt(np.maximum(squares - total * total / size**2, 1.0))

    def correlation(self, patch: Floats) -> Floats:
        """Return the largest normalised correlation of ``patch`` with any place inside each image, (n,)."""
        drawn = np.zeros((self.side, self.side), np.float32)
        shown = patch - patch.mean()
        drawn[: self.size, : self.size] = shown / (np.linalg.norm(shown) + 1e-6)
        found = fft.irfft2(self._spectrum * np.conj(fft.rfft2(drawn))) / self._spread
        places = slice(0, self.side - self.size + 1)
        best: Floats = found[:, places, places].max((1, 2)).astype(np.float32)
        return best


def smaller(images: NDArray[np.uint8]) -> Floats:
    """Return images (n, h, w) in pixels COARSE times as wide; what does not fill a pixel is cut off at both sides."""
    trims = [(side % COARSE + 1) // 2 for side in images.shape[1:]]
    rows, columns = (side // COARSE for side in images.shape[1:])
    inner = images[:, trims[0] :, trims[1] :][:, : rows * COARSE, : columns * COARSE]
    coarse: Floats = inner.reshape(len(images), rows, COARSE, columns, COARSE).mean((2, 4), dtype=np.float32)
    return coarse


def looked_up(patches: NDArray[np.uint8], scans: Scans, job: Job) -> tuple[NDArray[np.int64], Floats]:
    """Return the scan (n,) of the crop that is most like each patch (n, h, h), and the correlation (n,)."""
    coarse = Pictures(smaller(scans.images), patches.shape[1] // COARSE)
    found, alike = np.zeros(len(patches), np.int64), np.zeros(len(patches), np.float32)
    for n, (patch, rough) in enumerate(zip(patches, smaller(patches), strict=True)):
        job.step(n / len(patches))
        likely = np.argsort(-coarse.correlation(rough))[:LOOKED_AT]
        fine = Pictures(scans.images[likely].astype(np.float32), len(patch)).correlation(patch.astype(np.float32))
        found[n], alike[n] = scans.of_crop[likely[fine.argmax()]], fine.max()
    return found, alike


def in_order(scans: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of the scans (n,) belong to the longest row of them that never goes back."""
    ends: list[int] = []
    last: list[int] = []
    before = np.full(len(scans), -1)
    for n, scan in enumerate(scans):
        place = bisect_right(ends, int(scan))
        ends[place : place + 1], last[place : place + 1] = [int(scan)], [n]
        before[n] = last[place - 1] if place else -1
    kept = np.zeros(len(scans), np.bool_)
    at = last[-1] if last else -1
    while at >= 0:
        kept[at] = True
        at = int(before[at])
    return kept


def possible(
    candidates: NDArray[np.int64], anchors: NDArray[np.int64], scans: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Return the first and the last of ``count`` scans that each candidate may be of, (n, 2); anchors in order."""
    after, until = np.searchsorted(anchors, candidates, "right"), np.searchsorted(anchors, candidates, "left")
    bounds = np.concatenate([[0], scans, [count - 1]])
    return np.stack([bounds[after], bounds[until + 1]], 1)


def anchors_of(nodules: Patches, scans: Scans, job: Job) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return anchors: candidates (n,) in order, and the scans (n,) they are of; ``nodules`` sorted by candidate.

    The search knows nothing of the order, so that the share of sure ones that are in order proves them.
    """
    found, alike = looked_up(nodules.images, scans, job)
    sure = alike >= SURE
    ordered = in_order(found[sure])
    print(f"{len(nodules)} nodules, {sure.sum()} surely found, {ordered.sum()} of them in the order of the scans")
    sure[sure] = ordered
    bounds = possible(nodules.candidate, nodules.candidate[sure], found[sure], len(scans.split))
    fits = (found >= bounds[:, 0]) & (found <= bounds[:, 1])
    taken = sure | (fits & (alike >= LIKELY))
    chance = ((bounds[:, 1] - bounds[:, 0] + 1) / len(scans.split))[~sure].sum()
    print(f"{(fits & ~sure).sum()} others where order allows ({chance:.1f} by chance), {(taken & ~sure).sum()} taken")
    taken[taken] = in_order(found[taken])
    return nodules.candidate[taken], found[taken]


def ranges(candidates: NDArray[np.int64], marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first and last candidate of each run of ``marked`` ones (n,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8)))
    return [(int(candidates[a]), int(candidates[b - 1])) for a, b in edges.reshape(-1, 2)]


def reserved_ranges(patches: Patches, scans: Scans, job: Job) -> list[tuple[int, int]]:
    """Return the ranges of candidates that may be of a patient of another split than train."""
    patches = patches[np.argsort(patches.candidate)]
    anchors, of_scan = anchors_of(patches[patches.nodule], scans, job)
    bounds = possible(patches.candidate, anchors, of_scan, len(scans.split))
    kept_back = np.cumsum(np.concatenate([[0], scans.split != "train"]))
    return ranges(patches.candidate, kept_back[bounds[:, 1] + 1] > kept_back[bounds[:, 0]])


if __name__ == "__main__":
    luna, lidc = map(Path, sys.argv[1:3])
    print(reserved_ranges(read(luna), Scans.of(load(lidc, SPLITS, Job())), Job()))
