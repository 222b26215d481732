"""Which series, or which film, of a study and its earlier ones fits what a hanging protocol wants."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from medviewer.app.facts import main_series
from medviewer.app.hanging.protocol import ImageSet, Match, Protocol
from medviewer.core.arrangement import MAIN
from medviewer.core.study import Header, Series, Study

FILMS = frozenset(("CR", "DX", "DR", "RG", "MG", "IO", "PX"))
# Raw images of films, meant for programs: a reader wants those made from them.
_FOR_PROCESSING = frozenset(f"1.2.840.10008.5.1.4.1.1.1.{n}.1" for n in (1, 2, 3))
_PLANE_OF_AXIS = ("sagittal", "coronal", "axial")


@dataclass(frozen=True)
class Choice:
    """A series, or film ``image`` of one; ``prior`` where it is of an earlier examination."""

    study_uid: str
    series: Series
    image: int | None = None
    prior: bool = False

    @property
    def header(self) -> Header:
        """The header that speaks for it."""
        return self.series.headers[self.image or 0]

    @property
    def words(self) -> str:
        """How it is described, in small letters."""
        return " ".join(self.header.series_description.casefold().split())

    @property
    def plane(self) -> str:
        """The plane its images lie nearest to; empty where they do not say how they lie."""
        return plane_of(self.series)


def plane_of(series: Series) -> str:
    """Return axial, coronal or sagittal: what the images of a series are nearest to; empty where that is not known."""
    axes = series.first.orientation
    if axes is None:
        return ""
    (a, b, c), (d, e, f) = axes[:3], axes[3:]
    across = [abs(b * f - c * e), abs(c * d - a * f), abs(a * e - b * d)]
    return _PLANE_OF_AXIS[across.index(max(across))]


def is_localizer(series: Series) -> bool:
    """Whether a series calls itself a localizer."""
    return "LOCALIZER" in series.first.image_type.upper()


def choices(study: Study, prior: bool = False) -> list[Choice]:
    """Return what a viewport could show of a study: stacks, runs, single films; the likeliest to be wanted first."""
    images = [series for series in study.series if series.kind == "image"]
    usual = main_series(study)
    images.sort(key=lambda s: (is_localizer(s), s is not usual, s.first.series_number))
    found = [Choice(study.uid, series, image, prior) for series in images for image in _parts(series)]
    found.sort(key=lambda choice: choice.header.sop_class in _FOR_PROCESSING)
    return found


def _parts(series: Series) -> Sequence[int | None]:
    apart = series.grid is None and series.modality in FILMS and all(each.frames == 1 for each in series.headers)
    return range(len(series.headers)) if apart else [None]


def suits(match: Match, study: Study, priors: Sequence[Study], read: Choice) -> bool:
    """Whether a protocol is meant for a study of which ``read`` is read."""
    about = " ".join((read.header.body_part, read.header.study_description, read.words)).casefold()
    images = [series for series in study.series if series.kind == "image" and not is_localizer(series)]
    return (
        (not match.modality or read.series.modality in match.modality)
        and {*match.also} <= {series.modality for series in images}
        and (not match.body_part or any(word.casefold() in about for word in match.body_part))
        and (not match.laterality or read.header.laterality in match.laterality)
        and (not match.view or read.header.view_position in match.view)
        and len(images) >= match.series
        and match.prior in (None, bool(priors))
    )


def filled(
    protocol: Protocol, study: Study, priors: Sequence[Study], wanted: Series | None = None
) -> dict[str, Choice] | None:
    """Return what each set of a protocol shows; None where one that it needs finds nothing.

    ``priors``: the latest first. ``wanted`` is preferred for the main set.
    """
    now = choices(study)
    if wanted is not None:
        now.sort(key=lambda choice: choice.series.uid != wanted.uid)
    taken: dict[str, Choice] = {}
    for each in protocol.sets:
        found = taken.get(each.again) if each.again else next(_fitting(each, now, priors, taken), None)
        if found is not None:
            taken[each.name] = found
        elif not each.optional:
            return None
    shown_over = [each for each in protocol.sets if each.over is not None and each.over.display not in taken]
    return None if shown_over and not all(each.optional for each in shown_over) else taken


def _fitting(
    each: ImageSet, now: Sequence[Choice], priors: Sequence[Study], taken: dict[str, Choice]
) -> Iterator[Choice]:
    """Yield what fits from the ``nth`` on; of earlier examinations, the latest that has anything goes first."""
    sources = [now] if not each.prior else [_alike(choices(study, True), taken.get(MAIN)) for study in priors]
    for source in sources:
        fits = [choice for choice in source if choice not in taken.values() and fits_set(each, choice, taken)]
        yield from fits[each.nth - 1 :]


def _alike(earlier: list[Choice], main: Choice | None) -> list[Choice]:
    """Put the series that are most like the one read first: same description, same kernel, next in thickness."""
    if main is None:
        return earlier
    like = main.header

    def unlike(choice: Choice) -> tuple[bool, bool, bool, float]:
        header = choice.header
        thickness_mm = abs((header.thickness_mm or 0.0) - (like.thickness_mm or 0.0))
        return is_localizer(choice.series), choice.words != main.words, header.kernel != like.kernel, thickness_mm

    return sorted(earlier, key=unlike)


def fits_set(each: ImageSet, choice: Choice, taken: dict[str, Choice]) -> bool:
    """Whether a choice is what a set asks for, after those ``taken`` by the sets before it."""
    header, words = choice.header, choice.words
    plane = taken[MAIN].plane if each.plane == "main" and MAIN in taken else each.plane
    return (
        (not each.modality or choice.series.modality in each.modality)
        and (not each.words or any(word.casefold() in words for word in each.words))
        and not any(word.casefold() in words for word in each.without)
        and (not each.laterality or side_of(header) == each.laterality)
        and (not each.view or view_of(header) in each.view)
        and (not plane or choice.plane == plane)
        and (not each.volume or (choice.series.grid is not None and not choice.series.misplaced))
        and not (each.different and (is_localizer(choice.series) or words in {t.words for t in taken.values()}))
    )


def side_of(header: Header) -> str:
    """Return R or L of a film; where the file does not say it, as its description does; empty where nothing does."""
    return header.laterality or _only_one(_tokens(header), {"R": "R", "RT": "R", "RIGHT": "R"} | _LEFT)


def view_of(header: Header) -> str:
    """Return the view of a film, as CC or PA; where the file does not say it, as its description does."""
    return header.view_position or _only_one(_tokens(header), {view: view for view in _VIEWS})


_LEFT = {"L": "L", "LT": "L", "LEFT": "L"}
_VIEWS = ("CC", "MLO", "ML", "LM", "PA", "AP", "LAT", "LATERAL", "LL", "RL")


def _tokens(header: Header) -> list[str]:
    """Return the words of a description, sides and views of mammograms parted: "RCC" is right and CC."""
    words = "".join(c if c.isalnum() else " " for c in header.series_description.upper()).split()
    glued = {side + view: (side, view) for side in "RL" for view in ("CC", "MLO", "ML", "LM")}
    return [part for word in words for part in glued.get(word, (word,))]


def _only_one(tokens: Sequence[str], meanings: dict[str, str]) -> str:
    """Return what the tokens mean; empty where they mean nothing, or several things."""
    found = {meanings[token] for token in tokens if token in meanings}
    return found.pop() if len(found) == 1 else ""
