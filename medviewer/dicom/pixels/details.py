"""What decoding an image takes beyond its Header: palette, planes, modality LUT; read by pydicom, in a worker only."""

import os
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import Header
from medviewer.dicom.pixels.palette import palette_of, values_of

_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_COLOURS = ("Red", "Green", "Blue")
_TAGS = [
    "TransferSyntaxUID",
    "PlanarConfiguration",
    "PixelRepresentation",
    "ModalityLUTSequence",
    *(f"{name}PaletteColorLookupTableDescriptor" for name in _COLOURS),
    *(f"{name}PaletteColorLookupTableData" for name in _COLOURS),
    *(f"Segmented{name}PaletteColorLookupTableData" for name in _COLOURS),
]


@dataclass(frozen=True, eq=False)
class Details:
    """The parts of a data set that say how its pixel values are to be read.

    Attributes:
        by_plane: the samples of a colour image lie plane after plane, not pixel after pixel.
        palette: uint8 RGB (n, 3) of the stored values from ``palette_first`` on; None where the image needs none.
        table: values (n,) of the stored values from ``table_first`` on (modality LUT); None where there is none.
        value: the value of the pixel data where the file's bytes are not those of the data set (deflated); else empty.
    """

    by_plane: bool = False
    palette: NDArray[np.uint8] | None = None
    palette_first: int = 0
    table: NDArray[np.int32] | None = None
    table_first: int = 0
    value: bytes = b""


def details_of(header: Header) -> Details:
    """Return the details of the image's file, kept for the last files; Refused where a table it needs is damaged."""
    wanted = (header.photometric == "PALETTE COLOR", header.modality_lut, not header.pixels_at)
    stored_as_said = header.samples == 1 or header.pixels_bytes < 0  # a codestream says itself how its planes lie
    if stored_as_said and not any(wanted):
        return Details()
    status = os.stat(header.path)
    return _read(header.path, status.st_size, status.st_mtime_ns, *wanted)


@lru_cache(2)
def _read(path: str, _bytes: int, _changed_ns: int, with_palette: bool, with_table: bool, with_value: bool) -> Details:
    from pydicom import dcmread

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tags = [*_TAGS, *_PIXELS] if with_value else _TAGS
        dataset: Any = dcmread(path, stop_before_pixels=not with_value, force=True, specific_tags=list(tags))
        little = dataset.original_encoding[1] is not False
        palette, palette_first = palette_of(dataset, little) if with_palette else (None, 0)
        table, table_first = values_of(dataset, little) if with_table else (None, 0)
        by_plane = str(dataset.get("PlanarConfiguration", 0)) == "1"
        return Details(by_plane, palette, palette_first, table, table_first, _value(dataset) if with_value else b"")


def _value(dataset: Any) -> bytes:
    """Return the raw value of the pixel data, empty where the data set has none."""
    for keyword in _PIXELS:
        if keyword in dataset:
            return bytes(dataset.get_item(keyword).value or b"")
    return b""
