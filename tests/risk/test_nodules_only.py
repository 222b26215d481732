"""What a network outlined that is no nodule gets no nodule's risk, guideline or place in the lung."""

from dataclasses import replace

from medviewer.core.case import Case
from medviewer.core.facts import collect
from medviewer.core.finding import NODULE, Code, Finding
from medviewer.risk import assess
from medviewer.treatment import advise

POINT = (0.0, 0.0, 0.0)
FOUND = Finding("n", "Nodule", NODULE, "1.9", "1.2", POINT, (POINT, (1.0, 1.0, 1.0)), 8.0, 6.0, 200.0, 30.0)
SPLEEN = replace(FOUND, id="s", label="Spleen", code=Code("99MEDVIEWER", "LABEL1", "Spleen"), long_axis_mm=110.0)


def test_an_organ_is_no_nodule_to_risk_models_and_guidelines() -> None:
    case = Case("1", findings=(FOUND, SPLEEN))
    assert {risk.finding_id for risk in assess(case)} == {"n"}
    assert {advice.finding_id for advice in advise(case, [])} == {"n"}


def test_only_nodules_are_counted_as_nodules() -> None:
    assert collect(Case("1", findings=(FOUND, SPLEEN)), FOUND)["nodule_count"].value == 1.0
    assert "nodule_count" not in collect(Case("1", findings=(SPLEEN,)), SPLEEN)
