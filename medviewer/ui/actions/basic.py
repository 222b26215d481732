"""What a reader does all day: open, undo, leaf, turn, judge findings."""

from typing import TYPE_CHECKING

from medviewer.i18n import N_
from medviewer.ui import verdict
from medviewer.ui.actions.action import Action, has_case, is_shown
from medviewer.ui.explaining import heating

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow


def _chosen(window: "MainWindow") -> bool:
    return verdict.chosen(window.session, window.view) is not None


def _flip(window: "MainWindow", name: str) -> None:
    viewport = window.viewer.active
    viewport.change_camera(**{name: not getattr(viewport.camera, name)})


# fmt: off
ACTIONS = (
    Action("open", "file", N_("Open folder…"),
           lambda w: w.ask_folder(), ("Ctrl+O",), N_("Open a folder or disc with DICOM images"), "open"),
    Action("open-files", "file", N_("Open files…"),
           lambda w: w.ask_files(), ("Ctrl+Shift+O",),
           N_("Open DICOM files, ZIP archives, a DICOMDIR, or NIfTI, NRRD and MHA volumes")),
    Action("library", "file", N_("Library…"),
           lambda w: w.show_library(), ("Ctrl+L",), N_("Find and open studies that were opened before"), "library"),
    Action("demo", "file", N_("Show the demo"),
           lambda w: w.flow.open_demo(), (), N_("Open a virtual chest CT with known nodules")),
    Action("undo", "edit", N_("Undo"),
           lambda w: w.session.undo(w), ("Ctrl+Z",),
           N_("Take the last step back"), "undo", possible=lambda w: w.session.undo_label is not None),
    Action("redo", "edit", N_("Redo"),
           lambda w: w.session.redo(w), ("Ctrl+Y", "Ctrl+Shift+Z"),
           N_("Do it again"), "redo", possible=lambda w: w.session.redo_label is not None),
    Action("next-image", "image", N_("Next image"), lambda w: w.viewer.active.step(1), ("Down",),
           possible=is_shown, group="go"),
    Action("previous-image", "image", N_("Previous image"),
           lambda w: w.viewer.active.step(-1), ("Up",), possible=is_shown, group="go"),
    Action("ten-on", "image", N_("Ten images forward"),
           lambda w: w.viewer.active.step(10), ("PgDown",), possible=is_shown, group="go"),
    Action("ten-back", "image", N_("Ten images back"),
           lambda w: w.viewer.active.step(-10), ("PgUp",), possible=is_shown, group="go"),
    Action("first-image", "image", N_("First image"),
           lambda w: w.viewer.active.go_to_end(False), ("Home",), possible=is_shown, group="go"),
    Action("last-image", "image", N_("Last image"),
           lambda w: w.viewer.active.go_to_end(True), ("End",), possible=is_shown, group="go"),
    Action("next-series", "image", N_("Next series"), lambda w: w.browser.step(1), ("Right",), gap=True, group="go"),
    Action("previous-series", "image", N_("Previous series"), lambda w: w.browser.step(-1), ("Left",), group="go"),
    Action("cine", "image", N_("Cine"),
           lambda w: w.viewer.cine.toggle(), ("C",),
           N_("Let the images pass by themselves"), "cine",
           checked=lambda w: w.viewer.cine.runs, possible=is_shown, gap=True),
    Action("rotate", "image", N_("Rotate"),
           lambda w: w.viewer.active.set_camera(w.viewer.active.camera.turned()), ("R",),
           N_("Turn the image a quarter clockwise"), "rotate", possible=is_shown, group="turn"),
    Action("flip-h", "image", N_("Flip horizontally"),
           lambda w: _flip(w, "flipped_h"), ("H",),
           N_("Swap left and right of the image"), "flip-horizontal", possible=is_shown, group="turn"),
    Action("flip-v", "image", N_("Flip vertically"),
           lambda w: _flip(w, "flipped_v"), ("V",),
           N_("Swap top and bottom of the image"), "flip-vertical", possible=is_shown, group="turn"),
    Action("reset", "image", N_("Reset view"),
           lambda w: w.reset_views(), ("Shift+Z",),
           N_("Whole image, original orientation, initial window"), "reset", possible=is_shown),
    Action("invert", "window", N_("Invert"),
           lambda w: w.view.invert(), ("I",),
           N_("Swap black and white"), "invert", checked=lambda w: w.view.inverted, possible=is_shown, gap=True),
    Action("next-finding", "findings", N_("Next finding"),
           lambda w: verdict.step(w.session, w.view, 1), ("N",),
           N_("Go to the next finding in all planes"), "next", possible=has_case),
    Action("previous-finding", "findings", N_("Previous finding"),
           lambda w: verdict.step(w.session, w.view, -1), ("P",),
           N_("Go to the previous finding in all planes"), "previous", possible=has_case),
    Action("accept", "findings", N_("Accept finding"),
           lambda w: verdict.accept(w.session, w.view), ("Return", "Enter"),
           N_("Accept the chosen finding; once more takes it back"), "accept", possible=_chosen, gap=True),
    Action("reject", "findings", N_("Reject finding"),
           lambda w: verdict.reject(w.session, w.view), ("Backspace",),
           N_("Reject the chosen finding; once more takes it back"), "reject", possible=_chosen),
    Action("heat", "findings", N_("Heat map"),
           heating.toggle, ("Shift+H",),
           N_("Show where the network looked for the chosen finding; neither its outline nor its certainty"), "heat",
           checked=heating.is_on, possible=heating.is_possible, gap=True),
    Action("read-again", "findings", N_("Read again"),
           lambda w: w.flow.read_again(), (),
           N_("Let the model read this series anew; your verdicts stay"), "read", possible=is_shown, gap=True),
    Action("models", "findings", N_("Models…"),
           lambda w: w.comfort.show_models(), (),
           N_("The models there are; add one that others made, or remove it"), gap=True),
    Action("model-card", "findings", N_("About the model…"),
           lambda w: w.show_card(), (), N_("What the model was trained on, how well it does, and what it cannot do")),
    Action("tour", "help", N_("Tour"),
           lambda w: w.comfort.start_tour(), (), N_("Five steps through the window")),
    Action("shortcuts", "help", N_("Keys and mouse"),
           lambda w: w.comfort.show_shortcuts(), ("F1", "?"), N_("All keys and what the mouse does"), "help"),
    Action("notice", "help", N_("About MedViewer"), lambda w: w.show_notice(), ()),
)
# What stands at the end of its menu.
LAST = (
    Action("settings", "edit", N_("Settings…"),
           lambda w: w.comfort.show_settings(), ("Ctrl+,",),
           N_("Theme, size, mouse, keys and what is read automatically"), gap=True),
    Action("quit", "file", N_("Quit"), lambda w: w.leave(), ("Ctrl+Q",), gap=True),
)
# fmt: on
