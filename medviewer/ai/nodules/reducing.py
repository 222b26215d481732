"""Whether a candidate is a nodule: native patches of the slices at it and beside it, each seen from several sides.

The net learnt from LUNA16 patches, so patches are made as those were: 50 x 50 native pixels of an axial slice around
the candidate, -1000 to 400 HU as 0 to 1, -1000 HU beyond the picture.
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from medviewer.ai.bundle import Bundle
from medviewer.ai.loaded import Loaded, loaded
from medviewer.core.job import Job
from medviewer.i18n import N_, _

TITLE = N_("Nodule candidate network")  # the bundle's title, here so that translators see it
SIZE = 50
LOW_HU, HIGH_HU = -1000, 400
BESIDE_MM = 2.0  # how far the slices before and after are, which are judged too
MIDDLE_WEIGHT, BESIDE_WEIGHT = 0.5, 0.25
ALL_VIEWS, READING_VIEWS = 8, 4
BATCH = 64  # about 0.1 s on two cores, so that cancel is quick


def chances(
    bundle: Bundle, hu: NDArray[np.int16], centers_kji: ArrayLike, *, slice_mm: float, device: str, bf16: bool, job: Job
) -> NDArray[np.float32]:
    """Return the chance (n,), 0 to 1, that a nodule is at each of ``centers_kji`` (n, 3) of a CT, HU (k, j, i).

    ``slice_mm`` is how far slices are apart. A chance is that among LUNA16 candidates (one nodule to five others):
    it ranks, and is no share of true ones in a scan.
    """
    centers = np.asarray(centers_kji, np.float64).reshape(-1, 3)
    beside = max(1, round(BESIDE_MM / slice_mm))
    patches = [cut(hu, (k + step, j, i)) for k, j, i in centers for step in (0, -beside, beside)]
    if not patches:
        return np.zeros(0, np.float32)
    seen = logits(loaded(bundle, device, bf16), scaled(np.stack(patches)), READING_VIEWS, job).reshape(-1, 3)
    mean = seen @ np.array([MIDDLE_WEIGHT, BESIDE_WEIGHT, BESIDE_WEIGHT], np.float32)
    return chance(mean, temperature(bundle))


def temperature(bundle: Bundle) -> float:
    """Return what logits are divided by, measured when the bundle was made."""
    return float(bundle.output["temperature"])


def chance(logit: NDArray[np.float32], divided_by: float) -> NDArray[np.float32]:
    """Return logits (n,) as chances 0 to 1."""
    chances: NDArray[np.float32] = (1.0 / (1.0 + np.exp(-logit.astype(np.float64) / divided_by))).astype(np.float32)
    return chances


def cut(hu: NDArray[np.int16], center_kji: ArrayLike) -> NDArray[np.int16]:
    """Return the patch int16 (50, 50) around a place in ``hu`` (k, j, i); beyond the slice it is -1000 HU.

    Before the first and after the last slice that one is shown.
    """
    k, j, i = (int(n) for n in np.rint(np.asarray(center_kji, np.float64)))
    slice_hu = hu[min(max(k, 0), len(hu) - 1)]
    patch = np.full((SIZE, SIZE), LOW_HU, np.int16)
    top, left = j - SIZE // 2, i - SIZE // 2
    inside = slice_hu[max(top, 0) : max(top + SIZE, 0), max(left, 0) : max(left + SIZE, 0)]
    row, column = max(-top, 0), max(-left, 0)
    patch[row : row + inside.shape[0], column : column + inside.shape[1]] = inside
    return patch


def scaled(hu: NDArray[np.int16]) -> Tensor:
    """Return patches (n, h, w) in HU as network input (n, 1, h, w): -1000 to 400 HU as 0 to 1."""
    share = (np.clip(hu, LOW_HU, HIGH_HU).astype(np.float32) - LOW_HU) / (HIGH_HU - LOW_HU)
    return torch.from_numpy(share).unsqueeze(1)


def from_crop(images: NDArray[np.uint8], rows: ArrayLike, columns: ArrayLike) -> Tensor:
    """Return places (n,) in crops that carry no HU, uint8 (n, h, w), as network input (n, 1, 50, 50).

    Crops of LIDC-IDRI are scaled each by its own minimum and maximum; the patch cut from one is scaled so again.
    """
    patches = []
    for image, row, column in zip(images, np.asarray(rows), np.asarray(columns), strict=True):
        inside = image.astype(np.int16)[np.newaxis] + LOW_HU  # what lies beyond is as dark as the darkest can be
        patches.append(cut(inside, (0, row, column)))
    return own_range(torch.from_numpy(np.stack(patches).astype(np.float32)).unsqueeze(1))


def own_range(patches: Tensor) -> Tensor:
    """Return patches (n, 1, h, w), any unit, each from its own minimum to its own maximum as 0 to 1."""
    low, high = patches.amin((2, 3), keepdim=True), patches.amax((2, 3), keepdim=True)
    return (patches - low) / (high - low).clamp_min(1e-3)


def logits(net: Loaded, inputs: Tensor, views: int, job: Job) -> NDArray[np.float32]:
    """Return the net's mean logit (n,) of each patch (n, 1, h, w) over its first ``views`` views (1 to 8)."""
    total = np.zeros(len(inputs), np.float32)
    for view, start in _batches(len(inputs), views, job):
        some = slice(start, start + BATCH)
        total[some] += net.answers(turned(inputs[some], view))[:, 0].numpy()
    return total / np.float32(views)


def _batches(count: int, views: int, job: Job) -> Iterator[tuple[int, int]]:
    starts = range(0, count, BATCH)
    for view in range(views):
        for number, start in enumerate(starts):
            job.step((view + number / len(starts)) / views, _("Judging candidates"))
            yield view, start


def turned(patches: Tensor, view: int) -> Tensor:
    """Return patches (n, c, h, w), h = w, in one of eight views; 0 is as they are, the first four need no quarter turn.

    No pixel is interpolated.
    """
    quarters = 2 * (view % 2) + view // 4
    seen = torch.rot90(patches, quarters, (2, 3))
    return seen.flip(3) if view // 2 % 2 else seen
