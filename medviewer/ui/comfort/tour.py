"""A tour of the window in five steps: what each part is for, shown at the part itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QToolBar, QWidget

from medviewer.i18n import N_, Message, _
from medviewer.ui.actions.action import key_words
from medviewer.ui.comfort import once
from medviewer.ui.dialogs.tour import Spotlight, TourCard

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow

Targets = Callable[["MainWindow"], tuple[QWidget, ...]]
MARK = "tour-seen"
WATCHED = {QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest}


@dataclass(frozen=True)
class Step:
    """What is said, about which widgets; ``panel`` is brought to the front first.

    ``keys`` names the actions whose keys the text has as {id} with underscores.
    """

    title: Message
    text: Message
    targets: Targets
    panel: str = ""
    keys: tuple[str, ...] = ()


STEPS = (
    Step(
        N_("Studies and series"),
        N_(
            "Drop a folder, a disc or an archive on the window, or press {open}. What was found is listed here; a "
            "click on a series shows it, and a sign beside it says what is odd about it. The library ({library}) finds "
            "everything opened before."
        ),
        lambda w: (w.docks.studies,),
        keys=("open", "library"),
    ),
    Step(
        N_("Images and tools"),
        N_(
            "The wheel scrolls through the images, with Ctrl it zooms, with Shift it goes ten at a time. Dragging with "
            "the left button uses the tool chosen above, the middle button pans. A double click enlarges a viewport; a "
            "right click opens the menu."
        ),
        lambda w: (w.viewer, *w.findChildren(QToolBar)),
    ),
    Step(
        N_("Findings"),
        N_(
            "What the model found waits here for your verdict. {next_finding} goes to the next finding in every plane, "
            "{accept} accepts it and {reject} rejects it. Look at the images yourself first."
        ),
        lambda w: (w.docks.panels["findings"],),
        "findings",
        ("next-finding", "accept", "reject"),
    ),
    Step(
        N_("Risk and treatment"),
        N_(
            "Published models and guidelines say what follows from the findings. What they need and do not know they "
            "ask for here; each shows its source and for whom it was made."
        ),
        lambda w: (w.docks.panels["risk"], w.docks.panels["treatment"]),
        "risk",
    ),
    Step(
        N_("Report and help"),
        N_(
            "The report is drafted as you go: read it, change it, export it. Every step can be undone with {undo} and "
            "is saved at once. All keys and what the mouse does: {shortcuts}; this tour is in the Help menu."
        ),
        lambda w: (w.docks.panels["report"], w.menuBar()),
        "report",
        ("undo", "shortcuts"),
    ),
)


def seen() -> bool:
    """Whether the tour was taken or skipped on this computer."""
    return once.known(MARK)


class Tour(QObject):
    """Leads through the steps; the window can be used meanwhile. ``ended`` fires when it is over, however it ended."""

    ended = Signal()

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window, self.number = window, 0
        self.spotlight, self.card = Spotlight(window), TourCard(window)
        self.card.next_wanted.connect(lambda: self.go(self.number + 1))
        self.card.back_wanted.connect(lambda: self.go(self.number - 1))
        self.card.skip_wanted.connect(self.end)
        self._later = QTimer(self)  # once for all that moves when a window is laid out anew
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._place)
        self._watched: set[QWidget] = set()
        self._watch(window)

    def start(self) -> None:
        """Show the first step."""
        self.go(0)

    def go(self, number: int) -> None:
        """Show a step, from 0; after the last one the tour ends."""
        if number >= len(STEPS):
            self.end()
            return
        self.number = max(number, 0)
        step = STEPS[self.number]
        if step.panel:
            self._window.docks.show(step.panel)
        words = {action.id: key_words(action) or str(action.title) for action in self._window.table}
        said = {name.replace("-", "_"): words[name] for name in step.keys}
        self.card.show_step(str(step.title), str(Message(step.text.msgid, said)), self.number, len(STEPS))
        for target in step.targets(self._window):
            self._watch(target)
        self._place()
        self._later.start()  # a panel that was behind takes its place a moment later

    def end(self) -> None:
        """Take the tour away and remember that it was seen."""
        for widget in self._watched:
            widget.removeEventFilter(self)
        self._later.stop()
        for shown in (self.spotlight, self.card):
            shown.hide()
            shown.deleteLater()
        self.ended.emit()
        self.deleteLater()
        once.remember(MARK, _("The tour cannot be remembered as seen."))

    def _watch(self, widget: QWidget) -> None:
        if widget not in self._watched:
            self._watched.add(widget)
            widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Follow what moves."""
        if event.type() in WATCHED:
            self._later.start()
        return False

    def _place(self) -> None:
        """Light the step's widgets up and put the card where it hides least of them."""
        self.spotlight.show_on([each for each in STEPS[self.number].targets(self._window) if each.isVisible()])
        self.card.place_beside(self.spotlight.lit)
