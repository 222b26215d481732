"""The trees inside the lungs: bronchi, the arteries beside them, and the veins between."""

from dataclasses import dataclass

import numpy as np

from medviewer.phantom.capsules import Capsules, join, tube
from medviewer.phantom.lungs import LLL, LUL, RLL, RML, RUL
from medviewer.phantom.plan import Plan
from medviewer.phantom.tree import beside, grow, vessels


@dataclass(frozen=True)
class Hilum:
    """Where one lobe's trees begin (x, y, z mm, standard body) and how thick (radius, mm) they are there."""

    lobe: int
    airway: tuple[float, float, float]
    artery: tuple[float, float, float]
    vein: tuple[float, float, float]
    airway_mm: float
    artery_mm: float
    vein_mm: float


HILA = (
    Hilum(RUL, (-47, 21, 179), (-54, 8, 180), (-52, -4, 152), 3.1, 4.5, 4.6),
    Hilum(RML, (-54, 4, 130), (-52, 20, 144), (-52, -14, 132), 2.6, 3.6, 3.4),
    Hilum(RLL, (-50, 41, 124), (-54, 28, 138), (-52, 42, 114), 3.3, 5.4, 4.9),
    Hilum(LUL, (57, 13, 168), (55, 28, 160), (57, -8, 160), 3.2, 4.9, 4.8),
    Hilum(LLL, (52, 43, 131), (57, 42, 134), (58, 44, 114), 3.3, 5.2, 4.8),
)


@dataclass(frozen=True, eq=False)
class Circulation:
    """Blood vessels and airway lumens inside the lungs, x, y, z in mm of the standard body."""

    blood: Capsules
    airways: Capsules


def circulation(plan: Plan, rng: np.random.Generator) -> Circulation:
    """Grow the trees of all five lobes."""
    served, drained = plan.scatter(11.0, 2.0, rng), plan.scatter(12.0, 2.0, rng)
    served_by, drained_by = plan.lobe(served), plan.lobe(drained)
    blood: list[Capsules] = []
    air: list[Capsules] = []
    for hilum in HILA:
        root, side = np.asarray(hilum.airway, np.float64), np.sign(hilum.airway[0])
        outward = np.array([side, 0.0, 0.0])
        tree = grow(root, outward, served[served_by == hilum.lobe], rng)
        to = np.array([0.35 * side, -0.5, 0.8])
        aside = beside(tree, hilum.artery_mm + hilum.airway_mm + 1.2, to)
        air.append(vessels(tree, hilum.airway_mm, 0.85))
        blood.append(vessels(aside, hilum.artery_mm, 0.0))
        blood.append(tube([hilum.artery, aside[0].start.tolist()], [hilum.artery_mm * 1.1, hilum.artery_mm], 4))
        vein = grow(np.asarray(hilum.vein, np.float64), outward, drained[drained_by == hilum.lobe], rng)
        blood.append(vessels(vein, hilum.vein_mm, 0.0))
    return Circulation(_inside(plan, join(blood)), _inside(plan, join(air)))


def _inside(plan: Plan, capsules: Capsules) -> Capsules:
    """Drop what strays out of the lungs, but for the hila."""
    middle = 0.5 * (capsules.starts + capsules.stops)
    center = np.where(middle[:, :1] < 0, np.array([[-44.0, 20.0, 150.0]]), np.array([[48.0, 20.0, 150.0]]))
    near_hilum = np.linalg.norm(middle - center, axis=1) < 42.0
    return capsules.pick((plan.depth_mm(middle) > 0.5) | near_hilum)
