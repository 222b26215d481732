"""How images were made, in the words that vendors and DICOM have for it: kernels, image types, contrast agent."""

import re
from typing import Literal

from medviewer.core.study import Header

KernelClass = Literal["soft", "lung", "bone", ""]
ImageKind = Literal["original", "derived", "reformatted", "projection", "map", "capture", "localizer", ""]

_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
# Siemens: a letter for the part, another for the kind, two digits that grow with sharpness: B30f, Br40d, I31f\2, Bl57.
_SIEMENS = re.compile(r"^[BCHIJQSTU][A-Z]?(\d\d)(?!\d)")
_LUNG_FROM, _BONE_FROM = 50, 65
# Canon (Toshiba): FC and two digits; 50 to 59 for lungs, 30 to 39 and 80 to 89 for bone and the inner ear.
_CANON = re.compile(r"^FC(\d\d?)")
_CANON_TENS: dict[int, KernelClass] = {
    0: "soft", 1: "soft", 2: "soft", 3: "bone", 4: "soft", 5: "lung", 8: "bone",
}  # fmt: skip
# Philips: letters, sharper along the alphabet; Y are the enhanced sharp ones.
_PHILIPS: dict[str, KernelClass] = {
    "A": "soft", "B": "soft", "C": "soft", "UA": "soft", "UB": "soft", "UC": "soft", "D": "lung", "L": "lung",
    "YA": "lung", "YB": "lung", "E": "bone", "YC": "bone", "YD": "bone",
}  # fmt: skip
# GE, UIH and others write words, the sharpest first.
_WORDS: tuple[tuple[KernelClass, re.Pattern[str]], ...] = (
    ("lung", re.compile("LUNG")),
    ("bone", re.compile("BONE|EDGE|ULTRA|INNER.?EAR")),
    ("lung", re.compile("SHARP|DETAIL")),
    ("soft", re.compile("STANDARD|STND|SOFT|SMOOTH|CHST")),
)
# Words of Image Type (PS3.3 C.8.2.1.1.1, C.8.15.3.3.1), by what they make of an image, the gravest first.
_TYPES: tuple[tuple[ImageKind, frozenset[str]], ...] = (
    ("localizer", frozenset({"LOCALIZER", "SCOUT", "TOPOGRAM"})),
    ("map", frozenset({
        "MATERIAL", "IODINE", "ZEFF", "EFF", "ELECTRON", "PERFUSION", "SUBTRACTION", "CBF", "CBV", "MTT", "TTP",
    })),
    ("projection", frozenset({"MIP", "MINIP", "MAXIP", "PROJECTION", "VRT", "SSD", "RENDERED"})),
    ("reformatted", frozenset({"REFORMATTED", "MPR", "CPR", "RESAMPLED"})),
    ("derived", frozenset({"DERIVED", "SECONDARY"})),
)  # fmt: skip
_PROJECTED = frozenset({"MIP", "MINIP", "VRT"})
_NO_AGENT = frozenset({"", "NO", "NONE", "N", "WITHOUT", "NATIVE", "NON CONTRAST", "NON-CONTRAST", "NOT APPLIED"})
_DRAWN = re.compile(r"\b(PHANTOM|CATPHAN|SYNTHETIC|SIMULATED)\b")


def kernel_class(kernel: str, manufacturer: str = "") -> KernelClass:
    """Return what a convolution kernel is made for, as scanners name them: B70f, FC51, LUNG, STANDARD; "" unknown.

    Single letters mean something at Philips only, so they need the ``manufacturer``.
    """
    name = kernel.upper().strip()
    for kind, words in _WORDS:
        if words.search(name):
            return kind
    if canon := _CANON.match(name):
        return _CANON_TENS.get(int(canon[1]) // 10, "")
    if siemens := _SIEMENS.match(name):
        sharpness = int(siemens[1])
        return "bone" if sharpness >= _BONE_FROM else "lung" if sharpness >= _LUNG_FROM else "soft"
    return _PHILIPS.get(name, "") if "PHILIPS" in manufacturer.upper() else ""


def image_kind(header: Header) -> ImageKind:
    """Return what the header calls an image; "" where it says nothing. A projection may be told by the series' name."""
    if header.sop_class == _SECONDARY_CAPTURE or header.sop_class.startswith(_SECONDARY_CAPTURE + "."):
        return "capture"
    said = frozenset(re.split(r"[\\ _/]+", header.image_type.upper().strip()))
    if said == {""}:
        return ""
    kinds = [kind for kind, words in _TYPES if said & words]
    named = _words(header.series_description) & _PROJECTED
    if named and "ORIGINAL" not in said and not {"localizer", "map"} & set(kinds):
        return "projection"
    return kinds[0] if kinds else "original"


def contrast_agent(header: Header) -> str:
    """Return the contrast agent that the header names; empty for none, and for words that mean none."""
    said = header.contrast.strip()
    return "" if said.upper() in _NO_AGENT else said


def is_phantom(header: Header) -> bool:
    """Whether the header says that nobody was scanned: a test object, or a patient drawn by a program."""
    told = f"{header.body_part} {header.series_description} {header.study_description} {header.image_type}".upper()
    return header.manufacturer == "MedViewer" or _DRAWN.search(told.replace("_", " ")) is not None


def _words(text: str) -> frozenset[str]:
    return frozenset(re.split(r"[^A-Z]+", text.upper()))
