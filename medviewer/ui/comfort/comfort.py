"""What makes the window the reader's own: its keys and mouse, theme and size, what it remembers, the way around it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtWidgets import QApplication, QDialog, QToolBar, QToolButton

from medviewer.app import keymap as keymaps
from medviewer.app import settings as files
from medviewer.app.keymap import Keymap
from medviewer.app.settings import Settings
from medviewer.ui import icons, theme
from medviewer.ui.actions import bindings
from medviewer.ui.actions import table as actions
from medviewer.ui.actions.mouse import Mouse
from medviewer.ui.comfort import tour
from medviewer.ui.comfort.focus import FocusCare
from medviewer.ui.comfort.restoring import Restoring
from medviewer.ui.comfort.saving import Saving
from medviewer.ui.comfort.screens import ScreenCare
from medviewer.ui.dialogs import notice

if TYPE_CHECKING:
    from medviewer.ui.window import MainWindow

TOOL_ICON_PX = 20


class Comfort(QObject):
    """One for each window, made when the window is. ``mouse_changed`` gets what the mouse does now."""

    mouse_changed = Signal(object)

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        program = QApplication.instance()
        assert isinstance(program, QApplication)
        self._program, self._window = program, window
        self._tour: tour.Tour | None = None
        self.keymap, wrong = keymaps.load()
        for problem in wrong:
            window.messages.problem(problem.text, problem.hint)
        if self.keymap.keys:
            bindings.rebind(window, self.keymap)
        self.focus = FocusCare(program, window)
        self.screens = ScreenCare(program, self)
        self.restoring = Restoring(window)
        self.saving = Saving(window)
        self._size_icons()

    @property
    def mouse(self) -> Mouse:
        """What the mouse does now."""
        return Mouse(self._window.viewer.tools, self._window.session.settings, self.keymap)

    # ---- taking what the reader chose ----

    def take_settings(self, settings: Settings) -> None:
        """Use other settings from now on and save them; Problem where that is not possible, and then they hold."""
        window = self._window
        before, window.session.settings = window.session.settings, settings
        window.session.library.on = settings.remember_studies
        if settings.overlay not in (before.overlay, window.view.overlay_shown):
            window.view.toggle_overlay()
        if (settings.theme, settings.ui_scale) != (before.theme, before.ui_scale):
            self.dress(settings)
        self.mouse_changed.emit(self.mouse)
        files.save(settings)

    def dress(self, settings: Settings) -> None:
        """Put on the theme and scale of the settings, icons and all."""
        theme.apply(self._program, settings.theme, settings.ui_scale)
        icons.redraw(self._window)
        self._size_icons()

    def _size_icons(self) -> None:
        side_px = theme.px(TOOL_ICON_PX)
        for bar in self._window.findChildren(QToolBar):
            bar.setIconSize(QSize(side_px, side_px))
            for button in bar.findChildren(QToolButton):
                button.setIconSize(QSize(side_px, side_px))

    def take_keymap(self, keymap: Keymap) -> None:
        """Use other keys and buttons from now on and save them; Problem where that is not possible."""
        self.keymap = keymap
        bindings.rebind(self._window, keymap)
        self.mouse_changed.emit(self.mouse)
        keymaps.save(keymap)

    # ---- what is shown ----

    def show_settings(self) -> QDialog:
        """Show the settings."""
        from medviewer.ui.dialogs.settings import SettingsDialog

        window = self._window
        usual = actions.table(window)
        shown = SettingsDialog(window.session.settings, self.keymap, usual, window.viewer.tools, window)
        shown.settings_changed.connect(self.take_settings)
        shown.keymap_changed.connect(self.take_keymap)
        shown.show()
        return shown

    def show_models(self) -> QDialog:
        """Show the models there are, to add and to remove."""
        from medviewer.ui.dialogs.models import ModelsDialog

        shown = ModelsDialog(self._window.jobs, self._window)
        shown.show()
        return shown

    def show_shortcuts(self) -> QDialog:
        """Show all keys and what the mouse does, as they are now."""
        from medviewer.ui.dialogs.shortcuts import ShortcutSheet

        window = self._window
        shown = ShortcutSheet(
            window.table,
            window,
            settings=window.session.settings,
            keymap=self.keymap,
            tools=window.viewer.tools,
        )
        shown.show()
        return shown

    def welcome(self) -> None:
        """Show what everybody must have read, then the tour, each once on a computer."""
        if not notice.seen():
            shown = notice.Notice(self._window)
            shown.accepted.connect(self._tour_once)
            shown.open()
        else:
            self._tour_once()

    def _tour_once(self) -> None:
        if not tour.seen():
            self.start_tour()

    def start_tour(self) -> tour.Tour:
        """Lead through the window, from the first step."""
        if self._tour is None:
            self._tour = tour.Tour(self._window)
            self._tour.ended.connect(self._tour_ended)
        self._tour.start()
        return self._tour

    def _tour_ended(self) -> None:
        self._tour = None

    def reset_panels(self) -> None:
        """Put every panel back where it is at first."""
        for dock in self._window.docks.all:
            dock.show()
        self._window.docks.arrange(self._window.height())

    def close(self) -> None:
        """Save what is remembered, before the window goes."""
        self.saving.close()
        self.restoring.close()
