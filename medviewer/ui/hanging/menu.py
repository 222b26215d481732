"""The menu of hanging protocols: those that fit the study, to be chosen by hand."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from medviewer.app.hanging.hang import Hung
from medviewer.app.hanging.protocol import title_of
from medviewer.i18n import _
from medviewer.ui.severity import tip

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow


def follow(menu: QMenu, window: "MainWindow") -> None:
    """List the protocols that fit each time ``menu`` is about to be shown, above what it holds already."""
    below = menu.actions()[0]
    listed: list[QAction] = []

    def fill() -> None:
        for old in listed:
            menu.removeAction(old)
            old.deleteLater()
        listed[:] = _entries(menu, window)
        menu.insertActions(below, listed)

    menu.aboutToShow.connect(fill)


def _entries(menu: QMenu, window: "MainWindow") -> list[QAction]:
    fitting, hung = window.hanging.fitting(), window.hanging.hung
    if not fitting:
        nothing = QAction(_("No protocol fits these images."), menu)
        nothing.setEnabled(False)
        return [nothing]
    return [_entry(menu, window, one, hung) for one in fitting]


def _entry(menu: QMenu, window: "MainWindow", one: Hung, now: Hung | None) -> QAction:
    entry = QAction(str(title_of(one.protocol)).replace("&", "&&"), menu)
    entry.setToolTip(tip(str(one.why)))
    entry.setCheckable(True)
    entry.setChecked(now is not None and now.protocol.id == one.protocol.id and _is_shown(window, now))
    entry.triggered.connect(lambda: window.hanging.choose(one))
    return entry


def _is_shown(window: "MainWindow", hung: Hung) -> bool:
    return window.viewer.arrangement == hung.arrangement
