"""Ribs, sternum, spine, shoulder blades and collar bones."""

import numpy as np

from medviewer.phantom.build import Build
from medviewer.phantom.canvas import Canvas
from medviewer.phantom.mediastinum import SPINE_Y
from medviewer.phantom.outline import ANGLE, FROM_BACK, Outline, Polar, profile
from medviewer.phantom.shape import Field, capsule, ellipsoid, smooth_min

CORTEX_HU, MARROW_HU, CARTILAGE_HU = 780.0, 190.0, 115.0
LEVEL_MM = 22.5  # from one vertebra to the next
# height at the spine, fall to the end in front, end of the bone and of its cartilage as angle from the spine
RIBS = tuple(
    (266.0 - LEVEL_MM * n, fall, end, tip)
    for n, (fall, end, tip) in enumerate(
        (
            (32, 2.35, 2.85), (56, 2.5, 2.95), (72, 2.52, 2.98), (82, 2.52, 2.98), (88, 2.5, 2.95), (92, 2.45, 2.95),
            (94, 2.35, 2.9), (90, 2.2, 2.7), (82, 2.0, 2.4), (68, 1.8, 2.1), (46, 1.4, 1.45), (26, 0.95, 1.0),
        )
    )
)  # fmt: skip
_INNER = 0.24  # angle from the spine at which a rib leaves the vertebra


def _rib_heights(z: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """By angle: height above the nearest rib's centre (square to the rib), how solid it is there, and cartilage."""
    nearest = np.full(FROM_BACK.shape, 1e3)
    ends = np.zeros_like(nearest)
    soft = np.zeros(FROM_BACK.shape, np.bool_)
    for at_spine, fall, end, tip in RIBS:
        u = FROM_BACK / end
        line = at_spine - fall * (0.5 * u + 0.5 * u**2.0)
        rise = np.maximum(FROM_BACK - end, 0.0) / 0.45
        line = np.where(u > 1.0, at_spine - fall + min(fall, 60.0) * 0.5 * rise, line)
        apart = np.abs(z - line) * 0.8
        closer = apart < nearest
        outside = np.maximum(np.maximum(FROM_BACK - tip, _INNER - FROM_BACK), 0.0) * 110.0
        nearest, ends = np.where(closer, apart, nearest), np.where(closer, outside, ends)
        soft = np.where(closer, u > 1.0, soft)
    return nearest, ends, soft


def paint_ribs(canvas: Canvas, lines: Outline, polar: Polar) -> None:
    """Paint the ribs, their marrow and the cartilage in front."""
    apart, ends, soft = _rib_heights(canvas.z)
    ring = polar.radius - lines.cage[polar.bin]
    rows, columns = np.nonzero((ring > 0.0) & (ring < 13.0))
    bins = polar.bin[rows, columns]
    depth = (ring[rows, columns] * lines.square_on[bins] - 5.4) / 3.9
    round_ = np.sqrt((apart[bins] / 6.8) ** 2 + depth**2 + (ends[bins] / 4.0) ** 2)
    distance = ((round_ - 1.0) * 4.4).astype(np.float32)
    inner = distance + 1.5
    wide = np.float32(1.1 * canvas.pixel_mm)
    outer_share, inner_share = (np.clip(0.5 - d / wide, 0.0, 1.0) for d in (distance, inner))
    bone = soft[bins]
    shell = np.where(bone, np.float32(CARTILAGE_HU + 45.0), np.float32(CORTEX_HU))
    core = np.where(bone, np.float32(CARTILAGE_HU), np.float32(MARROW_HU))
    hu = canvas.hu[rows, columns]
    hu += outer_share * (shell - hu)
    hu += inner_share * (core - hu)
    canvas.hu[rows, columns] = hu


def _bone(canvas: Canvas, distance: Field, cortex_mm: float = 1.5, marrow_hu: float = MARROW_HU) -> None:
    canvas.fill(distance, CORTEX_HU)
    canvas.fill(distance + np.float32(cortex_mm), marrow_hu)


def paint_sternum(canvas: Canvas, lines: Outline) -> None:
    """Paint manubrium and body of the sternum."""
    z = canvas.z
    if not 86.0 < z < 236.0:
        return
    wide = float(np.interp(z, (86, 100, 125, 185, 194, 200, 228, 236), (4, 10, 17, 13, 13, 21, 27, 18)))
    front = lines.center_y - float(lines.cage[len(lines.cage) // 4])
    part = canvas.box(-45, 45, front - 22, front + 6)
    x, y = np.abs(part.x) - (wide - 4.0), np.abs(part.y - (front - 6.5) - 0.004 * part.x**2) - 1.2
    box = np.sqrt(np.maximum(x, 0) ** 2 + np.maximum(y, 0) ** 2) + np.minimum(np.maximum(x, y), 0.0) - 3.8
    joint = abs(z - 197.0) < 1.5
    _bone(part, box.astype(np.float32), 1.2, 90.0 if joint else 150.0)


def paint_spine(canvas: Canvas, build: Build) -> None:
    """Paint vertebral bodies, discs, arches with their processes, the canal and its cord."""
    ys = SPINE_Y(canvas.z)
    part = canvas.box(-52, 52, ys - 24, ys + 62)
    level = (canvas.z - build.vertebra_mm) / LEVEL_MM
    phase = (level - np.floor(level)) * LEVEL_MM - LEVEL_MM / 2  # mm above the middle of this vertebra
    waist = 1.5 * np.cos(phase / LEVEL_MM * 2 * np.pi)
    body = ellipsoid(part.x, part.y, 0.0, (0, ys, 0), (17.5 - waist, 14.5 - waist, 1e3))
    body = np.maximum(body, 3.0 - np.sqrt(part.x**2 + (part.y - (ys + 17.5)) ** 2) + 5.5)
    near_disc = abs(phase) - (LEVEL_MM / 2 - 2.6)
    _arch(part, ys, phase)
    if near_disc > 0.0:
        part.fill(body + 0.8, 82.0)
    else:
        _bone(part, body, 1.4, 175.0 + 260.0 * np.clip(1.0 + near_disc / 2.2, 0.0, 1.0))
    canal = ellipsoid(part.x, part.y, 0.0, (0, ys + 20.5, 0), (9.0, 7.6, 1e3))
    part.fill(canal, -15.0)
    part.fill(canal + 1.6, 18.0)
    part.fill(ellipsoid(part.x, part.y, 0.0, (0, ys + 20.5, 0), (5.4, 4.2, 1e3)), 42.0)


def _arch(part: Canvas, ys: float, phase: float) -> None:
    """Pedicles, laminae, transverse and spinous process of one vertebra ``phase`` mm above its middle."""
    pieces = (
        ((11, ys + 9, 4), (13.5, ys + 22, 3), (4.2, 4.4)),
        ((13.5, ys + 22, 2), (3, ys + 31, -4), (4.0, 3.6)),
        ((13, ys + 21, 3), (31, ys + 29, 6), (4.6, 4.2)),
        ((0, ys + 30, -3), (0, ys + 50, -22), (3.6, 3.2)),
    )
    field: Field | None = None
    for start, stop, radii in pieces:
        for turn in (phase, phase + LEVEL_MM):  # the one above reaches down
            piece = capsule(np.abs(part.x), part.y, turn, start, stop, radii=radii)
            field = piece if field is None else np.minimum(field, piece)
    assert field is not None
    _bone(part, field, 1.6, 240.0)


_BLADE = tuple(  # angle from the spine and distance from the cage of both its edges, by height
    profile(v, (120, 150, 180, 210, 240, 265))
    for v in ((0.78, 0.66, 0.6, 0.62, 0.75, 0.9), (15, 15, 15, 16, 20, 26), (1.12, 1.18, 1.25, 1.32, 1.4, 1.45),
              (16, 19, 25, 36, 52, 70))
)  # fmt: skip


def _blade_ends(lines: Outline, z: float) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Both edges of the left shoulder blade at height ``z``."""
    ends = []
    for angle, off in ((_BLADE[0](z), _BLADE[1](z)), (_BLADE[2](z), _BLADE[3](z))):
        polar = np.pi / 2 - angle
        radius = float(np.interp(polar, ANGLE, lines.cage)) + off
        ends.append((float(np.cos(polar) * radius), float(lines.center_y + np.sin(polar) * radius), 0.0))
    return ends[0], ends[1]


def _half(canvas: Canvas, side: float, across: tuple[float, float], rows: tuple[float, float]) -> Canvas:
    """The part ``across`` (from, to) mm from the middle, on the left (side 1) or right (-1), between two ``rows``."""
    x0, x1 = sorted(side * x for x in across)
    return canvas.box(x0, x1, *rows)


def paint_shoulders(canvas: Canvas, lines: Outline) -> None:
    """Paint shoulder blades between their muscles, collar bones and the heads of the raised arms."""
    z = canvas.z
    for side in (-1.0, 1.0):
        part = _half(canvas, side, (30, 172), (-60, 125))
        if not part.hu.size:
            continue
        flipped = side * part.x
        if z > 122.0:
            thick = float(np.interp(z, (122, 150, 220, 245), (1.8, 2.2, 3.0, 4.5)))
            blade = capsule(flipped, part.y, 0.0, *_blade_ends(lines, z), radii=(thick, thick + 2.0))
            _bone(part, blade, 1.3, 300.0)
        if z > 236.0:
            _bone(part, ellipsoid(flipped, part.y, z, (135, 14, 276), (21, 21, 26)), 1.8, 210.0)
    if z > 222.0:
        for side in (-1.0, 1.0):
            part = _half(canvas, side, (8, 135), (-75, 30))
            flipped = side * part.x
            low = capsule(flipped, part.y, z, (19, -56, 232), (62, -38, 254), radii=(8.0, 5.6))
            collar = smooth_min(low, capsule(flipped, part.y, z, (62, -38, 254), (118, -2, 276), radii=(5.6, 6.0)), 3.0)
            _bone(part, collar, 1.8, 230.0)
