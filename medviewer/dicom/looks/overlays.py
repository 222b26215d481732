"""Overlays (groups 6000 to 601E) and display shutters, of images and of presentation states."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.look import OverlayPlane, Shutter
from medviewer.core.study import Header
from medviewer.dicom.looks.luts import numbers

GROUPS = range(0x6000, 0x6020, 2)
ROWS, COLUMNS, FRAMES, DESCRIPTION, TYPE = 0x0010, 0x0011, 0x0015, 0x0022, 0x0040
ORIGIN, FRAME_ORIGIN, BITS_ALLOCATED, BIT_POSITION = 0x0050, 0x0051, 0x0100, 0x0102
LAYER, LABEL, DATA = 0x1001, 0x1500, 0x3000
ELEMENTS = (
    ROWS, COLUMNS, FRAMES, DESCRIPTION, TYPE, ORIGIN, FRAME_ORIGIN, BITS_ALLOCATED, BIT_POSITION, LAYER, LABEL, DATA,
)  # fmt: skip
MOST_PIXELS = 1 << 26
Bits = NDArray[np.bool_]


def overlays_of(dataset: Any, header: Header) -> tuple[OverlayPlane, ...]:
    """Return the overlays that lie over the frame of ``header``; those that are not sound are left out."""
    found = (_overlay(dataset, group, header) for group in GROUPS)
    return tuple(overlay for overlay in found if overlay is not None)


def _overlay(dataset: Any, group: int, header: Header) -> OverlayPlane | None:
    get = partial(_value, dataset, group)
    rows, columns = _whole(get(ROWS)), _whole(get(COLUMNS))
    origin = numbers(get(ORIGIN)) or (1.0, 1.0)
    data, bits = get(DATA), None
    if isinstance(data, bytes) and 0 < rows * columns <= MOST_PIXELS:
        frames, first = _whole(get(FRAMES)), _whole(get(FRAME_ORIGIN)) or 1
        bits = _unpacked(data, rows, columns, header.frame - first + 1 if frames > 1 else 0)
    elif data is None and _whole(get(BITS_ALLOCATED)) == header.bits_allocated:
        bits = _in_pixels(header, _whole(get(BIT_POSITION)))
    if bits is None or len(origin) != 2:
        return None
    title = str(get(LABEL) or get(DESCRIPTION) or "").strip()
    return OverlayPlane(bits, (int(origin[0]) - 1, int(origin[1]) - 1), group, str(get(TYPE) or "") == "R", title)


def _unpacked(data: bytes, rows: int, columns: int, frame: int) -> Bits | None:
    """Return frame ``frame`` of bits packed without gaps, the lowest bit first; None outside or where they lack."""
    size, start = rows * columns, frame * rows * columns
    packed = np.frombuffer(data, np.uint8)[start // 8 : (start + size + 7) // 8]
    bits = np.unpackbits(packed, bitorder="little")[start % 8 : start % 8 + size]
    return bits.reshape(rows, columns).astype(bool) if frame >= 0 and len(bits) == size else None


def _in_pixels(header: Header, position: int) -> Bits | None:
    """Return an old overlay that lies in a spare bit of the stored pixels; None where those are compressed."""
    from medviewer.dicom.pixels.native import is_native

    used = range(header.shift, header.shift + header.bits_stored)
    spare = position < header.bits_allocated and position not in used
    if header.bits_allocated not in (8, 16) or header.samples != 1 or not spare or not is_native(header):
        return None
    size = header.rows * header.columns
    kind = np.dtype(f"<u{header.bits_allocated // 8}")
    if size > MOST_PIXELS:
        return None
    stored = np.fromfile(header.path, kind, size, offset=header.pixels_at + header.frame * size * kind.itemsize)
    return (stored.reshape(header.rows, header.columns) >> position & 1).astype(bool) if len(stored) == size else None


def activated(dataset: Any) -> dict[int, str]:
    """Return the overlay groups that a presentation state shows, each with the layer it is shown in."""
    layers = {group: str(_value(dataset, group, LAYER) or "").strip() for group in GROUPS}
    return {group: layer for group, layer in layers.items() if layer}


def shutter_of(dataset: Any, overlays: tuple[OverlayPlane, ...] = ()) -> Shutter:
    """Return the display shutter of an image or presentation state; ``overlays`` may hold its bitmap."""
    said = dataset.get("ShutterShape") or ""
    shapes = {said} if isinstance(said, str) else set(said)
    value = numbers(dataset.get("ShutterPresentationValue"))
    group = _whole(dataset.get("ShutterOverlayGroup"))
    bitmap = next((overlay for overlay in overlays if overlay.group == group), None)
    return Shutter(
        rectangle=_rectangle(dataset) if "RECTANGULAR" in shapes else None,
        circle=_circle(dataset) if "CIRCULAR" in shapes else None,
        polygon=_polygon(dataset) if "POLYGONAL" in shapes else (),
        bitmap=bitmap if "BITMAP" in shapes else None,
        grey=min(max(value[0] / 0xFFFF, 0.0), 1.0) if value else 0.0,
    )


def _rectangle(dataset: Any) -> tuple[float, float, float, float] | None:
    """Return left, top, right, bottom; the rows and columns named are counted from 1 and still seen."""
    names = ("LeftVerticalEdge", "UpperHorizontalEdge", "RightVerticalEdge", "LowerHorizontalEdge")
    edges = [numbers(dataset.get("Shutter" + name)) for name in names]
    if not all(edges):
        return None
    left, top, right, bottom = (edge[0] for edge in edges)
    return (left - 1.0, top - 1.0, right, bottom) if left <= right and top <= bottom else None


def _circle(dataset: Any) -> tuple[float, float, float] | None:
    center, radius = numbers(dataset.get("CenterOfCircularShutter")), numbers(dataset.get("RadiusOfCircularShutter"))
    if len(center) != 2 or not radius or radius[0] <= 0:
        return None
    return center[1] - 0.5, center[0] - 0.5, radius[0]


def _polygon(dataset: Any) -> tuple[tuple[float, float], ...]:
    listed = numbers(dataset.get("VerticesOfThePolygonalShutter"))[:4096]
    corners = tuple((listed[n + 1] - 0.5, listed[n] - 0.5) for n in range(0, len(listed) - 1, 2))
    return corners if len(corners) >= 3 else ()


def _value(dataset: Any, group: int, element: int) -> Any:
    found = dataset.get(group << 16 | element)
    return None if found is None else found.value


def _whole(value: Any) -> int:
    found = numbers(value)
    return int(found[0]) if found else 0
