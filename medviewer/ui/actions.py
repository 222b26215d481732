"""Everything the reader can do, in one table: menus, toolbar, keys and the shortcut sheet are made from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence

from medviewer.i18n import N_, Message
from medviewer.imaging.window import PRESETS
from medviewer.ui import verdict
from medviewer.ui.icons import icon
from medviewer.ui.layouts import LAYOUTS

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow

Handler = Callable[["MainWindow"], None]
Question = Callable[["MainWindow"], bool]

MENUS = {
    "file": N_("&File"),
    "edit": N_("&Edit"),
    "image": N_("&Image"),
    "tools": N_("&Tools"),
    "window": N_("&Window"),
    "findings": N_("Fin&dings"),
    "view": N_("&View"),
    "help": N_("&Help"),
}


@dataclass(frozen=True)
class Action:
    """One thing to do: name for machines, menu, title, handler, keys, what it is for, icon.

    ``checked`` makes it an on/off action and says which it is; ``possible`` says whether it can be done now, and
    ``why_not`` then why not; ``gap`` draws a line above it in the menu.
    """

    id: str
    menu: str
    title: Message
    handler: Handler
    keys: tuple[str, ...] = ()
    tip: Message | None = None
    icon: str = ""
    checked: Question | None = None
    possible: Question | None = None
    why_not: Callable[["MainWindow"], str] | None = None
    gap: bool = False


def _shown(window: "MainWindow") -> bool:
    return window.view.volume is not None


def _case(window: "MainWindow") -> bool:
    return window.session.study is not None


def _chosen(window: "MainWindow") -> bool:
    return verdict.chosen(window.session, window.view) is not None


def _flip(window: "MainWindow", name: str) -> None:
    viewport = window.viewer.active
    viewport.change_camera(**{name: not getattr(viewport.camera, name)})


# fmt: off
FIXED = (
    Action("open", "file", N_("Open folder…"),
           lambda w: w.ask_folder(), ("Ctrl+O",), N_("Open a folder or disc with DICOM images"), "open"),
    Action("open-files", "file", N_("Open files…"),
           lambda w: w.ask_files(), ("Ctrl+Shift+O",),
           N_("Open DICOM files, ZIP archives, a DICOMDIR, or NIfTI, NRRD and MHA volumes")),
    Action("library", "file", N_("Library…"),
           lambda w: w.show_library(), ("Ctrl+L",), N_("Find and open studies that were opened before"), "library"),
    Action("demo", "file", N_("Show the demo"),
           lambda w: w.flow.open_demo(), (), N_("Open a virtual chest CT with known nodules")),
    Action("quit", "file", N_("Quit"), lambda w: w.leave(), ("Ctrl+Q",), gap=True),
    Action("undo", "edit", N_("Undo"),
           lambda w: w.session.undo(w), ("Ctrl+Z",),
           N_("Take the last step back"), "undo", possible=lambda w: w.session.undo_label is not None),
    Action("redo", "edit", N_("Redo"),
           lambda w: w.session.redo(w), ("Ctrl+Y", "Ctrl+Shift+Z"),
           N_("Do it again"), "redo", possible=lambda w: w.session.redo_label is not None),
    Action("next-image", "image", N_("Next image"), lambda w: w.viewer.active.step(1), ("Down",), possible=_shown),
    Action("previous-image", "image", N_("Previous image"),
           lambda w: w.viewer.active.step(-1), ("Up",), possible=_shown),
    Action("ten-on", "image", N_("Ten images forward"),
           lambda w: w.viewer.active.step(10), ("PgDown",), possible=_shown),
    Action("ten-back", "image", N_("Ten images back"), lambda w: w.viewer.active.step(-10), ("PgUp",), possible=_shown),
    Action("first-image", "image", N_("First image"),
           lambda w: w.viewer.active.go_to_end(False), ("Home",), possible=_shown),
    Action("last-image", "image", N_("Last image"),
           lambda w: w.viewer.active.go_to_end(True), ("End",), possible=_shown),
    Action("next-series", "image", N_("Next series"), lambda w: w.browser.step(1), ("Right",), gap=True),
    Action("previous-series", "image", N_("Previous series"), lambda w: w.browser.step(-1), ("Left",)),
    Action("cine", "image", N_("Cine"),
           lambda w: w.viewer.toggle_cine(), ("C",),
           N_("Let the images pass by themselves"), "cine",
           checked=lambda w: w.viewer.cine_runs, possible=_shown, gap=True),
    Action("rotate", "image", N_("Rotate"),
           lambda w: w.viewer.active.set_camera(w.viewer.active.camera.turned()), ("R",),
           N_("Turn the image a quarter clockwise"), "rotate", possible=_shown, gap=True),
    Action("flip-h", "image", N_("Flip horizontally"),
           lambda w: _flip(w, "flipped_h"), ("H",),
           N_("Swap left and right of the image"), "flip-horizontal", possible=_shown),
    Action("flip-v", "image", N_("Flip vertically"),
           lambda w: _flip(w, "flipped_v"), ("V",),
           N_("Swap top and bottom of the image"), "flip-vertical", possible=_shown),
    Action("reset", "image", N_("Reset view"),
           lambda w: w.reset_views(), ("Shift+Z",),
           N_("Whole image, original orientation, initial window"), "reset", possible=_shown),
    Action("invert", "window", N_("Invert"),
           lambda w: w.view.invert(), ("I",),
           N_("Swap black and white"), "invert", checked=lambda w: w.view.inverted, possible=_shown, gap=True),
    Action("next-finding", "findings", N_("Next finding"),
           lambda w: verdict.step(w.session, w.view, 1), ("N",),
           N_("Go to the next finding in all planes"), "next", possible=_case),
    Action("previous-finding", "findings", N_("Previous finding"),
           lambda w: verdict.step(w.session, w.view, -1), ("P",),
           N_("Go to the previous finding in all planes"), "previous", possible=_case),
    Action("accept", "findings", N_("Accept finding"),
           lambda w: verdict.accept(w.session, w.view), ("Return", "Enter"),
           N_("Accept the chosen finding; once more takes it back"), "accept", possible=_chosen, gap=True),
    Action("reject", "findings", N_("Reject finding"),
           lambda w: verdict.reject(w.session, w.view), ("Backspace",),
           N_("Reject the chosen finding; once more takes it back"), "reject", possible=_chosen),
    Action("read-again", "findings", N_("Read again"),
           lambda w: w.flow.read_again(), (),
           N_("Let the model read this series anew; your verdicts stay"), "read", possible=_shown, gap=True),
    Action("model-card", "findings", N_("About the model…"),
           lambda w: w.show_card(), (), N_("What the model was trained on, how well it does, and what it cannot do")),
    Action("overlay", "view", N_("Findings on images"),
           lambda w: w.view.toggle_overlay(), ("G",),
           N_("Show or hide boxes and outlines"), "overlay", checked=lambda w: w.view.overlay_shown, gap=True),
    Action("texts", "view", N_("Everything over images"),
           lambda w: w.view.toggle_texts(), ("Space",),
           N_("Show or hide texts, lines and findings"), "texts", checked=lambda w: w.view.texts_shown),
    Action("references", "view", N_("Lines of the other planes"),
           lambda w: w.viewer.show_references(not w.viewer.references_shown), ("Shift+X",),
           N_("Show where the other planes cut this one"), checked=lambda w: w.viewer.references_shown),
    Action("float-panel", "view", N_("Float or dock the panel"), lambda w: w.docks.toggle_float(), ("Shift+F11",),
           N_("Let the panel in use float, for a second monitor, or dock it again"), gap=True),
    Action("full-screen", "view", N_("Full screen"),
           lambda w: w.toggle_full_screen(), ("F11",),
           N_("Use the whole screen"), "full-screen", checked=lambda w: w.isFullScreen()),
    Action("shortcuts", "help", N_("Keys and mouse"),
           lambda w: w.show_shortcuts(), ("F1", "?"), N_("All keys and what the mouse does"), "help"),
    Action("notice", "help", N_("About MedViewer"), lambda w: w.show_notice(), ()),
)
# fmt: on


def _preset(number: int, window: "MainWindow") -> None:
    chosen = PRESETS[number].window
    window.view.set_window(window.view.default_window if chosen is None else chosen)


def _tools(window: "MainWindow") -> list[Action]:
    def pick(tool_id: str) -> Handler:
        return lambda w: w.viewer.set_tool(tool_id)

    def is_picked(tool_id: str) -> Question:
        return lambda w: w.viewer.tool.id == tool_id

    return [
        Action(f"tool-{t.id}", "tools", t.title, pick(t.id), (t.key,), t.tip, f"tool-{t.id}", is_picked(t.id))
        for t in window.viewer.tools.values()
    ]


def _layouts() -> list[Action]:
    def pick(layout_id: str) -> Handler:
        return lambda w: w.viewer.set_layout(layout_id)

    def is_picked(layout_id: str) -> Question:
        return lambda w: w.viewer.chosen.id == layout_id

    def fits(layout_id: str) -> Question:
        return lambda w: not w.why_no_layout(layout_id)

    def why_not(layout_id: str) -> Callable[["MainWindow"], str]:
        return lambda w: w.why_no_layout(layout_id)

    return [
        Action(
            f"layout-{one.id}",
            "view",
            one.title,
            pick(one.id),
            (f"Alt+{number}",),
            one.tip,
            f"layout-{one.id}",
            is_picked(one.id),
            fits(one.id),
            why_not(one.id),
        )
        for number, one in enumerate(LAYOUTS, 1)
    ]


def _presets() -> list[Action]:
    def pick(number: int) -> Handler:
        return lambda w: _preset(number, w)

    def is_picked(number: int) -> Question:
        return lambda w: w.view.window == (PRESETS[number].window or w.view.default_window)

    return [
        Action(
            f"preset-{preset.name}",
            "window",
            preset.title,
            pick(number),
            (str(preset.key),),
            checked=is_picked(number),
            possible=_shown,
        )
        for number, preset in enumerate(PRESETS)
    ]


def table(window: "MainWindow") -> tuple[Action, ...]:
    """Return every action, in the order of menus and sheet; tools, layouts and presets bring their own."""
    every = (*_tools(window), *_presets(), *_layouts(), *FIXED)
    order = list(MENUS)
    return tuple(sorted(every, key=lambda action: order.index(action.menu)))


def make(window: "MainWindow", action: Action) -> QAction:
    """Make the Qt action: its tooltip says what it does and with which key."""
    made = QAction(str(action.title), window)
    made.setObjectName(action.id)
    made.setShortcuts([QKeySequence(key) for key in action.keys])
    made.setToolTip(tooltip(action))
    made.setCheckable(action.checked is not None)
    if action.icon:
        made.setIcon(icon(action.icon))
    made.triggered.connect(lambda: _do(window, action))
    return made


def _do(window: "MainWindow", action: Action) -> None:
    try:
        action.handler(window)
    finally:
        window.refresh_actions()


def refresh(window: "MainWindow", action: Action, shown: QAction) -> None:
    """Show whether an action is on and possible, and in its tooltip why not."""
    if action.checked is not None:
        shown.setChecked(action.checked(window))
    if action.possible is not None:
        shown.setEnabled(action.possible(window))
    if action.why_not is not None:
        reason = action.why_not(window)
        shown.setToolTip(f"{tooltip(action)}\n{reason}" if reason else tooltip(action))


def tooltip(action: Action) -> str:
    """Say what an action does, and its key."""
    words = str(action.tip or action.title)
    return f"{words} ({key_words(action)})" if action.keys else words


def key_words(action: Action) -> str:
    """The action's keys as they are called on this computer."""
    shown = [QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in action.keys]
    return ", ".join(dict.fromkeys(shown))
