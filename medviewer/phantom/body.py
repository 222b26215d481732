"""A whole slice of the body without the trees of vessels and airways inside the lungs."""

from dataclasses import dataclass

import numpy as np

from medviewer.phantom.belly import paint_belly
from medviewer.phantom.bones import paint_ribs, paint_shoulders, paint_spine, paint_sternum
from medviewer.phantom.build import Build
from medviewer.phantom.canvas import Canvas
from medviewer.phantom.lungs import Floor, lung_share, paint_lungs
from medviewer.phantom.mediastinum import AIR_HU, FAT_HU, MUSCLE_HU, SPINE_Y, Pipes, paint_mediastinum
from medviewer.phantom.outline import ANGLE, COS, SIN, Outline, Polar, outline
from medviewer.phantom.shape import Field, cover, ellipsoid

SKIN_HU = 12.0


@dataclass(frozen=True, eq=False)
class Slice:
    """What painting a slice leaves behind for the pixels ``at`` (rows, columns), which hold the body.

    ``lung`` and ``body`` are shares (0 to 1) of each pixel, ``radius_mm`` is the distance from the body's axis.
    """

    at: tuple[slice, slice]
    lung: Field
    body: Field
    radius_mm: Field


def paint_body(canvas: Canvas, build: Build, ground: Floor, grain: Field, lung_grain: Field) -> Slice:
    """Paint the slice: table, body wall, belly, lungs, mediastinum, bones.

    ``grain`` and ``lung_grain`` (rows, columns) are textures of unit variance for soft tissue and lung.
    """
    canvas.hu[...] = AIR_HU - 4.0
    _table(canvas)
    lines = outline(build, canvas.z)
    reach = np.array([COS, SIN]) * lines.skin
    middle = np.array([0.0, lines.center_y])
    (x0, y0), (x1, y1) = reach.min(1) + middle - 2.0, reach.max(1) + middle + 2.0
    at = canvas.slices(x0, x1, y0, y1)
    part, ground, grain = canvas.box(x0, x1, y0, y1), ground.cut(*at), grain[at]
    polar, pipes = Polar.of(part, lines.center_y), Pipes.of(part)
    body = _wall(part, build, lines, polar, grain)
    lung = lung_share(part, build, lines, polar, ground, pipes=pipes)
    paint_belly(part, build, lines, polar, ground)
    paint_lungs(part, build, lung, 20.0 * lung_grain[at] + 6.0 * grain)
    paint_mediastinum(part, pipes, ground.height)
    paint_spine(part, build)
    paint_ribs(part, lines, polar)
    paint_sternum(part, lines)
    paint_shoulders(part, lines)
    return Slice(at, lung, body, polar.radius)


def _wall(canvas: Canvas, build: Build, lines: Outline, polar: Polar, grain: Field) -> Field:
    """Paint skin, fat, muscles with fat between them, and fat inside the cage; return the share of body."""
    skin = polar.radius - lines.skin[polar.bin]
    wide = 1.1 * canvas.pixel_mm
    body = cover(skin, wide)
    canvas.blend(body, SKIN_HU)
    canvas.blend(cover(skin + 2.2, wide), (FAT_HU - 4.0 + 5.0 * grain).astype(np.float32))
    septa = np.clip(1.0 - np.abs(grain - 1.6) * 6.0, 0.0, 1.0)  # strands of connective tissue
    canvas.blend(cover(skin + 4.0, wide) * septa * 0.35, 0.0)
    if build.female and abs(canvas.z - 126.0) < 40.0:
        gland = ellipsoid(np.abs(canvas.x), canvas.y, canvas.z, (70.0, -108.0, 126.0), (34.0, 24.0, 30.0))
        canvas.blend(cover(np.maximum(gland, skin + 5.0), 9.0) * np.clip(0.45 + 0.6 * grain, 0.0, 1.0), 32.0)
    muscle, cage = polar.radius - lines.muscle[polar.bin], polar.radius - lines.cage[polar.bin]
    marbled = MUSCLE_HU - 28.0 * np.clip(np.abs(grain) - 1.1, 0.0, 1.5)
    canvas.blend(cover(muscle, wide), marbled.astype(np.float32))
    _planes(canvas, lines, polar, grain)
    canvas.fill(np.abs(cage - 11.2) - 0.5, -30.0)
    neck = float(np.clip((canvas.z - 240.0) / 20.0, 0.0, 1.0))
    inner = FAT_HU + neck * (MUSCLE_HU - FAT_HU) * np.clip(1.2 - 0.5 * np.abs(grain), 0.0, 1.0)
    canvas.fill(cage - 0.3, np.asarray(inner, np.float32))
    ys = SPINE_Y(canvas.z)
    part = canvas.box(-60, 60, ys, ys + 60)
    back = ellipsoid(np.abs(part.x), part.y, 0.0, (22.0, ys + 36.0, 0.0), (24.0, 17.0, 1e3))
    part.fill(back, MUSCLE_HU)
    return body


def _planes(canvas: Canvas, lines: Outline, polar: Polar, grain: Field) -> None:
    """Paint the fat between layers of muscle."""
    room = lines.muscle - lines.cage - 11.0
    for n, (share, needed_mm) in enumerate(((0.36, 5.0), (0.7, 12.0))):
        swing = 0.14 * np.sin((3 + n) * ANGLE + 2.0 * n + canvas.z / 40.0)
        gap = (lines.cage + 11.0 + (share + swing) * room)[polar.bin].astype(np.float32)
        seen = np.clip((room - needed_mm) / 4.0, 0.0, 1.0) * np.clip(0.7 + np.sin((5 - n) * ANGLE + n), 0.0, 1.0)
        line = np.clip(1.4 - np.abs(polar.radius - gap - 1.5 * grain), 0.0, 1.0)
        canvas.blend(line * seen.astype(np.float32)[polar.bin] * 0.8, FAT_HU)


def _table(canvas: Canvas) -> None:
    """Paint the table: two thin shells with foam between, hollow side up."""
    top = 127.0 - 36.0 * (canvas.x / 170.0) ** 2
    below = 152.0 - 60.0 * (canvas.x / 172.0) ** 2
    canvas.fill((np.abs(canvas.y - (top + below) / 2) - (below - top) / 2).astype(np.float32), -945.0)
    for line in (top, below):
        canvas.fill((np.abs(canvas.y - line) - 0.8).astype(np.float32), -120.0, 2.0)
