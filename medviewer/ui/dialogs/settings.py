"""The settings: made from the fields of the settings themselves; what is changed holds at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from medviewer.app import settings as fields
from medviewer.app.keymap import Keymap
from medviewer.app.settings import PAGES, Setting, Settings
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.actions.action import Action
from medviewer.ui.cards import QuietCombo, column, inset, label, scrolled
from medviewer.ui.dialogs.key_editor import KeyEditor
from medviewer.ui.dialogs.mouse_editor import MouseEditor
from medviewer.ui.tool import Tool

SIZE, CONTROL_PX, WORDS_PX, STEP_PERCENT = QSize(780, 660), 170, 180, 25
Take = Callable[[Setting], None]


class SettingsDialog(QDialog):
    """Tabs of settings, and of keys and mouse. ``settings_changed`` and ``keymap_changed`` get the new ones."""

    settings_changed = Signal(object)
    keymap_changed = Signal(object)

    def __init__(
        self,
        settings: Settings,
        keymap: Keymap,
        actions: Sequence[Action],
        tools: Mapping[str, Tool],
        parent: QWidget | None = None,
    ) -> None:
        """Show ``settings`` and ``keymap``; ``actions`` have their usual keys."""
        super().__init__(parent)
        self.settings, self.keymap = settings, keymap
        self.setWindowTitle(_("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.controls: dict[str, QWidget] = {}
        self.mouse = MouseEditor(settings, keymap, tools)
        self.mouse.settings_changed.connect(self._take_settings)
        self.mouse.keymap_changed.connect(self._take_keymap)
        self.keys = KeyEditor(keymap, actions)
        self.keys.keymap_changed.connect(self._take_keymap)
        self.tabs = QTabWidget()
        self.tabs.addTab(self._page("general"), str(PAGES["general"]))
        self.tabs.addTab(self._page("reading"), str(PAGES["reading"]))
        self.tabs.addTab(scrolled(column(self.mouse, self.keys)), str(PAGES["keys"]))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(_("Close"))
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.addWidget(self.tabs)
        whole.addWidget(buttons)
        self.resize(QSize(theme.px(SIZE.width()), theme.px(SIZE.height())).boundedTo(_room(self)))

    def _take_settings(self, settings: Settings) -> None:
        self.settings = settings
        self.mouse.settings = settings
        self.settings_changed.emit(settings)

    def _take_keymap(self, keymap: Keymap) -> None:
        self.keymap = self.mouse.keymap = keymap
        self.keys.show_keymap(keymap)
        self.keymap_changed.emit(keymap)

    # ---- the pages ----

    def _page(self, page: str) -> QWidget:
        rows = [self._row(about) for about in fields.describe() if about.metadata["page"] == page]
        return scrolled(column(*rows))

    def _row(self, about: Field[Setting]) -> QWidget:
        """Return title and sentence of a setting beside its control."""
        control = self._control(about)
        words = QVBoxLayout()
        words.setSpacing(1)
        title = label(str(about.metadata["title"]), "strong")
        later = _("Holds after the next start of the program.") if about.name == "language" else ""
        sentence = label(" ".join(part for part in (str(about.metadata["sentence"]), later) if part), "dim")
        words.addWidget(title)
        words.addWidget(sentence)
        sentence.setMinimumWidth(theme.px(WORDS_PX))  # else it asks for the height that it would have if narrower
        control.setAccessibleName(title.text())
        control.setAccessibleDescription(sentence.text())
        row, made = QHBoxLayout(), QWidget()
        row.setContentsMargins(6, 6, 6, 6)
        row.setSpacing(theme.px(16))
        row.addLayout(words, 1)
        row.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
        made.setLayout(row)
        return made

    def _control(self, about: Field[Setting]) -> QWidget:
        value, choices, among = getattr(self.settings, about.name), about.metadata["choices"], about.metadata["among"]

        def take(chosen: Setting) -> None:
            if chosen != getattr(self.settings, about.name):
                self._take_settings(replace(self.settings, **{about.name: chosen}))  # type: ignore[arg-type]

        made: QWidget
        if choices is not None:
            made = _choice(str(value), choices, take)
        elif among is not None:
            made = _number(value, among, take)
        elif isinstance(value, bool):
            made = _tick(value, take)
        else:
            made = _text(value, take, folder=about.name.endswith("_folder"))
        self.controls[about.name] = made
        return made


def _room(dialog: QDialog) -> QSize:
    return dialog.screen().availableGeometry().size()


def _choice(value: str, choices: Mapping[str, object], take: Take) -> QComboBox:
    made = QuietCombo()
    made.setMinimumWidth(theme.px(CONTROL_PX))
    for name, title in choices.items():
        made.addItem(str(title), name)
    made.setCurrentIndex(made.findData(value))
    made.currentIndexChanged.connect(lambda _at: take(made.currentData()))
    return made


def _number(value: int, among: range, take: Take) -> QSpinBox:
    made = QSpinBox()
    made.setRange(among[0], among[-1])
    made.setSingleStep(STEP_PERCENT)
    made.setSuffix(" %")
    made.setMinimumWidth(theme.px(CONTROL_PX))
    inset(made)
    made.setKeyboardTracking(False)  # 1, 15 and 150 are three sizes, and only the last is meant
    made.setValue(value)
    made.valueChanged.connect(take)
    return made


def _tick(value: bool, take: Take) -> QCheckBox:
    made = QCheckBox()
    made.setChecked(value)
    made.toggled.connect(take)
    return made


def _text(value: str, take: Take, *, folder: bool) -> QWidget:
    line = QLineEdit(value)
    line.setMinimumWidth(theme.px(CONTROL_PX if not folder else CONTROL_PX // 2))
    line.editingFinished.connect(lambda: take(line.text().strip()))
    return _with_chooser(line, take) if folder else line


def _with_chooser(line: QLineEdit, take: Take) -> QWidget:
    """Return a line for a folder with a button that lets the reader look for it."""

    def look() -> None:
        found = QFileDialog.getExistingDirectory(made, _("Choose a folder"), line.text())
        if found:
            line.setText(found)
            take(found)

    made, row, button = QWidget(), QHBoxLayout(), QPushButton(_("Choose…"))
    button.setToolTip(_("Look for the folder"))
    button.setAutoDefault(False)
    button.clicked.connect(look)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(line)
    row.addWidget(button)
    made.setLayout(row)
    made.setFocusProxy(line)
    return made
