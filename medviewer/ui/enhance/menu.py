"""The menu of ways to enhance what is shown."""

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from medviewer.i18n import _
from medviewer.imaging.enhance import ENHANCEMENTS
from medviewer.ui.enhance.enhancing import key_words
from medviewer.ui.view import View


class EnhanceMenu(QMenu):
    """Chooses how the active display is enhanced; the first entry shows it as it was measured."""

    def __init__(self, view: View, parent: QWidget | None = None) -> None:
        super().__init__(_("Enhance (view only)"), parent)
        self.setObjectName("enhance")
        self.setToolTipsVisible(True)
        self._view, self._entries = view, QActionGroup(self)
        self._add("", _("As measured"), _("Shows the values of the file as they are."))
        self.addSeparator()
        for way in ENHANCEMENTS.values():
            self._add(way.id, str(way.title), str(way.about))
        self.addSeparator()
        hint = _("Hold {key} to see the original").format(key=key_words())
        self.addAction(hint).setEnabled(False)
        for signal in (view.displays_changed, view.volume_changed):
            signal.connect(self._follow)
        self._follow()

    def _add(self, enhancement: str, title: str, about: str) -> None:
        entry = QAction(title.replace("&", "&&"), self)
        entry.setObjectName(f"enhance-{enhancement or 'none'}")
        entry.setData(enhancement)
        entry.setToolTip(about)
        entry.setCheckable(True)
        entry.triggered.connect(lambda: self._view.set_enhancement(self._view.active, enhancement))
        self._entries.addAction(entry)
        self.addAction(entry)

    def _follow(self) -> None:
        """Show what the active display has."""
        self.setEnabled(self._view.active.volume is not None)
        for entry in self._entries.actions():
            entry.setChecked(entry.data() == self._view.active.enhancement)
