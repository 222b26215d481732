"""What a DICOM file says of itself, read fast and without trusting it."""

import errno
import hashlib
import os
import re
import zlib
from functools import lru_cache
from operator import mul
from pathlib import Path
from typing import Any

from medviewer.core.problem import Problem
from medviewer.core.study import Header, Patient
from medviewer.dicom.headers.charset import codec_instead
from medviewer.dicom.headers.elements import Elements, Short, Unusual, Wish, walk
from medviewer.dicom.headers.loss import LOSSY
from medviewer.dicom.headers.modalities.films import view_position
from medviewer.dicom.headers.modalities.pet import Pet, slices_per_time
from medviewer.dicom.headers.modalities.pet import read as read_pet
from medviewer.dicom.headers.modalities.us import spacing_mm
from medviewer.dicom.headers.modalities.xray import LARGEST_MM, SMALLEST_MM, spacing
from medviewer.dicom.headers.raw import (
    Values,
    binary,
    floating,
    real,
    reals,
    text,
    time_of_day,
    uid,
    whole_number,
    within,
)
from medviewer.dicom.headers.wanted import NAMES, OVERLAYS, PRESENCE, SYNTAX, TAGS, WANTED
from medviewer.i18n import _

FIRST_CHUNK, LARGEST_CHUNK = 1 << 12, 1 << 26
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
FOREIGN = "medviewer:foreign"  # stands for the transfer syntax of images from files that are no DICOM
DEFLATED, BIG_ENDIAN = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
DICOMDIR = "1.2.840.10008.1.3.10"
STAND_IN = "2.25.1091"  # begins the UIDs made here for files that have none
_EXPLICIT_SAID = re.compile(rb"\x02\x00\x10\x00UI..1\.2\.840\.10008\.1\.2(?:\.1\0|\.4\.|\.5)", re.DOTALL)

_OWN_KEYS = (
    "sop_uid", "media_uid", "instance_number", "position", "slope", "intercept", "center", "width",
    "frame_of_reference_uid", "acquisition_time", "trigger_time", "temporal_position", "frame_reference_time",
    "image_index", "dose_scaling", "acquisition_date_time",
)  # fmt: skip
# What differs from slice to slice; some anonymisers give every slice its own frame of reference.
_OWN = tuple(TAGS[key] for key in _OWN_KEYS)
_STUDY_UID, _SERIES_UID = TAGS["study_uid"], TAGS["series_uid"]
_TEXTS = (
    "study_description", "series_description", "accession_number", "referring_physician", "manufacturer", "study_id",
    "body_part", "kernel", "contrast", "modality", "study_date", "study_time", "image_type", "rescale_type",
    "voi_function", "burned_in",
)  # fmt: skip
_FURTHEST_MM, _LARGEST, _FRAME_TIME_MS = 1e5, 1e15, (1.0, 1e5)
_usual_chunk = FIRST_CHUNK


def read_header(path: Path | str) -> Header:
    """Read the header of one file up to its pixels; Problem with one sentence why it cannot be read."""
    name = os.fspath(path)
    elements, syntax, file_bytes = read_elements(name, Wish(WANTED))
    return build(name, elements, syntax, file_bytes)


def read_elements(name: str, wish: Wish) -> tuple[Elements, str, int]:
    """Read the wanted elements of a file; Problem where it is no DICOM. Whether the data are whole is found out here.

    Returns the elements, the transfer syntax, and the size of the file in bytes.
    """
    try:
        return _fast(name, wish)
    except (Unusual, Short):
        from medviewer.dicom.headers.lenient import elements_by_pydicom

    try:
        return *elements_by_pydicom(name, wish), os.stat(name).st_size
    except OSError as error:
        raise Problem(why_not(error)) from error


def _fast(name: str, wish: Wish) -> tuple[Elements, str, int]:
    """Return what ``read_elements`` does; Unusual where pydicom has to look, Problem where nobody can."""
    global _usual_chunk  # noqa: PLW0603 - only a guess for the next file, right for files of one series
    chunk = _usual_chunk
    while True:
        data, file_bytes = _read_start(name, chunk)
        whole = len(data) < chunk
        try:
            elements, syntax = _parse(data, Wish(wish.tags, whole, wish.longest))
        except Short:
            if whole or chunk >= LARGEST_CHUNK:
                raise
            chunk <<= 2
            continue
        _usual_chunk = FIRST_CHUNK if elements.pixels_at < FIRST_CHUNK else min(chunk, FIRST_CHUNK << 4)
        return elements, syntax, file_bytes


def _read_start(name: str, size: int) -> tuple[bytes, int]:
    """Return the first ``size`` bytes of a file and how many it has; Problem where it is no DICOM."""
    try:
        file = os.open(name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            data, file_bytes = os.read(file, size), os.fstat(file).st_size
        finally:
            os.close(file)
    except OSError as error:
        raise Problem(why_not(error)) from error
    if data[128:132] != b"DICM" and not _begins_like_a_data_set(data):
        raise Problem(_("The file is empty.") if not data else _("This is not a DICOM file."))
    return data, file_bytes


def why_not(error: OSError) -> str:
    """Say in a sentence why the system would not read a file."""
    if error.errno in (errno.EACCES, errno.EPERM):
        return _("You have no permission to read this file.")
    if error.errno == errno.ENOENT:
        return _("The file is no longer there.")
    return _("This file could not be read from the disk: {reason}.").format(
        reason=os.strerror(error.errno or errno.EIO)
    )


def _begins_like_a_data_set(data: bytes) -> bool:
    """Whether a file without preamble begins with an element of group 2 or 8, in either byte order."""
    little, big = int.from_bytes(data[:2], "little"), int.from_bytes(data[:2], "big")
    return data[:4] == b"DICM" or (len(data) >= 8 and (little in (2, 8) or big in (2, 8)))


def _parse(data: bytes, wish: Wish) -> tuple[Elements, str]:
    if data[128:132] != b"DICM":
        raise Unusual
    said = _EXPLICIT_SAID.search(data, 132, 1024)
    if said:  # nearly all: file meta and data set have one encoding and are walked in one go
        elements = walk(data, 132, True, wish)
        if uid(elements.values.get(SYNTAX, b"")) in (IMPLICIT, BIG_ENDIAN, DEFLATED):
            raise Unusual
    else:
        elements = _after_meta(data, wish)
    return elements, uid(elements.values.pop(SYNTAX, b""))


def _after_meta(data: bytes, wish: Wish) -> Elements:
    """Parse what follows the file meta group, whose length element is not trusted."""
    at = 132
    while data[at : at + 2] == b"\2\0":
        at = _after(data, at)
    meta = walk(data[:at], 132, True, wish._replace(whole=True)).values
    syntax = uid(meta.get(SYNTAX, b""))
    if not syntax or syntax == BIG_ENDIAN or at >= len(data):
        raise Unusual
    elements = _inflated(data, at, wish) if syntax == DEFLATED else walk(data, at, syntax != IMPLICIT, wish)
    elements.values = meta | elements.values
    return elements


def _after(data: bytes, at: int) -> int:
    """Return the byte behind the explicit element at ``at``, as far as the data goes."""
    long = data[at + 4 : at + 6] in (b"OB", b"UN", b"SQ", b"OW", b"UT")
    length = data[at + 8 : at + 12] if long else data[at + 6 : at + 8]
    return min(at + (12 if long else 8) + int.from_bytes(length, "little"), len(data))


def _inflated(data: bytes, at: int, wish: Wish) -> Elements:
    """Parse the start of a deflated data set; how far it inflates is bounded."""
    if not wish.whole:
        raise Short
    try:
        plain = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data[at:], LARGEST_CHUNK)
    except zlib.error as error:
        raise Problem(_("The compressed data of this file are damaged.")) from error
    elements = walk(plain, 0, True, wish._replace(whole=len(plain) < LARGEST_CHUNK))
    elements.pixels_at = 0
    return elements


def build(name: str, elements: Elements, syntax: str, file_bytes: int = 0, frame: int = 0) -> Header:
    """Make the Header of raw little-endian ``elements``, which are used up; Problem where they do not say what it is.

    ``file_bytes`` is the size of the file, ``frame`` which of its images is meant.
    Lengths, positions and factors that cannot be (no number, zero, beyond all measure) count as missing.
    """
    values = elements.values
    for tag in PRESENCE & values.keys():
        values[tag] = values[tag] and b"1"
    pop = values.pop
    (
        sop_uid, media_uid, instance, position, slope, intercept, center, width, frame_of_reference,
        acquired, trigger, temporal, reference, index, dose, acquired_at,
    ) = [pop(tag, b"") for tag in _OWN]  # fmt: skip
    folder = "" if values.get(_STUDY_UID) and values.get(_SERIES_UID) else os.path.dirname(name)
    shared, per_time, pet = _shared(folder, syntax, elements.explicit, *values, *values.values())
    point = reals(position) if position else ()
    suv, missing = (
        (None, "") if pet is None else pet.suvbw(text(acquired or acquired_at), (real(reference) or 0.0) / 1000)
    )
    breadth = real(width)
    own = {
        "path": name,
        "sop_uid": uid(sop_uid or media_uid) or _stand_in("image", name),
        "instance_number": whole_number(instance, 0),
        "position_lps_mm": point if len(point) == 3 and max(map(abs, point)) <= _FURTHEST_MM else None,
        "slope": within(real(slope or dose), 1 / _LARGEST, _LARGEST) or 1.0,
        "intercept": within(real(intercept), 0, _LARGEST) or 0.0,
        "window_center": real(center),
        "window_width": breadth if breadth and breadth > 0 else None,
        "frame_of_reference_uid": uid(frame_of_reference),
        "acquisition_time": text(acquired or time_of_day(acquired_at)),
        "trigger_time_ms": real(trigger),
        "temporal_position": whole_number(temporal, 0) or (per_time and (binary(index) - 1) // per_time + 1),
        "suv": suv,
        "suv_missing": missing,
        "pixels_at": elements.pixels_at,
        "pixels_bytes": elements.pixels_bytes,
        "float_pixels": elements.float_pixels,
        "file_bytes": file_bytes,
        "frame": frame,
    }
    header = Header(*(shared | own).values())  # in order: by position is faster than by name
    if not header.rows and header.study_uid.startswith(STAND_IN) and header.sop_class != DICOMDIR:
        raise Problem(_("This DICOM file does not say what it holds."))
    return header


@lru_cache(256)
def _shared(
    folder: str, syntax: str, explicit: bool, *tags_and_values: int | bytes
) -> tuple[dict[str, Any], int, Pet | None]:
    """Decode what the files of a series have in common, once a series, not once a file.

    Returns the fields of a header in their order (None: the file's own), how many images of a PET make one time, and
    what else a PET says.
    """
    n = len(tags_and_values) // 2
    raw: dict[Any, Any] = dict(zip(tags_and_values[:n], tags_and_values[n:], strict=True))
    v: Values = {NAMES[tag]: value for tag, value in raw.items() if tag in NAMES}
    fields = _identity(v)
    if not (fields["study_uid"] and fields["series_uid"]):
        patient: Patient = fields["patient"]
        of_study = (folder, patient.id, patient.name, fields["study_date"])
        of_series = (fields["modality"], str(fields["series_number"]), fields["series_description"])
        fields["study_uid"] = fields["study_uid"] or _stand_in("study", *of_study)
        fields["series_uid"] = fields["series_uid"] or _stand_in("series", *of_study, *of_series)
    fields |= _pixels(v, syntax)
    fields |= _geometry(v, fields, explicit) | _times(v)
    fields["transfer_syntax"] = syntax
    fields["view_position"] = view_position(v, explicit)
    fields["overlays"] = any(raw[tag] for tag in OVERLAYS & raw.keys())
    is_pet = fields["modality"] == "PT"
    ordered = {name: fields.get(name) for name in Header.__slots__}
    return ordered, slices_per_time(v) if is_pet else 0, read_pet(v, explicit) if is_pet else None


def _stand_in(*parts: str) -> str:
    """Return a UID, always the same for the same ``parts``, for files whose own was removed."""
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).digest()
    return STAND_IN + str(int.from_bytes(digest[:14], "big"))


def _identity(v: Values) -> dict[str, Any]:
    charset, get = v.get("charset", b""), v.get
    codec = codec_instead(get("name", b""), [get(key, b"") for key in ("id", *_TEXTS)], charset)
    texts = {key: text(get(key, b""), charset, codec) for key in _TEXTS}
    patient = Patient(
        text(get("id", b""), charset, codec),
        text(get("name", b""), charset, codec).rstrip("="),  # empty groups of a name say nothing
        text(get("birth_date", b"")),
        text(get("sex", b"")),
    )
    return texts | {
        "sop_class": uid(get("sop_class") or get("media_class", b"")),
        "study_uid": uid(get("study_uid", b"")),
        "series_uid": uid(get("series_uid", b"")).replace("#", "?"),  # stacks are UID#2, UID#3 …
        "patient": patient,
        "age_years": _age_years(get("age", b""), patient.birth_date, texts["study_date"]),
        "series_number": whole_number(get("series_number", b""), 0),
        "acquisition_number": whole_number(get("acquisition_number", b""), 0),
        "laterality": text(get("image_laterality") or get("laterality", b"")),
        "right_bottom": text(get("right_bottom", b"")),
        "charset_repaired": bool(codec),
    }


def _pixels(v: Values, syntax: str) -> dict[str, Any]:
    get = v.get
    signed = binary(get("signed", b"")) == 1
    allocated, stored = binary(get("bits_allocated", b"")), binary(get("bits_stored", b""))
    high_bit = binary(v["high_bit"]) if v.get("high_bit") else stored - 1
    if allocated and (stored > allocated or (stored and high_bit >= allocated)):
        raise Problem(_("This file says that its pixels use more bits than they have; it is damaged."))
    return {
        "rows": binary(get("rows", b"")),
        "columns": binary(get("columns", b"")),
        "frames": max(1, whole_number(get("frames", b""), 1)),
        "samples": binary(get("samples", b"")) or 1,
        "photometric": text(get("photometric", b"")) or "MONOCHROME2",
        "bits_allocated": allocated,
        "bits_stored": stored,
        "shift": max(0, high_bit + 1 - stored) if stored else 0,
        "signed": signed,
        "unit": text(get("units") or get("dose_units", b"")),
        "modality_lut": bool(get("modality_lut")),
        "voi_lut": bool(get("voi_lut")),
        "padding": _padding(get("padding"), signed),
        "padding_limit": _padding(get("padding_limit"), signed),
        "lossy": get("lossy", b"")[:2] == b"01" or syntax in LOSSY,
    }


def _padding(raw: bytes | None, signed: bool) -> int | None:
    return binary(raw[:2], signed) if raw else None


def _geometry(v: Values, fields: dict[str, Any], explicit: bool) -> dict[str, Any]:
    axes = reals(v.get("orientation", b""))
    orientation = axes if len(axes) == 6 and _is_square(axes) else None
    mm, kind, magnification = spacing(v, fields["modality"], orientation is not None)
    if mm is None and "regions" in v:
        mm = spacing_mm(v["regions"], explicit, fields["rows"], fields["columns"])
        kind = "region" if mm else ""
    return {
        "orientation": orientation,
        "pixel_spacing_mm": mm,
        "spacing_kind": kind,
        "magnification": magnification,
        "thickness_mm": within(real(v.get("thickness", b"")), SMALLEST_MM, LARGEST_MM),
        "gantry_tilt_deg": within(real(v.get("tilt", b"")), 0, 90) or 0.0,
    }


def _is_square(axes: tuple[float, ...]) -> bool:
    """Whether the directions of rows and columns have length one and a right angle, but for coarse rounding."""
    row, column = axes[:3], axes[3:]
    lengths = [sum(part * part for part in axis) for axis in (row, column)]
    return all(0.9 < length < 1.1 for length in lengths) and abs(sum(map(mul, row, column))) < 0.1


def _times(v: Values) -> dict[str, Any]:
    """Times of cine and of MR; a rate in images per second gives the time of one."""
    get = v.get
    frame_time_ms = within(real(get("frame_time", b"")), *_FRAME_TIME_MS)
    if frame_time_ms is None:
        steps_ms = sorted(step for step in reals(get("frame_times", b"")) if step > 0)
        frame_time_ms = within(steps_ms[len(steps_ms) // 2], *_FRAME_TIME_MS) if steps_ms else None
    rate = real(get("display_rate", b"")) or real(get("cine_rate", b""))
    if frame_time_ms is None and rate and rate > 0:
        frame_time_ms = within(1000 / rate, *_FRAME_TIME_MS)
    return {
        "echo_time_ms": real(get("echo_time", b"")),
        "b_value": floating(get("b_value", b"")),
        "frame_time_ms": frame_time_ms,
    }


def _age_years(age: bytes, birth_date: str, study_date: str) -> float | None:
    """Age as the file says, else from birth and study date; None where neither is sound."""
    per_year = {b"Y": 1.0, b"M": 12.0, b"W": 52.18, b"D": 365.25}.get(age.strip(b" \0")[-1:])
    if per_year and age[:3].isdigit():
        return int(age[:3]) / per_year
    dates = birth_date + study_date
    if len(birth_date) == len(study_date) == 8 and dates.isascii() and dates.isdigit():  # "¹" is a digit, too
        years = int(study_date[:4]) - int(birth_date[:4]) - (study_date[4:] < birth_date[4:])
        return float(years) if 0 <= years <= 130 else None
    return None
