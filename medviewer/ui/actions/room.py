"""What is done with planes, with the prior beside them, and with what was measured."""

from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.arrangement import CELL_KINDS, CellKind
from medviewer.i18n import N_, Message
from medviewer.ui.actions.action import Action, is_shown
from medviewer.ui.marks.grab import delete_chosen
from medviewer.ui.marks.view import marks_of
from medviewer.ui.planes.curves import drop_curve
from medviewer.ui.planes.oblique import blend_otherwise, make_thicker, make_thinner, stand_upright

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow

_KINDS: dict[CellKind, tuple[Message, Message]] = {
    "axial": (N_("As axial planes"), N_("Show axial planes in this viewport")),
    "coronal": (N_("As coronal planes"), N_("Show coronal planes in this viewport")),
    "sagittal": (N_("As sagittal planes"), N_("Show sagittal planes in this viewport")),
    "native": (N_("As the images were made"), N_("Show the original images in this viewport")),
    "curved": (N_("Along the curve"), N_("Show the plane along the line drawn with the curve tool")),
    "volume": (N_("In three dimensions"), N_("Show the volume rendered in this viewport")),
}


def _show_as(kind: CellKind) -> Action:
    title, tip = _KINDS[kind]

    def show(window: "MainWindow") -> None:
        viewport = window.viewer.active
        window.viewer.set_cell(viewport, replace(viewport.cell, kind=kind, close_up=False))

    def possible(window: "MainWindow") -> bool:
        display = window.viewer.active.display
        if display.volume is None or (kind == "curved" and not display.curve_lps_mm):
            return False
        return display.volume.regular or kind == "native"

    return Action(
        f"as-{kind}",
        "image",
        title,
        show,
        (),
        tip,
        checked=lambda w: w.viewer.active.cell.kind == kind,
        possible=possible,
        group="plane",
    )


def _has_prior(window: "MainWindow") -> bool:
    return window.view.prior is not None


# fmt: off
ACTIONS = (
    Action("delete", "edit", N_("Delete measurement"),
           lambda w: delete_chosen(marks_of(w.view)), ("Del",),
           N_("Delete the chosen measurement"), possible=lambda w: marks_of(w.view).chosen is not None, gap=True),
    Action("register", "tools", N_("Register the prior"),
           lambda w: w.priors.comparing.register(), (),
           N_("Find by computation how the prior's places lie in these images"), possible=_has_prior,
           gap=True, group="prior"),
    Action("check-registration", "tools", N_("Check the registration, fused"),
           lambda w: w.priors.comparing.check_fused(on=not w.priors.comparing.is_checked()), ("Shift+P",),
           N_("Show the prior over these images in two colours: grey where they agree"),
           checked=lambda w: w.priors.comparing.is_checked(), possible=_has_prior, group="prior"),
    Action("align", "tools", N_("Align the prior by hand"),
           lambda w: w.priors.comparing.begin_aligning(), (),
           N_("Shift and turn the prior over these images, or scroll each to the same place"), possible=_has_prior,
           group="prior"),
    Action("unregister", "tools", N_("Undo the registration"),
           lambda w: w.priors.comparing.undo(), (), N_("Take the prior to lie as its files say"),
           possible=lambda w: w.priors.comparing.registration() is not None, group="prior"),
    *(_show_as(kind) for kind in CELL_KINDS),
    Action("upright", "image", N_("Upright planes"),
           stand_upright, ("Shift+O",), N_("Take back the tilt of oblique planes"),
           possible=lambda w: w.viewer.active.display.axes is not None, gap=True, group="plane"),
    Action("slab-thicker", "image", N_("Thicker plane"),
           make_thicker, ("+", "="), N_("Blend more slices into one picture; Alt+wheel does the same"),
           possible=is_shown, group="plane"),
    Action("slab-thinner", "image", N_("Thinner plane"), make_thinner, ("-",),
           N_("Blend fewer slices into one picture"), possible=is_shown, group="plane"),
    Action("slab-blend", "image", N_("Maximum, minimum or mean"),
           blend_otherwise, ("Shift+M",), N_("How the slices of a thick plane become one picture: MIP, MinIP, mean"),
           possible=lambda w: w.viewer.active.slab.mm > 0, group="plane"),
    Action("drop-curve", "image", N_("Remove the curve"), drop_curve, (),
           N_("Take away the line of the curved plane"),
           possible=lambda w: bool(w.viewer.active.display.curve_lps_mm), group="plane"),
)
# fmt: on
