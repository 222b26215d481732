"""Little images that say how they want to be shown, and presentation states over them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from highdicom import VOILUT, ModalityLUTTransformation
from highdicom.pr import (
    GraphicAnnotation,
    GraphicLayer,
    GraphicObject,
    GrayscaleSoftcopyPresentationState,
    SoftcopyVOILUTTransformation,
    TextObject,
)
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.uid import generate_uid

from medviewer.core.study import Header, Series, Study
from tests.dicom.files import slice_file

GSPS = "1.2.840.10008.5.1.4.1.1.11.1"


def image_file(path: Path, stored: NDArray[Any] | None = None, k: int = 0, **tags: Any) -> Path:
    """Write an image of 8 rows and 12 columns with more ``tags``; keys such as 0x60003000 are (VR, value)."""
    pixels = np.arange(96, dtype=np.uint16).reshape(8, 12) if stored is None else stored
    named = {key: value for key, value in tags.items() if not key.startswith("x")}
    written = slice_file(path, pixels, k, **named)
    raw = {int(key[1:], 16): value for key, value in tags.items() if key.startswith("x")}
    if raw:
        image = dcmread(written)
        for tag, (vr, value) in raw.items():
            image.add_new(tag, vr, value)
        image.save_as(written)
    return written


def header_for(path: Path, **said: Any) -> Header:
    """Return a header that points at a file, by hand: reading headers is another room's."""
    image = dcmread(path, stop_before_pixels=True)
    known: dict[str, Any] = {
        "modality": image.get("Modality", ""), "rows": image.get("Rows", 0), "columns": image.get("Columns", 0),
        "bits_allocated": image.get("BitsAllocated", 0), "bits_stored": image.get("BitsStored", 0),
        "transfer_syntax": str(image.file_meta.TransferSyntaxUID), "series_description": "",
    }  # fmt: skip
    return Header(
        str(path), str(image.SOPInstanceUID), str(image.SOPClassUID), str(image.StudyInstanceUID),
        str(image.SeriesInstanceUID), **(known | said),
    )  # fmt: skip


def overlay_tags(
    bits: NDArray[np.bool_], group: int = 0x6000, origin: tuple[int, int] = (1, 1), **more: Any
) -> dict[str, Any]:
    """Return the elements of one overlay as ``image_file`` takes them."""
    packed = np.packbits(bits.ravel(), bitorder="little").tobytes()
    elements = {
        0x0010: ("US", bits.shape[-2]), 0x0011: ("US", bits.shape[-1]), 0x0040: ("CS", "G"),
        0x0050: ("SS", list(origin)), 0x0100: ("US", 1), 0x0102: ("US", 0),
        0x3000: ("OW", packed + b"\0" * (len(packed) % 2)),
    } | {int(key[1:], 16): value for key, value in more.items()}  # fmt: skip
    return {f"x{group << 16 | element:08x}": value for element, value in elements.items() if value is not None}


def lut_item(first: int, values: list[int], bits: int = 16, title: str = "") -> Dataset:
    """Return an item of a LUT sequence."""
    item = Dataset()
    item.LUTDescriptor = [len(values), first, bits]
    item.LUTExplanation = title
    item.add_new("LUTData", "US", values)
    return item


def state_file(path: Path, images: Sequence[Dataset], **more: Any) -> Path:
    """Write a grey presentation state over ``images`` with one window, a circle, a line and two texts."""
    layer = GraphicLayer("MARKS", 1, "what was marked", display_color=None)
    drawn = GraphicAnnotation(
        images,
        layer,
        graphic_objects=[
            GraphicObject("CIRCLE", np.array([[6.0, 4.0], [8.0, 4.0]]), "PIXEL"),
            GraphicObject("POLYLINE", np.array([[0.1, 0.1], [0.9, 0.9]]), "DISPLAY"),
        ],
        text_objects=[
            TextObject("here", "PIXEL", anchor_point=(6.0, 4.0)),
            TextObject("note", "DISPLAY", bounding_box=(0.1, 0.2, 0.4, 0.3)),
        ],
    )
    said: dict[str, Any] = {
        "graphic_annotations": [drawn],
        "graphic_layers": [layer],
        "voi_lut_transformations": [SoftcopyVOILUTTransformation(window_center=40.0, window_width=80.0)],
        "modality_lut_transformation": ModalityLUTTransformation(
            rescale_intercept=-1024.0, rescale_slope=1.0, rescale_type="HU"
        ),
        "content_label": "TEACHING",
        "content_description": "What to look at",
    }
    state = GrayscaleSoftcopyPresentationState(
        images, generate_uid(), 5, generate_uid(), 1, "Test", "Test", "1", "1", **(said | more)
    )
    state.save_as(path)
    return path


def changed(path: Path, **tags: Any) -> Path:
    """Set elements of a written file by keyword."""
    data = dcmread(path)
    for keyword, value in tags.items():
        setattr(data, keyword, value)
    data.save_as(path)
    return path


def study_of(images: list[Path], states: list[Path]) -> Study:
    """Return a study of one image series and one series of presentation states."""
    pictures = Series("1.2.3.4", tuple(header_for(path) for path in images))
    state_headers = tuple(header_for(path, modality="PR") for path in states)
    return Study("1.2.3", (pictures, Series("9.9", state_headers, kind="presentation")))


def voi_lut(values: list[int], first: int, **more: Any) -> SoftcopyVOILUTTransformation:
    """Return a VOI transformation by a table, for highdicom."""
    return SoftcopyVOILUTTransformation(voi_luts=[VOILUT(first, np.array(values, np.uint16))], **more)
