"""How the prior lies to the images read, in words, and the buttons that change it."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QPushButton

from medviewer.core.arrangement import PRIOR
from medviewer.i18n import N_, Message, _
from medviewer.ui.cards import Card, label
from medviewer.ui.compare import words as compare_words
from medviewer.ui.compare.comparing import Comparing
from medviewer.ui.theme import as_role

_BUTTONS: dict[str, tuple[Message, Message]] = {
    "register": (N_("Register"), N_("Find out from the images how the prior lies to them; takes some seconds")),
    "fuse": (N_("Check fused"), N_("Lay the prior over the images in two colours; grey is where both agree")),
    "align": (
        N_("Align by hand"),
        N_("Scroll the prior by itself until both viewports show the same place, then press again"),
    ),
    "undo": (N_("Undo"), N_("Forget how the prior lies to the images")),
}


class StateCard(Card):
    """One line of state, and the verbs of registration."""

    def __init__(self, comparing: Comparing) -> None:
        super().__init__("comparison-state")
        self._comparing = comparing
        self.words = label()
        self.words.setObjectName("comparison-registration")
        self.buttons = {name: QPushButton(str(title)) for name, (title, _tip) in _BUTTONS.items()}
        self._grid = QGridLayout()
        self._grid.setSpacing(4)
        for name, button in self.buttons.items():
            button.setObjectName(f"comparison-{name}")
            button.setToolTip(str(_BUTTONS[name][1]))
            button.setMinimumWidth(1)  # else the card could not become narrower than all of them in a row
        self.buttons["fuse"].setCheckable(True)
        self.body.addWidget(self.words)
        self.body.addLayout(self._grid)
        self._place(len(self.buttons))
        self.buttons["register"].clicked.connect(lambda _on: comparing.register())
        self.buttons["fuse"].clicked.connect(lambda on: comparing.check_fused(on=on))
        self.buttons["align"].clicked.connect(lambda _on: self._align())
        self.buttons["undo"].clicked.connect(lambda _on: self._undo())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons in one row where there is room, else in two."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wide = sum(button.sizeHint().width() + self._grid.spacing() for button in self.buttons.values())
        room = self.width() - 2 * self.body.contentsMargins().left()
        self._place(len(self.buttons) if wide <= room else len(self.buttons) // 2)

    def _place(self, columns: int) -> None:
        for place, button in enumerate(self.buttons.values()):
            self._grid.addWidget(button, place // columns, place % columns)

    def _align(self) -> None:
        if self._comparing.aligning:
            self._comparing.align_here()
        else:
            self._comparing.begin_aligning()

    def _undo(self) -> None:
        if self._comparing.aligning:
            self._comparing.give_up_aligning()
        else:
            self._comparing.undo()

    def refresh(self) -> None:
        """Say how far it is, and offer what can be done now."""
        comparing = self._comparing
        shown, state = comparing.prior_shown() is not None, comparing.state()
        self.words.setText(state_words(comparing))
        registration = comparing.registration()
        doubtful = state == "failed" or (registration is not None and registration.verdict == "doubtful")
        as_role(self.words, "caution" if doubtful else "")
        known = state == "registered"
        self.buttons["register"].setEnabled(shown and state != "running")
        self.buttons["register"].setText(_("Register again") if known else _("Register"))
        self.buttons["fuse"].setEnabled(known)
        self.buttons["fuse"].setChecked(comparing.is_checked())
        aligning = bool(comparing.aligning)
        self.buttons["align"].setEnabled(shown)
        self.buttons["align"].setText(_("Same place now") if aligning else _("Align by hand"))
        as_role(self.buttons["align"], "primary" if aligning else "")
        self.buttons["undo"].setEnabled(known or aligning)
        self.buttons["undo"].setText(_("Cancel") if aligning else _("Undo"))
        self._fit()


def state_words(comparing: Comparing) -> str:
    """Say how the prior lies to the images read."""
    state, registration = comparing.state(PRIOR), comparing.registration(PRIOR)
    if comparing.aligning:
        return _("Bring both viewports to the same place, each by itself, then press “Same place now”.")
    if state == "running":
        return _("Registering… {percent:.0f} %").format(percent=100 * comparing.share())
    if state == "failed":
        return _("Not registered: {reason}").format(reason=comparing.why_not())
    if registration is None and comparing.view.display(PRIOR).to_main is None:
        return _("Not registered: each scrolls by itself.")
    if registration is None:
        return _("Not registered: both scroll by the scanner's positions.")
    return compare_words.sentence(registration.words)
