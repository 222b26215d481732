"""Menus whose entries come from the files shown: their own windows, and the presentation states that fit them."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from medviewer.i18n import _
from medviewer.ui.attaching import Attaching
from medviewer.ui.view import View


class TonesMenu(QMenu):
    """The windows and tables that the file of the image shown brings along."""

    def __init__(self, view: View, parent: QWidget | None = None) -> None:
        super().__init__(_("From the file"), parent)
        self.setObjectName("file-windows")
        self.setToolTipsVisible(True)
        self._view = view
        self.aboutToShow.connect(self._ask)
        view.look_changed.connect(self._fill)
        view.volume_changed.connect(self._fill)
        self._fill()

    def _ask(self) -> None:
        """The windows of ordinary CT are read only now that somebody wants to see them."""
        volume = self._view.volume
        if volume is not None:
            self._view.looks.ask(volume.series.first)
        self._fill()

    def _fill(self) -> None:
        volume = self._view.volume
        self.clear()
        self.setEnabled(volume is not None)
        for named in () if volume is None else self._view.tones(volume.series.first):
            entry = self.addAction(named.label.replace("&", "&&"))
            entry.setCheckable(True)
            entry.setChecked(named.tone in (self._view.lut, self._view.window))
            entry.triggered.connect(lambda _on, tone=named.tone: self._view.set_tone(tone))
        if self.isEmpty():
            self.addAction(_("The file has no windows of its own.")).setEnabled(False)


class StatesMenu(QMenu):
    """The presentation states that fit the images shown, and the images as they are."""

    def __init__(self, view: View, attaching: Attaching, parent: QWidget | None = None) -> None:
        super().__init__(_("Presentation state"), parent)
        self.setObjectName("presentation-states")
        self._view, self._attaching = view, attaching
        attaching.states_changed.connect(self._fill)
        view.presentation_changed.connect(self._fill)
        view.volume_changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        self.clear()
        states, chosen = self._attaching.states, self._view.presentation
        self.setEnabled(bool(states) or chosen is not None)
        self._check(self.addAction(_("Images as they are")), chosen is None).triggered.connect(
            lambda: self._view.set_presentation(None)
        )
        for number, state in enumerate(states, 1):
            words = " ".join(part for part in (state.label, state.description, state.creator) if part)
            entry = self._check(self.addAction(f"{number}. {words}".replace("&", "&&")), state is chosen)
            entry.triggered.connect(lambda _on, state=state: self._view.set_presentation(state))

    @staticmethod
    def _check(entry: QAction, on: bool) -> QAction:
        entry.setCheckable(True)
        entry.setChecked(on)
        return entry
