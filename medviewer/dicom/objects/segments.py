"""What a segmentation says of its segments: name, meaning, colour, how they were made."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from medviewer.dicom.objects.colours import PALETTE, Rgb, from_cielab, from_palette
from medviewer.dicom.objects.reading import Data, meaning, numbers, sequence, text, whole
from medviewer.i18n import N_, _

_BACKGROUND = ("DCM", "125040")
# How segments and contours are made, as DICOM names it and as readers do.
ALGORITHMS = {
    "AUTOMATIC": N_("drawn automatically"),
    "SEMIAUTOMATIC": N_("drawn semi-automatically"),
    "MANUAL": N_("drawn by hand"),
}


@dataclass(frozen=True)
class Segment:
    """One segment: its number in the frames, and texts as ``core.layers.Layer`` holds them."""

    number: int
    title: str
    meaning: str
    algorithm: str
    colour_rgb: Rgb


def segments_of(data: Data) -> tuple[Segment, ...]:
    """Return the segments of a segmentation by number, without the background; those without a number are left out."""
    palette = from_palette(data) if text(data, "PhotometricInterpretation") == "PALETTE COLOR" else {}
    found: dict[int, Segment] = {}
    spare = _spare_colours()
    for item in sequence(data, "SegmentSequence"):
        number = whole(item, "SegmentNumber")
        if number is None or number in found or _is_background(item):
            continue
        said = from_cielab(numbers(item, "RecommendedDisplayCIELabValue"))
        colour = said or palette.get(number) or next(spare)
        found[number] = Segment(number, _title(item, number), _meaning(item), _algorithm(item), colour)
    return tuple(found[number] for number in sorted(found))


def _spare_colours() -> Iterator[Rgb]:
    return (PALETTE[n % len(PALETTE)] for n in count())


def _is_background(item: Data) -> bool:
    codes = sequence(item, "SegmentedPropertyTypeCodeSequence")
    return bool(codes) and (text(codes[0], "CodingSchemeDesignator"), text(codes[0], "CodeValue")) == _BACKGROUND


def _title(item: Data, number: int) -> str:
    named = text(item, "SegmentLabel") or meaning(item, "SegmentedPropertyTypeCodeSequence")
    return named or _("Segment {number}").format(number=number)


def _meaning(item: Data) -> str:
    """Say type with its modifier, side or place, then category: "Lung (Left), Anatomical Structure"."""
    kind = meaning(item, "SegmentedPropertyTypeCodeSequence")
    types = sequence(item, "SegmentedPropertyTypeCodeSequence")
    side = meaning(types[0], "SegmentedPropertyTypeModifierCodeSequence") if types else ""
    place = meaning(item, "AnatomicRegionSequence")
    category = meaning(item, "SegmentedPropertyCategoryCodeSequence")
    kind = f"{kind} ({side})" if side else kind
    return ", ".join(part for part in (kind, place, category) if part)


def _algorithm(item: Data) -> str:
    return algorithm_words(text(item, "SegmentAlgorithmType"), text(item, "SegmentAlgorithmName"))


def algorithm_words(kind: str, name: str = "") -> str:
    """Say how something was drawn, and by which program: "drawn automatically, TotalSegmentator"."""
    said = str(ALGORITHMS.get(kind.upper(), kind.lower()))
    return ", ".join(part for part in (said, name) if part)
