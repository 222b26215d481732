"""What a report says of the findings, in a radiologist's prose."""

from collections.abc import Mapping, Sequence

from medviewer.core.assessment import Advice, Risk
from medviewer.core.case import Case
from medviewer.core.fields import BY_NAME, COURSE
from medviewer.core.finding import Finding
from medviewer.core.study import Study
from medviewer.i18n import N_, Message
from medviewer.report.document import KeyImage, Section
from medviewer.report.keys import key_images
from medviewer.report.wording import Words, image_number, kind, numbered, place

STATUS = {
    "accepted": N_("Accepted by the reader."),
    "edited": N_("Edited by the reader."),
    "unreviewed": N_("Not yet reviewed by a reader."),
}


def findings(case: Case, study: Study, words: Words, pictures: Mapping[str, bytes]) -> Section:
    """Return one paragraph for each finding not rejected, and how many were rejected or not reviewed."""
    kept = numbered(case)
    paragraphs = [_paragraph(case, study, finding, number, words) for number, finding in kept]
    if not kept:
        paragraphs.append(words(N_("No finding is recorded. That does not rule one out.")))
    paragraphs += [words(text) for text in _counts(case)]
    images = tuple(
        KeyImage(finding.id, words(N_("Finding {number}", number=number)), pictures[finding.id])
        for number, finding in kept
        if finding.id in pictures
    )
    return Section("findings", words(N_("Findings")), tuple(paragraphs), images=images + key_images(case, study, words))


def _counts(case: Case) -> list[Message]:
    rejected = len(case.findings) - len(case.kept)
    unreviewed = sum(finding.status == "unreviewed" for finding in case.kept)
    texts: list[Message] = []
    if unreviewed:
        texts.append(
            N_(
                "{count} of {total} finding(s) have not been reviewed by a reader.",
                count=unreviewed,
                total=len(case.kept),
            )
        )
    if rejected:
        texts.append(N_("{count} finding(s) were rejected by the reader and are not described.", count=rejected))
    moved = {case.thresholds[found.series_uid] for found in case.kept if found.series_uid in case.thresholds}
    texts += [
        N_("The reader moved the threshold of the model to {threshold:.2f}.", threshold=one) for one in sorted(moved)
    ]
    return texts


def _paragraph(case: Case, study: Study, finding: Finding, number: int, words: Words) -> str:
    measures = [
        words(N_("{long:.1f} × {short:.1f} mm", long=finding.long_axis_mm, short=finding.short_axis_mm)),
        words(N_("volume {volume:.0f} mm³", volume=finding.volume_mm3)),
        words(N_("mean density {hu:.0f} HU", hu=finding.mean_hu)),
    ]
    image = image_number(study, finding)
    if image:
        measures.append(words(N_("image {number}", number=image)))
    title = words(N_("{what}, {where}", what=kind(finding), where=place(finding) or N_("place not determined")))
    parts = [words(N_("{number}. {title}: {measures}.", number=number, title=title, measures=words.joined(measures)))]
    parts += [words(text) for text in (_course(case, finding), _source(finding)) if text is not None]
    return words.sentences([*parts, words(STATUS[finding.status])])


def _course(case: Case, finding: Finding) -> Message | None:
    course = case.inputs.get((finding.id, COURSE.name))
    titles = dict(BY_NAME[COURSE.name].choices)
    if course not in titles:
        return None
    return N_("{field}: {choice}.", field=COURSE.title, choice=titles[str(course)])


def _source(finding: Finding) -> Message:
    if finding.model is None:
        return N_("Marked by the reader.")
    values = {"model": finding.model.id, "version": finding.model.version}
    if finding.wording:
        return N_('Found by AI ({model} {version}), rated "{wording}".', wording=Message(finding.wording), **values)
    return N_("Found by AI ({model} {version}).", **values)


def impression(case: Case, risks: Sequence[Risk], advice: Sequence[Advice], words: Words) -> Section:
    """Return one line for each finding not rejected, the largest first: what, how likely cancer, which category."""
    largest_first = sorted(numbered(case), key=lambda pair: -pair[1].long_axis_mm)
    lines = [_line(number, finding, risks, advice, words) for number, finding in largest_first]
    if not lines:
        lines = [words(N_("No finding is recorded. That does not rule one out."))]
    elif any(finding.status == "unreviewed" for finding in case.kept):
        lines.append(words(N_("Findings not yet reviewed are proposals of a program, not a reader's opinion.")))
    return Section("impression", words(N_("Impression")), tuple(lines))


def _line(number: int, finding: Finding, risks: Sequence[Risk], advice: Sequence[Advice], words: Words) -> str:
    parts = [
        words(
            N_(
                "{what} of {mm:.0f} mm, {where}",
                what=kind(finding),
                mm=finding.long_axis_mm,
                where=place(finding) or N_("place not determined"),
            )
        )
    ]
    parts += [
        words(N_("{model}: {value}", model=risk.title, value=words.percent(risk.value)))
        for risk in risks
        if risk.finding_id == finding.id and risk.value is not None
    ]
    parts += [
        words(N_("{guideline}: {category}", guideline=one.title, category=Message(one.category)))
        for one in advice
        if one.finding_id == finding.id and one.category
    ]
    status = words(N_(" (not yet reviewed)")) if finding.status == "unreviewed" else ""
    between = words(N_("; "))
    return words(N_("{number}. {parts}{status}.", number=number, parts=between.join(parts), status=status))
