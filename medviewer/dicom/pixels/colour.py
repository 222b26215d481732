"""Every colour form of DICOM as the screen shows it: 8-bit RGB, and its brightness."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import Header
from medviewer.dicom.pixels.encapsulated import Refused
from medviewer.i18n import N_

Rgb = NDArray[np.uint8]
GREY = ("MONOCHROME1", "MONOCHROME2")
PALETTE = "PALETTE COLOR"
HALVED = ("YBR_FULL_422", "YBR_PARTIAL_422")  # uncompressed, two pixels share one pair of colour differences
_PARTIAL = ("YBR_PARTIAL_422", "YBR_PARTIAL_420")
_YBR = ("YBR_FULL", "YBR_FULL_422", *_PARTIAL)
_RGB = ("RGB", "YBR_RCT", "YBR_ICT")  # the codec undoes the transforms of JPEG 2000
_OLD = ("HSV", "ARGB", "CMYK", "CIELAB", "XYB")
_RED, _GREEN, _BLUE = 19595, 38470, 7471  # brightness of BT.601 in 65536ths, as in YBR_FULL
# Of BT.601 in 65536ths: Y, Cr to red, Cb and Cr to green, Cb to blue; full range, and 16 to 235.
_FULL_RANGE = (65536, 91881, -22554, -46802, 116130)
_STUDIO_RANGE = (76309, 104597, -25675, -53279, 132201)


def check_form(header: Header) -> None:
    """Refuse colour forms that are not read, and samples that do not fit the form; one sample of no form is grey."""
    form, samples = header.photometric[:20], header.samples
    known_as_colour = form in _RGB or form in _YBR
    if form in _OLD or (samples > 1 and not known_as_colour and form not in GREY and form != PALETTE):
        raise Refused(N_("The image has the colour form {form}, which MedViewer does not read.", form=form))
    if samples != (3 if known_as_colour else 1):
        raise Refused(N_("The header contradicts itself: {n} values a pixel in the form {form}.", n=samples, form=form))


def to_rgb(samples: NDArray[Any], header: Header, ycbcr: bool) -> Rgb:
    """Return unsigned ``samples`` (rows, columns, 3) of ``bits_stored`` bits as RGB; ``ycbcr``: they are YCbCr."""
    eight = _eight_bits(samples, header)
    return _from_ycbcr(eight, header.photometric in _PARTIAL) if ycbcr else np.ascontiguousarray(eight)


def is_ycbcr(header: Header, said: bool | None) -> bool:
    """Whether decoded samples are YCbCr: as the codestream ``said``, else as the header says."""
    return header.photometric in _YBR if said is None else said


def paint(stored: NDArray[Any], palette: Rgb, first: int) -> Rgb:
    """Return the RGB (rows, columns, 3) of ``stored`` palette values; those beyond its ends take the end's colour."""
    at = np.clip(stored.astype(np.int64) - first, 0, len(palette) - 1)
    painted: Rgb = palette[at]
    return painted


def brightness(colours: Rgb) -> Rgb:
    """Return the brightness, uint8 (rows, columns), of RGB (rows, columns, 3)."""
    total = colours[..., 0] * np.uint32(_RED) + colours[..., 1] * np.uint32(_GREEN) + colours[..., 2] * np.uint32(_BLUE)
    grey: Rgb = ((total + np.uint32(1 << 15)) >> np.uint32(16)).astype(np.uint8)
    return grey


def _eight_bits(samples: NDArray[Any], header: Header) -> Rgb:
    bits = min(header.bits_stored or header.bits_allocated, samples.dtype.itemsize * 8)
    if bits > 8:
        samples = samples >> (bits - 8)
    elif bits < 8:
        samples = samples * (255.0 / ((1 << bits) - 1))
    eight: Rgb = samples.astype(np.uint8, copy=False)
    return eight


def _from_ycbcr(ycbcr: Rgb, partial: bool) -> Rgb:
    """Convert in whole numbers, which is exact to one grey level and several times faster than in floating point."""
    luma, to_red, blue_to_green, red_to_green, to_blue = _STUDIO_RANGE if partial else _FULL_RANGE
    y = (ycbcr[..., 0].astype(np.int32) - (16 if partial else 0)) * luma + (1 << 15)
    cb, cr = ycbcr[..., 1].astype(np.int32) - 128, ycbcr[..., 2].astype(np.int32) - 128
    rgb = np.empty(ycbcr.shape, np.uint8)
    for channel, total in enumerate((y + to_red * cr, y + blue_to_green * cb + red_to_green * cr, y + to_blue * cb)):
        np.clip(total >> 16, 0, 255, out=rgb[..., channel], casting="unsafe")
    return rgb
