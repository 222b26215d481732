"""A virtual chest CT of known truth, with or without the state of a year before."""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.phantom.build import build
from medviewer.phantom.circulation import circulation
from medviewer.phantom.lesion import Lesion, earlier, measure, patch
from medviewer.phantom.lungs import LOBES, RLL
from medviewer.phantom.place import TRAP_MM, Scene, populate
from medviewer.phantom.plan import Array, plan
from medviewer.phantom.render import Frame, Painter, Patch, Trees, Voxels, render
from medviewer.phantom.virtual import Point, Side, Trap, TrueNodule, VirtualCT

SHAPE_KJI = (140, 384, 384)


@lru_cache(maxsize=2)
def _scene(seed: int) -> Scene:
    """The patient's trees and nodules; kept because the prior needs them again."""
    lungs = plan(build(seed))
    flow = circulation(lungs, np.random.default_rng([seed, 2]))
    return populate(lungs, flow, np.random.default_rng([seed, 4]))


def make(
    seed: int, *, prior: bool = False, shape_kji: tuple[int, int, int] = SHAPE_KJI, job: Job | None = None
) -> VirtualCT:
    """Draw the patient of ``seed``, or with ``prior`` the same one a year before, two nodules smaller.

    The field of view is the same whatever ``shape_kji``: fewer voxels are larger ones.
    """
    job = job or Job()
    job.step(0.0)
    patient, scene = build(seed), _scene(seed)
    job.step(0.15)
    shift = prior_shift(seed) if prior else (0.0, 0.0, 0.0)
    frame = Frame.of(shape_kji, shift)
    lesions = [earlier(lesion) if prior else lesion for lesion in scene.lesions]
    patches = [patch(lesion, frame) for lesion in lesions]
    trees = Trees.of(frame, scene.blood, scene.airways)
    job.step(0.25)
    voxels = render(Painter(patient, frame, trees, patches, int(prior)), job.part(0.25, 1.0))
    lies = patient.lies_lps_mm
    x, y, z = (o + m + at for o, m, at in zip(frame.origin_xyz, shift, lies, strict=True))
    sx, sy, sz = frame.spacing_xyz
    grid = Grid(shape_kji, (x, y, z), (sz, sy, sx))
    offset = np.add(shift, lies)
    truth = tuple(
        _truth(lesion, lobe, _mean_hu(voxels, part), offset)
        for lesion, lobe, part in zip(lesions, scene.lobes, patches, strict=True)
    )
    if not prior:
        before = np.add(prior_shift(seed), lies)
        truth = tuple(_with_prior(nodule, lesion, before) for nodule, lesion in zip(truth, lesions, strict=True))
    return VirtualCT(voxels, grid, truth, (_trap(scene, offset),), shift)


def _trap(scene: Scene, offset: Array) -> Trap:
    """Describe the crossing vessels; ``offset`` leads from patient mm to LPS mm."""
    return Trap(
        id="trap-1",
        kind="vessel crossing",
        center_lps_mm=_point(scene.trap + offset),
        diameter_mm=round(2.6 * TRAP_MM, 1),
        side=_side(scene.trap_lobe),
        lobe=LOBES[scene.trap_lobe - 1],
    )


def prior_shift(seed: int) -> Point:
    """How far the patient lay from today's place a year before, in LPS mm."""
    x, y, z = np.round(np.random.default_rng([seed, 6]).uniform(-6.0, 6.0, 3), 2)
    return float(x), float(y), float(z)


def _truth(lesion: Lesion, lobe: int, mean_hu: float, offset: Array) -> TrueNodule:
    """Describe a nodule; ``offset`` leads from patient mm to LPS mm."""
    size, kind = measure(lesion), lesion.kind
    return TrueNodule(
        id=kind.id,
        type=kind.type,
        center_lps_mm=_point(size.center + offset),
        axes_mm=_point(size.axes_mm),
        long_axis_mm=round(size.long_axis_mm, 2),
        short_axis_mm=round(size.short_axis_mm, 2),
        volume_mm3=round(size.volume_mm3, 1),
        mean_hu=round(mean_hu, 1),
        side=_side(lobe),
        lobe=LOBES[lobe - 1],
        calcified=kind.calcified,
        on_pleura=kind.on_pleura,
        spiculated=kind.spicules > 0,
        lobulated=kind.lobes > 1,
        solid_part_mm=_core_mm(lesion),
    )


def _with_prior(nodule: TrueNodule, lesion: Lesion, offset: Array) -> TrueNodule:
    """Add what the nodule was a year before; ``offset`` leads from patient mm to LPS mm of that examination."""
    size = measure(earlier(lesion))
    return replace(
        nodule,
        prior_center_lps_mm=_point(size.center + offset),
        prior_long_axis_mm=round(size.long_axis_mm, 2),
        prior_short_axis_mm=round(size.short_axis_mm, 2),
        prior_volume_mm3=round(size.volume_mm3, 1),
        prior_solid_part_mm=_core_mm(earlier(lesion)),
    )


def _core_mm(lesion: Lesion) -> float | None:
    return round(2 * lesion.core_radius_mm, 2) if lesion.kind.core_mm else None


def _side(lobe: int) -> Side:
    return "right" if lobe <= RLL else "left"


def _mean_hu(voxels: Voxels, part: Patch) -> float:
    """Mean of the finished picture over the voxels at least half filled by the nodule."""
    box = tuple(slice(o, o + n) for o, n in zip(part.low_kji, part.body.shape, strict=True))
    inside = part.body >= min(0.5, float(part.body.max()))
    return float(voxels[box][inside].mean())


def _point(values: object) -> Point:
    x, y, z = (round(float(v), 3) for v in np.asarray(values))
    return x, y, z
