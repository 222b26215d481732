"""Other examinations of the same patient, with the series of each that is best compared with the one shown."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from medviewer.app.facts import thickness_mm
from medviewer.app.library.library import Library
from medviewer.core.ages import age_words, days_between
from medviewer.core.body_parts import apart, parts_of
from medviewer.core.job import Job
from medviewer.core.making import kernel_class
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Patient, Series, Study
from medviewer.dicom.catalogue import Catalogue
from medviewer.i18n import N_, Message

Where = Literal["open", "library"]
LEAST_SLICES = 3
SAME_PLANE_COS = 0.9
THICK_FACTOR = 1.5


@dataclass(frozen=True, eq=False)
class Prior:
    """Another examination of the patient, and the series of it to compare with.

    Attributes:
        study, series: what to show; the headers are known, the files have not been looked at.
        where: "open" where this program has scanned it, "library" where it is remembered from another time.
        days: how long before the examination shown, negative where it is later; None where a date is missing.
        is_earlier: by date and, on one day, by time.
        age: that in words.
        alike: how well the series fits, higher is better; only to compare with others.
        cautions: what differs, in words.
    """

    study: Study
    series: Series
    where: Where
    days: int | None
    is_earlier: bool
    age: Message
    alike: tuple[int, ...]
    cautions: tuple[Message, ...] = ()

    @property
    def title(self) -> Message:
        """What it is: "CT chest 1 mm"."""
        first, mm = self.series.first, thickness_mm(self.series)
        what = first.study_description or first.series_description or first.modality
        if first.modality not in what.upper():
            what = f"{first.modality} {what}"
        return N_("{what} {mm:g} mm", what=what, mm=round(mm, 1)) if mm else Message("{what}", {"what": what})

    @property
    def words(self) -> Message:
        """What it is and how old: "13 months before · CT chest 1 mm"."""
        return N_("{age} · {what}", age=self.age, what=self.title)


@dataclass(frozen=True, eq=False)
class Priors:
    """What was found: the earlier ones first, the latest of them before all, then the later ones.

    ``why_none`` says why there is nothing to compare with; ``told`` is what the reader should know besides, as of
    examinations that bear the same number and another name.
    """

    found: tuple[Prior, ...] = ()
    why_none: Message | None = None
    told: tuple[Message, ...] = ()

    @property
    def best(self) -> Prior | None:
        """The one to show unasked: the latest earlier one of the same modality that can be compared slice by slice."""
        return next((prior for prior in self.found if prior.is_earlier and prior.alike[0]), None)


def of_catalogue(studies: Iterable[Study], study: Study, shown: Series) -> Priors:
    """Return the examinations among those scanned by this program; quick enough for the window's thread."""
    return _sorted(study, shown, [(other, "open") for other in studies], ())


def find(studies: Iterable[Study], library: Library, study: Study, shown: Series, job: Job) -> Priors:
    """Return the examinations among those scanned and those in the library, which is read: seconds where it is long.

    What the library cannot tell is said in ``told``; Cancelled where the reader cancelled.
    """
    known: list[tuple[Study, Where]] = [(other, "open") for other in studies]
    told: tuple[Message, ...] = ()
    try:
        known += [(other, "library") for other in _remembered(library, study, {s.uid for s, _w in known}, job)]
    except Problem as problem:
        told = (Message("{text}", {"text": problem.text}),)
    return _sorted(study, shown, known, told)


def _remembered(library: Library, study: Study, known: set[str], job: Job) -> list[Study]:
    patient, found = study.patient, list[Study]()
    rows = {row.study_uid: row for text in (patient.id, patient.name) if text for row in library.find(text)}
    for number, row in enumerate(rows.values()):
        job.step(number / len(rows))
        other = Patient(row.patient_id, row.patient_name, row.birth_date, row.sex)
        if row.study_uid not in known and not row.gone and same_person(patient, other) != "no":
            catalogue = Catalogue()
            catalogue.add(library.headers(row.study_uid))
            found += catalogue.studies()
    return found


def _sorted(study: Study, shown: Series, known: Sequence[tuple[Study, Where]], told: tuple[Message, ...]) -> Priors:
    others = [(other, where) for other, where in known if other.uid != study.uid and other.series]
    sure = {other.uid: same_person(study.patient, other.patient) for other, _where in others}
    mine = [(other, where) for other, where in others if sure[other.uid] == "yes"]
    contradicting = sum(verdict == "contradicts" for verdict in sure.values())
    if contradicting:
        told = (
            *told,
            N_("Not shown: {n} examination(s) of the same number but another name or birth date.", n=contradicting),
        )
    found = [prior for other, where in mine if (prior := _prior(study, shown, other, where)) is not None]
    found.sort(key=_order)
    return Priors(tuple(found), None if found else _why_none(study, mine, contradicting), told)


def _order(prior: Prior) -> tuple[bool, float, str]:
    """Earlier ones first, the nearest in time before others; undated ones last."""
    return not prior.is_earlier, float("inf") if prior.days is None else abs(prior.days), prior.study.uid


def _why_none(study: Study, mine: Sequence[object], contradicting: int) -> Message:
    if not (study.patient.id or study.patient.name):
        return N_("These files name no patient, so that earlier examinations cannot be found.")
    if mine:
        return N_("The other examinations of this patient show no images of the same kind and part of the body.")
    if contradicting:
        return N_("Examinations with the same number belong to another name or birth date; they are not compared.")
    return N_("No other examination of this patient is known here. Open its folder to compare with it.")


# ---- who ----


def same_person(one: Patient, other: Patient) -> Literal["yes", "no", "contradicts"]:
    """Return whether two are one person: never by the number alone where name or birth date say otherwise.

    Without a number on either side name and birth date must both be known and agree.
    """
    names = name_parts(one.name), name_parts(other.name)
    name_agrees = None if not (names[0] and names[1]) else bool(names[0] <= names[1] or names[1] <= names[0])
    born = one.birth_date.strip(), other.birth_date.strip()
    born_agrees = None if not (born[0] and born[1]) else born[0] == born[1]
    ids = one.id.strip(), other.id.strip()
    if ids[0] and ids[1]:
        if ids[0] != ids[1]:
            return "no"
        return "contradicts" if name_agrees is False or born_agrees is False else "yes"
    return "yes" if name_agrees and born_agrees else "no"


def name_parts(name: str) -> frozenset[str]:
    """Return the words of a DICOM name as they are compared: no case, accents or separators."""
    letters = unicodedata.normalize("NFKD", name.partition("=")[0]).casefold()
    plain = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return frozenset(plain.split())


# ---- which series ----


def _prior(study: Study, shown: Series, other: Study, where: Where) -> Prior | None:
    rated = [(alike(shown, series), series) for series in other.series if _may(shown, series)]
    if not rated:
        return None
    best, series = max(rated, key=lambda pair: (pair[0], len(pair[1].headers)))
    first, now = other.first, study.first
    then, seen_from = (other.date, first.study_time), (study.date, now.study_time)
    days = days_between(other.date, study.date)
    earlier = days is not None and then < seen_from
    return Prior(other, series, where, days, earlier, age_words(then, seen_from), best, differences(shown, series))


def _may(shown: Series, series: Series) -> bool:
    """Whether a series can stand beside the one shown at all: images of the same kind, of a part in common."""
    if series.kind != "image" or apart(shown.first, series.first):
        return False
    return (series.grid is None) == (shown.grid is None) or series.modality == shown.modality


def alike(shown: Series, series: Series) -> tuple[int, ...]:
    """Return how well a series compares with the one shown, the weightiest first.

    Modality with evenly spaced slices on both sides, part of the body, plane, laterality, contrast, kernel, thickness.
    """
    a, b = shown.first, series.first
    stacks = (shown.grid is None) == (series.grid is None) and not series.stopped
    parts, others = parts_of(a), parts_of(b)
    return (
        int(a.modality == b.modality and stacks),
        int(bool(parts & others)) - int(bool(parts and others and not parts & others)),
        int(_same_plane(a, b)),
        int(a.laterality == b.laterality),
        int(len(series.headers) >= LEAST_SLICES or shown.grid is None),
        int(bool(a.contrast) == bool(b.contrast)),
        int(kernel_class(a.kernel, a.manufacturer) == kernel_class(b.kernel, b.manufacturer)),
        -round(10 * abs(np.log((thickness_mm(series) or 1.0) / (thickness_mm(shown) or 1.0)))),
    )


def _same_plane(a: Header, b: Header) -> bool:
    if a.orientation is None or b.orientation is None:
        return a.orientation == b.orientation
    normals = [np.cross(h.orientation[:3], h.orientation[3:]) for h in (a, b) if h.orientation is not None]
    return bool(abs(float(np.dot(*normals))) > SAME_PLANE_COS)


def differences(shown: Series, series: Series) -> tuple[Message, ...]:
    """Return in words what makes the two hard to compare."""
    a, b, told = shown.first, series.first, []
    mine, theirs = thickness_mm(shown), thickness_mm(series)
    if a.modality != b.modality:
        told.append(N_("another modality ({b} beside {a})", a=a.modality, b=b.modality))
    if mine and theirs and max(mine, theirs) > THICK_FACTOR * min(mine, theirs):
        told.append(N_("slices of {b:g} mm beside {a:g} mm", a=round(mine, 2), b=round(theirs, 2)))
    if not _same_plane(a, b):
        told.append(N_("another plane"))
    if a.modality == "CT" and kernel_class(a.kernel, a.manufacturer) != kernel_class(b.kernel, b.manufacturer):
        told.append(N_("another kernel ({b} beside {a})", a=a.kernel or "?", b=b.kernel or "?"))
    if bool(a.contrast) != bool(b.contrast):
        told.append(N_("contrast agent in one of them only"))
    return tuple(told)
