"""RT Dose: where the planes of its grid lie (PS3.3 C.8.8.3.2)."""

from collections.abc import Iterator

from medviewer.dicom.headers.elements import Elements, number
from medviewer.dicom.headers.raw import reals
from medviewer.dicom.headers.wanted import TAGS

GRID_OFFSETS = number(0x3004, 0x000C)
_POSITION, _ORIENTATION = TAGS["position"], TAGS["orientation"]
_NEAR_MM = 0.01


def places(elements: Elements, count: int) -> Iterator[dict[int, bytes]]:
    """Yield the position of each of ``count`` frames; nothing of one where the file gives no grid of them.

    The offsets count along the normal from the first plane; in old files they may be z coordinates themselves.
    """
    origin, axes = reals(elements.values.get(_POSITION, b"")), reals(elements.values.get(_ORIENTATION, b""))
    offsets_mm = reals(elements.values.get(GRID_OFFSETS, b""), count)
    if len(origin) != 3 or len(axes) != 6 or len(offsets_mm) < count:
        yield from ({} for _frame in range(count))
        return
    normal = cross(axes)
    if offsets_mm[0] and abs(offsets_mm[0] - origin[2]) < _NEAR_MM and abs(normal[2]) > 1 - _NEAR_MM:
        offsets_mm = tuple((z_mm - origin[2]) * normal[2] for z_mm in offsets_mm)
    for offset_mm in offsets_mm:
        yield {_POSITION: along(origin, normal, offset_mm - offsets_mm[0])}


def cross(axes: tuple[float, ...]) -> tuple[float, float, float]:
    """Return the normal of a plane from the directions of its rows and columns."""
    a, b, c, d, e, f = axes
    return b * f - c * e, c * d - a * f, a * e - b * d


def along(origin: tuple[float, ...], normal: tuple[float, ...], distance_mm: float) -> bytes:
    """Return the point ``distance_mm`` from ``origin`` along ``normal``, written as DICOM writes a position."""
    point = (start + distance_mm * part for start, part in zip(origin, normal, strict=True))
    return "\\".join(map(repr, point)).encode()
