"""How thick planes are: the next thickness, the next way to blend, and the words for both."""

from typing import TYPE_CHECKING

from medviewer.core.arrangement import BLENDS, Blend, Slab
from medviewer.i18n import N_, Message, _

if TYPE_CHECKING:
    from medviewer.ui.planes.plane import Plane

STEP_MM, SMALL_STEP_MM = 5.0, 1.0
_SMALL_MM = 60.0  # a stack less deep than this, as of a finger or a tooth, is thickened in small steps
BLEND_TITLES: dict[Blend, Message] = {"mean": N_("Mean"), "max": N_("MIP"), "min": N_("MinIP")}


def thicker(slab: Slab, plane: "Plane", steps: int) -> Slab:
    """Return the slab ``steps`` of the usual thicknesses thicker, thinner where negative.

    The first step from a single layer is a maximum (MIP) unless the reader chose a way to blend; nothing is thicker
    than the stack is deep.
    """
    step_mm = step_of(plane)
    most_mm = max(step_mm, int(depth_mm(plane) / step_mm) * step_mm)
    mm = min(max((round(slab.mm / step_mm) + steps) * step_mm, 0.0), most_mm)
    return Slab(mm, slab.blend if slab.mm or slab.blend != "mean" else "max")


def step_of(plane: "Plane") -> float:
    """Return by how many mm the slab grows: 5, or so much that a slice comes in on either side; 1 in small stacks."""
    between_mm = plane.between_mm
    wanted_mm = SMALL_STEP_MM if depth_mm(plane) < _SMALL_MM else STEP_MM
    return wanted_mm if 2 * between_mm <= wanted_mm else 2 * between_mm


def depth_mm(plane: "Plane") -> float:
    """Return how deep the stack is."""
    return plane.count * plane.between_mm


def blended(slab: Slab) -> Slab:
    """Return the slab with the next way to blend: mean, MIP, MinIP."""
    return Slab(slab.mm, BLENDS[(BLENDS.index(slab.blend) + 1) % len(BLENDS)])


def slab_words(slab: Slab) -> str:
    """Say how thick a plane is, as "MIP 10 mm"; empty for a single layer."""
    if slab.mm <= 0:
        return ""
    return _("{blend} {mm:g} mm").format(blend=BLEND_TITLES[slab.blend], mm=round(slab.mm, 1))
