"""What is on the screen, made into a hanging protocol for studies like it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from medviewer.app.hanging.file import written
from medviewer.app.hanging.hang import own_folder
from medviewer.app.hanging.match import Choice, choices, filled, fits_set, plane_of, side_of, view_of
from medviewer.app.hanging.protocol import ImageSet, Match, Over, Protocol
from medviewer.core.arrangement import MAIN, Arrangement
from medviewer.core.problem import Problem
from medviewer.core.study import Series, Study
from medviewer.core.whole import whole
from medviewer.i18n import _

LONGEST_NAME = 60


@dataclass(frozen=True)
class OnScreen:
    """What a display shows now: a series, which film of it, and what lies over it in colours."""

    series: Series
    image: int | None = None
    over: Over | None = None


def save_as(name: str, study: Study, arrangement: Arrangement, displays: Mapping[str, OnScreen]) -> Path:
    """Write a protocol of that name for studies like this one, in place of an earlier one of the name.

    ``displays``: by name, those of the arrangement and more; series of other studies count as earlier examinations.
    Problem where there is no name, nothing is shown, or the file cannot be written.
    """
    title = " ".join(name.split())[:LONGEST_NAME]
    stem = re.sub(r"[^\w]+", "-", title.casefold()).strip("-")
    if not stem:
        raise Problem(_("A hanging protocol needs a name."))
    if MAIN not in displays:
        raise Problem(_("No images are open."), _("Hang a study the way you want it first."))
    path = own_folder() / f"{stem}.toml"
    text = written(protocol_of(title, stem, study, arrangement, displays))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as draft:
            draft.write_text(text, "utf-8")
    except OSError as error:
        raise Problem(
            _("The hanging protocol could not be saved: {reason}.").format(reason=error.strerror),
            _("Make room on the disk or check its permissions."),
        ) from error
    return path


def protocol_of(
    title: str, protocol_id: str, study: Study, arrangement: Arrangement, displays: Mapping[str, OnScreen]
) -> Protocol:
    """Return the protocol that would hang ``study`` as it is on the screen, and studies alike."""
    main = displays[MAIN].series
    used = {MAIN: displays[MAIN]} | {name: displays[name] for name in arrangement.displays if name in displays}
    for on_screen in tuple(used.values()):
        if on_screen.over is not None and on_screen.over.display in displays:
            used[on_screen.over.display] = displays[on_screen.over.display]
    first = main.first
    match = Match(modality=(main.modality,), body_part=(first.body_part,) if first.body_part else ())
    sets: list[ImageSet] = []
    for name, on_screen in sorted(used.items(), key=lambda item: (item[1].over is not None, item[0] != MAIN, item[0])):
        sets.append(_set(name, on_screen, study, sets, used))
    sets.sort(key=lambda each: (bool(each.again), each.name != MAIN))
    return Protocol(protocol_id, title, tuple(sets), arrangement, match, own=True)


def _set(
    name: str, shown: OnScreen, study: Study, before: Sequence[ImageSet], used: Mapping[str, OnScreen]
) -> ImageSet:
    """Return what a display shows in words that other studies understand, as few as tell it from the rest."""
    twin = next((s for s in before if (used[s.name].series.uid, used[s.name].image) == (shown.series.uid, shown.image)
                 and not s.again), None)  # fmt: skip
    if twin is not None:
        return ImageSet(name, again=twin.name, over=shown.over)
    header = shown.series.headers[shown.image or 0]
    prior = header.study_uid != study.uid
    plain = ImageSet(
        name,
        modality=(shown.series.modality,),
        laterality=side_of(header) if shown.image is not None else "",
        view=(view_of(header),) if shown.image is not None and view_of(header) else (),
        plane="" if name == MAIN else plane_of(shown.series),
        volume=shown.series.grid is not None,
        prior=prior,
        over=shown.over,
    )
    return plain if prior else _told_apart(plain, shown, study, before)


def _told_apart(plain: ImageSet, shown: OnScreen, study: Study, before: Sequence[ImageSet]) -> ImageSet:
    """Add the description, and then the number, where without them another series of the study would be taken."""
    wanted = (shown.series.uid, shown.image)

    def finds(each: ImageSet) -> bool:
        probe = Protocol("", "", (*(replace(b, optional=True) for b in before), each), Arrangement(()))
        taken = filled(probe, study, ())
        found = None if taken is None else taken.get(each.name)
        return found is not None and (found.series.uid, found.image) == wanted

    described = " ".join(shown.series.first.series_description.casefold().split())
    worded = replace(plain, words=(described,)) if described else plain
    for each in (plain, worded):
        if finds(each):
            return each
    numbered = (replace(worded, nth=n) for n in range(2, _count(worded, study) + 1))
    return next((each for each in numbered if finds(each)), worded)


def _count(each: ImageSet, study: Study) -> int:
    nothing: dict[str, Choice] = {}
    return sum(fits_set(each, choice, nothing) for choice in choices(study))
