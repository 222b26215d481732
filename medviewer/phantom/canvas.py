"""One axial slice being painted, in the coordinates of the standard body."""

from dataclasses import dataclass

import numpy as np

from medviewer.phantom.shape import Field, cover


@dataclass(frozen=True, eq=False)
class Canvas:
    """A slice ``hu`` (rows, columns) at height ``z`` with its columns' ``x`` (1, i) and rows' ``y`` (j, 1), all in mm.

    ``pixel_mm`` and ``step_mm`` are the distances between pixels and between slices.
    """

    hu: Field
    x: Field
    y: Field
    z: float
    pixel_mm: float
    step_mm: float

    def slices(self, x0: float, x1: float, y0: float, y1: float) -> tuple[slice, slice]:
        """Return rows and columns of the pixels with x0 < x < x1 and y0 < y < y1; may be empty."""
        columns = np.searchsorted(self.x[0], [x0, x1])
        rows = np.searchsorted(self.y[:, 0], [y0, y1])
        return slice(int(rows[0]), int(rows[1])), slice(int(columns[0]), int(columns[1]))

    def box(self, x0: float, x1: float, y0: float, y1: float) -> "Canvas":
        """Return the part with x0 < x < x1 and y0 < y < y1; painting there paints here."""
        rows, columns = self.slices(x0, x1, y0, y1)
        return Canvas(self.hu[rows, columns], self.x[:, columns], self.y[rows], self.z, self.pixel_mm, self.step_mm)

    def fill(self, distance_mm: Field, hu: float | Field, soft_mm: float = 0.0) -> None:
        """Paint ``hu`` where ``distance_mm`` is negative, with an edge one pixel (or ``soft_mm``) wide."""
        self.blend(cover(distance_mm, soft_mm or 1.1 * self.pixel_mm), hu)

    def blend(self, share: Field, hu: float | Field) -> None:
        """Paint ``hu`` over each pixel by ``share`` (0 to 1)."""
        self.hu[...] += share * (np.asarray(hu, np.float32) - self.hu)
