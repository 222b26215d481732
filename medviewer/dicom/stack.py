"""From the files of one series to stacks of slices in order of position, with their grid."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.study import Header

SAME_DIRECTION = 0.9995  # cosine: 1.8 degrees
SAME_PLACE_MM = 0.01
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Stack:
    """Images that belong together, in slice order; ``steps_mm`` are the distances along the normal.

    ``grid`` is None where position, orientation or pixel spacing is missing; its slice step follows the positions,
    so it is right under gantry tilt too, where it is not perpendicular to the slices (by ``tilt_deg``).
    """

    headers: tuple[Header, ...]
    steps_mm: tuple[float, ...] = ()
    grid: Grid | None = None
    tilt_deg: float = 0.0
    sideways_mm: float = 0.0


def stacks(headers: Iterable[Header]) -> tuple[Stack, ...]:
    """Split the images of one series into stacks of one size, one orientation and one image a position.

    The largest comes first. Images at a position that is already taken go to the next stack, in the order of their
    instance numbers, so that the phases of a 4-D series fall apart into one stack each.
    """
    found: list[Stack] = []
    for group in _alike(headers):
        found.extend(_stack(layer) for layer in _layers(group))
    return tuple(sorted(found, key=lambda stack: -len(stack.headers)))


def normal(orientation: Sequence[float]) -> NDArray[np.float64]:
    """Return row direction × column direction of ImageOrientationPatient, a unit vector in LPS."""
    cross = np.cross(orientation[:3], orientation[3:])
    length = float(np.linalg.norm(cross))
    return cross / length if length > 1e-6 else np.array([0.0, 0.0, 1.0])


def _alike(headers: Iterable[Header]) -> list[list[Header]]:
    """Group images by size and kind, then by orientation; multi-frame files stand alone."""
    kinds: dict[object, list[list[Header]]] = defaultdict(list)
    for header in headers:
        alone = header.path if header.frames > 1 else ""
        kind = (header.rows, header.columns, header.samples, header.bits_allocated, header.pixel_spacing_mm, alone)
        groups = kinds[kind]
        for group in groups:
            if _parallel(group[0], header):
                group.append(header)
                break
        else:
            groups.append([header])
    return [group for groups in kinds.values() for group in groups]


def _parallel(one: Header, other: Header) -> bool:
    if one.orientation == other.orientation:
        return is_localizer(one) == is_localizer(other)
    if one.orientation is None or other.orientation is None:
        return False
    a, b = np.asarray(one.orientation).reshape(2, 3), np.asarray(other.orientation).reshape(2, 3)
    return bool(np.all(np.sum(a * b, axis=1) >= SAME_DIRECTION))


def is_localizer(header: Header) -> bool:
    """Whether an image calls itself a localizer."""
    return "LOCALIZER" in header.image_type.upper()


def _layers(group: list[Header]) -> list[list[Header]]:
    """Sort a group by position and deal images at one and the same position out to different layers."""
    group = sorted(group, key=lambda header: (header.instance_number, header.path))
    if any(header.position_lps_mm is None or header.orientation is None for header in group):
        return [group]
    along = normal(group[0].orientation or ())
    places_mm = np.array([header.position_lps_mm for header in group]) @ along
    order = np.argsort(places_mm, kind="stable")
    layers: list[list[Header]] = []
    depth, last_mm = 0, -np.inf
    for index in order:
        depth = depth + 1 if places_mm[index] - last_mm < SAME_PLACE_MM else 0
        last_mm = places_mm[index]
        if depth == len(layers):
            layers.append([])
        layers[depth].append(group[index])
    return layers


def _stack(headers: list[Header]) -> Stack:
    first = headers[0]
    if first.position_lps_mm is None or first.orientation is None or any(h.position_lps_mm is None for h in headers):
        return Stack(tuple(headers))
    across = normal(first.orientation)
    positions_mm = np.array([header.position_lps_mm for header in headers])
    moves_mm = np.diff(positions_mm, axis=0)
    steps_mm = moves_mm @ across
    step_mm = float(np.median(steps_mm)) if len(steps_mm) else first.thickness_mm or 0.0
    direction, sideways_mm = _direction(positions_mm, across)
    tilt_deg = float(np.degrees(np.arccos(np.clip(direction @ across, -1.0, 1.0))))
    if tilt_deg < 0.5:
        direction, tilt_deg = across, 0.0
    grid = None
    if first.pixel_spacing_mm and step_mm > 0:
        spacing_mm = (step_mm / float(direction @ across), *first.pixel_spacing_mm)
        axes = (_triple(direction), _unit(first.orientation[3:]), _unit(first.orientation[:3]))
        grid = Grid((len(headers), first.rows, first.columns), _triple(positions_mm[0]), spacing_mm, axes)
    return Stack(tuple(headers), tuple(float(s) for s in steps_mm), grid, tilt_deg, sideways_mm)


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


def _triple(vector: Iterable[float]) -> Triple:
    x, y, z = (float(value) for value in vector)
    return x, y, z


def _unit(vector: Sequence[float]) -> Triple:
    length = float(np.linalg.norm(vector))
    return _triple(np.asarray(vector) / length if length > 1e-6 else vector)
