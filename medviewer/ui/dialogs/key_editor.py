"""The table of all actions and their keys, to search and to change."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from medviewer.app.keymap import RESERVED, Keymap, Keys, canonical
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.actions.action import Action, key_words
from medviewer.ui.actions.bindings import rebound, usual_keys
from medviewer.ui.cards import label, say

LEAST_PX = 260
_PORTABLE = QKeySequence.SequenceFormat.PortableText


class KeyEditor(QWidget):
    """Search, choose an action, press its new key. ``keymap_changed`` gets a keymap in which no key is had twice."""

    keymap_changed = Signal(object)

    def __init__(self, keymap: Keymap, actions: Sequence[Action]) -> None:
        """Show ``actions``, which have their usual keys, with those of ``keymap``."""
        super().__init__()
        self._keymap, self._actions = keymap, tuple(actions)
        self._usual = usual_keys(actions)
        self._shown_keys = [QTableWidgetItem() for _action in self._actions]
        self.search, self.table, self.edit = QLineEdit(), QTableWidget(0, 2), QKeySequenceEdit()
        self.use = _button(_("Use this key"), _("Give the action this key in place of the ones it has"))
        self.add = _button(_("Add this key"), _("Let the action keep its keys and have this one too"))
        self.none = _button(_("No key"), _("Take the action's keys away"))
        self.usual = _button(_("Usual keys"), _("Give the action the keys it has at first"))
        self.all_usual = _button(_("All as usual"), _("Take back every change of keys"))
        self.words = label("", "caution")
        self._lay_out()
        self._connect()
        self.show_keymap(keymap)

    def _lay_out(self) -> None:
        whole, row, last = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout()
        self.search.setPlaceholderText(_("Search by action or key"))
        self.search.setAccessibleName(_("Search by action or key"))
        self.search.setClearButtonEnabled(True)
        self.edit.setMaximumSequenceLength(1)
        self.edit.setAccessibleName(_("New key"))
        self.edit.setToolTip(_("Click here and press the new key"))
        for part in (self.edit, self.use, self.add):
            row.addWidget(part)
        for part in (self.none, self.usual, self.all_usual):
            last.addWidget(part)
        whole.addWidget(label(_("Keys"), "title"))
        whole.addWidget(self.search)
        whole.addWidget(self.table)
        whole.addLayout(row)
        whole.addWidget(self.words)
        whole.addLayout(last)
        self._prepare_table()

    def _prepare_table(self) -> None:
        table = self.table
        table.setHorizontalHeaderLabels([_("Action"), _("Keys")])
        table.setAccessibleName(_("Actions and their keys"))
        table.verticalHeader().hide()
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.setMinimumHeight(theme.px(LEAST_PX))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        table.setRowCount(len(self._actions))
        for row, action in enumerate(self._actions):
            title = QTableWidgetItem(str(action.title))
            title.setToolTip(str(action.tip or action.title))
            title.setData(Qt.ItemDataRole.UserRole, action.id)
            table.setItem(row, 0, title)
            table.setItem(row, 1, self._shown_keys[row])

    def _connect(self) -> None:
        self.search.textChanged.connect(self._filter)
        self.table.currentCellChanged.connect(lambda *_cells: self._choose())
        self.table.activated.connect(lambda _index: self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason))
        self.edit.keySequenceChanged.connect(lambda _keys: self._warn())
        self.use.clicked.connect(lambda: self._give((self.pressed,)))
        self.add.clicked.connect(lambda: self._give((*self.keys, self.pressed)))
        self.none.clicked.connect(lambda: self._give(()))
        self.usual.clicked.connect(lambda: self._take(self._keymap.without(self.chosen, self._usual)))
        self.all_usual.clicked.connect(lambda: self._take(replace(self._keymap, keys={})))

    # ---- what is chosen ----

    @property
    def chosen(self) -> str:
        """The id of the action chosen; empty where none is."""
        item = self.table.item(self.table.currentRow(), 0)
        return "" if item is None else str(item.data(Qt.ItemDataRole.UserRole))

    @property
    def keys(self) -> Keys:
        """The keys that the action chosen has."""
        return self._resolved.get(self.chosen, ())

    @property
    def pressed(self) -> str:
        """The key pressed in the field; empty where none was."""
        return self.edit.keySequence().toString(_PORTABLE)

    def choose(self, action_id: str) -> None:
        """Choose an action by its id."""
        row = next(row for row, action in enumerate(self._actions) if action.id == action_id)
        self.table.setCurrentCell(row, 0)

    # ---- showing ----

    def show_keymap(self, keymap: Keymap) -> None:
        """Show the keys that the actions have now."""
        self._keymap, self._resolved = keymap, keymap.resolved(self._usual)
        for row, action in enumerate(rebound(self._actions, keymap)):
            item = self._shown_keys[row]
            item.setText(key_words(action))
            own = action.keys != self._usual[action.id]
            item.setFont(theme.weight_font(strong=own))
            item.setToolTip(_("Changed by you") if own else "")
        self._filter(self.search.text())
        self._choose()

    def _filter(self, text: str) -> None:
        wanted = text.strip().casefold()
        for row in range(self.table.rowCount()):
            said = f"{self._actions[row].title} {self._shown_keys[row].text()}".casefold()
            self.table.setRowHidden(row, wanted not in said)

    def _choose(self) -> None:
        """Another action is chosen: nothing has been pressed for it yet."""
        self.edit.clear()
        self._warn()
        chosen = bool(self.chosen)
        self.edit.setEnabled(chosen)
        self.none.setEnabled(chosen and bool(self.keys))
        self.usual.setEnabled(chosen and self.keys != self._usual.get(self.chosen))
        self.all_usual.setEnabled(bool(self._keymap.keys))

    def _warn(self) -> None:
        """Say who has the key pressed already."""
        key = self.pressed
        taken = canonical(key) in RESERVED if key else False
        for button in (self.use, self.add):
            button.setEnabled(bool(key) and bool(self.chosen) and not taken)
        shown = self.edit.keySequence().toString(QKeySequence.SequenceFormat.NativeText)
        if taken:
            say(self.words, _("{key} is needed by the window itself.").format(key=shown))
        elif other := self._owner(key):
            text = _("{key} belongs to '{action}'; it will be taken from there.")
            say(self.words, text.format(key=shown, action=other.title))
        else:
            say(self.words, "")

    def _owner(self, key: str) -> Action | None:
        wanted = canonical(key) if key else ""
        for action in self._actions:
            if action.id != self.chosen and wanted in map(canonical, self._resolved[action.id]):
                return action
        return None

    def _give(self, keys: Keys) -> None:
        self._take(self._keymap.with_keys(self.chosen, tuple(dict.fromkeys(keys)), self._usual))

    def _take(self, keymap: Keymap) -> None:
        self.show_keymap(keymap)
        self.keymap_changed.emit(keymap)


def _button(title: str, tip: str) -> QPushButton:
    made = QPushButton(title)
    made.setToolTip(tip)
    made.setAutoDefault(False)
    return made
