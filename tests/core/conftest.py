"""A finding and a case to play with."""

import numpy as np
import pytest

from medviewer.core.case import Case
from medviewer.core.finding import NODULE, Finding, ModelRef
from medviewer.core.mask import Mask


@pytest.fixture
def finding() -> Finding:
    return Finding(
        id="f1",
        label="Nodule 1",
        code=NODULE,
        series_uid="1.2",
        sop_uid="1.2.3",
        center_lps_mm=(1.0, 2.0, 3.0),
        box_lps_mm=((0.0, 1.0, 2.0), (2.0, 3.0, 4.0)),
        long_axis_mm=9.0,
        short_axis_mm=7.0,
        volume_mm3=300.0,
        mean_hu=-12.0,
        score=0.8,
        wording="likely",
        attributes={"nodule_type": "solid", "side": "right"},
        model=ModelRef("nodule-unet", "1.0", "ab" * 32),
        mask=Mask.cut(np.ones((2, 3, 4), dtype=np.bool_), (5, 6, 7)),
    )


@pytest.fixture
def case(finding: Finding) -> Case:
    return Case("1.2.840.1", study_facts={"age_years": 61.0, "female": True}, findings=(finding,))
