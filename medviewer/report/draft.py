"""A report drafted from what is known, ready for the reader to change."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from medviewer.core.assessment import Advice, Risk
from medviewer.core.case import Case
from medviewer.core.compared import Compared
from medviewer.core.study import Study
from medviewer.i18n import N_
from medviewer.report import assessments, findings
from medviewer.report import study as examination
from medviewer.report.comparison import compared_with
from medviewer.report.document import Report, Section
from medviewer.report.wording import Words, series_of


def draft(
    case: Case,
    study: Study,
    risks: Sequence[Risk],
    advice: Sequence[Advice],
    language: str = "en",
    *,
    key_images: Mapping[str, bytes] | None = None,
    reader: str = "",
    compared: Compared | None = None,
) -> Report:
    """Return the report of a case in ``language``; sections the reader rewrote (``case.texts``) keep his words.

    ``key_images`` are PNG pictures by finding id; ``reader`` is the name that stands under the report;
    ``compared`` is the examination that findings were paired with.
    """
    words = Words(language)
    series = series_of(study, case.kept or case.findings)
    sections = (
        examination.technique(series, words),
        compared_with(case, study, compared, words) if compared else examination.comparison(case, words),
        findings.findings(case, study, words, key_images or {}),
        assessments.risk(case, risks, words),
        assessments.recommendations(case, advice, words),
        findings.impression(case, risks, advice, words),
        assessments.used(case, risks, advice, words),
        examination.checks(series, words),
    )
    return Report(
        title=words(N_("Radiology report")),
        language=language,
        rows=examination.rows(study, words, reader),
        sections=tuple(_rewritten(section, case.texts) for section in sections),
        notice=words(N_("For research use only. Not for clinical diagnosis.")),
        page=words(N_("Page {page}")),
    )


def _rewritten(section: Section, texts: Mapping[str, str]) -> Section:
    if section.id not in texts:
        return section
    paragraphs = tuple(part.strip() for part in texts[section.id].split("\n\n") if part.strip())
    return replace(section, paragraphs=paragraphs, edited=True)
