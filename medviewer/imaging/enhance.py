"""Pictures made easier on the eye: smoother, quieter, sharper, of more local contrast. For looking, never measuring."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.i18n import N_, Message

Slice = NDArray[Any]  # int16 (rows, columns), or RGB as uint8 (rows, columns, 3)
UNREAD = -32768  # the voxel of what has not been read: it takes no part in what a picture's range is
SMOOTH_PX, SHARP_PX, SHARP_GAIN = 1.2, 1.5, 1.2
QUIET_PX, QUIET_NOISES = 5, 2.5
TILES, CLIP, LEVELS, FULL = 8, 3.0, 4096, 65535


@dataclass(frozen=True)
class Enhancement:
    """One way to enhance.

    Attributes:
        title: as it is chosen in a menu.
        done: what the picture then is, after "Enhanced:".
        about: one sentence, what it does and what it is for.
        make: from a slice to the enhanced one, of the same shape and type; needs no other slice.
        at_once_px: a slice of so many pixels takes under about 8 ms on one processor; larger ones are done aside.
    """

    id: str
    title: Message
    done: Message
    about: Message
    make: Callable[[Slice], Slice]
    at_once_px: int


def loaded() -> bool:
    """Whether the library behind the enhancements is there: loading it takes some 50 ms, once."""
    return "cv2" in sys.modules


def smooth(pixels: Slice) -> Slice:
    """Return the slice averaged with its neighbours by a Gaussian."""
    import cv2

    return cv2.GaussianBlur(np.ascontiguousarray(pixels), (0, 0), SMOOTH_PX)


def despeckled(pixels: Slice) -> Slice:
    """Return the slice with the median of the 5x5 pixels around each."""
    import cv2

    return cv2.medianBlur(np.ascontiguousarray(pixels), 5)


def sharp(pixels: Slice) -> Slice:
    """Return the slice with what a Gaussian takes away added once more."""
    import cv2

    whole = np.ascontiguousarray(pixels)
    return cv2.addWeighted(whole, 1.0 + SHARP_GAIN, cv2.GaussianBlur(whole, (0, 0), SHARP_PX), -SHARP_GAIN, 0.0)


def quiet(pixels: Slice) -> Slice:
    """Return the slice averaged with those neighbours that differ by no more than noise does (bilateral filter)."""
    import cv2

    # Compiled for reals and bytes alone; reals hold every int16.
    whole = np.ascontiguousarray(pixels, dtype=np.float32 if pixels.dtype == np.int16 else pixels.dtype)
    made = cv2.bilateralFilter(whole, QUIET_PX, max(QUIET_NOISES * noise(pixels), 1e-3), QUIET_PX / 3.0)
    back: Slice = np.rint(made).astype(pixels.dtype)
    return back


def noise(pixels: Slice) -> float:
    """Return the standard deviation of a slice's noise, in its own values, after Immerkær (1996)."""
    import cv2

    grey = pixels if pixels.ndim == 2 else pixels[..., 1]
    whole = np.ascontiguousarray(grey, dtype=np.float32)
    flat = cv2.filter2D(whole, -1, np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32))
    lively = np.abs(flat[flat != 0])  # air outside the body is often one value, and tells nothing
    return float(lively.mean() * np.sqrt(np.pi / 2.0) / 6.0) if lively.size else 0.0


def local_contrast(pixels: Slice) -> Slice:
    """Return the slice with contrast evened out by regions (CLAHE), in the range of values that it had."""
    import cv2

    if pixels.ndim == 2:
        return _clahe(pixels)
    lab = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(CLIP, (TILES, TILES)).apply(lab[..., 0])
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)


def _clahe(pixels: Slice) -> Slice:
    """Return an int16 slice after CLAHE on 16 bits.

    OpenCV's limit is a share of 65,536 levels. A picture uses far fewer, so the limit is raised in proportion;
    otherwise every level in use would be clipped to a single pixel, and nothing would change.
    """
    import cv2

    read = pixels[pixels != UNREAD]
    low, high = (int(read.min()), int(read.max())) if read.size else (0, 0)
    if high == low:
        return pixels.copy()
    levels = min(high - low + 1, LEVELS)
    share = (pixels.astype(np.float32) - low) / (high - low)
    stepped = np.floor(np.clip(share, 0.0, 1.0) * (levels - 1) + 0.5) * (FULL // (levels - 1))
    made = cv2.createCLAHE(CLIP * (FULL + 1) / levels, (TILES, TILES)).apply(stepped.astype(np.uint16))
    back: Slice = np.rint(low + made.astype(np.float32) * ((high - low) / FULL)).astype(np.int16)
    back[pixels == UNREAD] = UNREAD
    return back


ENHANCEMENTS: dict[str, Enhancement] = {
    made.id: made
    for made in (
        Enhancement(
            "smooth", N_("Smooth"), N_("smoothed"),
            N_("Averages neighbouring pixels: for noisy thin slices and large, faint differences."),
            smooth, 2_000_000,
        ),
        Enhancement(
            "quiet", N_("Reduce noise, keep edges"), N_("noise reduced"),
            N_("Averages only pixels that differ by no more than noise: for low-dose CT, vessels and organ borders."),
            quiet, 300_000,
        ),
        Enhancement(
            "despeckle", N_("Remove speckle"), N_("speckle removed"),
            N_("Takes the median of each neighbourhood: for ultrasound and single stray pixels."),
            despeckled, 1_000_000,
        ),
        Enhancement(
            "sharp", N_("Sharpen"), N_("sharpened"),
            N_("Strengthens edges and fine lines, and noise with them: for bone, fissures and lines on films."),
            sharp, 1_000_000,
        ),
        Enhancement(
            "contrast", N_("Local contrast (CLAHE)"), N_("local contrast evened out"),
            N_("Evens out contrast by regions: shows lines and lung behind the heart and the diaphragm on films."),
            local_contrast, 0,
        ),
    )
}  # fmt: skip
