"""Findings and edits for the tests of this room."""

from dataclasses import replace

import numpy as np

from medviewer.core.edits import AddFindings
from medviewer.core.finding import NODULE, Finding, ModelRef
from medviewer.core.mask import Mask

STUDY = "1.2.3"


def finding(identity: str = "f1", **changes: object) -> Finding:
    """A small finding with a mask, made by a model."""
    made = Finding(
        identity,
        "Nodule",
        NODULE,
        "1.2.3.1",
        "1.2.3.1.5",
        center_lps_mm=(4.0, 4.0, 4.0),
        box_lps_mm=((0.0, 0.0, 0.0), (8.0, 8.0, 8.0)),
        long_axis_mm=8.0,
        short_axis_mm=6.0,
        volume_mm3=250.0,
        mean_hu=30.0,
        score=0.8,
        model=ModelRef("nodules", "1.0", "ab" * 32),
        mask=Mask((4, 5, 6), np.ones((2, 3, 3), dtype=np.bool_)),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def two() -> AddFindings:
    """A reading with two findings."""
    return AddFindings((finding("f1"), finding("f2", mask=None, model=None)))
