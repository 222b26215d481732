"""Heart, great vessels, airways and oesophagus: what lies between the lungs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from medviewer.phantom.build import Build
from medviewer.phantom.canvas import Canvas
from medviewer.phantom.capsules import Capsules, tube
from medviewer.phantom.outline import profile
from medviewer.phantom.shape import Field, capsule, ellipsoid, smooth_min, turned

BLOOD_HU, MUSCLE_HU, MYOCARDIUM_HU, FAT_HU, AIR_HU = 138.0, 56.0, 98.0, -98.0, -994.0
FAR_MM = 40.0
Near = tuple[Canvas, Field]

AORTA = [
    (6, -8, 126), (-4, -22, 145), (-13, -26, 168), (-14, -20, 190), (-4, -6, 206), (11, 12, 210), (24, 30, 203),
    (30, 42, 186), (29, 49, 160), (26, 51, 130), (19, 49, 90), (8, 44, 40), (4, 42, -30),
]  # fmt: skip
BLOOD_TUBES = (
    (AORTA, (14, 15.5, 15.5, 15, 14, 13, 12.5, 12.5, 12, 11.5, 11, 10, 10)),
    ([(-4, -6, 208), (-12, -4, 225), (-24, -2, 245), (-44, -4, 264)], (6.5, 6, 5.5, 4.5)),
    ([(5, 4, 214), (12, 3, 235), (20, 2, 262), (24, 0, 300)], (4.2, 4, 3.8, 3.6)),
    ([(16, 18, 212), (27, 17, 235), (42, 10, 256), (78, 0, 270)], (5.2, 5, 4.8, 4.5)),
    ([(-24, -2, 250), (-25, 0, 300)], (4, 3.6)),
    ([(-27, -12, 215), (-29, -16, 180), (-28, -16, 150), (-30, -14, 128)], (8.5, 9, 9.5, 10)),
    ([(-27, -12, 215), (-33, -14, 240), (-56, -20, 262)], (7.5, 7, 6)),
    ([(-26, -14, 212), (-4, -34, 217), (22, -28, 230), (50, -18, 254)], (7, 6.5, 6.5, 6)),
    ([(-4, 48, -30), (-6, 47, 150), (-10, 42, 180), (-21, 28, 197), (-28, 4, 193), (-28, -10, 186)],
     (3.4, 3.6, 4, 4.4, 4.4, 4.4)),
    ([(8, -46, 134), (20, -42, 152), (26, -24, 168), (34, 0, 173), (46, 18, 170), (55, 28, 160)],
     (14, 14.5, 13.5, 11.5, 10.5, 8)),
    ([(55, 28, 160), (57, 36, 148), (57, 42, 134)], (8, 7, 6)),
    ([(24, -22, 167), (4, -8, 166), (-18, 0, 163), (-38, 6, 160), (-50, 16, 150), (-54, 28, 138)],
     (12, 11.5, 11, 9.5, 7.5, 6)),
    ([(-28, 2, 164), (-45, 4, 172), (-54, 8, 180)], (6, 5.4, 4.6)),
    ([(-14, 14, 140), (-36, 3, 146), (-52, -4, 152)], (8, 6.5, 5)),
    ([(-36, 3, 142), (-52, -14, 132)], (4.2, 3.4)),
    ([(-14, 24, 124), (-34, 34, 120), (-52, 42, 114)], (8, 6.5, 5)),
    ([(28, 12, 140), (43, -3, 150), (57, -8, 160)], (8, 6.5, 5)),
    ([(30, 24, 126), (45, 36, 121), (58, 44, 114)], (8, 6.5, 5)),
    ([(-28, 4, 104), (-26, 8, 70), (-22, 18, 30), (-20, 22, -30)], (12, 11.5, 11, 10)),
)  # fmt: skip
AIRWAYS = (
    ([(0, 4, 300), (0, 15, 250), (1, 22, 215), (3, 27, 184)], (8.3, 8.3, 8.5, 8.8)),
    ([(1, 26, 187), (-12, 26, 176), (-27, 25, 167)], (7.4, 6.8, 6.2)),
    ([(-21, 26, 171), (-34, 24, 174), (-47, 21, 179)], (4.8, 4.2, 3.6)),
    ([(-26, 25, 168), (-36, 27, 153), (-40, 29, 141)], (5.6, 5.2, 4.8)),
    ([(-39, 27, 145), (-47, 14, 136), (-54, 4, 130)], (3.6, 3.2, 2.9)),
    ([(-40, 29, 141), (-44, 35, 132), (-50, 41, 124)], (4.8, 4.3, 3.6)),
    ([(4, 27, 185), (20, 28, 172), (38, 28, 160)], (6.8, 6.2, 5.8)),
    ([(37, 28, 161), (48, 21, 163), (57, 13, 168)], (4.6, 4.2, 3.6)),
    ([(38, 28, 160), (45, 36, 147), (52, 43, 131)], (5, 4.6, 3.8)),
)
OESOPHAGUS = (
    [(2, 22, 300), (4, 33, 250), (7, 38, 220), (7, 45, 185), (8, 48, 150), (9, 46, 110), (16, 30, 78), (26, 10, 62)],
    (6, 6.5, 6.5, 6.5, 6.5, 7, 7, 7),
)
SPINE_Y = profile((62, 64, 66, 68, 67, 63, 56, 49, 40))
_SEPTUM = profile((40, 34, 24, 9, 6, 15, 27, 30, 30), smooth_mm=8)


@cache
def blood() -> tuple[Capsules, ...]:
    """The great vessels, standard body."""
    return tuple(tube(points, radii, 3) for points, radii in BLOOD_TUBES)


@cache
def airways() -> tuple[Capsules, ...]:
    """Trachea and bronchi down to the lobes: the lumen, standard body."""
    return tuple(tube(points, radii, 4) for points, radii in AIRWAYS)


@cache
def oesophagus() -> Capsules:
    """The oesophagus, standard body."""
    return tube(*OESOPHAGUS, 3)


def tube_field(canvas: Canvas, pipe: Capsules, margin_mm: float) -> Near | None:
    """Return the part of the slice around ``pipe`` and the distance to it there; None where it is far."""
    reach = pipe.radii.max(1) + margin_mm
    low = np.minimum(pipe.starts, pipe.stops) - reach[:, None]
    high = np.maximum(pipe.starts, pipe.stops) + reach[:, None]
    near = np.flatnonzero((low[:, 2] < canvas.z) & (high[:, 2] > canvas.z))
    if not near.size:
        return None
    (x0, y0), (x1, y1) = low[near, :2].min(0), high[near, :2].max(0)
    part = canvas.box(x0, x1, y0, y1)
    field = np.full(part.hu.shape, FAR_MM, np.float32)
    for n in near:
        rows, columns = part.slices(low[n, 0], high[n, 0], low[n, 1], high[n, 1])
        first, last = pipe.radii[n]
        piece = capsule(part.x[:, columns], part.y[rows], part.z, pipe.starts[n], pipe.stops[n], radii=(first, last))
        np.minimum(field[rows, columns], piece, out=field[rows, columns])
    return part, field


@dataclass(frozen=True, eq=False)
class Pipes:
    """Everything tubular in one slice: the part of the slice around each tube, and the distance to it there."""

    blood: list[Near]
    airways: list[Near]
    oesophagus: list[Near]

    @staticmethod
    def of(canvas: Canvas) -> "Pipes":
        """Return the tubes that come near the slice."""
        return Pipes(*(_near(canvas, kind) for kind in (blood(), airways(), (oesophagus(),))))


def _near(canvas: Canvas, tubes: Iterable[Capsules]) -> list[Near]:
    found = (tube_field(canvas, pipe, 14.0) for pipe in tubes)
    return [near for near in found if near is not None]


@dataclass(frozen=True)
class Chamber:
    """A part of the heart: an ellipsoid, its wall and what it is made of."""

    center: tuple[float, float, float]
    radii: tuple[float, float, float]
    yaw_deg: float
    pitch_deg: float
    hu: float

    def field(self, canvas: Canvas) -> Field:
        """Distance to it in the slice."""
        turn = turned(self.yaw_deg, self.pitch_deg)
        return ellipsoid(canvas.x, canvas.y, canvas.z, self.center, self.radii, turn=turn)


_APEX = (-36.0, -24.0)  # the heart's long axis: to the left, forward and down
HEART = (
    Chamber((-29, -12, 113), (23, 28, 33), 0, 0, BLOOD_HU),
    Chamber((8, 19, 131), (31, 18, 24), 4, 0, BLOOD_HU),
    Chamber((11, -45, 103), (43, 23, 32), -12, -18, MYOCARDIUM_HU),
    Chamber((10, -45, 104), (39, 19, 28), -12, -18, BLOOD_HU - 6),
    Chamber((43, -16, 104), (49, 33, 34), *_APEX, MYOCARDIUM_HU),
    Chamber((38, -12, 106), (38, 21, 22), *_APEX, BLOOD_HU),
)

_CORES = (  # fat and nodes around the trachea and in both hila
    ((2, 4, 182), (33, 37, 52)),
    ((-40, 20, 152), (11, 18, 22)),
    ((45, 24, 150), (11, 18, 22)),
)
_NODES = (  # lymph nodes: centre and radii
    ((3, 24, 165), (13, 6, 8)),
    ((-9, 6, 193), (7, 5, 7)),
    ((19, 10, 188), (5, 5, 6)),
    ((-46, 24, 160), (5, 6, 7)),
    ((47, 26, 155), (5, 6, 7)),
    ((-8, -30, 200), (4, 3, 5)),
)


def heart_box(canvas: Canvas) -> Canvas | None:
    """Return the part of the slice that can hold the heart; None above and below it."""
    return canvas.box(-75, 110, -95, 60) if 45 < canvas.z < 175 else None


def organs(canvas: Canvas, pipes: Pipes) -> Iterator[Near]:
    """Yield part and distance of each organ that pushes the lungs aside, with its coat of fat."""
    part = heart_box(canvas)
    if part is not None:
        hull: Field = HEART[0].field(part)
        for chamber in (HEART[1], HEART[2], HEART[4]):
            hull = smooth_min(hull, chamber.field(part), 12.0)
        yield part, hull - 3.5
    for center, radii in _CORES:
        if abs(canvas.z - center[2]) < radii[2] + 4.0:
            reach = 16.0
            part = canvas.box(
                center[0] - radii[0] - reach,
                center[0] + radii[0] + reach,
                center[1] - radii[1] - reach,
                center[1] + radii[1] + reach,
            )
            yield part, ellipsoid(part.x, part.y, part.z, center, radii)
    for tubes, coat_mm in ((pipes.blood, 2.0), (pipes.airways, 2.2), (pipes.oesophagus, 1.5)):
        for part, field in tubes:
            yield part, field - np.float32(coat_mm)


def mediastinum(canvas: Canvas, build: Build, pipes: Pipes) -> Field:
    """Distance to everything between the lungs, negative inside: organs, spine and the septum that joins them."""
    z, ys = canvas.z, SPINE_Y(canvas.z)
    behind = np.maximum(canvas.y - np.float32(ys), 0.0)
    spine = ellipsoid(canvas.x, canvas.y, 0.0, (0.0, ys, 0.0), (25.0, 19.0, 1e3))
    field = smooth_min(spine, np.abs(canvas.x) - 21.0 - 0.42 * behind + np.maximum(ys - 6.0 - canvas.y, 0.0), 8.0)
    bend = 4.0 * np.sin(canvas.y / 26.0 + build.waves[4]) + 4.0
    front = np.clip((10.0 - canvas.y) / 70.0, 0.0, 1.0)
    septum = np.abs(canvas.x - np.float32(bend)) - (5.0 + front * (_SEPTUM(z) - 5.0))
    field = smooth_min(field, septum.astype(np.float32), 10.0)
    for part, own in organs(canvas, pipes):
        if not part.hu.size:
            continue
        rows, columns = _where(canvas, part)
        field[rows, columns] = smooth_min(field[rows, columns], own, 9.0)
    return field


def _where(canvas: Canvas, part: Canvas) -> tuple[slice, slice]:
    """Rows and columns of ``canvas`` that ``part`` was cut from."""
    row = int(np.searchsorted(canvas.y[:, 0], part.y[0, 0]))
    column = int(np.searchsorted(canvas.x[0], part.x[0, 0]))
    return slice(row, row + part.hu.shape[0]), slice(column, column + part.hu.shape[1])


def paint_mediastinum(canvas: Canvas, pipes: Pipes, floor_mm: Field) -> None:
    """Paint heart, great vessels, oesophagus and large airways; ``floor_mm`` (j, i) is the diaphragm's height."""
    part = heart_box(canvas)
    if part is not None:
        rows, columns = _where(canvas, part)
        low = floor_mm[rows, columns] + 3.0 - np.float32(canvas.z)
        for chamber in HEART:
            part.fill(np.maximum(chamber.field(part), low), chamber.hu)
    for center, radii in _NODES:
        if abs(canvas.z - center[2]) < radii[2] + 3.0:
            part = canvas.box(center[0] - 20, center[0] + 20, center[1] - 20, center[1] + 20)
            part.fill(ellipsoid(part.x, part.y, part.z, center, radii), MUSCLE_HU - 10.0, 2.0)
    for part, field in pipes.oesophagus:
        part.fill(field, MUSCLE_HU - 8.0)
        part.fill(field + 5.2, -500.0, 2.5)
    for part, field in pipes.blood:
        part.fill(field, BLOOD_HU)
    for wall_mm, hu in ((1.5, 20.0), (0.0, AIR_HU)):
        for part, field in pipes.airways:
            part.fill(field - np.float32(wall_mm), hu)
