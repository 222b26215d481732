"""ACR Lung-RADS v2022, screening CT; thresholds as facts, in our own words (Christensen 2024). It is not graded."""

from collections.abc import Sequence
from dataclasses import dataclass

from medviewer.core import fields
from medviewer.core.assessment import Option, Risk
from medviewer.core.fields import Field
from medviewer.i18n import N_, Message
from medviewer.treatment.grade import option
from medviewer.treatment.guideline import Decision, Guideline, Known
from medviewer.treatment.size import axes_known, mean_to_tenth, rounded

MALIGNANCY = {"1": "< 1 %", "2": "< 1 %", "3": "1–2 %", "4A": "5–15 %", "4B": "> 15 %", "4X": "> 15 %"}
STEP_MONTHS = {"3": 6.0, "4A": 3.0}  # stable for so long, a category steps down
SUSPICIOUS = ("3", "4A", "4B")
BASELINE, NEW, GROWING, SLOW, STABLE = "baseline", "new", "growing", "slowly-growing", "stable"
CYSTS = {"cyst-cavity-growing": "3", "cyst-became-multilocular": "4A", "cyst-wall-growing": "4B"}
AIRWAY_SMALL, AIRWAY, CYST, NODULE = "airway-subsegmental", "airway-segmental", "cyst", "nodule"


@dataclass(frozen=True)
class Graded:
    """A category by size and course, and the sentences that led there."""

    category: str
    why: tuple[Message, ...] = ()


def excluded(known: Known) -> tuple[Message, ...]:
    """Return why Lung-RADS does not apply: the CT was not made for screening."""
    if known.get(fields.SCREENING.name) is False:
        return (N_("The CT was not made for screening; Lung-RADS is for screening alone."),)
    return ()


def needed(known: Known) -> tuple[Field, ...]:
    """Return the fields the decision needs, asked for only where the category depends on them."""
    if known.get(fields.SCREENING.name) is not True:
        return (fields.SCREENING,)
    if _incomplete(known):
        return ()
    kind = str(known.get(fields.LESION_KIND.name, NODULE))
    asked = _nodule_fields(known) if kind == NODULE else _other_fields(kind)
    if any(field.name not in known for field in asked):
        return asked
    step = _step_fields(known)
    if any(field.name not in known for field in step):
        return (*asked, *step)
    graded = _grade(known)
    return (*asked, *step, fields.SUSPICIOUS_FEATURES) if graded.category in SUSPICIOUS else (*asked, *step)


def _other_fields(kind: str) -> tuple[Field, ...]:
    return (fields.COURSE,) if kind in (AIRWAY, CYST) else ()


def _nodule_fields(known: Known) -> tuple[Field, ...]:
    """A nodule's fields, each depending on the answers before it."""
    sized: tuple[Field, ...] = (fields.NODULE_TYPE, fields.LONG_AXIS, fields.SHORT_AXIS)
    kind = known.get(fields.NODULE_TYPE.name)
    if kind == fields.SOLID:
        if known.get(fields.BENIGN_FEATURES.name) is True:
            return (fields.NODULE_TYPE, fields.BENIGN_FEATURES)
        sized = (*sized, fields.BENIGN_FEATURES, fields.COURSE)
    if kind == fields.PART_SOLID:
        sized = (*sized, fields.COURSE)
    if kind is None or not axes_known(known):
        return sized
    size_mm, course = mean_to_tenth(known), known.get(fields.COURSE.name)
    if kind == fields.NON_SOLID:
        return sized if size_mm < 30.0 else (*sized, fields.COURSE)
    if course is None:
        return sized
    if kind == fields.SOLID:
        return (*sized, fields.JUXTAPLEURAL_SMOOTH) if _pleura_matters(size_mm, str(course)) else sized
    small = size_mm < 6.0 and course in (BASELINE, NEW, STABLE)
    return sized if small or course == SLOW else (*sized, fields.SOLID_PART)


def _pleura_matters(size_mm: float, course: str) -> bool:
    return size_mm < 10.0 and course in (BASELINE, NEW, STABLE) and _solid_category(size_mm, course) != "2"


def _step_fields(known: Known) -> tuple[Field, ...]:
    """Months since the compared scan, where a stable category may step down."""
    if known.get(fields.COURSE.name) != STABLE or not _steps(known):
        return ()
    return (fields.MONTHS_SINCE_PRIOR,) if _unstepped(known).category in STEP_MONTHS else ()


def _steps(known: Known) -> bool:
    return known.get(fields.LESION_KIND.name, NODULE) in (NODULE, CYST)


def decide(known: Known, _risks: Sequence[Risk]) -> Decision:
    """Return the category of a finding with its published malignancy, and what may be done."""
    state = _incomplete(known)
    if state is not None:
        return state
    graded = _grade(known)
    if known.get(fields.SUSPICIOUS_FEATURES.name) is True and graded.category in SUSPICIOUS:
        sentence = N_("Category {category} with features that raise suspicion: 4X.", category=graded.category)
        graded = Graded("4X", (*graded.why, sentence))
    share = N_(
        "Published share of cancers in category {category}: {share}.",
        category=graded.category,
        share=MALIGNANCY[graded.category],
    )
    return Decision(graded.category, (*graded.why, share), _options(graded.category, known))


def _incomplete(known: Known) -> Decision | None:
    """Category 0 where the examination is incomplete, else None."""
    state = known.get(fields.SCAN_STATE.name, "complete")
    if state == "complete":
        return None
    why, text, when = {
        "prior-awaited": (
            N_("An earlier CT is being located."),
            N_("The earlier CT may be compared"),
            N_("when it has arrived"),
        ),
        "not-evaluable": (
            N_("The lungs cannot be evaluated fully."),
            N_("Further screening CT images may be made"),
            N_("as soon as possible"),
        ),
        "infection": (
            N_("There are signs of infection or inflammation."),
            N_("Low-dose CT may be repeated"),
            N_("at 1 to 3 months"),
        ),
    }[str(state)]
    return Decision("0", (why,), (option(text, when),))


def _grade(known: Known) -> Graded:
    """The category, stepped down where it has been stable for long enough."""
    graded = _unstepped(known)
    if known.get(fields.COURSE.name) != STABLE or not _steps(known) or graded.category not in STEP_MONTHS:
        return graded
    months, enough = float(known[fields.MONTHS_SINCE_PRIOR.name]), STEP_MONTHS[graded.category]
    values = {"months": f"{months:g}", "enough": f"{enough:g}", "category": graded.category}
    if months < enough:
        return Graded(graded.category, (*graded.why, N_("Stable for {months} months, less than {enough}.", **values)))
    lower = "2" if graded.category == "3" else "3"
    sentence = N_("Category {category}, stable for {months} months: one step down.", **values)
    return Graded(lower, (*graded.why, sentence))


def _unstepped(known: Known) -> Graded:
    kind = str(known.get(fields.LESION_KIND.name, NODULE))
    if kind != NODULE:
        course = str(known.get(fields.COURSE.name, ""))
        told = (_title(fields.COURSE, course),) if _other_fields(kind) else ()
        return Graded(_other_category(kind, course), (_title(fields.LESION_KIND, kind), *told))
    if known.get(fields.BENIGN_FEATURES.name) is True and known[fields.NODULE_TYPE.name] == fields.SOLID:
        return Graded("1", (N_("Solid, with benign calcification or fat."),))
    return {fields.SOLID: _solid, fields.PART_SOLID: _part_solid, fields.NON_SOLID: _ground_glass}[
        str(known[fields.NODULE_TYPE.name])
    ](known, mean_to_tenth(known), str(known.get(fields.COURSE.name, "")))


def _title(field: Field, choice: str) -> Message:
    return N_("{field}: {choice}.", field=field.title, choice=dict(field.choices)[choice])


def _other_category(kind: str, course: str) -> str:
    if kind == AIRWAY:
        return "4A" if course in (BASELINE, NEW) else "4B"
    if kind == CYST:
        return "4B" if course in (GROWING, SLOW) else "4A"
    return CYSTS.get(kind, "2")


def _measured(kind: Message, size_mm: float, course: str) -> tuple[Message, ...]:
    sizes = N_("{kind}, mean diameter {size:.1f} mm.", kind=kind, size=size_mm)
    return (sizes, _title(fields.COURSE, course)) if course else (sizes,)


def _solid(known: Known, size_mm: float, course: str) -> Graded:
    why = _measured(N_("Solid"), size_mm, course)
    if known.get(fields.JUXTAPLEURAL_SMOOTH.name) is True and _pleura_matters(size_mm, course):
        return Graded("2", (*why, N_("At the pleura, smooth, under 10 mm.")))
    return Graded(_solid_category(size_mm, course), why)


def _solid_category(size_mm: float, course: str) -> str:
    if course == SLOW:
        return "4B"
    if course == GROWING:
        return "4A" if size_mm < 8.0 else "4B"
    limits = (4.0, 6.0, 8.0) if course == NEW else (6.0, 8.0, 15.0)
    return ("2", "3", "4A", "4B")[sum(size_mm >= limit for limit in limits)]


def _part_solid(known: Known, size_mm: float, course: str) -> Graded:
    why = _measured(N_("Part-solid"), size_mm, course)
    if course == SLOW:
        return Graded("4B", why)
    part = known.get(fields.SOLID_PART.name)
    solid_mm = None if part is None else rounded(float(part), 1)
    if solid_mm is not None:
        why = (*why, N_("Solid part {size:.1f} mm.", size=solid_mm))
    if size_mm < 6.0 and course != GROWING:
        if course == NEW and solid_mm is not None and solid_mm >= 4.0:
            why = (*why, N_("A new solid part of 4 mm or more also fits 4B: both are named."))
        return Graded("3" if course == NEW else "2", why)
    assert solid_mm is not None  # needed() asks for it here
    if course in (NEW, GROWING):  # growth of the whole is taken as growth of the solid part
        return Graded("4A" if solid_mm < 4.0 else "4B", why)
    return Graded(("3", "4A", "4B")[(solid_mm >= 6.0) + (solid_mm >= 8.0)], why)


def _ground_glass(known: Known, size_mm: float, course: str) -> Graded:
    why = _measured(N_("Ground-glass"), size_mm, course)
    if course == GROWING:
        why = (*why, N_("Where it doubled within a year, a note of the guideline allows 4X: both are named."))
    if size_mm < 30.0 or course in (STABLE, SLOW):
        return Graded("2", why)
    return Graded("3", why)


def _options(category: str, known: Known) -> tuple[Option, ...]:
    low_dose = N_("Low-dose CT may be made")
    if category in ("1", "2"):
        return (option(low_dose, N_("at 12 months")),)
    if category == "3":
        return (option(low_dose, N_("at 6 months")),)
    pet = option(N_("PET/CT may be considered"), N_("now, for its solid part of 8 mm or more"))
    pets = (pet,) if _solid_mm(known) >= 8.0 else ()
    if category == "4A":
        return (option(low_dose, N_("at 3 months")), *pets)
    work_up = option(
        N_("Diagnostic work-up may follow: chest CT, tissue sampling or referral"),
        N_("now, by clinical judgement, probability of cancer and the patient's wishes"),
    )
    return (work_up, *pets)


def _solid_mm(known: Known) -> float:
    """Size of what is solid, 0 where it is unknown."""
    kind = known.get(fields.NODULE_TYPE.name) if known.get(fields.LESION_KIND.name, NODULE) == NODULE else None
    if kind == fields.SOLID and axes_known(known):
        return mean_to_tenth(known)
    return rounded(float(known.get(fields.SOLID_PART.name, 0.0)), 1) if kind == fields.PART_SOLID else 0.0


GUIDELINE = Guideline(
    id="lung_rads_2022",
    title=N_("Lung-RADS v2022, screening"),
    fields=(
        fields.SCREENING,
        fields.SCAN_STATE,
        fields.LESION_KIND,
        fields.NODULE_TYPE,
        fields.LONG_AXIS,
        fields.SHORT_AXIS,
        fields.SOLID_PART,
        fields.BENIGN_FEATURES,
        fields.JUXTAPLEURAL_SMOOTH,
        fields.COURSE,
        fields.MONTHS_SINCE_PRIOR,
        fields.SUSPICIOUS_FEATURES,
    ),
    reference=(
        "Christensen J, et al. ACR Lung-RADS v2022: assessment categories and management recommendations. "
        "J Am Coll Radiol 2024;21:473-488. doi:10.1016/j.jacr.2023.09.009"
    ),
    note=N_(
        "The examination takes the category of its most suspicious nodule; the reader adds S for other "
        "significant findings. Growth means more than 1.5 mm in mean diameter within 12 months."
    ),
    excluded=excluded,
    needed=needed,
    decide=decide,
)
