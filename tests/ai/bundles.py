"""A tiny untrained bundle for the tests of this room."""

import copy
from pathlib import Path
from typing import Any

import torch

from medviewer.ai.bundle import Bundle
from medviewer.ai.nets.unet import NET
from medviewer.train.nodule_detection import DESCRIPTION
from medviewer.train.publish import drawn_stacks, publish

OPTIONS = {"channels": 5, "widths": [4, 8]}
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


def tiny(folder: Path, **changed: Any) -> Bundle:
    """Write a bundle of a net with two levels into ``folder``; ``changed`` replaces parts of its description."""
    torch.manual_seed(0)
    own = {"id": "tiny", "options": OPTIONS, "output": OUTPUT, "parts": {}}
    description = copy.deepcopy(DESCRIPTION) | own | changed
    return publish(folder, description, NET.make(OPTIONS).eval().state_dict(), "# Tiny\n", drawn_stacks(32))


def patch_part(folder: Path) -> Bundle:
    """Write an untrained reduction net into ``folder``."""
    from medviewer.ai.nets.patch_resnet import NET as PATCHES
    from medviewer.train.nodule_reducer import DESCRIPTION as REDUCER

    torch.manual_seed(0)
    options = {"channels": 1, "widths": [4, 8], "blocks": [1], "dropout": 0.0}
    own = {"net": PATCHES.id, "options": options, "output": {"temperature": 1.0}}
    weights = PATCHES.make(options).eval().state_dict()
    return publish(folder, copy.deepcopy(REDUCER) | own, weights, "# Tiny\n", torch.zeros(2, 1, 50, 50))
