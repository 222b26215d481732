"""What is seen below the diaphragm: liver with its veins, spleen, stomach with its bubble."""

import numpy as np

from medviewer.phantom.build import Build
from medviewer.phantom.canvas import Canvas
from medviewer.phantom.lungs import Floor
from medviewer.phantom.mediastinum import AIR_HU, FAT_HU, MUSCLE_HU
from medviewer.phantom.outline import Outline, Polar
from medviewer.phantom.shape import Field, capsule, ellipsoid, smooth_min

LIVER_HU, SPLEEN_HU, KIDNEY_HU, CRUS_HU = 106.0, 118.0, 150.0, 58.0
_VEINS = (
    ((-24, 14, 78), (-92, 8, 52), (5.5, 2.0)),
    ((-24, 12, 80), (-58, -46, 50), (5.5, 2.2)),
    ((-22, 10, 80), (8, -42, 62), (4.8, 1.8)),
    ((-58, 6, 64), (-84, 46, 36), (3.2, 1.6)),
    ((-30, 0, 12), (-70, 10, 34), (6.0, 3.2)),
    ((-70, 10, 34), (-96, -28, 26), (3.4, 1.6)),
    ((-44, -24, 64), (-86, -40, 40), (2.6, 1.5)),
)


def paint_belly(canvas: Canvas, build: Build, lines: Outline, polar: Polar, ground: Floor) -> None:
    """Paint everything under the diaphragm in this slice."""
    under = (np.float32(canvas.z) - ground.height) * ground.level
    if not (under < 0).any():
        return
    wall = (polar.radius - lines.cage[polar.bin]) * lines.square_on[polar.bin]
    inside = np.maximum(under, wall)
    soft = 1.0 * canvas.pixel_mm + 0.8 * canvas.step_mm
    canvas.fill(inside, CRUS_HU, soft)
    inner = inside + 2.6
    canvas.fill(inner, FAT_HU - 6.0, soft)
    _stomach(canvas, inner, soft)
    kidney = ellipsoid(canvas.x, canvas.y, canvas.z, (52, 66, 2), (26, 21, 34))
    canvas.fill(np.maximum(kidney, inner + 4.0), KIDNEY_HU, soft)
    crus = ellipsoid(canvas.x, canvas.y, canvas.z, (5, 45, 20), (21, 15, 70))
    canvas.fill(np.maximum(crus, inner), CRUS_HU, soft)
    spleen = ellipsoid(canvas.x, canvas.y, canvas.z, (90, 44, 42), (34, 46, 42))
    canvas.fill(np.maximum(spleen, inner + 0.4), SPLEEN_HU, soft)
    _liver(canvas, build, inner, soft)


def _liver(canvas: Canvas, build: Build, inner: Field, soft: float) -> None:
    edge = 40.0 - 0.42 * (canvas.y + 50.0) + 5.0 * np.sin(canvas.y / 15.0 + build.waves[11])
    back = canvas.y - (62.0 + 0.5 * np.maximum(-canvas.x - 30.0, 0.0))
    left = smooth_min(-(canvas.x - edge.astype(np.float32)) * 0.85, -back.astype(np.float32), 10.0)
    liver = np.maximum(inner + 0.6, -left)
    canvas.fill(liver, LIVER_HU, soft)
    for start, stop, radii in _VEINS:
        if min(start[2], stop[2]) - 8.0 < canvas.z < max(start[2], stop[2]) + 8.0:
            vein = capsule(canvas.x, canvas.y, canvas.z, start, stop, radii=radii)
            canvas.fill(np.maximum(vein, liver + 3.0), LIVER_HU + 42.0, 1.6 * soft)


def _stomach(canvas: Canvas, inner: Field, soft: float) -> None:
    """The stomach: wall, fluid, and gas in front with a level between them."""
    x, y, z = canvas.x, canvas.y, canvas.z
    low = ellipsoid(x, y, z, (60, -28, 30), (44, 38, 42))
    high = ellipsoid(x, y, z, (66, 4, 54), (38, 46, 40))
    stomach = np.maximum(smooth_min(low, high, 14.0), inner + 0.4)
    canvas.fill(stomach, MUSCLE_HU + 14.0, soft)
    lumen = stomach + 4.2
    canvas.fill(lumen, 32.0, soft)
    gas = np.maximum(lumen, (y + 26.0).astype(np.float32))
    canvas.fill(gas, AIR_HU, soft)
