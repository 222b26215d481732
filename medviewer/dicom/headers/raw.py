"""The raw values of a little-endian data set as Python's; no value is trusted, none makes these fail."""

import struct
from math import isfinite, nan

LONGEST_TEXT = 1024
_LARGEST = 1e16  # that a whole number may be: what comes after it, as a database, has no room for more
Values = dict[str, bytes]
_DOUBLE = struct.Struct("<d")


def text(raw: bytes, charset: bytes = b"", codec: str = "") -> str:
    """Decode a text by SpecificCharacterSet ``charset`` as in the file, or by ``codec`` where that was wrong."""
    raw = raw[:LONGEST_TEXT]
    if raw.isascii() and b"\x1b" not in raw:
        return raw.decode("ascii").strip(" \0")
    if codec:
        return raw.decode(codec, "replace").strip(" \0")
    from medviewer.dicom.headers.charset import decode_text

    return decode_text(raw, charset).strip(" \0")


def uid(raw: bytes) -> str:
    """Decode a UID; whatever else stands there comes out shortened to 128 signs."""
    return raw[:128].strip(b" \0").decode("ascii", "replace")


def reals(raw: bytes, at_most: int = 16) -> tuple[float, ...]:
    """Decode the first ``at_most`` values of a decimal string; empty where one is no finite number."""
    try:
        values = tuple(map(float, raw[: 32 * at_most].strip(b" \0").split(b"\\")[:at_most]))
    except ValueError:
        return ()
    return values if all(map(isfinite, values)) else ()


def real(raw: bytes) -> float | None:
    """Decode the first number of a decimal string; None where there is none."""
    if not raw:
        return None
    try:
        value = float(raw[:32])
    except ValueError:  # several values, or none
        values = reals(raw)
        return values[0] if values else None
    return value if isfinite(value) else None


def within(value: float | None, least: float, most: float) -> float | None:
    """Return ``value`` where its size lies between ``least`` and ``most``, whatever its sign; else None."""
    return value if value is not None and least <= abs(value) <= most else None


def whole_number(raw: bytes, otherwise: int) -> int:
    """Decode an integer string; ``otherwise`` where there is none, or one beyond all measure."""
    if raw.isdigit():
        return int(raw[:16])
    value = within(real(raw), 0, _LARGEST)
    return otherwise if value is None else int(value)


def time_of_day(raw: bytes) -> bytes:
    """Return the time in a date and time, without the time zone behind it."""
    return raw[8:].partition(b"+")[0].partition(b"-")[0]


def binary(raw: bytes, signed: bool = False) -> int:
    """Decode a binary integer of up to 4 bytes; 0 where it is empty."""
    return int.from_bytes(raw[:4], "little", signed=signed)


def floating(raw: bytes) -> float | None:
    """Decode the first binary number of double precision; None where there is none, or no finite one."""
    value = float(_DOUBLE.unpack_from(raw)[0]) if len(raw) >= 8 else nan
    return value if isfinite(value) else None
