"""Everything by keyboard: Tab leaves every field, a viewport with the focus is the active one, parts in turn."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QPlainTextEdit,
    QTextEdit,
    QToolBar,
    QWidget,
)

from medviewer.i18n import _
from medviewer.ui.viewport import Viewport

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow

_REASON = Qt.FocusReason


class FocusCare(QObject):
    """Follows the focus in ``window`` and keeps it from being caught anywhere."""

    def __init__(self, program: QApplication, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        program.focusChanged.connect(self._follow)
        window.viewer.layout_changed.connect(self._name_viewports)
        window.view.volume_changed.connect(self._name_viewports)
        self._name_viewports()

    def _name_viewports(self) -> None:
        """Let a screen reader say which images these are."""
        for number, viewport in enumerate(self._window.viewer.viewports, 1):
            title = "" if viewport.plane is None else str(viewport.plane.title)
            series = viewport.display.volume.series if viewport.display.volume is not None else None
            about = series.first.series_description if series is not None else _("empty")
            parts = [_("Viewport {n}").format(n=number), title, about]
            viewport.setAccessibleName(", ".join(part for part in parts if part))

    def _follow(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is None:
            return
        if isinstance(new, QAbstractItemView):
            new.setTabKeyNavigation(False)  # else Tab goes from cell to cell for ever
        if isinstance(new, QTextEdit | QPlainTextEdit):
            new.setTabChangesFocus(True)
        if isinstance(new, QAbstractButton):
            _name(new)
        if isinstance(new, Viewport) and new in self._window.viewer.viewports and not new.active:
            self._window.viewer.activate(new)


def _name(button: QAbstractButton) -> None:
    """Give a button whose sign is no word the name that its tooltip says."""
    said = button.accessibleName() or button.text()
    if not any(letter.isalnum() for letter in said) and button.toolTip():
        button.setAccessibleName(button.toolTip().splitlines()[0])


def parts(window: "MainWindow") -> tuple[QWidget, ...]:
    """Return the parts of the window that are seen: studies, images or page, panels, toolbar."""
    middle = window.viewer.active if window.viewer.currentIndex() == 1 else window.viewer.currentWidget()
    panels = [dock.content for dock in window.docks.panels.values()]
    bars = window.findChildren(QToolBar)
    return tuple(part for part in (window.browser, middle, *panels, *bars) if part is not None and _seen(part))


def _seen(part: QWidget) -> bool:
    return part.isVisible() and not part.visibleRegion().isEmpty()


def step_part(window: "MainWindow", by: int) -> None:
    """Give the focus to the next part (1) or the one before (-1), at its first control."""
    every = parts(window)
    used = QApplication.focusWidget()
    here = next((at for at, part in enumerate(every) if used is not None and _within(part, used)), -1 if by > 0 else 0)
    for step in range(1, len(every) + 1):
        wanted = first_control(every[(here + by * step) % len(every)])
        if wanted is not None:
            wanted.setFocus(_REASON.TabFocusReason)
            return


def _within(part: QWidget, widget: QWidget) -> bool:
    return part is widget or part.isAncestorOf(widget)


def first_control(part: QWidget) -> QWidget | None:
    """Return the first widget in ``part`` that Tab would come to; None where there is none."""
    found = [part, *part.findChildren(QWidget)]
    widget: QWidget | None = part
    for _step in found:
        if widget is not None and _within(part, widget) and takes_tab(widget):
            return widget
        widget = None if widget is None else widget.nextInFocusChain()
    return next((one for one in found if takes_tab(one)), None)


def takes_tab(widget: QWidget) -> bool:
    """Whether Tab stops at ``widget`` now."""
    tab = widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
    return bool(tab) and widget.isVisible() and widget.isEnabled() and widget.focusProxy() is None
