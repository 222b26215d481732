"""Where nodules and traps go: inside their lobe, clear of each other, of fissures and of large vessels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from medviewer.phantom.capsules import Capsules, join, tube
from medviewer.phantom.circulation import Circulation
from medviewer.phantom.lesion import KINDS, Kind, Lesion, design
from medviewer.phantom.lungs import LLL, LUL, RLL, RML, RUL
from medviewer.phantom.plan import Array, Plan

# lobes of KINDS in their order, then of the trap; the seed chooses one line
LAYOUTS = (
    (RUL, LLL, LUL, RLL, RML, LUL, RLL),
    (RUL, LLL, RLL, LUL, LLL, RLL, LUL),
    (RUL, LLL, LUL, RLL, LUL, RUL, RLL),
    (RUL, LLL, RLL, RUL, LUL, LLL, LUL),
)
_APART_MM = 26.0
TRAP_MM = 2.1  # radius of both vessels that cross


@dataclass(frozen=True, eq=False)
class Site:
    """A nodule's place: lobe, centre (x, y, z mm of the standard body), direction into the lung if on the pleura."""

    lobe: int
    center: Array
    inward: Array | None = None


@dataclass(frozen=True, eq=False)
class Scene:
    """All that is in one patient's lungs, in patient mm: nodules with their lobes, vessels, airways, the trap."""

    lesions: tuple[Lesion, ...]
    lobes: tuple[int, ...]
    blood: Capsules
    airways: Capsules
    trap: Array
    trap_lobe: int


def populate(plan: Plan, flow: Circulation, rng: np.random.Generator) -> Scene:
    """Find a site for each kind of nodule and for the trap, and clear small vessels out of their way."""
    layout = LAYOUTS[int(rng.integers(len(LAYOUTS)))]
    scale = np.asarray(plan.build.scale)
    thick = join([flow.blood.pick(flow.blood.radii.max(1) > 1.15), flow.airways.pick(flow.airways.radii.max(1) > 1.0)])
    taken: list[Array] = []
    sites: list[Site] = []
    for kind, lobe in zip(KINDS, layout, strict=False):
        if kind.on_pleura:
            site = _on_pleura(plan, lobe, taken, rng)
        else:
            site = _inside(plan, kind, lobe, thick, taken=taken, rng=rng)
        sites.append(site)
        taken.append(site.center)
    knot = _free(plan, layout[-1], depth_mm=19.0, fissure_mm=15.0, taken=taken, rng=rng)
    knot = knot[int(np.argmax(thick.distance_mm(knot)))]
    lesions = tuple(
        design(kind, site.center * scale, rng, site.inward) for kind, site in zip(KINDS, sites, strict=True)
    )
    blood, air = flow.blood.scaled(scale), flow.airways.scaled(scale)
    for lesion in lesions:
        reach = 1.15 * lesion.radius_mm + 1.6
        blood, air = _cleared(blood, lesion.center, reach), _cleared(air, lesion.center, reach + 1.0)
    trap = knot * scale
    crossing = _crossing(trap, rng)
    return Scene(
        lesions=lesions,
        lobes=tuple(site.lobe for site in sites),
        blood=join([_cleared(blood, trap, 7.0), crossing]),
        airways=_cleared(air, trap, 8.0),
        trap=trap,
        trap_lobe=layout[-1],
    )


def _free(
    plan: Plan, lobe: int, *, depth_mm: float, fissure_mm: float, taken: Sequence[Array], rng: np.random.Generator
) -> Array:
    """Points of a lobe deep enough and away from fissures and from what is ``taken``, in random order."""
    points = plan.scatter(6.0, 1.0, rng)
    points = points[plan.lobe(points) == lobe]
    for ease in (1.0, 0.8, 0.6, 0.4):
        ok = (plan.depth_mm(points) > ease * depth_mm) & (plan.from_fissure_mm(points) > ease * fissure_mm)
        for other in taken:
            ok &= np.linalg.norm(points - other, axis=1) > ease * _APART_MM
        if ok.sum() >= 4:
            break
    free: Array = points[ok][rng.permutation(int(ok.sum()))]
    return free


def _inside(
    plan: Plan, kind: Kind, lobe: int, thick: Capsules, *, taken: Sequence[Array], rng: np.random.Generator
) -> Site:
    """A site within the lobe; of forty free points one well away from large vessels."""
    radius = kind.long_mm / 2
    points = _free(plan, lobe, depth_mm=radius + 7.0, fissure_mm=radius + 4.0, taken=taken, rng=rng)[:40]
    clear = thick.distance_mm(points) - radius
    good = np.flatnonzero(clear > 3.0)
    return Site(lobe, points[good[0] if good.size else int(np.argmax(clear))])


def _on_pleura(plan: Plan, lobe: int, taken: Sequence[Array], rng: np.random.Generator) -> Site:
    """A site on the costal pleura beside the lobe, far from fissures and diaphragm."""
    points = _free(plan, lobe, depth_mm=1.0, fissure_mm=14.0, taken=taken, rng=rng)
    depth = plan.depth_mm(points)
    points = points[(depth > 2.0) & (depth < 7.0)]
    step = 3.0 * np.eye(3)
    inward = np.stack([plan.depth_mm(points + s) - plan.depth_mm(points - s) for s in step], axis=1)
    inward /= np.linalg.norm(inward, axis=1)[:, None]
    outer = (np.abs(points[:, 0]) > 70.0) & (inward[:, 0] * np.sign(points[:, 0]) < -0.6) & (np.abs(inward[:, 2]) < 0.4)
    n = int(np.flatnonzero(outer)[0])
    return Site(lobe, plan.surface(points[n], -inward[n]), inward[n])


def _cleared(tree: Capsules, center: Array, reach_mm: float) -> Capsules:
    """The tree without what comes nearer than ``reach_mm`` to ``center``."""
    step, offset = tree.stops - tree.starts, center - tree.starts
    t = np.clip((offset * step).sum(1) / np.maximum((step * step).sum(1), 1e-9), 0.0, 1.0)
    return tree.pick(np.linalg.norm(offset - t[:, None] * step, axis=1) - tree.radii.max(1) > reach_mm)


def _crossing(center: Array, rng: np.random.Generator) -> Capsules:
    """Two vessels that touch at ``center`` and look like a nodule in that slice."""
    angle = float(rng.uniform(0, np.pi))
    parts = []
    for turn, tilt, off in ((angle, 0.25, -0.5), (angle + 1.25, -0.55, 0.5)):
        along = np.array([np.cos(turn), np.sin(turn), tilt])
        bow = np.cross(along, (0.0, 0.0, 1.0)) * 1.6
        middle = center + np.array([0.0, 0.0, off * TRAP_MM])
        way = ((-15, 1.0), (-7, 0.4), (0, 0.0), (7, 0.0), (14, -1.0))
        line = [middle + far * along + side * bow for far, side in way]
        parts.append(tube(line, [0.9 * TRAP_MM, TRAP_MM, TRAP_MM, 0.8 * TRAP_MM, 0.5 * TRAP_MM], 4))
    return join(parts)
