"""What is done with fusion from menus and keys."""

from typing import TYPE_CHECKING

from medviewer.core.problem import Problem
from medviewer.i18n import N_, _
from medviewer.ui.actions.action import Action, is_shown
from medviewer.ui.fusion import fusing as fusion

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow


def toggle(window: "MainWindow") -> None:
    """End the fusion, or fuse the active display with what fits best; Problem where nothing does.

    Uptake goes before anatomy, and what is in the room before what must be loaded.
    """
    if fusion.is_on(window):
        fusion.end(window)
        return
    display = window.view.active
    partners = sorted(fusion.partners(window.view, display), key=lambda other: not fusion.is_uptake(other))
    waiting = sorted(fusion.waiting(window, display), key=lambda series: series.modality not in fusion.UPTAKE)
    if partners and (fusion.is_uptake(partners[0]) or not waiting):
        fusion.fuse(window, partners[0].name)
    elif waiting:
        fusion.fuse_series(window, waiting[0])
    else:
        raise Problem(
            _("No other series of this study lies in the same place."),
            _("Register two series first, or choose one with positions in the same frame of reference."),
        )


ACTIONS = (
    Action(
        "fusion",
        "image",
        N_("Fusion"),
        toggle,
        ("U",),
        N_("Show another series, such as the PET, in colours over this one"),
        "fusion",
        checked=fusion.is_on,
        possible=is_shown,
        group="fusion",
    ),
    Action(
        "fusion-more",
        "image",
        N_("More of the colours"),
        fusion.more,
        ("Ctrl+Right",),
        N_("Show more of the series in colours and less of the greys"),
        possible=fusion.is_on,
        group="fusion",
    ),
    Action(
        "fusion-less",
        "image",
        N_("More of the greys"),
        fusion.less,
        ("Ctrl+Left",),
        N_("Show less of the series in colours and more of the greys"),
        possible=fusion.is_on,
        group="fusion",
    ),
    Action(
        "fusion-mode",
        "image",
        N_("Next way of fusing"),
        fusion.next_mode,
        ("Shift+U",),
        N_("Colours over greys, checkerboard, magenta and green, difference: to check how two series lie"),
        possible=fusion.is_on,
        group="fusion",
    ),
)
