"""A study and a case with an accepted, an unreviewed and a rejected finding."""

import io
from collections.abc import Callable
from dataclasses import replace
from gettext import NullTranslations

import pytest
from PIL import Image

from medviewer import i18n, risk, treatment
from medviewer.core.case import Case
from medviewer.core.grid import Grid
from medviewer.core.study import Check, Header, Patient, Series, Study
from medviewer.i18n import N_
from medviewer.report.document import Report
from medviewer.report.draft import draft
from tests.cases import case, finding


@pytest.fixture
def study() -> Study:
    headers = tuple(
        Header(
            path=f"/images/{number}",
            sop_uid=f"1.2.3.4.{number}",
            sop_class="1.2.840.10008.5.1.4.1.1.2",
            study_uid="1.2.3",
            series_uid="1.2.3.4",
            modality="CT",
            patient=Patient("PAT-1", "Doe^Jane=王^小东", "19630412", "F"),
            age_years=61.0,
            study_date="20240512",
            study_description="CT thorax <low dose>",
            series_description="Thorax & lung",
            instance_number=number + 1,
            thickness_mm=1.0,
            pixel_spacing_mm=(0.7, 0.7),
        )
        for number in range(20)
    )
    check = Check("missing-slices", "warning", N_("Slices are missing at {mm} mm.", mm=-31))
    return Study("1.2.3", (Series("1.2.3.4", headers, (check,), Grid((20, 64, 64))),))


@pytest.fixture
def told() -> Case:
    told = case(
        finding("a", long_axis_mm=24.3, short_axis_mm=19.1, sop_uid="1.2.3.4.11"),
        finding("b", long_axis_mm=6.6, nodule_type="non-solid", zone="lower", status="unreviewed"),
        finding("c", status="rejected"),
        screening=False,
        known_cancer=False,
        immunosuppressed=False,
        high_risk=True,
        family_history_lung_cancer=False,
        emphysema=True,
    )
    return replace(told, inputs=told.inputs | {("a", "upper_lobe"): True, ("a", "spiculation"): True})


@pytest.fixture
def drafted(study: Study) -> Callable[..., Report]:
    def make(case: Case, language: str = "en", **more: object) -> Report:
        risks = risk.assess(case)
        return draft(case, study, risks, treatment.advise(case, risks), language, **more)  # type: ignore[arg-type]

    return make


@pytest.fixture
def png() -> bytes:
    file = io.BytesIO()
    Image.new("L", (40, 30), 128).save(file, "PNG")
    return file.getvalue()


class _Invented(NullTranslations):
    """Every text with Chinese letters around it, so that what was not translated is seen."""

    def gettext(self, message: str) -> str:
        return f"译{message}文" if message.strip(" ,;") else message


@pytest.fixture
def invented_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    real = i18n.translator
    monkeypatch.setattr(i18n, "translator", lambda language: _Invented() if language == "zh_CN" else real(language))
