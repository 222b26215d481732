"""The candidate patches of LUNA16: small axial pictures, each with or without a nodule in the middle."""

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from medviewer.core.problem import Problem
from medviewer.i18n import _
from medviewer.train.patients import reserved

FILE = "luna_patches_packed.npz"
BLOCK = 5000  # candidates, about eight scans; candidates are numbered scan by scan
ROTATED_FROM = 1_000_000  # numbers of turned copies of other patches: left out
CYCLE = 10  # of every ten blocks: 4 is val, 5 and 6 are test, the others train
VAL, TEST = (4,), (5, 6)
GUARD = 700  # candidates left out beside the border of two splits: more than most scans have (620 in the mean)
SPLITS = ("train", "val", "test", "reserved")


@dataclass(frozen=True, eq=False)
class Patches:
    """Patches, one row each.

    Attributes:
        images: uint8 (n, 50, 50), -1000 to 400 HU as 0 to 255.
        nodule: bool (n,), whether a nodule of LUNA16's reference is there.
        candidate: int (n,), row of LUNA16's candidates.csv, which is sorted by scan.
    """

    images: NDArray[np.uint8]
    nodule: NDArray[np.bool_]
    candidate: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "Patches":
        return Patches(self.images[rows], self.nodule[rows], self.candidate[rows])

    @property
    def block(self) -> NDArray[np.int64]:
        """The block of neighbouring scans of each patch, (n,): what is resampled in intervals."""
        return self.candidate // BLOCK


def read(folder: Path) -> Patches:
    """Read every patch in ``folder``, turned copies left out; Problem where the file is missing or damaged."""
    file = folder / FILE
    if not file.is_file():
        raise Problem(
            _("The training data has no file '{name}' in {folder}.").format(name=FILE, folder=folder),
            _("Name the folder that holds: {files}.").format(files=FILE),
        )
    try:
        with np.load(file, allow_pickle=False) as data:
            images, labels, candidate = (data[name] for name in ("images", "labels", "candidate_index"))
            if images.dtype != np.uint8 or images.ndim != 3 or not len(images) == len(labels) == len(candidate):
                raise ValueError(_("arrays of other kinds or lengths"))
    except (OSError, KeyError, ValueError, EOFError, BadZipFile) as error:
        raise Problem(
            _("The training data in '{name}' cannot be read ({why}).").format(name=FILE, why=error),
            _("Fetch the file again."),
        ) from error
    patches = Patches(images, labels.astype(np.bool_), candidate.astype(np.int64))
    return patches[patches.candidate < ROTATED_FROM]


def splits_of(patches: Patches) -> NDArray[np.str_]:
    """Return the split of each patch, (n,): one of SPLITS, or nothing for those near the border of another split.

    ``reserved`` patches may be of patients on whom other models are judged: nothing is trained or tuned on them.
    """
    tenth, place = patches.block % CYCLE, patches.candidate % (BLOCK * CYCLE)
    split = np.where(np.isin(tenth, TEST), "test", np.where(np.isin(tenth, VAL), "val", "train")).astype("<U8")
    first, last = BLOCK * VAL[0], BLOCK * (TEST[-1] + 1)
    near = (place >= first - GUARD) & (place < last + GUARD)
    split[(split == "train") & near] = ""
    split[(split == "val") & (place >= BLOCK * TEST[0] - GUARD)] = ""
    split[np.isin(split, ("train", "val")) & reserved(patches.candidate)] = "reserved"
    return split


def of_split(patches: Patches, split: str) -> Patches:
    """Return the patches of one split; Problem where there are none."""
    chosen = patches[splits_of(patches) == split]
    if split not in SPLITS or not len(chosen):
        raise Problem(
            _("The data holds no patch of split '{split}'.").format(split=split),
            _("The splits are: {splits}.").format(splits=", ".join(SPLITS)),
        )
    return chosen
