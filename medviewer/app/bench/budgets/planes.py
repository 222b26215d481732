"""Planes through the volume at 512 x 512."""

from medviewer.app.bench.budget import Budget
from medviewer.app.bench.workbench import Workbench, median_ms
from medviewer.i18n import N_

_SLAB = 20


def _orthogonal_ms(bench: Workbench) -> float:
    from medviewer.imaging.render import to_grey
    from medviewer.imaging.reslice import ORIENTATIONS, Orientation, count, plane
    from medviewer.imaging.window import LUNG

    volume = bench.volume

    def slowest_of(orientation: Orientation) -> float:
        size = count(volume.grid, orientation)
        return median_ms(lambda n: to_grey(plane(volume.voxels, volume.grid, orientation, n * 7 % size), LUNG))

    return max(slowest_of(orientation) for orientation in ORIENTATIONS)


def _oblique_ms(bench: Workbench, slices: int) -> float:
    """A plane through the middle, as wide as the volume, tilted by another angle each time."""
    from medviewer.imaging.reslice import geometry, oblique, turned

    volume = bench.volume
    flat = geometry(volume.grid, "axial", volume.grid.shape_kji[0] // 2)
    slab_mm = (slices - 1) * min(volume.grid.spacing_kji_mm)

    def draw(number: int) -> object:
        tilted = turned(turned(flat, 5.0 + number, "right"), 10.0, "down")
        return oblique(volume.voxels, volume.grid, tilted, slab_mm=slab_mm)

    return median_ms(draw)


def _thick_ms(bench: Workbench) -> float:
    """The slowest orientation of a slab of neighbouring slices, blended to their maximum."""
    from medviewer.imaging.reslice import ORIENTATIONS, Orientation, axis_of, count, slab

    volume = bench.volume

    def slowest_of(orientation: Orientation) -> float:
        size = count(volume.grid, orientation)
        slab_mm = _SLAB * volume.grid.spacing_kji_mm[axis_of(volume.grid, orientation)]
        return median_ms(
            lambda n: slab(volume.voxels, volume.grid, orientation, n * 7 % size, slab_mm=slab_mm, blend="max")
        )

    return max(slowest_of(orientation) for orientation in ORIENTATIONS)


ORTHOGONAL = Budget("plane-orthogonal", N_("Orthogonal plane to grey"), 2.0, "ms", _orthogonal_ms)
OBLIQUE = Budget("plane-oblique", N_("Oblique plane, 512 x 512"), 4.0, "ms", lambda bench: _oblique_ms(bench, 1))
SLAB = Budget("slab-oblique", N_("Oblique slab of 20 slices"), 33.0, "ms", lambda bench: _oblique_ms(bench, _SLAB))
THICK = Budget("slab-orthogonal", N_("Orthogonal slab of 20 slices"), 16.0, "ms", _thick_ms)
