"""The picture of a finding for a report: an axial crop with its outline, as PNG bytes."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from medviewer.core.finding import Finding
from medviewer.core.volume import READY, Volume
from medviewer.imaging.render import to_grey
from medviewer.imaging.window import LUNG

SIDE_MM = 70.0
SIDE_PX = 420
OUTLINE_RGB = (255, 200, 0)


def key_image(volume: Volume, finding: Finding) -> bytes | None:
    """Return an RGB PNG of the slice through the finding's centre on the lung window; None where there is none.

    The crop is 70 mm wide, more for a larger finding, and the mask's border is drawn in colour.
    """
    k, j, i = (round(x) for x in volume.grid.to_kji(finding.center_lps_mm).tolist())
    if not volume.grid.contains((k, j, i)) or volume.state[k] != READY:
        return None
    grey = to_grey(volume.voxels[k], LUNG, volume.slope, volume.intercept)
    inside = np.zeros(grey.shape, dtype=np.bool_)
    cut = finding.mask.plane(0, k) if finding.mask else None
    if finding.mask is not None and cut is not None:
        inside[finding.mask.box[1:]] = cut
    rows, columns = _spots(volume, finding, j, i)
    return png(_outlined(grey[np.ix_(rows, columns)], inside[np.ix_(rows, columns)]))


def _spots(volume: Volume, finding: Finding, j: int, i: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the slice that the picture's pixels show, in equal millimetres both ways."""
    half_mm = max(SIDE_MM, 1.6 * finding.long_axis_mm) / 2.0
    offsets_mm = np.linspace(-half_mm, half_mm, SIDE_PX)
    spots = [
        np.clip(np.rint(at + offsets_mm / step_mm), 0, size - 1).astype(np.intp)
        for at, step_mm, size in zip((j, i), volume.grid.spacing_kji_mm[1:], volume.grid.shape_kji[1:], strict=True)
    ]
    return spots[0], spots[1]


def _outlined(grey: NDArray[np.uint8], inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Grey (rows, columns) as RGB, with a line of two pixels just outside the mask."""
    grown = inside
    for _width in range(2):
        padded = np.pad(grown, 1)
        grown = padded[1:-1, 1:-1] | padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
    rgb = np.repeat(grey[:, :, None], 3, axis=2)
    rgb[grown & ~inside] = OUTLINE_RGB
    return rgb


def png(rgb: NDArray[np.uint8]) -> bytes:
    """Return 8-bit RGB pixels (rows, columns, 3) as a PNG file (ISO/IEC 15948), every row unfiltered."""
    rows, columns, _channels = rgb.shape
    lines = np.zeros((rows, 1 + columns * 3), dtype=np.uint8)
    lines[:, 1:] = rgb.reshape(rows, -1)
    head = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    body = zlib.compress(lines.tobytes(), 6)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
