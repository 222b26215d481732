"""Ultrasound: how large a pixel is, by the regions the scanner drew on the image (PS3.3 C.8.5.5)."""

from medviewer.dicom.headers.elements import items, number
from medviewer.dicom.headers.raw import binary, floating, within

_FORMAT, _KIND = number(0x0018, 0x6012), number(0x0018, 0x6014)
_LEFT, _TOP, _RIGHT, _BOTTOM = (number(0x0018, tag) for tag in (0x6018, 0x601A, 0x601C, 0x601E))
_UNIT_ACROSS, _UNIT_DOWN = number(0x0018, 0x6024), number(0x0018, 0x6026)
_DELTA_ACROSS, _DELTA_DOWN = number(0x0018, 0x602C), number(0x0018, 0x602E)
_WANTED = frozenset(
    (_FORMAT, _KIND, _LEFT, _TOP, _RIGHT, _BOTTOM, _UNIT_ACROSS, _UNIT_DOWN, _DELTA_ACROSS, _DELTA_DOWN)
)
_TWO_DIMENSIONS, _TISSUE, _COLOUR_FLOW, _CENTIMETRES = 1, 1, 2, 3
_DECORATION = {10, 11, 12, 13, 14}  # ECG, pulse, phonocardiogram, grey bar, colour bar: nobody measures there
_LEAST_SHARE = 0.5  # of the image
_Region = dict[int, bytes]


def spacing_mm(raw: bytes, explicit: bool, rows: int, columns: int) -> tuple[float, float] | None:
    """Return mm per pixel (down, across) from the regions sequence; None unless one tissue region covers the image.

    A colour flow region inside the tissue counts as part of it. A region that leaves the image tells that the picture
    was cut or shrunk after the scanner measured it: its spacing is worth nothing.
    """
    regions = [region for region in items(raw, explicit, _WANTED) if _number(region, _KIND) not in _DECORATION]
    if not regions or not all(_is_plane(region) for region in regions):
        return None
    tissue = [region for region in regions if _number(region, _KIND) == _TISSUE]
    flow = [region for region in regions if _number(region, _KIND) == _COLOUR_FLOW]
    if len(tissue) != 1 or len(tissue) + len(flow) != len(regions):
        return None
    found = _delta_mm(tissue[0])
    alike = all(_delta_mm(region) == found and _inside(region, _box(tissue[0])) for region in flow)
    return found if alike and _covers(tissue[0], rows, columns) else None


def _number(region: _Region, tag: int) -> int:
    return binary(region.get(tag, b""))


def _is_plane(region: _Region) -> bool:
    units = (_number(region, _UNIT_ACROSS), _number(region, _UNIT_DOWN))
    return _number(region, _FORMAT) == _TWO_DIMENSIONS and units == (_CENTIMETRES, _CENTIMETRES)


def _delta_mm(region: _Region) -> tuple[float, float] | None:
    down, across = (within(floating(region.get(tag, b"")), 1e-5, 10) for tag in (_DELTA_DOWN, _DELTA_ACROSS))
    return None if down is None or across is None else (abs(down) * 10, abs(across) * 10)


def _box(region: _Region) -> tuple[int, int, int, int]:
    left, top, right, bottom = (_number(region, tag) for tag in (_LEFT, _TOP, _RIGHT, _BOTTOM))
    return left, top, right, bottom


def _inside(region: _Region, box: tuple[int, int, int, int]) -> bool:
    left, top, right, bottom = _box(region)
    return box[0] <= left <= right <= box[2] and box[1] <= top <= bottom <= box[3]


def _covers(region: _Region, rows: int, columns: int) -> bool:
    """Whether the region lies in the image and fills the better part of it (some makers count the end exclusive)."""
    left, top, right, bottom = _box(region)
    area = (right - left) * (bottom - top)
    return _inside(region, (0, 0, columns, rows)) and area >= _LEAST_SHARE * rows * columns
