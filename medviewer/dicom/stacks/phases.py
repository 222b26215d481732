"""Images at one and the same place: which of them belong together, and what to call each set."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from medviewer.core.study import Header, Series
from medviewer.i18n import N_, Message

# What tells images at one place apart, the most trusted first.
_TELLS: tuple[Callable[[Header], object], ...] = (
    lambda header: header.temporal_position,
    lambda header: header.acquisition_number,
    lambda header: header.trigger_time_ms,
    lambda header: header.echo_time_ms,
    lambda header: header.b_value,
    lambda header: header.image_type,
    lambda header: header.path if header.frames > 1 else "",
    lambda header: header.acquisition_time,
)
COVERED = 0.9  # share of all places that the fullest set must fill to be a phase, not a piece of the stack
_Placed = list[tuple[Header, int]]


def phases(headers: Sequence[Header], place: Sequence[int], depth: int) -> tuple[list[list[Header]], bool]:
    """Deal ``headers``, in order of position, out to sets with one image a place; ``place[n]`` is the place of n.

    ``depth`` is the largest number of images at one place. Also tells whether the images themselves say which belong
    together; else they were dealt in the order of their numbers.
    """
    placed = list(zip(headers, place, strict=True))
    sets, told = _split(placed, depth, 0)
    return [[header for header, _place in one] for one in sets], told


def _split(placed: _Placed, depth: int, tell: int) -> tuple[list[_Placed], bool]:
    """Split by the first tell that makes clean sets, and each set by the tells after it."""
    if depth == 1:
        return [placed], True
    for number in range(tell, len(_TELLS)):
        parts = _parted(placed, _TELLS[number], depth)
        if parts is None:
            continue
        found = [_split(part, _depth(part), number + 1) for part in parts]
        return [one for sets, _told in found for one in sets], all(told for _sets, told in found)
    return _ranked(placed, depth)


def _parted(placed: _Placed, tell: Callable[[Header], object], depth: int) -> list[_Placed] | None:
    """Return the sets of one value each, in order of the value; None where the tell does not make phases."""
    by_value: dict[object, _Placed] = defaultdict(list)
    for entry in placed:
        by_value[tell(entry[0])].append(entry)
    if not 1 < len(by_value) <= depth or None in by_value:
        return None
    places = len({place for _header, place in placed})
    fullest = max(len({place for _header, place in part}) for part in by_value.values())
    if fullest < COVERED * places:
        return None
    return [by_value[value] for value in sorted(by_value)]  # type: ignore[type-var]  # all of one kind: None is out


def _depth(placed: _Placed) -> int:
    return max(Counter(place for _header, place in placed).values())


def _ranked(placed: _Placed, depth: int) -> tuple[list[_Placed], bool]:
    """Deal by the order at each place: by trigger and acquisition time, then by the numbers of the images."""
    at: dict[int, list[Header]] = defaultdict(list)
    for header, place in placed:
        at[place].append(header)
    ranked: list[_Placed] = [[] for _rank in range(depth)]
    told = True
    for place, same in at.items():
        same.sort(key=_moment)
        told = told and len({_moment(header)[:4] for header in same}) == len(same)
        for rank, header in enumerate(same):
            ranked[rank].append((header, place))
    return ranked, told


def _moment(header: Header) -> tuple[object, ...]:
    when = (header.temporal_position, header.acquisition_number, header.trigger_time_ms or 0.0, header.acquisition_time)
    return (*when, header.instance_number, header.frame)


def labels(layers: Sequence[Sequence[Header]]) -> list[Message]:
    """Return what tells the sets apart in words: echo time or b-value where it does, else the number of the phase."""
    echoes = [_only({header.echo_time_ms for header in layer}) for layer in layers]
    if _distinct(echoes):
        return [N_("echo {ms:g} ms", ms=echo) for echo in echoes]
    b_values = [_only({header.b_value for header in layer}) for layer in layers]
    if _distinct(b_values):
        return [N_("b = {b:g} s/mm²", b=b) for b in b_values]
    kinds = _differing([layer[0].image_type for layer in layers])
    if _distinct(kinds) and all(len({header.image_type for header in layer}) == 1 for layer in layers):
        return [N_("images of type {type}", type=kind) for kind in kinds]
    numbered = [N_("phase {n} of {all}", n=n, all=len(layers)) for n in range(1, len(layers) + 1)]
    if None in b_values or len(set(b_values)) == 1:
        return numbered
    return [N_("{phase}, b = {b:g} s/mm²", phase=phase, b=b) for phase, b in zip(numbered, b_values, strict=True)]


def _only(values: set[float | None]) -> float | None:
    """Return the one value all have; None where there are several."""
    return values.pop() if len(values) == 1 else None


def _distinct(values: Sequence[object]) -> bool:
    return None not in values and "" not in values and len(set(values)) == len(values)


def _differing(types: Sequence[str]) -> list[str]:
    """Return the parts of each ImageType that not all have."""
    parts = [kind.split("\\") for kind in types]
    common = set.intersection(*(set(each) for each in parts))
    return ["/".join(part for part in each if part not in common) for each in parts]


def sister_series(series: Iterable[Series]) -> dict[str, tuple[int, int]]:
    """Return number and count (n of all) by UID of series that are phases of one another, in the order of their time.

    Phases of one examination that each came as a series: same name, same grid, same frame of reference, and the
    images say which was taken first.
    """
    alike: dict[object, list[Series]] = defaultdict(list)
    for one in series:
        first = one.first
        if one.grid is not None and one.label is None and first.series_description:
            name = (first.modality, first.series_number, first.series_description, first.frame_of_reference_uid)
            alike[(*name, first.image_type, one.grid)].append(one)
    numbers: dict[str, tuple[int, int]] = {}
    for sisters in alike.values():
        moments = {one.uid: _moment(one.first) for one in sisters}
        if len(sisters) > 1 and len(set(moments.values())) == len(sisters):
            for n, one in enumerate(sorted(sisters, key=lambda one: moments[one.uid]), 1):
                numbers[one.uid] = n, len(sisters)
    return numbers
