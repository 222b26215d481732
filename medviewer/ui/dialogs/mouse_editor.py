"""What the mouse does: two profiles to choose from, and a table of buttons and keys held for one's own."""

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from medviewer.app import mouse
from medviewer.app.keymap import Keymap
from medviewer.app.mouse import BUTTONS, CHOSEN, HELD, NOTHING, PROFILES, WHEEL, WHEEL_TITLES
from medviewer.app.settings import WHEELS, Settings
from medviewer.i18n import N_, _
from medviewer.ui import theme
from medviewer.ui.cards import QuietCombo, label
from medviewer.ui.theme import as_role
from medviewer.ui.tool import Tool

SENTENCE_PX = 480
AS_WITHOUT = "as without"  # the same as without the key


class MouseEditor(QWidget):
    """``settings_changed`` gets settings with another profile or wheel, ``keymap_changed`` a keymap."""

    settings_changed = Signal(object)
    keymap_changed = Signal(object)

    def __init__(self, settings: Settings, keymap: Keymap, tools: Mapping[str, Tool]) -> None:
        super().__init__()
        self.settings, self.keymap, self._tools = settings, keymap, tools
        self.profiles: dict[str, QRadioButton] = {}
        self.combos: dict[str, QComboBox] = {}
        whole = QVBoxLayout(self)
        whole.addWidget(label(_("Mouse"), "title"))
        self._group = QButtonGroup(self)
        for profile in PROFILES.values():
            whole.addWidget(self._profile_button(profile.id))
            sentence = label(str(profile.sentence), "dim")
            sentence.setMinimumWidth(theme.px(SENTENCE_PX))
            sentence.setIndent(theme.px(24))
            whole.addWidget(sentence)
        whole.addLayout(self._table())
        self.reset = QPushButton(_("Mouse as in the profile"))
        self.reset.setToolTip(_("Take back every change of a single button"))
        self.reset.setAutoDefault(False)
        self.reset.clicked.connect(lambda: self._take(replace(self.keymap, gestures={})))
        whole.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignLeft)
        self._show()

    def _profile_button(self, profile_id: str) -> QRadioButton:
        made = QRadioButton(str(PROFILES[profile_id].title))
        made.setChecked(self.settings.mouse_profile == profile_id)
        made.setAccessibleDescription(str(PROFILES[profile_id].sentence))
        made.toggled.connect(lambda on: self._choose(profile_id) if on else None)
        self._group.addButton(made)
        self.profiles[profile_id] = made
        return made

    def _choose(self, profile_id: str) -> None:
        self.settings = replace(self.settings, mouse_profile=profile_id)
        self.settings_changed.emit(self.settings)
        self._show()

    def _table(self) -> QGridLayout:
        """Return a combo box for each button and the wheel, alone and with each key held."""
        grid = QGridLayout()
        for across, key in enumerate(HELD.values(), 1):
            grid.addWidget(as_role(QLabel(str(key or N_("alone"))), "dim"), 0, across)
            grid.setColumnStretch(across, 1)
        for down, (button, title) in enumerate((*BUTTONS.items(), (WHEEL, N_("Wheel"))), 1):
            grid.addWidget(QLabel(str(title)), down, 0)
            for across, held in enumerate(HELD, 1):
                grid.addWidget(self._combo(f"{held}{button}"), down, across)
        self.wheel_down = self._wheel_combo()
        grid.addWidget(QLabel(_("Wheel towards you")), len(BUTTONS) + 2, 0)
        grid.addWidget(self.wheel_down, len(BUTTONS) + 2, 1)
        return grid

    def _combo(self, gesture: str) -> QComboBox:
        made = QuietCombo()
        made.setAccessibleName(mouse.words(gesture))
        made.setMinimumContentsLength(8)
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        if "+" in gesture:
            made.addItem(_("as alone"), AS_WITHOUT)
        if gesture.endswith(WHEEL):
            choices = {name: str(title) for name, title in WHEEL_TITLES.items()}
        else:
            tools = {tool.id: str(tool.title) for tool in self._tools.values()}
            choices = {CHOSEN: _("Tool chosen"), **tools, NOTHING: _("Nothing")}
        for name, title in choices.items():
            made.addItem(title, name)
        made.activated.connect(lambda _at: self._set(gesture, made.currentData()))
        self.combos[gesture] = made
        return made

    def _wheel_combo(self) -> QComboBox:
        made = QuietCombo()
        made.setAccessibleName(_("Wheel towards you"))
        for name, title in WHEELS.items():
            made.addItem(str(title), name)
        made.setCurrentIndex(made.findData(self.settings.wheel_down))
        made.activated.connect(lambda _at: self._turn(made.currentData()))
        return made

    def _turn(self, wheel_down: str) -> None:
        self.settings = replace(self.settings, wheel_down=wheel_down)
        self.settings_changed.emit(self.settings)

    def _set(self, gesture: str, does: str) -> None:
        if does == AS_WITHOUT:
            does = mouse.does(self._now, gesture.rpartition("+")[2])
        self._take(self.keymap.with_gesture(gesture, does))

    def _take(self, keymap: Keymap) -> None:
        usual = PROFILES[self.settings.mouse_profile].gestures
        kept = {name: does for name, does in keymap.gestures.items() if usual.get(name) != does}
        self.keymap = replace(keymap, gestures=kept)
        self.keymap_changed.emit(self.keymap)
        self._show()

    @property
    def _now(self) -> dict[str, str]:
        return mouse.gestures(self.settings.mouse_profile, self.keymap.gestures, self._tools)

    def _show(self) -> None:
        """Show what every gesture does now."""
        table = self._now
        for gesture, combo in self.combos.items():
            combo.setCurrentIndex(combo.findData(table.get(gesture, AS_WITHOUT)))
            combo.setToolTip(f"{mouse.words(gesture)}: {combo.currentText()}")
        self.reset.setEnabled(bool(self.keymap.gestures))
