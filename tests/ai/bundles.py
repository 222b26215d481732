"""A tiny untrained bundle, and series to offer it, for the tests of this room."""

import copy
from pathlib import Path
from typing import Any

import torch

from medviewer.ai.bundle import Bundle
from medviewer.ai.nets.unet import NET
from medviewer.core.grid import Grid
from medviewer.core.study import Check, Header, Series
from medviewer.train.nodule_unet import DESCRIPTION
from medviewer.train.publish import publish

OPTIONS = {"channels": 2, "widths": [4, 8]}
OUTPUT: dict[str, Any] = {
    "label": "Nodule",
    "code": ["SCT", "27925004", "Nodule"],
    "threshold": 0.5,
    "mask_threshold": 0.4,
    "calibration": [
        {"score_from": 0.0, "wording": "possible", "ppv": 0.3, "count": 10},
        {"score_from": 0.8, "wording": "likely", "ppv": 0.6, "count": 20},
    ],
}
CHEST = Grid((40, 512, 512), spacing_kji_mm=(2.0, 0.7, 0.7))


def tiny(folder: Path, **changed: Any) -> Bundle:
    """Write a bundle of a net with two levels into ``folder``; ``changed`` replaces parts of its description."""
    torch.manual_seed(0)
    description = copy.deepcopy(DESCRIPTION) | {"id": "tiny", "options": OPTIONS, "output": OUTPUT} | changed
    return publish(folder, description, NET.make(OPTIONS).eval().state_dict(), "# Tiny\n")


def series(grid: Grid | None = CHEST, checks: tuple[Check, ...] = (), modality: str = "CT", **header: Any) -> Series:
    """Return a chest CT that fits, but for what is asked otherwise."""
    told: dict[str, Any] = {"body_part": "CHEST", "thickness_mm": 2.0, "modality": modality} | header
    return Series("1.9", (Header("", "1.2", "", "1", "1.9", **told),), checks, grid)
