"""Cases and findings for tests: plain data without a scan."""

from typing import Any

from medviewer.core.case import Case
from medviewer.core.finding import NODULE, Finding, ModelRef, Status

MODEL = ModelRef("lung-nodules", "1.0", "ab" * 32)


def finding(
    finding_id: str = "a",
    *,
    long_axis_mm: float = 8.0,
    short_axis_mm: float | None = None,
    status: Status = "accepted",
    nodule_type: str = "solid",
    model: ModelRef | None = MODEL,
    sop_uid: str = "1.2.3.4.5",
    **attributes: Any,
) -> Finding:
    """Return a nodule of the series 1.2.3.4 with the given axes in mm."""
    return Finding(
        id=finding_id,
        label="Nodule",
        code=NODULE,
        series_uid="1.2.3.4",
        sop_uid=sop_uid,
        center_lps_mm=(-50.0, 10.0, 20.0),
        box_lps_mm=((-55.0, 5.0, 15.0), (-45.0, 15.0, 25.0)),
        long_axis_mm=long_axis_mm,
        short_axis_mm=long_axis_mm if short_axis_mm is None else short_axis_mm,
        volume_mm3=268.0,
        mean_hu=31.0,
        score=0.91,
        wording="likely",
        attributes={"nodule_type": nodule_type, "side": "right", "zone": "upper", **attributes},
        status=status,
        model=model,
    )


def case(*findings: Finding, **inputs: Any) -> Case:
    """Return a case of a woman of 61 on 1 mm slices; ``inputs`` are the reader's about the patient."""
    return Case(
        "1.2.3",
        study_facts={"age_years": 61.0, "female": True, "slice_thickness_mm": 1.0},
        findings=findings,
        inputs={("", name): value for name, value in inputs.items()},
    )
