"""The sheet of keys and of what the mouse does."""

import re
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from medviewer.i18n import N_, Message, _
from medviewer.ui.actions import MENUS, Action, key_words
from medviewer.ui.cards import scrolled
from medviewer.ui.theme import as_role

MOUSE = (
    (N_("Wheel"), N_("Previous or next image")),
    (N_("Shift + wheel"), N_("Ten images at a time")),
    (N_("Ctrl + wheel"), N_("Zoom at the mouse")),
    (N_("Left drag"), N_("The tool chosen; window/level at first")),
    (N_("Middle drag"), N_("Pan")),
    (N_("Right drag"), N_("Zoom")),
    (N_("Right click"), N_("Menu")),
    (N_("Double click"), N_("Enlarge a viewport, or show all again")),
)
COLUMNS = 3
_MNEMONIC = re.compile(r"\(&.\)|&")  # as in "&File" or "文件(&F)"


class ShortcutSheet(QDialog):
    """All keys by menu, in columns."""

    def __init__(self, actions: Sequence[Action], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Keys and mouse"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        groups = [
            (
                _MNEMONIC.sub("", str(title)),
                [(key_words(a), str(a.title)) for a in actions if a.menu == menu and a.keys],
            )
            for menu, title in MENUS.items()
        ]
        groups.append((_("Mouse"), [(str(key), str(what)) for key, what in MOUSE]))
        outer = QVBoxLayout(self)
        content = QWidget()
        content.setLayout(_columns([group for group in groups if group[1]]))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(_("Close"))
        buttons.rejected.connect(self.reject)
        outer.addWidget(scrolled(content))
        outer.addWidget(buttons)
        self.resize(980, 720)


def _columns(groups: Sequence[tuple[str, list[tuple[str, str]]]]) -> QHBoxLayout:
    """Share the groups among columns of about equal height."""
    row = QHBoxLayout()
    row.setSpacing(28)
    columns = [QGridLayout() for _n in range(COLUMNS)]
    heights = [0] * COLUMNS
    places = {}
    for title, lines in sorted(groups, key=lambda group: -len(group[1])):  # the longest first packs best
        places[title] = heights.index(min(heights))
        heights[places[title]] += len(lines) + 2
    for title, lines in groups:
        _add_group(columns[places[title]], title, lines)
    for column in columns:
        column.setRowStretch(column.rowCount(), 1)
        column.setColumnStretch(1, 1)
        column.setVerticalSpacing(4)
        column.setHorizontalSpacing(14)
        row.addLayout(column, 1)
    return row


def _add_group(column: QGridLayout, title: str | Message, lines: Sequence[tuple[str, str]]) -> None:
    row = column.rowCount()
    if row > 1:
        column.addWidget(QLabel(""), row, 0)
    column.addWidget(as_role(QLabel(str(title)), "title"), row + 1, 0, 1, 2)
    for number, (keys, what) in enumerate(lines, row + 2):
        column.addWidget(as_role(QLabel(keys), "strong"), number, 0)
        column.addWidget(as_role(QLabel(what), "dim"), number, 1)
