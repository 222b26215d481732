"""What a report says of the patient and the examination: heading rows, technique, comparison, checks."""

from medviewer.core.case import Case
from medviewer.core.fields import COURSE
from medviewer.core.study import Patient, Series, Study
from medviewer.i18n import N_
from medviewer.report.document import Section, Table
from medviewer.report.wording import Words

SEVERITIES = {"info": N_("Note"), "warning": N_("Warning"), "stop": N_("Do not measure")}


def rows(study: Study, words: Words, reader: str = "") -> tuple[tuple[str, str], ...]:
    """Return (label, value) of patient and study; only what the files say, and the reader."""
    first, patient = study.first, study.patient
    told = (
        (N_("Patient"), _name(patient)),
        (N_("Patient ID"), patient.id),
        (N_("Born"), words.date(patient.birth_date)),
        (N_("Sex"), words(_SEXES[patient.sex]) if patient.sex in _SEXES else patient.sex),
        (N_("Age"), "" if first.age_years is None else words(N_("{age:.0f} years", age=first.age_years))),
        (N_("Examination"), first.study_description or first.modality),
        (N_("Date"), words.date(first.study_date)),
        (N_("Accession number"), first.accession_number),
        (N_("Referred by"), _plain(first.referring_physician)),
        (N_("Reader"), reader),
    )
    return tuple((words(label), value) for label, value in told if value)


_SEXES = {"F": N_("female"), "M": N_("male"), "O": N_("other")}


def _name(patient: Patient) -> str:
    """A DICOM name "Family^Given=Ideographic" as people write it."""
    letters, _equals, rest = patient.name.partition("=")
    ideographs = rest.split("=")[0].replace("^", "").strip()
    return " ".join(group for group in (_plain(letters), ideographs) if group)


def _plain(name: str) -> str:
    family, _caret, rest = name.partition("^")
    return ", ".join(part for part in (family.strip(), rest.replace("^", " ").strip()) if part)


def technique(series: Series | None, words: Words) -> Section:
    """Return how the series was made."""
    heading = words(N_("Technique"))
    if series is None:
        return Section("technique", heading, (words(N_("The study has no image series.")),))
    first = series.first
    facts = [words(N_("{modality}, {count} images", modality=first.modality, count=len(series.headers)))]
    if first.thickness_mm:
        facts.append(words(N_("slice thickness {mm:g} mm", mm=first.thickness_mm)))
    if series.grid is not None and len(series.headers) > 1:
        facts.append(words(N_("slice distance {mm:.3g} mm", mm=series.grid.spacing_kji_mm[0])))
    if first.pixel_spacing_mm:
        facts.append(words(N_("pixel {mm:.2f} mm", mm=first.pixel_spacing_mm[0])))
    if first.kernel:
        facts.append(words(N_("kernel {kernel}", kernel=first.kernel)))
    contrast = N_("contrast agent: {agent}", agent=first.contrast) if first.contrast else N_("no contrast agent named")
    facts.append(words(contrast))
    if first.manufacturer:
        facts.append(first.manufacturer)
    sentence = words(N_('Series "{title}": {facts}.', title=series.title, facts=words.joined(facts)))
    return Section("technique", heading, (sentence,))


def comparison(case: Case, words: Words) -> Section:
    """Return what was compared with: the program compares nothing itself yet, the reader may have."""
    compared = any(case.inputs.get((finding.id, COURSE.name), "baseline") != "baseline" for finding in case.kept)
    text = (
        N_("The reader compared with earlier scans; the course of each finding is given below.")
        if compared
        else N_("The program compared no earlier examination.")
    )
    return Section("comparison", words(N_("Comparison")), (words(text),))


def checks(series: Series | None, words: Words) -> Section:
    """Return what is odd about the series, or that nothing is."""
    heading = words(N_("Checks of the images"))
    found = () if series is None else series.checks
    if not found:
        return Section("checks", heading, (words(N_("Nothing unusual was found in the images of the series.")),))
    table = Table(
        "",
        (words(N_("Kind")), words(N_("What was seen"))),
        tuple((words(SEVERITIES[check.severity]), words(check.text)) for check in found),
    )
    seen = words(N_("{count} remark(s) on the images of the series.", count=len(found)))
    return Section("checks", heading, (seen,), (table,))
