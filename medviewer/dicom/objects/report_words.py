"""How reports are told: units, dates, persons and DICOM's own terms in a reader's words."""

from collections.abc import Sequence

from medviewer.i18n import N_, Message, _

# UCUM codes whose symbol readers know by another one.
_UNITS = {
    "mm2": "mm²", "mm3": "mm³", "cm2": "cm²", "cm3": "cm³", "[hnsf'U]": "HU", "{SUVbw}g/ml": "g/ml SUVbw",
    "{SUVlbm}g/ml": "g/ml SUVlbm", "{SUVbsa}cm2/ml": "cm²/ml SUVbsa", "1": "", "{ratio}": "", "{counts}": "",
    "um": "µm", "um2": "µm²", "us": "µs", "deg": "°", "Cel": "°C", "mm[Hg]": "mmHg", "{H.B.}/min": "/min",
    "kg/m2": "kg/m²",
    "m2": "m²", "um2/s": "µm²/s", "mm2/s": "mm²/s", "10-6.mm2/s": "10⁻⁶ mm²/s", "dGy.cm2": "dGy·cm²", "Gy.m2": "Gy·m²",
    "mGy.cm": "mGy·cm", "{no units}": "", "[arb'U]": "", "umol/ml": "µmol/ml", "ug/ml": "µg/ml",
}  # fmt: skip
# Codes that begin so and are no symbol: their meaning is said.
_NO_SYMBOL = ("{", "[")
RELATIONS: dict[str, Message] = {
    "HAS OBS CONTEXT": N_("context"),
    "HAS ACQ CONTEXT": N_("how it was acquired"),
    "HAS CONCEPT MOD": N_("in detail"),
    "HAS PROPERTIES": N_("property"),
    "INFERRED FROM": N_("inferred from"),
    "SELECTED FROM": N_("selected from"),
}
KINDS: dict[str, Message] = {
    "CONTAINER": N_("Section"),
    "IMAGE": N_("Image"),
    "COMPOSITE": N_("Object"),
    "WAVEFORM": N_("Waveform"),
    "SCOORD": N_("Region on the image"),
    "SCOORD3D": N_("Region in the patient"),
    "TCOORD": N_("Points in time"),
}
SHAPES: dict[str, Message] = {
    "POINT": N_("a point"),
    "MULTIPOINT": N_("points"),
    "POLYLINE": N_("a line"),
    "POLYGON": N_("a polygon"),
    "CIRCLE": N_("a circle"),
    "ELLIPSE": N_("an ellipse"),
    "ELLIPSOID": N_("an ellipsoid"),
}
_FEW = 6


def unit(code: str, meaning: str) -> str:
    """Return a unit as readers write it; its meaning where the code is no symbol."""
    if code in _UNITS:
        return _UNITS[code]
    return meaning if not code or code.startswith(_NO_SYMBOL) else code


def date(value: str) -> str:
    """Return YYYYMMDD as YYYY-MM-DD; anything else as it is."""
    return f"{value[:4]}-{value[4:6]}-{value[6:8]}" if len(value) == 8 and value.isdigit() else value


def time(value: str) -> str:
    """Return HHMMSS with fractions as HH:MM:SS, HHMM as HH:MM; anything else as it is."""
    digits = value.partition(".")[0]
    if not digits.isdigit() or len(digits) not in (4, 6):
        return value
    return ":".join(digits[n : n + 2] for n in range(0, len(digits), 2))


def moment(value: str) -> str:
    """Return YYYYMMDDHHMMSS with fractions and zone as date and time; anything else as it is."""
    digits, _dot, _rest = value.partition(".")
    digits = digits[:14].partition("+")[0].partition("-")[0]
    return f"{date(digits[:8])} {time(digits[8:])}".strip() if len(digits) >= 8 else value


def person(value: str) -> str:
    """Return a DICOM person name as "Family, Given Middle", titles left out."""
    parts = [part.strip() for part in value.partition("=")[0].split("^")] + [""] * 3
    given = " ".join(part for part in parts[1:3] if part)
    return ", ".join(part for part in (parts[0], given) if part)


def state(completion: str, verification: str) -> str:
    """Say whether a report is complete and verified; empty where it does not say."""
    said = {"COMPLETE": _("complete"), "PARTIAL": _("not complete")}.get(completion.upper(), "")
    checked = {"VERIFIED": _("verified"), "UNVERIFIED": _("not verified")}.get(verification.upper(), "")
    return ", ".join(part for part in (said, checked) if part)


def sop_class(uid: str) -> str:
    """Return the name of a SOP class without "Storage"; the UID where DICOM does not know it."""
    from pydicom.uid import UID

    return UID(uid).name.removesuffix(" Storage") if uid else ""


def few(values: Sequence[int]) -> str:
    """Join numbers, the first ones where there are many."""
    return ", ".join(map(str, values[:_FEW])) + (" …" if len(values) > _FEW else "")
