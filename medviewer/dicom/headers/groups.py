"""Functional groups of enhanced files (PS3.3 C.7.6.16), read as the attributes a classic file would have."""

from collections.abc import Callable, Iterator
from math import isclose

from medviewer.dicom.headers.elements import LONGEST, Elements, items, number
from medviewer.dicom.headers.raw import binary, floating, real, time_of_day
from medviewer.dicom.headers.wanted import TAGS

SHARED, PER_FRAME = number(0x5200, 0x9229), number(0x5200, 0x9230)
_REAL_WORLD, _FRAME_CONTENT = number(0x0040, 0x9096), number(0x0020, 0x9111)
_MACROS = frozenset(
    (
        _REAL_WORLD,
        _FRAME_CONTENT,
        number(0x0028, 0x9110),  # pixel measures
        number(0x0020, 0x9113),  # plane position
        number(0x0020, 0x9116),  # plane orientation
        number(0x0028, 0x9145),  # pixel value transformation
        number(0x0028, 0x9132),  # frame VOI LUT
        number(0x0028, 0x9443),  # frame pixel data properties
        number(0x0018, 0x9117),  # MR diffusion
        number(0x0018, 0x9114),  # MR echo
        number(0x0018, 0x9118),  # cardiac synchronization
        number(0x0018, 0x9226),  # frame type of MR, CT, PET
        number(0x0018, 0x9329),
        number(0x0018, 0x9751),
        number(0x0018, 0x9314),  # CT reconstruction
        number(0x0020, 0x9170),  # what a conversion from classic files had no other place for
        number(0x0020, 0x9171),
    )
)
# What one frame may say of itself; identity, size and kind of the pixels are the file's.
_OF_A_FRAME = {
    TAGS[name]
    for name in (
        "position", "orientation", "spacing", "thickness", "tilt", "slope", "intercept", "rescale_type", "center",
        "width", "voi_function", "voi_lut", "imager_spacing", "magnification", "kernel", "b_value", "echo_time",
        "trigger_time", "temporal_position", "acquisition_number", "acquisition_date", "acquisition_time", "units",
        "corrected", "decay_correction", "suv_type", "frame_reference_time", "frame_duration", "image_index", "slices",
        "series_type", "series_date", "series_time", "tracer", "weight", "contrast",
    )
}  # fmt: skip
_ACQUIRED_AT = number(0x0018, 0x9074)
_SLOPE, _INTERCEPT, _UNIT_CODE = number(0x0040, 0x9225), number(0x0040, 0x9224), number(0x0040, 0x08EA)
_CODE, _NO_UNIT = number(0x0008, 0x0100), b"1"
_Values = dict[int, bytes]


def _decimal(raw: bytes) -> bytes:
    value = floating(raw)
    return b"" if value is None else repr(value).encode()


def _count(raw: bytes) -> bytes:
    return str(binary(raw)).encode() if raw else b""


# Attributes of enhanced files, the classic ones they stand for, and how their values are written there.
_AS_CLASSIC: dict[int, tuple[int, Callable[[bytes], bytes]]] = {
    number(0x0018, 0x9082): (TAGS["echo_time"], _decimal),
    number(0x0020, 0x9153): (TAGS["trigger_time"], _decimal),
    number(0x0018, 0x9220): (TAGS["frame_duration"], _decimal),
    number(0x0020, 0x9128): (TAGS["temporal_position"], _count),
    number(0x0020, 0x9156): (TAGS["acquisition_number"], _count),
    number(0x0008, 0x9007): (TAGS["image_type"], bytes),
}
_LEAVES = frozenset(_OF_A_FRAME | {*_AS_CLASSIC, _ACQUIRED_AT, _SLOPE, _INTERCEPT, _UNIT_CODE})


def groups(elements: Elements, count: int) -> Iterator[_Values]:
    """Yield for each of ``count`` frames the values its functional groups give it, by classic tags."""
    explicit = elements.explicit
    shared = (items(elements.values.get(SHARED, b""), explicit, _MACROS, 1) or [{}])[0]
    per_frame = items(elements.values.get(PER_FRAME, b""), explicit, _MACROS, count)
    common = _flat(shared, explicit)
    for frame in range(count):
        own = per_frame[frame] if frame < len(per_frame) else {}
        values = common | _flat(own, explicit)
        mapping = own.get(_REAL_WORLD) or shared.get(_REAL_WORLD)
        yield _with_real_world(values, mapping, explicit) if mapping else values


def _flat(group: _Values, explicit: bool) -> _Values:
    """Return the values in the macros of one item, each macro having one item itself."""
    values: _Values = {}
    for macro, raw in group.items():
        if macro != _REAL_WORLD:
            for item in items(raw, explicit, _LEAVES, 1):
                values |= {tag: value[:LONGEST] for tag, value in item.items()}
    for tag in _AS_CLASSIC.keys() & values.keys():
        classic, written = _AS_CLASSIC[tag]
        values[classic] = written(values.pop(tag))
    if at := values.pop(_ACQUIRED_AT, b""):
        values[TAGS["acquisition_date"]], values[TAGS["acquisition_time"]] = at[:8], time_of_day(at)
    return values


def _with_real_world(values: _Values, raw: bytes, explicit: bool) -> _Values:
    """Add the real world value mapping where it is the only scale, or the same: it says what the pixels mean."""
    mappings = items(raw, explicit, _LEAVES, 2)
    if len(mappings) != 1 or _SLOPE not in mappings[0]:
        return values
    slope, intercept = floating(mappings[0][_SLOPE]) or 1.0, floating(mappings[0].get(_INTERCEPT, b"")) or 0.0
    codes = items(mappings[0].get(_UNIT_CODE, b""), explicit, frozenset((_CODE,)), 1)
    unit = codes[0].get(_CODE, b"").strip() if codes else b""
    units = {TAGS["units"]: b"" if unit == _NO_UNIT else unit}
    rescale = real(values.get(TAGS["slope"], b"")) or 1.0, real(values.get(TAGS["intercept"], b"")) or 0.0
    if _alike(rescale, (slope, intercept)):
        return values | units
    if rescale != (1.0, 0.0):
        return values
    center, width = real(values.get(TAGS["center"], b"")), real(values.get(TAGS["width"], b""))
    if center is not None and width is not None:  # the window was meant for the values before this mapping
        center, width = slope * center + intercept, abs(slope) * width
    written = {"slope": slope, "intercept": intercept, "center": center, "width": width}
    numbers = {TAGS[name]: repr(value).encode() for name, value in written.items() if value is not None}
    return values | numbers | units


def _alike(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two scales are the same but for the digits they are written with."""
    return all(isclose(a, b, rel_tol=1e-5, abs_tol=1e-9) for a, b in zip(one, other, strict=True))
