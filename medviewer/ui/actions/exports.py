"""What leaves the screen: key images, pictures, clips, prints; and phases."""

from medviewer.i18n import N_
from medviewer.ui.actions.action import Action, has_case, is_shown
from medviewer.ui.exports.files import copy_picture, save_clip, save_snapshot
from medviewer.ui.exports.keys import is_key, toggle_key
from medviewer.ui.exports.printing import print_images

# fmt: off
ACTIONS = (
    Action("snapshot", "file", N_("Save picture…"), save_snapshot, ("Ctrl+Shift+S",),
           N_("Save the viewport or the whole layout as PNG or JPEG"), possible=is_shown, gap=True),
    Action("clip", "file", N_("Save clip…"), save_clip, (),
           N_("Save the images passing by as MP4 or GIF"), possible=is_shown),
    Action("print", "file", N_("Print…"), print_images, ("Ctrl+P",),
           N_("Print these images, on paper or as PDF"), possible=is_shown),
    Action("copy", "edit", N_("Copy the picture"), copy_picture, ("Ctrl+C",),
           N_("Copy the viewport to the clipboard, without names"), possible=is_shown),
    Action("key-image", "image", N_("Key image"), toggle_key, ("K",),
           N_("Mark the image shown as a key image, or no longer; key images go into the report"), "key-image",
           checked=lambda w: is_key(w.view.case(), w.viewer.active),
           possible=lambda w: is_shown(w) and has_case(w), gap=True),
    Action("next-phase", "image", N_("Next phase"), lambda w: w.phases.step(1), (".",),
           N_("The same place in the next phase of a moving series"), possible=is_shown, group="go"),
    Action("previous-phase", "image", N_("Previous phase"), lambda w: w.phases.step(-1), (",",),
           N_("The same place in the phase before"), possible=is_shown, group="go"),
)
# fmt: on
