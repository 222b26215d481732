"""What a DICOM file says of itself, read fast and without trusting it."""

import errno
import hashlib
import os
import re
import zlib
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import Any

from medviewer.core.problem import Problem
from medviewer.core.study import Header, Patient
from medviewer.dicom.elements import Elements, Short, Unusual, number, walk
from medviewer.i18n import _

FIRST_CHUNK, LARGEST_CHUNK = 1 << 12, 1 << 26
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
DEFLATED, BIG_ENDIAN = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
DICOMDIR = "1.2.840.10008.1.3.10"
_LOSSY = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")
STAND_IN = "2.25.1091"  # begins the UIDs made here for files that have none
_SYNTAX, _MEDIA_UID = number(2, 0x10), number(2, 0x03)
_EXPLICIT_SAID = re.compile(rb"\x02\x00\x10\x00UI..1\.2\.840\.10008\.1\.2(?:\.1\0|\.4\.|\.5)", re.DOTALL)

TAGS = {
    "media_class": number(0x0002, 0x0002),
    "media_uid": _MEDIA_UID,
    "charset": number(0x0008, 0x0005),
    "image_type": number(0x0008, 0x0008),
    "sop_class": number(0x0008, 0x0016),
    "sop_uid": number(0x0008, 0x0018),
    "study_date": number(0x0008, 0x0020),
    "study_time": number(0x0008, 0x0030),
    "accession_number": number(0x0008, 0x0050),
    "modality": number(0x0008, 0x0060),
    "manufacturer": number(0x0008, 0x0070),
    "referring_physician": number(0x0008, 0x0090),
    "study_description": number(0x0008, 0x1030),
    "series_description": number(0x0008, 0x103E),
    "name": number(0x0010, 0x0010),
    "id": number(0x0010, 0x0020),
    "birth_date": number(0x0010, 0x0030),
    "sex": number(0x0010, 0x0040),
    "age": number(0x0010, 0x1010),
    "contrast": number(0x0018, 0x0010),
    "body_part": number(0x0018, 0x0015),
    "thickness": number(0x0018, 0x0050),
    "tilt": number(0x0018, 0x1120),
    "kernel": number(0x0018, 0x1210),
    "study_uid": number(0x0020, 0x000D),
    "series_uid": number(0x0020, 0x000E),
    "study_id": number(0x0020, 0x0010),
    "series_number": number(0x0020, 0x0011),
    "instance_number": number(0x0020, 0x0013),
    "position": number(0x0020, 0x0032),
    "orientation": number(0x0020, 0x0037),
    "frame_of_reference_uid": number(0x0020, 0x0052),
    "laterality": number(0x0020, 0x0060),
    "image_laterality": number(0x0020, 0x0062),
    "samples": number(0x0028, 0x0002),
    "photometric": number(0x0028, 0x0004),
    "frames": number(0x0028, 0x0008),
    "rows": number(0x0028, 0x0010),
    "columns": number(0x0028, 0x0011),
    "spacing": number(0x0028, 0x0030),
    "bits_allocated": number(0x0028, 0x0100),
    "bits_stored": number(0x0028, 0x0101),
    "high_bit": number(0x0028, 0x0102),
    "signed": number(0x0028, 0x0103),
    "padding": number(0x0028, 0x0120),
    "center": number(0x0028, 0x1050),
    "width": number(0x0028, 0x1051),
    "intercept": number(0x0028, 0x1052),
    "slope": number(0x0028, 0x1053),
    "rescale_type": number(0x0028, 0x1054),
    "lossy": number(0x0028, 0x2110),
}
_WANTED = frozenset(TAGS.values()) | {_SYNTAX}
_SOP_UID, _INSTANCE, _POSITION = TAGS["sop_uid"], TAGS["instance_number"], TAGS["position"]
_SLOPE, _INTERCEPT, _CENTER, _WIDTH = (TAGS[key] for key in ("slope", "intercept", "center", "width"))
_FRAME_OF_REFERENCE = TAGS["frame_of_reference_uid"]  # some anonymisers give every slice its own
_OWN = {_SOP_UID, _MEDIA_UID, _INSTANCE, _POSITION, _SLOPE, _INTERCEPT, _CENTER, _WIDTH, _FRAME_OF_REFERENCE}
_SHARED_KEYS = tuple(key for key, tag in TAGS.items() if tag not in _OWN)
_SHARED = tuple(TAGS[key] for key in _SHARED_KEYS)
_TEXTS = (
    "study_description", "series_description", "accession_number", "referring_physician", "manufacturer", "study_id",
    "body_part", "kernel", "contrast", "modality", "study_date", "study_time", "image_type",
)  # fmt: skip
Values = dict[str, bytes]
_usual_chunk = FIRST_CHUNK


def read_header(path: Path | str) -> Header:
    """Read the header of one file up to its pixels; Problem with one sentence why it cannot be read."""
    name = os.fspath(path)
    try:
        elements, syntax = _fast(name)
    except (Unusual, Short):
        from medviewer.dicom.lenient import elements_by_pydicom

        try:
            elements, syntax = elements_by_pydicom(name)
        except OSError as error:
            raise Problem(why_not(error)) from error
    return build(name, elements, syntax)


def _fast(name: str) -> tuple[Elements, str]:
    """Return elements and transfer syntax; Unusual where pydicom has to look, Problem where nobody can."""
    global _usual_chunk  # noqa: PLW0603 - only a guess for the next file, right for files of one series
    chunk = _usual_chunk
    while True:
        data = read_start(name, chunk)
        whole = len(data) < chunk
        try:
            elements, syntax = _parse(data, whole)
        except Short:
            if whole or chunk >= LARGEST_CHUNK:
                raise
            chunk <<= 2
            continue
        _usual_chunk = FIRST_CHUNK if elements.pixels_at < FIRST_CHUNK else min(chunk, FIRST_CHUNK << 4)
        return elements, syntax


def read_start(name: str, size: int) -> bytes:
    """Return the first ``size`` bytes of a file; Problem where it cannot be read or is no DICOM."""
    try:
        file = os.open(name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            data = os.read(file, size)
        finally:
            os.close(file)
    except OSError as error:
        raise Problem(why_not(error)) from error
    if data[128:132] != b"DICM" and not _begins_like_a_data_set(data):
        raise Problem(_("The file is empty.") if not data else _("This is not a DICOM file."))
    return data


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


def _parse(data: bytes, whole: bool) -> tuple[Elements, str]:
    if data[128:132] != b"DICM":
        raise Unusual
    said = _EXPLICIT_SAID.search(data, 132, 1024)
    if said:  # nearly all: file meta and data set have one encoding and are walked in one go
        elements = walk(data, 132, True, _WANTED, whole)
        if uid(elements.values.get(_SYNTAX, b"")) in (IMPLICIT, BIG_ENDIAN, DEFLATED):
            raise Unusual
    else:
        elements = _after_meta(data, whole)
    return elements, uid(elements.values.get(_SYNTAX, b""))


def _after_meta(data: bytes, whole: bool) -> Elements:
    """Parse what follows the file meta group, whose length element is not trusted."""
    at = 132
    while data[at : at + 2] == b"\2\0":
        at = _after(data, at)
    meta = walk(data[:at], 132, True, _WANTED, True).values
    syntax = uid(meta.get(_SYNTAX, b""))
    if not syntax or syntax == BIG_ENDIAN or at >= len(data):
        raise Unusual
    deflated = syntax == DEFLATED
    elements = _inflated(data, at, whole) if deflated else walk(data, at, syntax != IMPLICIT, _WANTED, whole)
    elements.values = meta | elements.values
    return elements


def _after(data: bytes, at: int) -> int:
    """Return the byte behind the explicit element at ``at``, as far as the data goes."""
    long = data[at + 4 : at + 6] in (b"OB", b"UN", b"SQ", b"OW", b"UT")
    length = data[at + 8 : at + 12] if long else data[at + 6 : at + 8]
    return min(at + (12 if long else 8) + int.from_bytes(length, "little"), len(data))


def _inflated(data: bytes, at: int, whole: bool) -> Elements:
    """Parse the start of a deflated data set; how far it inflates is bounded."""
    if not whole:
        raise Short
    try:
        plain = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data[at:], LARGEST_CHUNK)
    except zlib.error as error:
        raise Problem(_("The compressed data of this file are damaged.")) from error
    elements = walk(plain, 0, True, _WANTED, len(plain) < LARGEST_CHUNK)
    elements.pixels_at = 0
    return elements


def build(name: str, elements: Elements, syntax: str) -> Header:
    """Make the Header of raw little-endian ``elements``; Problem where the file does not say what it is."""
    get = elements.values.get
    position = reals(get(_POSITION, b""))
    header = Header(
        path=name,
        sop_uid=uid(get(_SOP_UID) or get(_MEDIA_UID, b"")) or _stand_in("image", name),
        instance_number=whole_number(get(_INSTANCE, b""), 0),
        position_lps_mm=position if len(position) == 3 else None,
        slope=real(get(_SLOPE, b"")) or 1.0,
        intercept=real(get(_INTERCEPT, b"")) or 0.0,
        window_center=real(get(_CENTER, b"")),
        window_width=real(get(_WIDTH, b"")),
        frame_of_reference_uid=uid(get(_FRAME_OF_REFERENCE, b"")),
        pixels_at=elements.pixels_at,
        pixels_bytes=elements.pixels_bytes,
        **_shared(os.path.dirname(name), syntax, *map(get, _SHARED)),
    )
    if not header.rows and header.study_uid.startswith(STAND_IN) and header.sop_class != DICOMDIR:
        raise Problem(_("This DICOM file does not say what it holds."))
    return header


@lru_cache(256)
def _shared(folder: str, syntax: str, *raw: bytes | None) -> dict[str, Any]:
    """Decode what the files of a series have in common: once a series, not once a file."""
    v: Values = {key: value for key, value in zip(_SHARED_KEYS, raw, strict=True) if value is not None}
    identity = _identity(v)
    if not (identity["study_uid"] and identity["series_uid"]):
        patient: Patient = identity["patient"]
        of_study = (folder, patient.id, patient.name, identity["study_date"])
        of_series = (identity["modality"], str(identity["series_number"]), identity["series_description"])
        identity["study_uid"] = identity["study_uid"] or _stand_in("study", *of_study)
        identity["series_uid"] = identity["series_uid"] or _stand_in("series", *of_study, *of_series)
    return identity | _pixels(v, syntax) | _geometry(v) | {"transfer_syntax": syntax}


def _stand_in(*parts: str) -> str:
    """Return a UID, always the same for the same ``parts``, for files whose own was removed."""
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).digest()
    return STAND_IN + str(int.from_bytes(digest[:14], "big"))


def _identity(v: Values) -> dict[str, Any]:
    charset = v.get("charset", b"")
    get = v.get
    texts = {key: text(get(key, b""), charset) for key in _TEXTS}
    patient = Patient(
        text(get("id", b""), charset),
        text(get("name", b""), charset).rstrip("="),  # empty groups of a name say nothing
        text(get("birth_date", b"")),
        text(get("sex", b"")),
    )
    return texts | {
        "sop_class": uid(get("sop_class") or get("media_class", b"")),
        "study_uid": uid(get("study_uid", b"")),
        "series_uid": uid(get("series_uid", b"")),
        "patient": patient,
        "age_years": _age_years(get("age", b""), patient.birth_date, texts["study_date"]),
        "series_number": whole_number(get("series_number", b""), 0),
        "laterality": text(get("image_laterality") or get("laterality", b"")),
    }


def _pixels(v: Values, syntax: str) -> dict[str, Any]:
    get = v.get
    signed = binary(get("signed", b"")) == 1
    stored = binary(get("bits_stored", b""))
    if "high_bit" in v and stored and binary(v["high_bit"]) >= stored:
        raise Problem(_("The pixels of this file are packed in an old way that MedViewer does not read."))
    return {
        "rows": binary(get("rows", b"")),
        "columns": binary(get("columns", b"")),
        "frames": max(1, whole_number(get("frames", b""), 1)),
        "samples": binary(get("samples", b"")) or 1,
        "photometric": text(get("photometric", b"")) or "MONOCHROME2",
        "bits_allocated": binary(get("bits_allocated", b"")),
        "bits_stored": stored,
        "signed": signed,
        "rescale_type": text(get("rescale_type", b"")),
        "padding": binary(v["padding"][:2], signed) if v.get("padding") else None,
        "lossy": get("lossy", b"")[:2] == b"01" or syntax in _LOSSY,
    }


def _geometry(v: Values) -> dict[str, Any]:
    spacing, orientation = reals(v.get("spacing", b"")), reals(v.get("orientation", b""))
    return {
        "orientation": orientation if len(orientation) == 6 else None,
        "pixel_spacing_mm": spacing if len(spacing) == 2 and min(spacing) > 0 else None,
        "thickness_mm": real(v.get("thickness", b"")),
        "gantry_tilt_deg": real(v.get("tilt", b"")) or 0.0,
    }


def _age_years(age: bytes, birth_date: str, study_date: str) -> float | None:
    """Age as the file says, else from birth and study date; None where neither is sound."""
    per_year = {b"Y": 1.0, b"M": 12.0, b"W": 52.18, b"D": 365.25}.get(age.strip(b" \0")[-1:])
    if per_year and age[:3].isdigit():
        return int(age[:3]) / per_year
    if len(birth_date) == len(study_date) == 8 and (birth_date + study_date).isdigit():
        years = int(study_date[:4]) - int(birth_date[:4]) - (study_date[4:] < birth_date[4:])
        return float(years) if 0 <= years <= 130 else None
    return None


def text(raw: bytes, charset: bytes = b"") -> str:
    """Decode a text value by SpecificCharacterSet ``charset`` (as in the file); never fails."""
    raw = raw[:1024]
    if raw.isascii() and b"\x1b" not in raw:
        return raw.decode("ascii").strip(" \0")
    from medviewer.dicom.lenient import decode_text

    return decode_text(raw, charset).strip(" \0")


def uid(raw: bytes) -> str:
    """Decode a UID; whatever else stands there comes out shortened to 128 signs."""
    return raw[:128].strip(b" \0").decode("ascii", "replace")


def reals(raw: bytes) -> tuple[float, ...]:
    """Decode a decimal string of up to 16 values; empty where one is no finite number."""
    try:
        values = tuple(float(part) for part in raw[:512].strip(b" \0").split(b"\\")[:16])
    except ValueError:
        return ()
    return values if all(isfinite(value) for value in values) else ()


def real(raw: bytes) -> float | None:
    """Decode the first number of a decimal string; None where there is none."""
    values = reals(raw)
    return values[0] if values else None


def whole_number(raw: bytes, otherwise: int) -> int:
    """Decode an integer string; ``otherwise`` where there is none."""
    value = real(raw)
    return otherwise if value is None else int(value)


def binary(raw: bytes, signed: bool = False) -> int:
    """Decode a binary little-endian integer of up to 4 bytes; 0 where it is empty."""
    return int.from_bytes(raw[:4], "little", signed=signed)
