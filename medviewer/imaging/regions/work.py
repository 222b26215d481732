"""Growing and tidying as work for another process: scipy keeps the window's thread waiting while it works."""

from collections.abc import Callable
from dataclasses import dataclass

from medviewer.core.grid import Grid
from medviewer.core.mask import Index, Mask
from medviewer.core.problem import Problem
from medviewer.core.shared import Handle, SharedArray
from medviewer.i18n import _
from medviewer.imaging.regions.between import fill_between
from medviewer.imaging.regions.gate import default_gate
from medviewer.imaging.regions.grow import USUAL, Grown, Limits, grow
from medviewer.imaging.regions.smooth import largest, smooth, smooth_slices, without_holes

# By the deed of ``core.region_edits.DEEDS``.
TIDY: dict[str, Callable[[Mask, Grid], Mask]] = {
    "fill": fill_between,
    "smooth": smooth,
    "largest": lambda mask, _grid: largest(mask),
    "holes": lambda mask, _grid: without_holes(mask),
}


@dataclass(frozen=True)
class GrowWork:
    """Grow from ``seed_kji`` of shared voxels, in the gate (lowest, highest voxel value)."""

    voxels: Handle
    grid: Grid
    seed_kji: Index
    gate: tuple[int, int]
    guard: bool = True
    limits: Limits = USUAL

    def run(self) -> Grown:
        """Return what was grown; Problem where there is not enough memory."""
        block = SharedArray.see(self.voxels)
        try:
            return grow(block.array, self.grid, self.seed_kji, self.gate, guard=self.guard, limits=self.limits)
        except MemoryError as error:
            raise _too_large() from error
        finally:
            block.close()


@dataclass(frozen=True)
class GateWork:
    """Find the gate for growing from ``seed_kji`` of shared voxels."""

    voxels: Handle
    grid: Grid
    seed_kji: Index

    def run(self) -> tuple[int, int]:
        """Return the lowest and highest voxel value."""
        block = SharedArray.see(self.voxels)
        try:
            return default_gate(block.array, self.grid, self.seed_kji)
        finally:
            block.close()


@dataclass(frozen=True)
class TidyWork:
    """Do one of ``TIDY`` to a region of ``grid``, which travels packed; slices that are not ``regular`` stay apart."""

    deed: str
    packed: bytes
    grid: Grid
    regular: bool = True

    def run(self) -> bytes:
        """Return the new region packed; Problem where it cannot be done."""
        try:
            tidy = smooth_slices if self.deed == "smooth" and not self.regular else TIDY[self.deed]
            return tidy(Mask.from_bytes(self.packed), self.grid).to_bytes()
        except MemoryError as error:
            raise _too_large() from error


def _too_large() -> Problem:
    return Problem(_("This outline is too large for the memory of this computer."))
