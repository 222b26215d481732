"""From Hounsfield units to what a network was trained on; used by training and reading alike."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SPACING_CENTER_MM, SPACING_SCALE_MM = 0.7, 0.15


def normalise(window: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return ``window`` (h, w), any unit, as float32 0..1: its own minimum to maximum in 256 steps, as the crops are.

    A window of one value is all 0.
    """
    low, high = float(window.min()), float(window.max())
    if high <= low:
        return np.zeros(window.shape, np.float32)
    steps = np.rint((window.astype(np.float32) - low) * (255.0 / (high - low)))
    shares: NDArray[np.float32] = (steps / np.float32(255.0)).astype(np.float32)
    return shares


def spacing_value(spacing_mm: Tensor) -> Tensor:
    """Return the value of the spacing channel for a pixel spacing in mm, about -2 to 2."""
    return (spacing_mm - SPACING_CENTER_MM) / SPACING_SCALE_MM


def with_spacing(images: Tensor, spacing_mm: Tensor) -> Tensor:
    """Add the spacing channel: (n, 1, h, w) in 0..1 and (n,) in mm to (n, 2, h, w), channels last."""
    plane = spacing_value(spacing_mm).view(-1, 1, 1, 1).expand(-1, 1, *images.shape[2:])
    return torch.cat([images, plane], 1).contiguous(memory_format=torch.channels_last)


STEP_CENTER_MM, STEP_SCALE_MM = 1.5, 0.8


def stacked(images: Tensor, spacing_mm: Tensor, step_mm: Tensor) -> Tensor:
    """Return slices before, at and after (n, 3, h, w), 0..1 and 0 where missing, with planes of the two spacings.

    ``spacing_mm`` and ``step_mm`` (n,); the answer (n, 5, h, w) is channels last.
    """
    planes = torch.stack([spacing_value(spacing_mm), (step_mm - STEP_CENTER_MM) / STEP_SCALE_MM], 1)
    full = planes[:, :, None, None].expand(-1, -1, *images.shape[2:])
    return torch.cat([images, full], 1).contiguous(memory_format=torch.channels_last)
