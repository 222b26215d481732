"""What a picture needs beyond its Header, read once it is looked at: windows, tables, overlays, shutters."""

import re
import warnings
from typing import Any

from medviewer.core.look import PLAIN, Look, NamedTone, VoiFunction, Window
from medviewer.core.problem import Problem
from medviewer.core.study import Header
from medviewer.dicom.header import DEFLATED
from medviewer.dicom.looks.luts import lut_of, numbers
from medviewer.dicom.looks.overlays import ELEMENTS, GROUPS, overlays_of, shutter_of
from medviewer.i18n import _

_SECTIONAL = frozenset({"CT", "MR", "PT", "NM"})  # their headers say all that is needed, unless they say otherwise
_MOST_DEFLATED = 1 << 20  # bytes of a file that is inflated as a whole
_MOST_TONES = 32
_FUNCTIONS: dict[str, VoiFunction] = {"LINEAR_EXACT": "LINEAR_EXACT", "SIGMOID": "SIGMOID"}
_NUMBERED = re.compile(r"WINDOW\s*\d*", re.IGNORECASE)
_LETTERS = frozenset("LRAPHF")
_TAGS = (
    "PixelRepresentation", "WindowCenter", "WindowWidth", "WindowCenterWidthExplanation", "VOILUTFunction",
    "VOILUTSequence", "PresentationLUTShape", "PixelAspectRatio", "PatientOrientation", "ShutterShape",
    "ShutterLeftVerticalEdge", "ShutterRightVerticalEdge", "ShutterUpperHorizontalEdge", "ShutterLowerHorizontalEdge",
    "CenterOfCircularShutter", "RadiusOfCircularShutter", "VerticesOfThePolygonalShutter", "ShutterPresentationValue",
    "ShutterOverlayGroup", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence",
)  # fmt: skip


def needs_look(header: Header) -> bool:
    """Whether an image should not be shown by its Header alone; never of ordinary CT, MR and PET slices."""
    dicom = header.transfer_syntax and not header.transfer_syntax.startswith("medviewer:")
    return bool(dicom) and (header.voi_lut or header.overlays or header.modality not in _SECTIONAL)


def read_look(header: Header) -> Look:
    """Read the look of one image from its file with pydicom, without its pixels; Problem where that fails.

    Takes some milliseconds: never call it in the window's thread.
    """
    if header.transfer_syntax == DEFLATED and header.file_bytes > _MOST_DEFLATED:
        return PLAIN
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _look(_read(header), header)
    except Exception as error:  # pydicom fails in many ways on damaged files
        raise Problem(_("How this image is to be shown could not be read from its file.")) from error


def _read(header: Header) -> Any:
    from pydicom import dcmread

    overlays = [group << 16 | element for group in GROUPS for element in ELEMENTS] if header.overlays else []
    tags: list[Any] = [*_TAGS, *overlays]
    return dcmread(header.path, stop_before_pixels=True, force=True, specific_tags=tags)


def _look(dataset: Any, header: Header) -> Look:
    overlays = overlays_of(dataset, header) if header.overlays else ()
    return Look(
        windows=windows_of(_voi_place(dataset, header)),
        luts=voi_luts_of(dataset),
        inverse=str(dataset.get("PresentationLUTShape") or "") == "INVERSE",
        overlays=overlays,
        shutter=shutter_of(dataset, overlays),
        aspect=_aspect(dataset),
        directions=_directions(dataset),
    )


def _voi_place(dataset: Any, header: Header) -> Any:
    """Return where the windows are: the data set, else the functional groups of the frame."""
    if "WindowCenter" in dataset:
        return dataset
    shared, each = (dataset.get(f"{kind}FunctionalGroupsSequence") or () for kind in ("Shared", "PerFrame"))
    for group in (*each[header.frame : header.frame + 1], *shared[:1]):
        for item in group.get("FrameVOILUTSequence") or ():
            return item
    return dataset


def windows_of(place: Any) -> tuple[NamedTone, ...]:
    """Return the sound windows of a data set or item, by the names it gives them, each one once."""
    centers, widths = numbers(place.get("WindowCenter")), numbers(place.get("WindowWidth"))
    named = place.get("WindowCenterWidthExplanation") or ()
    titles = tuple(map(_title, (named,) if isinstance(named, str) else named))
    function = _FUNCTIONS.get(str(place.get("VOILUTFunction") or "").strip().upper(), "LINEAR")
    found: dict[Window, str] = {}
    for n, (center, width) in enumerate(list(zip(centers, widths, strict=False))[:_MOST_TONES]):
        if width >= Window(center, width, function).narrowest:
            found.setdefault(Window(center, width, function), titles[n] if n < len(titles) else "")
    return tuple(NamedTone(title, window) for window, title in found.items())


def _title(explanation: object) -> str:
    """Return what a window is for; empty for mere numbering, as WINDOW1."""
    title = str(explanation).strip()[:64]
    return "" if _NUMBERED.fullmatch(title) else title


def voi_luts_of(place: Any) -> tuple[NamedTone, ...]:
    """Return the sound tables of a VOI LUT sequence, by the names it gives them."""
    signed = place.get("PixelRepresentation") == 1
    items = list(place.get("VOILUTSequence") or ())[:_MOST_TONES]
    tables = [lut for item in items if (lut := lut_of(item, signed)) is not None]
    return tuple(NamedTone(table.title[:64], table) for table in tables)


def _aspect(dataset: Any) -> float:
    """Return the height of a pixel in widths; 1 where the file does not say it."""
    ratio = numbers(dataset.get("PixelAspectRatio"))
    sound = len(ratio) == 2 and min(ratio) > 0 and 0.05 <= ratio[0] / ratio[1] <= 20.0
    return ratio[0] / ratio[1] if sound else 1.0


def _directions(dataset: Any) -> tuple[str, str]:
    """Return the letters at the right and at the bottom of a film, as PatientOrientation gives them."""
    said = dataset.get("PatientOrientation") or ()
    letters = tuple(str(part).strip().upper() for part in said) if not isinstance(said, str) else ()
    known = all(letter and set(letter) <= _LETTERS and len(letter) <= 3 for letter in letters)
    return (letters[0], letters[1]) if len(letters) == 2 and known else ("", "")
