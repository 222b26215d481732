"""What is seen of the window: what lies over images, what moves together, other screens, panels."""

from typing import TYPE_CHECKING

from medviewer.i18n import N_, Message
from medviewer.ui.actions.action import Action, is_shown
from medviewer.ui.comfort.focus import step_part
from medviewer.ui.hanging.placing import ask_and_save
from medviewer.ui.view import LINKS, Link

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow

_LINKED: dict[Link, tuple[Message, Message]] = {
    "scroll": (N_("Scroll together"), N_("All series of the room go to the same place of the patient")),
    "pan": (N_("Pan together"), N_("Images of the same plane are moved together")),
    "zoom": (N_("Zoom together"), N_("Images of the same plane are shown in the same size")),
    "window": (N_("Window together"), N_("Series of the same kind are shown in the same window")),
}


def _link(link: Link) -> Action:
    title, tip = _LINKED[link]
    return Action(
        f"link-{link}",
        "view",
        title,
        lambda w: w.view.set_link(link, link not in w.view.links),
        (),
        tip,
        checked=lambda w: link in w.view.links,
        group="links",
    )


def _link_all(window: "MainWindow") -> None:
    """Do everything together, or each by itself where everything was done together."""
    together = window.view.links == LINKS
    for link in _LINKED:
        window.view.set_link(link, not together)


# fmt: off
ACTIONS = (
    Action("save-hanging", "view", N_("Save arrangement…"), ask_and_save, (),
           N_("Hang studies like this one in the same way from now on"), possible=is_shown, gap=True, group="hanging"),
    *(_link(link) for link in _LINKED),
    Action("link-all", "view", N_("Everything together"), _link_all, ("L",),
           N_("Scroll, pan, zoom and window together in all viewports, or each by itself"), "link",
           checked=lambda w: w.view.links == LINKS, gap=True, group="links"),
    Action("overlay", "view", N_("Findings on images"),
           lambda w: w.view.toggle_overlay(), ("G",),
           N_("Show or hide boxes and outlines"), "overlay", checked=lambda w: w.view.overlay_shown, gap=True),
    Action("texts", "view", N_("Everything over images"),
           lambda w: w.view.toggle_texts(), ("Space",),
           N_("Show or hide texts, lines and findings"), "texts", checked=lambda w: w.view.texts_shown),
    Action("references", "view", N_("Lines of the other planes"),
           lambda w: w.viewer.show_references(not w.viewer.references_shown), ("Shift+X",),
           N_("Show where the other planes cut this one"), checked=lambda w: w.viewer.references_shown),
    Action("screen", "view", N_("Images on another screen"),
           lambda w: w.open_screen(), ("Ctrl+Shift+M",),
           N_("Open a window with these images, for a second monitor"), possible=is_shown, gap=True),
    Action("next-viewport", "view", N_("Next viewport"),
           lambda w: w.viewer.step_active(1), ("F6",), N_("Let keys act on the next viewport"), possible=is_shown),
    Action("previous-viewport", "view", N_("Previous viewport"),
           lambda w: w.viewer.step_active(-1), ("Shift+F6",), N_("Let keys act on the viewport before"),
           possible=is_shown),
    Action("enlarge", "view", N_("Enlarge the viewport"),
           lambda w: w.viewer.enlarge(w.viewer.active), ("Shift+Return",),
           N_("Show this viewport alone, or all again; a double click does the same"),
           checked=lambda w: w.viewer.enlarged is not None, possible=is_shown),
    Action("float-panel", "view", N_("Float or dock the panel"), lambda w: w.docks.toggle_float(), ("Shift+F11",),
           N_("Let the panel in use float, for a second monitor, or dock it again"), gap=True, group="panels"),
    Action("reset-panels", "view", N_("Panels as at first"),
           lambda w: w.comfort.reset_panels(), (), N_("Put every panel back where it is at first"), group="panels"),
    Action("next-part", "view", N_("Next part of the window"),
           lambda w: step_part(w, 1), ("Ctrl+Tab",), N_("Go on to studies, images, panels, toolbar"), gap=True,
           group="panels"),
    Action("previous-part", "view", N_("Previous part of the window"),
           lambda w: step_part(w, -1), ("Ctrl+Shift+Tab",), N_("Go back to toolbar, panels, images, studies"),
           group="panels"),
    Action("full-screen", "view", N_("Full screen"),
           lambda w: w.toggle_full_screen(), ("F11",),
           N_("Use the whole screen"), "full-screen", checked=lambda w: w.isFullScreen()),
)
# fmt: on
