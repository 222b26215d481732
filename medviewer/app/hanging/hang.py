"""Hanging protocols: how a study comes to the viewports, by files that came with the program or are the reader's own.

``protocols`` reads them, ``hang`` chooses the best for a study, ``save_as`` makes one of what is on the screen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from medviewer import paths
from medviewer.app.hanging.file import read_protocol
from medviewer.app.hanging.match import Choice, choices, filled, suits
from medviewer.app.hanging.protocol import SINGLE, ImageSet, Over, Protocol, Side, title_of
from medviewer.core.arrangement import MAIN, Arrangement
from medviewer.core.problem import Problem
from medviewer.core.study import Series, Study
from medviewer.i18n import N_, Message

_OPPOSITE = dict(zip("LRAPHF", "RLPAFH", strict=True))


@dataclass(frozen=True)
class Shown:
    """What one display shows.

    Attributes:
        study_uid, series_uid: which series; ``prior``: of an earlier examination.
        image: the film to begin with, an index of the series' headers; None for a stack's usual place.
        flipped_h, flipped_v: how it is mirrored to lie the usual way round.
        against: the edge of the viewport that it is moved to.
        over: what lies over it in colours.
    """

    study_uid: str
    series_uid: str
    prior: bool = False
    image: int | None = None
    flipped_h: bool = False
    flipped_v: bool = False
    against: Side = ""
    over: Over | None = None


@dataclass(frozen=True)
class Hung:
    """A study on its viewports; ``why`` says in words how that came about."""

    protocol: Protocol
    displays: dict[str, Shown]
    arrangement: Arrangement
    why: Message


def own_folder() -> Path:
    """Where the reader's own protocols are."""
    return paths.user_data() / "hanging"


def read_protocols() -> tuple[tuple[Protocol, ...], tuple[Problem, ...]]:
    """Return every protocol, the reader's own first, and what is wrong with files that are none.

    An own file with the name of one that came with the program takes its place.
    """
    found: dict[str, Protocol] = {}
    problems: list[Problem] = []
    for folder, own in ((own_folder(), True), (paths.resources() / "hanging", False)):
        for path in sorted(folder.glob("*.toml")):
            try:
                found.setdefault(path.stem, read_protocol(path, own))
            except Problem as problem:
                problems.append(problem)
    return tuple(found.values()), tuple(problems)


def protocols() -> tuple[Protocol, ...]:
    """Return every protocol that can be used, the reader's own first."""
    return read_protocols()[0]


def hang(
    study: Study,
    priors: Sequence[Study] = (),
    main_series: Series | None = None,
    known: Sequence[Protocol] | None = None,
) -> Hung:
    """Choose the protocol that fits best and what its displays show; a single image where none does.

    ``priors``: earlier examinations of the patient, in any order. ``main_series``: the series read; it is then shown,
    as display "main". Without it the protocol says which one is main. ``known``: ``protocols()`` by default.
    """
    found = fitting(study, priors, main_series, known)
    return found[0] if found else _single(study, main_series)


def fitting(
    study: Study,
    priors: Sequence[Study] = (),
    main_series: Series | None = None,
    known: Sequence[Protocol] | None = None,
) -> tuple[Hung, ...]:
    """Return every way to hang a study that fits it, the best first; see ``hang``."""
    earlier = sorted(priors, key=lambda one: (one.date, one.first.study_time), reverse=True)
    every = protocols() if known is None else known
    found = [hung for one in every if (hung := apply(one, study, earlier, main_series)) is not None]
    return tuple(sorted(found, key=_worth, reverse=True))


def _worth(hung: Hung) -> tuple[bool, int, int]:
    """What a protocol is preferred for: the reader's own; what it asks of a study; how much it shows of it."""
    return hung.protocol.own, hung.protocol.match.conditions + _narrow(hung.protocol), len(hung.displays)


def _narrow(protocol: Protocol) -> int:
    """How many sets tell exactly what they want, the earlier examination among them."""
    return sum(bool(each.view or each.laterality or each.prior or each.over) for each in protocol.sets)


def apply(
    protocol: Protocol, study: Study, priors: Sequence[Study] = (), main_series: Series | None = None
) -> Hung | None:
    """Hang a study by one protocol; None where it does not fit, or does not show ``main_series``.

    ``priors``: the latest first.
    """
    here = choices(study)
    read = next((choice for choice in here if main_series is None or choice.series.uid == main_series.uid), None)
    if read is None or not suits(protocol.match, study, priors, read):
        return None
    taken = filled(protocol, study, priors, main_series)
    if taken is None or not (main_series is None or any(c.series.uid == main_series.uid for c in taken.values())):
        return None
    displays = {each.name: _shown(each, taken[each.name]) for each in protocol.sets if each.name in taken}
    hung = Hung(protocol, displays, tightened(protocol.arrangement, displays), _why(protocol, taken))
    return hung if main_series is None else _with_main(hung, main_series.uid)


def _shown(each: ImageSet, choice: Choice) -> Shown:
    right, _parted, bottom = choice.header.right_bottom.upper().partition("\\")
    return Shown(
        choice.study_uid,
        choice.series.uid,
        choice.prior,
        choice.image,
        flipped_h=_is_opposite(right, each.right_edge),
        flipped_v=_is_opposite(bottom, each.bottom_edge),
        against=each.against,
        over=each.over,
    )


def _is_opposite(letters: str, wanted: str) -> bool:
    """Whether an edge has the direction opposite to that wanted, by its first letter, the main direction."""
    return bool(letters and wanted) and _OPPOSITE.get(letters[0]) == wanted


def _why(protocol: Protocol, taken: dict[str, Choice]) -> Message:
    dates = [choice.header.study_date for choice in taken.values() if choice.prior]
    if dates and dates[0]:
        return N_("{title} (earlier examination: {date})", title=title_of(protocol), date=_day(dates[0]))
    return title_of(protocol)


def _day(date: str) -> str:
    return f"{date[:4]}-{date[4:6]}-{date[6:8]}" if len(date) == 8 else date


def _with_main(hung: Hung, series_uid: str) -> Hung:
    """Call the display that shows the series read "main", and the one of that name as the other was."""
    name = next(name for name, shown in hung.displays.items() if shown.series_uid == series_uid)
    if name == MAIN or hung.displays[MAIN].series_uid == series_uid:
        return hung
    swapped = {MAIN: name, name: MAIN}
    displays = {swapped.get(old, old): _renamed(shown, swapped) for old, shown in hung.displays.items()}
    cells = tuple(
        (replace(cell, display=swapped.get(cell.display, cell.display)), at) for cell, at in hung.arrangement.cells
    )
    return replace(hung, displays=displays, arrangement=replace(hung.arrangement, cells=cells))


def _renamed(shown: Shown, names: dict[str, str]) -> Shown:
    if shown.over is None:
        return shown
    return replace(shown, over=replace(shown.over, display=names.get(shown.over.display, shown.over.display)))


def tightened(arrangement: Arrangement, displays: dict[str, Shown]) -> Arrangement:
    """Return the arrangement without viewports that would stay empty; the others move together."""
    kept = tuple(cell for cell, _place in arrangement.cells if cell.display in displays)
    if len(kept) == len(arrangement.cells) or not kept:
        return arrangement
    rows = max(1, round(math.sqrt(len(kept) / 1.5)))
    columns = math.ceil(len(kept) / rows)
    placed = tuple((cell, (n // columns, n % columns, 1, 1)) for n, cell in enumerate(kept))
    return Arrangement(placed, (1,) * columns, (1,) * rows)


def _single(study: Study, main_series: Series | None) -> Hung:
    why = N_("One image: no hanging protocol is made for this study.")
    here = choices(study)
    wanted = [choice for choice in here if main_series is None or choice.series.uid == main_series.uid]
    displays = {MAIN: Shown(study.uid, wanted[0].series.uid, image=wanted[0].image)} if wanted else {}
    return Hung(SINGLE, displays, SINGLE.arrangement, why)
