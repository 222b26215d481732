"""From the images of one series to stacks of slices in order of position, with their grid."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid, triple
from medviewer.core.study import Header
from medviewer.dicom.stacks.phases import labels, phases
from medviewer.i18n import Message

SAME_DIRECTION = 0.9995  # cosine: 1.8 degrees
SAME_PLACE_MM = 0.01
NO_TILT_DEG = 0.5
UPRIGHT_MM = 0.1  # as far as the last slice may lie beside the normal of the first: positions are rounded
MOST_ALONE = 6  # more images than this, each in a direction of its own, are shown together
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Stack:
    """Images that belong together, in slice order; ``steps_mm`` are the distances along the normal.

    ``grid`` is None where position, orientation or pixel spacing is missing; its slice step follows the positions,
    so it is right under gantry tilt too, where it is not perpendicular to the slices (by ``tilt_deg``, positive where
    each slice lies further down the columns than a straight stack would put it).

    ``phases`` is the number of stacks at this place, ``label`` tells this one from the others, and ``guessed`` whether
    nothing but the images' numbers did. ``one_place`` and ``turning`` mark images that make no volume because they
    all lie at one place, or each in a direction of its own.
    """

    headers: tuple[Header, ...]
    steps_mm: tuple[float, ...] = ()
    grid: Grid | None = None
    tilt_deg: float = 0.0
    sideways_mm: float = 0.0
    phases: int = 1
    label: Message | None = None
    guessed: bool = False
    one_place: bool = False
    turning: bool = False


def stacks(headers: Iterable[Header]) -> tuple[Stack, ...]:
    """Split the images of one series into stacks of one size, one orientation and one image a position.

    The group with the largest stack comes first; the phases of a 4-D series follow each other, each a stack.
    """
    groups = [_stacks_of(group) for group in _alike(headers)]
    groups.sort(key=lambda group: -max(len(stack.headers) for stack in group))
    return tuple(stack for group in groups for stack in group)


def normal(orientation: Sequence[float]) -> NDArray[np.float64]:
    """Return row direction × column direction of ImageOrientationPatient, a unit vector in LPS."""
    cross = np.cross(orientation[:3], orientation[3:])
    length = float(np.linalg.norm(cross))
    return cross / length if length > 1e-6 else np.array([0.0, 0.0, 1.0])


def is_localizer(header: Header) -> bool:
    """Whether an image calls itself a localizer."""
    return "LOCALIZER" in header.image_type.upper()


def _alike(headers: Iterable[Header]) -> list[list[Header]]:
    """Group images by size and kind, then by orientation; frames without a place stay with their file."""
    kinds: dict[object, list[Header]] = defaultdict(list)
    for header in headers:
        placed = header.position_lps_mm is not None and header.orientation is not None
        alone = header.path if header.frames > 1 and not placed else ""
        size = (header.rows, header.columns, header.samples, header.bits_allocated, header.pixel_spacing_mm)
        kinds[(*size, alone, is_localizer(header) if header.image_type else False)].append(header)
    return [group for kind in kinds.values() for group in _parallel(kind)]


def _parallel(headers: list[Header]) -> list[list[Header]]:
    """Split by orientation; many images that all turn away from each other stay together."""
    exact: dict[tuple[float, ...] | None, list[Header]] = {}
    for header in headers:
        exact.setdefault(header.orientation, []).append(header)
    if len(exact) == 1:
        return [headers]
    groups = [same for orientation, same in exact.items() if orientation is None]
    known = np.empty((len(exact), 6))
    first = len(groups)
    for orientation, same in exact.items():
        if orientation is None:
            continue
        count = len(groups) - first
        cosines = (known[:count] * np.asarray(orientation)).reshape(count, 2, 3).sum(axis=2).min(axis=1)
        if count and cosines.max() >= SAME_DIRECTION:
            groups[first + int(cosines.argmax())].extend(same)
        else:
            known[count] = orientation
            groups.append(list(same))
    alone = [group[0] for group in groups if len(group) == 1]
    if len(alone) <= MOST_ALONE:
        return groups
    return [group for group in groups if len(group) > 1] + [alone]


def _stacks_of(group: list[Header]) -> list[Stack]:
    """Order a group by position and deal images at one and the same position out to different stacks."""
    group.sort(key=lambda header: (header.instance_number, header.frame))
    if any(header.position_lps_mm is None or header.orientation is None for header in group):
        return [Stack(tuple(group))]
    if any(not _close(group[0], header) for header in group):
        return [Stack(tuple(group), turning=True)]
    places_mm = np.array([header.position_lps_mm for header in group]) @ normal(group[0].orientation or ())
    order = np.argsort(places_mm, kind="stable")
    starts = np.diff(places_mm[order], prepend=-np.inf) >= SAME_PLACE_MM
    place = np.cumsum(starts) - 1
    ordered = [group[index] for index in order]
    depth = int(np.bincount(place).max())
    if depth == 1:
        return [_stack(ordered)]
    if place[-1] == 0:
        return [Stack(tuple(group), one_place=True)]
    return _dealt(ordered, place.tolist(), depth)


def _close(one: Header, other: Header) -> bool:
    if one.orientation == other.orientation:
        return True
    a, b = np.reshape(one.orientation or (), (2, 3)), np.reshape(other.orientation or (), (2, 3))
    return bool(np.all(np.sum(a * b, axis=1) >= SAME_DIRECTION))


def _dealt(ordered: list[Header], place: list[int], depth: int) -> list[Stack]:
    """Make one stack of each phase, in their order; the fullest first where they are no phases but repetitions."""
    layers, told = phases(ordered, place, depth)
    largest = max(len(layer) for layer in layers)
    if any(2 * len(layer) < largest for layer in layers) or not (told or all(len(x) == largest for x in layers)):
        layers.sort(key=lambda layer: -len(layer))
        return [_stack(layer) for layer in layers]
    named = zip(layers, labels(layers), strict=True)
    return [replace(_stack(layer), phases=len(layers), label=label, guessed=not told) for layer, label in named]


def _stack(headers: list[Header]) -> Stack:
    first = headers[0]
    if first.position_lps_mm is None or first.orientation is None:
        return Stack(tuple(headers))
    across = normal(first.orientation)
    positions_mm = np.array([header.position_lps_mm for header in headers])
    steps_mm = np.diff(positions_mm, axis=0) @ across
    step_mm = _step_mm(steps_mm) if len(steps_mm) else first.thickness_mm or 0.0
    whole_mm = positions_mm[-1] - positions_mm[0]
    direction, sideways_mm = _direction(positions_mm, across)
    tilt_deg = _tilt_deg(direction, across, np.asarray(first.orientation[3:]))
    if np.linalg.norm(whole_mm - (whole_mm @ across) * across) <= UPRIGHT_MM:
        direction = across
    grid = None
    if first.pixel_spacing_mm and step_mm > 0:
        spacing_mm = (step_mm / float(direction @ across), *first.pixel_spacing_mm)
        axes = (triple(direction), _unit(first.orientation[3:]), _unit(first.orientation[:3]))
        grid = Grid((len(headers), first.rows, first.columns), triple(positions_mm[0]), spacing_mm, axes)
    return Stack(tuple(headers), tuple(steps_mm.tolist()), grid, tilt_deg, sideways_mm)


def _step_mm(steps_mm: NDArray[np.float64]) -> float:
    """Return the distance between slices from all steps together, a hole counting as the slices that it lacks.

    One step alone, even the median, carries the rounding of two positions, which adds up over the stack.
    """
    wholes = np.maximum(np.rint(steps_mm / np.median(steps_mm)), 1.0)
    return round(float(steps_mm.sum() / wholes.sum()), 9)


def _tilt_deg(direction: NDArray[np.float64], across: NDArray[np.float64], down: NDArray[np.float64]) -> float:
    """Angle between stacking direction and normal, its sign by the columns; 0 where it is too small to matter."""
    angle_deg = float(np.degrees(np.arccos(np.clip(direction @ across, -1.0, 1.0))))
    return 0.0 if angle_deg < NO_TILT_DEG else float(np.copysign(angle_deg, direction @ down))


def _direction(positions_mm: NDArray[np.float64], across: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return the unit direction from the first to the last slice, and how far (mm) slices lie beside that line."""
    whole = positions_mm[-1] - positions_mm[0]
    length = float(np.linalg.norm(whole))
    if length < SAME_PLACE_MM:
        return across, 0.0
    direction = whole / length
    offset = positions_mm - positions_mm[0]
    share = (offset @ across) / float(whole @ across)
    beside = offset - share[:, None] * whole
    return direction, float(np.max(np.linalg.norm(beside, axis=1)))


def _unit(vector: Sequence[float]) -> Triple:
    length = float(np.linalg.norm(vector))
    return triple(np.asarray(vector) / length if length > 1e-6 else vector)
