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
    "same": (
        N_("Same place now"),
        N_("Scroll each by itself until both viewports show the same place of the patient, then press"),
    ),
    "align": (N_("Align by hand"), N_("Shift and turn the prior over the images with the mouse")),
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
        self._place(len(self._offered))
        self.buttons["same"].clicked.connect(lambda _on: comparing.align_here(comparing.aligning))
        self.buttons["register"].clicked.connect(lambda _on: comparing.register())
        self.buttons["fuse"].clicked.connect(lambda on: comparing.check_fused(on=on))
        self.buttons["align"].clicked.connect(lambda _on: self._align())
        self.buttons["undo"].clicked.connect(lambda _on: self._undo())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons in one row where there is room, else in two."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        offered = self._offered
        wide = sum(button.sizeHint().width() + self._grid.spacing() for button in offered)
        room = self.width() - 2 * self.body.contentsMargins().left()
        self._place(len(offered) if wide <= room else len(offered) // 2)

    def _place(self, columns: int) -> None:
        for place, button in enumerate(self._offered):
            self._grid.addWidget(button, place // columns, place % columns)
        for button in self.buttons.values():
            button.setHidden(button not in self._offered)

    @property
    def _offered(self) -> list[QPushButton]:
        """The buttons of use now: one step of registration or one of aligning is not."""
        without = "register" if self._comparing.aligning else "same"
        return [button for name, button in self.buttons.items() if name != without]

    def _align(self) -> None:
        if self._comparing.aligning:
            self._comparing.end_aligning()
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
        known, aligning = state == "registered", bool(comparing.aligning)
        self.buttons["register"].setEnabled(shown and state != "running")
        self.buttons["register"].setText(_("Register again") if known else _("Register"))
        self.buttons["fuse"].setEnabled(known or aligning)
        self.buttons["fuse"].setChecked(comparing.is_checked())
        self.buttons["align"].setEnabled(shown)
        self.buttons["align"].setText(_("Done") if aligning else _("Align by hand"))
        as_role(self.buttons["align"], "primary" if aligning else "")
        self.buttons["undo"].setEnabled(known or aligning)
        self.buttons["undo"].setText(_("Cancel") if aligning else _("Undo"))
        self._fit()


def aligning_words(comparing: Comparing) -> str:
    """Say how the reader aligns: by drags where the prior lies over the images, else by scrolling."""
    if not comparing.is_checked(comparing.aligning):
        return _("Bring both viewports to the same place, each by itself, then press “Same place now”.")
    return _(
        "Drag over the images: inside the circle shifts the prior, outside turns it (Alt+arrows: 1 mm). "
        "Or bring both viewports to the same place, each by itself, then press “Same place now”."
    )


def state_words(comparing: Comparing) -> str:
    """Say how the prior lies to the images read."""
    state, registration = comparing.state(PRIOR), comparing.registration(PRIOR)
    if comparing.aligning:
        return aligning_words(comparing)
    if state == "running":
        return _("Registering… {percent:.0f} %").format(percent=100 * comparing.share())
    if state == "failed":
        return _("Not registered: {reason}").format(reason=comparing.why_not())
    if registration is None and comparing.view.display(PRIOR).to_main is None:
        return _("Not registered: each scrolls by itself.")
    if registration is None:
        return _("Not registered: both scroll by the scanner's positions.")
    return compare_words.sentence(registration.words)
