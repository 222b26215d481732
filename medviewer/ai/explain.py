"""Where the network that outlined a finding looked, as a map over the voxels of the slices it is on."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from medviewer.ai import nets
from medviewer.ai.grad_cam import METHOD, grad_cam
from medviewer.ai.loaded import net_of
from medviewer.ai.oriented import Back, upright
from medviewer.ai.prepare import normalise, stacked, with_spacing
from medviewer.ai.windows import Window, cut
from medviewer.core.discover import discover
from medviewer.core.finding import Finding
from medviewer.core.grid import Grid
from medviewer.core.heat import MOST, Heat
from medviewer.core.mask import Mask
from medviewer.core.problem import Problem
from medviewer.i18n import _

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle
    from medviewer.ai.protocol import Meta, Report

WINDOW = 128  # pixels a side over which greys are scaled
FILLED = 0.75  # of the window: a finding wider than that is looked at in pixels twice as wide, as masses are found
BATCH = 4  # windows: 0.3 s on two cores, so that cancel is quick
WITH_NEIGHBOURS = 5  # input channels of nets that see the slices before and after
Floats = NDArray[np.float32]


def explain(
    bundle: "Bundle", voxels: NDArray[np.int16], grid: Grid, meta: "Meta", report: "Report", *, finding: Finding
) -> Heat:
    """Return where the network that outlined ``finding`` looked, on the slices of its outline.

    ``voxels`` int16 (k, j, i) and ``finding.mask`` are in the order of the stored array. Problem where the finding has
    no outline, the model's inside is not known, or nothing in it spoke for the finding.
    """
    asked = bundle.parts.get("outline", bundle)
    if finding.mask is None or asked.net not in discover(nets, nets.Net):
        raise Problem(_("There is no heat map of this finding: how the model came to it cannot be seen."))
    stands, upright_grid, back = upright(voxels, grid)
    where = _Place.of(_turned(finding.mask, back), upright_grid, asked.patch[0])
    net = _whole_net(_Weights(asked)).to(report.device)
    maps = np.concatenate(list(_maps(net, where, stands, int(asked.options["channels"]), report)))
    report.step(1.0)
    mask = back.mask(where.in_volume(maps, stands.shape))
    values: NDArray[Any] = mask.voxels
    return Heat(finding.id, meta.series_uid, asked.ref, METHOD, mask.offset_kji, _bytes(values))


def _maps(net: nn.Module, where: "_Place", hu: NDArray[np.int16], channels: int, report: "Report") -> Iterator[Floats]:
    """Yield maps (n, side, side) of the slices of the outline, some at a time."""
    count, size = len(where.inside), max(1, int(BATCH * report.tile_scale))
    for start in range(0, count, size):
        report.step(start / count, _("Looking where the network looked"))
        some = range(start, min(start + size, count))
        inputs = where.inputs(hu, some, channels).to(report.device)
        yield grad_cam(net, inputs, torch.from_numpy(where.inside[some.start : some.stop]))


class _Weights:
    """A bundle as a key: two of the same weights are the same."""

    def __init__(self, bundle: "Bundle") -> None:
        self.bundle = bundle

    def __hash__(self) -> int:
        return hash(self.bundle.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Weights) and other.bundle.sha256 == self.bundle.sha256


@lru_cache(maxsize=2)
def _whole_net(weights: _Weights) -> nn.Module:
    """Return the net as it was trained, float32: gradients do not go through what readings make of it."""
    return net_of(weights.bundle)


# ---- where in the volume ----


@dataclass(frozen=True, eq=False)
class _Place:
    """The window around an outline, the same on all its slices: its first voxel is ``corner_kji``.

    ``inside`` bool (slices, side, side) is the outline in the pixels of the net, each ``shrink`` voxels wide; ``side``
    is that of the net's window, in the middle of the ``WINDOW`` over which greys are scaled.
    """

    corner_kji: tuple[int, int, int]
    inside: NDArray[np.bool_]
    shrink: int
    side: int
    spacing_mm: float
    step_mm: float

    @staticmethod
    def of(mask: Mask, grid: Grid, side: int) -> "_Place":
        """Lay the window around the middle of ``mask``, within the slices of ``grid``."""
        rows, columns = mask.box[1:]
        wide = max(mask.voxels.shape[1:])
        shrink = 1 if wide <= FILLED * side else 2
        reach, extent = side * shrink, (grid.shape_kji[1], grid.shape_kji[2])
        j, i = (
            min(max((part.start + part.stop - reach) // 2, 0), max(size - reach, 0))
            for part, size in zip((rows, columns), extent, strict=True)
        )
        full = np.zeros((len(mask.voxels), *(max(reach, size) for size in extent)), np.bool_)
        full[:, rows, columns] = mask.voxels
        window = full[:, j : j + reach, i : i + reach].reshape(len(full), side, shrink, side, shrink)
        inside: NDArray[np.bool_] = np.logical_or.reduce(window, axis=(2, 4))
        step_mm, row_mm, column_mm = grid.spacing_kji_mm
        return _Place((mask.offset_kji[0], j, i), inside, shrink, side, shrink * max(row_mm, column_mm), step_mm)

    def inputs(self, hu: NDArray[np.int16], slices: range, channels: int) -> Tensor:
        """Return network input (n, c, side, side) of ``slices`` of the outline."""
        k = self.corner_kji[0]
        spacing = torch.full((len(slices),), self.spacing_mm)
        if channels != WITH_NEIGHBOURS:
            return with_spacing(self._pictures(hu, [k + n for n in slices]).unsqueeze(1), spacing)
        beside = [self._pictures(hu, [k + n + step for n in slices]) for step in (-1, 0, 1)]
        return stacked(torch.stack(beside, 1), spacing, torch.full((len(slices),), self.step_mm))

    def _pictures(self, hu: NDArray[np.int16], slices: list[int]) -> Tensor:
        """Return the greys (n, side, side) of slices, 0..1; 0 of those that there are not."""
        found = np.zeros((len(slices), self.side, self.side), np.float32)
        beyond = max(WINDOW - self.side, 0) // 2 * self.shrink
        size = max(WINDOW, self.side) * self.shrink
        j, i = (
            min(max(at - beyond, 0), max(extent - size, 0))
            for at, extent in zip(self.corner_kji[1:], hu.shape[1:], strict=True)
        )
        row, column = ((at - start) // self.shrink for at, start in zip(self.corner_kji[1:], (j, i), strict=True))
        for n, k in enumerate(slices):
            if 0 <= k < len(hu):
                window = cut(hu, Window(k, j, i), size)
                whole = window.reshape(size // self.shrink, self.shrink, size // self.shrink, self.shrink)
                small = normalise(np.rint(whole.mean((1, 3))).astype(np.int16))
                found[n] = small[row : row + self.side, column : column + self.side]
        return torch.from_numpy(found)

    def in_volume(self, maps: Floats, shape: tuple[int, ...]) -> Mask:
        """Return maps (slices, side, side) as voxels of the volume, in the box of a mask; its values are the maps'."""
        wide = maps.repeat(self.shrink, axis=1).repeat(self.shrink, axis=2)
        _k, j, i = self.corner_kji
        return Mask(self.corner_kji, wide[:, : shape[1] - j, : shape[2] - i])  # type: ignore[arg-type]


def _turned(mask: Mask, back: Back) -> Mask:
    """Return a region of the stored array in the indices of the upright one."""
    first = [0, 0, 0]
    for n, axis in enumerate(back.turn.order):
        start, length = mask.offset_kji[axis], mask.voxels.shape[axis]
        first[n] = back.shape_kji[axis] - start - length if back.turn.flip[n] else start
    return Mask((first[0], first[1], first[2]), back.turn.apply(mask.voxels))


def _bytes(maps: NDArray[Any]) -> NDArray[np.uint8]:
    """Return maps scaled by their largest value, 0 to MOST; Problem where all of them are empty."""
    most = float(maps.max())
    if most <= 0.0 or not np.isfinite(maps).all():
        raise Problem(_("There is no heat map of this finding: nothing in the network's last layer spoke for it."))
    return np.rint(maps * (MOST / most)).astype(np.uint8)
