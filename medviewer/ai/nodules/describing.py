"""Describe a nodule from its outline, as readers would: a second network's answers in words and calibrated chances.

The net repeats what it was taught with: windows of native slices, each scaled to its own range, neighbours known only
as far as the nodule goes, answers of the largest slices averaged by area, and mirrored pictures.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d

from medviewer.ai.bundle import Bundle
from medviewer.ai.loaded import Loaded, loaded
from medviewer.ai.prepare import STEP_CENTER_MM, STEP_SCALE_MM, normalise, spacing_value
from medviewer.ai.windows import Window, cut
from medviewer.core.characters import (
    CALCIFICATION,
    MALIGNANCY,
    SCALES,
    SPICULATION,
    TEXTURE,
    TYPES,
    chance_word,
    mean_step,
    opinion_word,
    type_of,
)
from medviewer.core.grid import Grid
from medviewer.core.mask import Mask
from medviewer.imaging.measure import axes

WINDOW, MIDDLE = 128, 64  # pixels: what is scaled to its own range, and what the net sees of it in full
MOST_SLICES = 7
MARKED = 3  # the step of spiculation from which on a reader is said to have seen it
LOG_CENTER, LOG_SCALE = math.log(8.0), 0.6  # of sizes in mm
Shares = dict[str, list[float]]


class Sizes(NamedTuple):
    """Long axis in mm on the largest slice, and the diameter in mm of a ball of the same volume."""

    long_axis_mm: float
    ball_mm: float


def sizes_mm(voxels: NDArray[np.bool_], spacing_kji_mm: tuple[float, float, float]) -> Sizes:
    """Measure an outline, bool (k, j, i), not empty."""
    areas = voxels.sum(axis=(1, 2))
    line = axes(voxels[int(areas.argmax())], spacing_kji_mm[1], spacing_kji_mm[2])[0]
    volume_mm3 = float(areas.sum()) * math.prod(spacing_kji_mm)
    return Sizes(float(np.linalg.norm(line[1] - line[0])), (6.0 * volume_mm3 / math.pi) ** (1.0 / 3.0))


def described(images: Tensor, masks: Tensor, spacing_mm: Tensor, step_mm: Tensor, sizes: Tensor) -> Tensor:
    """Return network input (n, 9, 64, 64), channels last.

    ``images`` (n, 3, 128, 128) are slices before, at and after, 0..1 and 0 where missing, ``masks`` (n, 1, 128, 128)
    the outline 0 or 1, ``spacing_mm`` and ``step_mm`` (n,), ``sizes`` (n, 2) in mm. The net sees the middle of the
    slices and of the mask, the whole window of the slice in pixels twice as wide, and planes of spacing and size.
    """
    edge = (WINDOW - MIDDLE) // 2
    inner = slice(edge, edge + MIDDLE)
    pictures = torch.cat([images[:, :, inner, inner], masks[:, :, inner, inner], avg_pool2d(images[:, 1:2], 2)], 1)
    step = (step_mm[:, None] - STEP_CENTER_MM) / STEP_SCALE_MM
    values = torch.cat([spacing_value(spacing_mm)[:, None], step, (sizes.log() - LOG_CENTER) / LOG_SCALE], 1)
    planes = values[:, :, None, None].expand(-1, -1, MIDDLE, MIDDLE)
    return torch.cat([pictures, planes], 1).contiguous(memory_format=torch.channels_last)


def largest(areas: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which slices of a nodule are read, by their area (n,): the largest ones, none that is empty."""
    first = np.argsort(-areas, kind="stable")[:MOST_SLICES]
    return np.sort(first[areas[first] > 0])


def parts() -> list[slice]:
    """Return which outputs of the net belong to each of SCALES."""
    ends = np.cumsum([scale.steps for scale in SCALES])
    return [slice(int(end) - scale.steps, int(end)) for end, scale in zip(ends, SCALES, strict=True)]


def logits_of(net: Loaded, inputs: Tensor) -> Tensor:
    """Return the net's logits (n, all steps), averaged over the four mirrorings of its input."""
    mirrored = [inputs, inputs.flip(2), inputs.flip(3), inputs.flip(2, 3)]
    return torch.stack([net.answers(one) for one in mirrored]).mean(0)


def shares_of(logits: NDArray[np.float64], temperatures: list[float]) -> list[NDArray[np.float64]]:
    """Return for each of SCALES the expected shares of readers (n, steps) from mean logits (n, all steps)."""
    found = []
    for part, temperature in zip(parts(), temperatures, strict=True):
        cool = logits[:, part] / temperature
        raised = np.exp(cool - cool.max(axis=1, keepdims=True))
        found.append(raised / raised.sum(axis=1, keepdims=True))
    return found


def by_size(coefficients: list[float], long_axis_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the opinion 1..5 from the long axis alone: a polynomial of its logarithm, lowest power first."""
    opinion = np.polynomial.polynomial.polyval(np.log(long_axis_mm), np.asarray(coefficients, np.float64))
    clipped: NDArray[np.float64] = np.clip(opinion, 1.0, 5.0).astype(np.float64)
    return clipped


def describe(
    bundle: Bundle, hu: NDArray[np.int16], grid: Grid, mask: Mask, *, device: str = "cpu", bf16: bool = False
) -> dict[str, Any]:
    """Return what readers would say of the nodule outlined by ``mask`` in ``hu`` (k, j, i), axial; plain JSON values.

    Chances and shares are 0..1, of readers, not of disease. ``malignancy_opinion`` is the mean opinion expected of
    readers, 1..5, ``malignancy_opinion_by_size`` what its long axis alone would say; ``training_range`` sets size and
    spacing beside those of training. Words are to be translated when shown.
    """
    sizes = sizes_mm(mask.voxels, grid.spacing_kji_mm)
    places = largest(mask.voxels.sum(axis=(1, 2)))
    weights = mask.voxels[places].sum(axis=(1, 2)).astype(np.float64)
    logits = logits_of(loaded(bundle, device, bf16), _inputs(hu, grid, mask, places, sizes)).numpy().astype(np.float64)
    mean = (logits * weights[:, None]).sum(axis=0, keepdims=True) / weights.sum()
    found = shares_of(mean, bundle.output["temperatures"])
    shares = {scale.id: [float(share) for share in one[0]] for scale, one in zip(SCALES, found, strict=True)}
    by_size_alone = float(by_size(bundle.output["by_size"], np.array([sizes.long_axis_mm]))[0])
    return {
        **attributes(shares),
        "malignancy_opinion_by_size": round(by_size_alone, 2),
        "malignancy_opinion_by_size_word": opinion_word(by_size_alone).msgid,
        "descriptors": _descriptors(shares, bundle.output["set_least"]),
        "training_range": _ranges(bundle, sizes, grid),
    }


def attributes(shares: Shares) -> dict[str, Any]:
    """Return the attributes of a finding that follow from the shares of readers expected for each step."""
    kind = type_of(shares[TEXTURE.id])
    alike = sum(share for share, other in zip(shares[TEXTURE.id], TYPES, strict=True) if other == kind)
    marked = sum(shares[SPICULATION.id][MARKED - 1 :])
    calcified = 1.0 - shares[CALCIFICATION.id][-1]
    opinion = mean_step(shares[MALIGNANCY.id])
    pattern = int(np.argmax(shares[CALCIFICATION.id][:-1]))
    return {
        "nodule_type": kind,
        "nodule_type_chance": round(alike, 3),
        "spiculation": marked >= 0.5,
        "spiculation_chance": round(marked, 3),
        "spiculation_word": chance_word(marked).msgid,
        "calcified": calcified >= 0.5,
        "calcified_chance": round(calcified, 3),
        "calcification_pattern": CALCIFICATION.words[pattern if calcified >= 0.5 else -1].msgid,
        "malignancy_opinion": round(opinion, 2),
        "malignancy_opinion_word": opinion_word(opinion).msgid,
    }


def _descriptors(shares: Shares, least: list[float]) -> dict[str, Any]:
    """Return of each scale the shares, their mean, the likeliest step in words, and the steps of its conformal set."""
    return {
        scale.id: {
            "shares": [round(share, 3) for share in shares[scale.id]],
            "mean": round(mean_step(shares[scale.id]), 2),
            "word": scale.words[int(np.argmax(shares[scale.id]))].msgid,
            "set": [
                n for n, share in enumerate(shares[scale.id], start=1) if share >= min(level, max(shares[scale.id]))
            ],
        }
        for scale, level in zip(SCALES, least, strict=True)
    }


def _ranges(bundle: Bundle, sizes: Sizes, grid: Grid) -> list[dict[str, Any]]:
    """Set what the net was told beside the middle 98 % of its training: name, value, low, high, inside; all mm."""
    step, *pixel = grid.spacing_kji_mm
    values = {"long_axis_mm": sizes.long_axis_mm, "pixel_mm": sum(pixel) / 2.0, "slice_step_mm": step}
    rows = {row["name"]: (float(row["low"]), float(row["high"])) for row in bundle.output["range"]}
    return [
        {"name": name, "value": round(value, 2), "low": low, "high": high, "inside": low <= round(value, 2) <= high}
        for name, value in values.items()
        for low, high in [rows[name]]
    ]


def _inputs(hu: NDArray[np.int16], grid: Grid, mask: Mask, places: NDArray[np.int64], sizes: Sizes) -> Tensor:
    k0, j0, i0 = mask.offset_kji
    _k, row, column = np.argwhere(mask.voxels).mean(axis=0)
    top, left = (
        min(max(round(at + middle) - WINDOW // 2, 0), max(size - WINDOW, 0))
        for at, middle, size in ((j0, row, hu.shape[1]), (i0, column, hu.shape[2]))
    )
    images = np.zeros((len(places), 3, WINDOW, WINDOW), np.float32)
    masks = np.zeros((len(places), 1, WINDOW, WINDOW), np.float32)
    for n, k in enumerate(int(place) for place in places):
        for channel, near in enumerate((k - 1, k, k + 1)):
            if 0 <= near < len(mask.voxels):
                images[n, channel] = normalise(cut(hu, Window(k0 + near, top, left), WINDOW))
        _put(masks[n, 0], mask.voxels[k], j0 - top, i0 - left)
    step, *pixel = grid.spacing_kji_mm
    count = len(places)
    return described(
        torch.from_numpy(images),
        torch.from_numpy(masks),
        torch.full((count,), sum(pixel) / 2.0),
        torch.full((count,), step),
        torch.tensor([sizes] * count),
    )


def _put(canvas: NDArray[np.float32], part: NDArray[np.bool_], row: int, column: int) -> None:
    """Draw ``part`` with its first pixel at (row, column) of ``canvas``; what lies outside is left out."""
    rows, columns = part.shape
    top, left, bottom, right = max(row, 0), max(column, 0), min(row + rows, WINDOW), min(column + columns, WINDOW)
    if top < bottom and left < right:
        canvas[top:bottom, left:right] = part[top - row : bottom - row, left - column : right - column]
