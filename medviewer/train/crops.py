"""The nodule crops of LIDC-IDRI: axial windows at native resolution with up to four readers' masks."""

import csv
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.i18n import _

READERS = 4
FILES = ("crops.jls", "index.npz", "nodules.csv")
CHEST_CT = {"modality": "CT", "body_parts": ["CHEST", "THORAX", "LUNG"], "orientation": "axial"}
LIDC_WEIGHTS = "Apache-2.0 (weights); trained on LIDC-IDRI, CC BY 3.0"
LIDC = "Armato SG et al. LIDC-IDRI, TCIA 2015, doi:10.7937/K9/TCIA.2015.LO9QL9SX, CC BY 3.0; doi:10.1118/1.3528204"


@dataclass(frozen=True, eq=False)
class Crops:
    """Crops of some patients, one row each.

    Attributes:
        images: uint8 (n, h, w), each window's own minimum to maximum as 0 to 255.
        masks: uint8 (n, h, w), bit r set where reader r drew the crop's own nodule.
        nodule: int (n,), row of the nodule in ``rows``.
        z_mm: float (n,), slice position.
        rows: the table of nodules as read, one dict of strings each.
    """

    images: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    nodule: NDArray[np.int64]
    z_mm: NDArray[np.float64]
    rows: tuple[dict[str, str], ...]

    def __len__(self) -> int:
        return len(self.images)

    def column(self, name: str) -> NDArray[np.str_]:
        """Return a column of the table for each crop, as text (n,)."""
        return np.array([row[name] for row in self.rows])[self.nodule]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a column of the table for each crop, as numbers (n,); NaN where empty."""
        return np.array([float(row[name] or "nan") for row in self.rows])[self.nodule]

    def reader(self, number: int) -> NDArray[np.bool_]:
        """Return the masks of one reader, bool (n, h, w)."""
        return (self.masks >> np.uint8(number) & np.uint8(1)).astype(np.bool_)


def load(folder: Path, splits: Collection[str], job: Job) -> Crops:
    """Read the crops of ``splits`` from ``folder``; Problem where a file is missing or no crop is in those splits."""
    for name in FILES:
        if not (folder / name).is_file():
            raise Problem(
                _("The training data has no file '{name}' in {folder}.").format(name=name, folder=folder),
                _("Name the folder that holds: {files}.").format(files=", ".join(FILES)),
            )
    with (folder / "nodules.csv").open(newline="", encoding="utf-8") as table:
        rows = tuple(csv.DictReader(table))
    index = np.load(folder / "index.npz", allow_pickle=False)
    nodule = index["nodule"].astype(np.int64)
    wanted = np.flatnonzero(np.isin(np.array([row["split"] for row in rows])[nodule], list(splits)))
    if not len(wanted):
        raise Problem(_("The data holds no crop of split '{splits}'.").format(splits=", ".join(splits)))
    images = _decode(folder / "crops.jls", index["offsets"], wanted, job)
    return Crops(images, index["masks_bits"][wanted], nodule[wanted], index["z_mm"][wanted].astype(np.float64), rows)


def summary(crops: Crops, split: str) -> dict[str, Any]:
    """Return how much a split holds: patients, nodules, slices."""
    nodules = len(set(crops.nodule.tolist()))
    return {"name": split, "patients": len(set(crops.column("pid"))), "nodules": nodules, "slices": len(crops)}


def _decode(file: Path, offsets: NDArray[np.int64], wanted: NDArray[np.int64], job: Job) -> NDArray[np.uint8]:
    import jpeg_ls

    packed = np.memmap(file, np.uint8, "r")
    images = []
    for count, crop in enumerate(wanted):
        images.append(jpeg_ls.decode(np.asarray(packed[offsets[crop] : offsets[crop + 1]])))
        if count % 256 == 0:
            job.step(count / len(wanted), _("Reading the training data"))
    stacked: NDArray[np.uint8] = np.stack(images).astype(np.uint8)
    return stacked


def soft_labels(crops: Crops) -> NDArray[np.float32]:
    """Return the mean of the readers' masks, float32 (n, h, w) in 0..1.

    A crop also gets the masks of other nodules of the same slice that reach into it: unmarked they would be taught as
    no nodule. The mean is over the readers who drew the nodule on any slice.
    """
    readers = np.maximum(crops.numbers("n_readers"), 1.0)
    total = np.stack([crops.reader(r) for r in range(READERS)]).sum(axis=0, dtype=np.float32)
    own = (total / readers[:, None, None]).astype(np.float32)
    labels: NDArray[np.float32] = own.copy()
    for here, there in _neighbours(crops):
        down, right = _offset(crops, here, there)
        (to_j, from_j), (to_i, from_i) = _overlap(down, own.shape[1]), _overlap(right, own.shape[2])
        part = labels[here, to_j, to_i]
        np.maximum(part, own[there, from_j, from_i], out=part)
    return labels


def _neighbours(crops: Crops) -> list[tuple[int, int]]:
    """Pairs of crops of different nodules on the same slice, in both orders."""
    slices: dict[tuple[str, float], list[int]] = defaultdict(list)
    for crop, (series, z_mm) in enumerate(zip(crops.column("series_uid"), crops.z_mm, strict=True)):
        slices[str(series), round(float(z_mm), 2)].append(crop)
    return [(a, b) for group in slices.values() for a in group for b in group if crops.nodule[a] != crops.nodule[b]]


def _offset(crops: Crops, here: int, there: int) -> tuple[int, int]:
    a, b = crops.rows[crops.nodule[here]], crops.rows[crops.nodule[there]]
    return int(b["crop_row0"]) - int(a["crop_row0"]), int(b["crop_col0"]) - int(a["crop_col0"])


def _overlap(shift: int, size: int) -> tuple[slice, slice]:
    """Where a window shifted by ``shift`` overlaps: in this window, and in the shifted one."""
    length = max(size - abs(shift), 0)
    to, start = max(shift, 0), max(-shift, 0)
    return slice(min(to, size), min(to, size) + length), slice(min(start, size), min(start, size) + length)
