"""The sheet of keys and of what the mouse does, to look up and to search; it shows what holds now."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from medviewer.app import mouse
from medviewer.app.keymap import Keymap
from medviewer.app.mouse import CHOSEN, GESTURES, NOTHING, PROFILES, WHEEL, WHEEL_WORDS
from medviewer.app.settings import Settings
from medviewer.i18n import N_, Message, _
from medviewer.ui import theme
from medviewer.ui.actions.action import MENUS, Action, key_words
from medviewer.ui.cards import label, scrolled
from medviewer.ui.theme import as_role
from medviewer.ui.tool import Tool

COLUMNS, SIZE, LEAST_COLUMN_PX = 3, QSize(1080, 760), 300
ALWAYS = (
    (N_("Right click"), N_("Menu")),
    (N_("Double click"), N_("Enlarge a viewport, or show all again")),
)
FIXED_KEYS = (
    (N_("Esc"), N_("Drop unfinished work, close a window")),
    (N_("Tab"), N_("Next control; with Shift the one before")),
)
_MNEMONIC = re.compile(r"\(&.\)|&")  # as in "&File" or "文件(&F)"
Lines = list[tuple[str, str]]


@dataclass
class _Group:
    """A heading, and the rows below it: keys and what they do, each with its two labels."""

    box: QWidget
    heading: QLabel
    rows: list[tuple[QLabel, QLabel]]

    def show_matching(self, text: str) -> int:
        """Show the rows that hold ``text``, and the heading where there are any; return how many there are."""
        shown = 0
        for keys, what in self.rows:
            fits = text in f"{keys.text()} {what.text()}".casefold() or text in self.heading.text().casefold()
            keys.setVisible(fits)
            what.setVisible(fits)
            shown += fits
        self.box.setVisible(shown > 0)
        return shown


class ShortcutSheet(QDialog):
    """All keys by menu, in columns, and the mouse; a field to search in them."""

    def __init__(
        self,
        actions: Sequence[Action],
        parent: QWidget | None = None,
        *,
        settings: Settings | None = None,
        keymap: Keymap | None = None,
        tools: Mapping[str, Tool] | None = None,
    ) -> None:
        """Show the keys that ``actions`` have, and the mouse as ``settings`` and ``keymap`` have it."""
        super().__init__(parent)
        self.setWindowTitle(_("Keys and mouse"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        lines = [
            (_plain(title), [(key_words(a), str(a.title)) for a in actions if a.menu == menu and key_words(a)])
            for menu, title in MENUS.items()
        ]
        lines += mouse_lines(settings or Settings(), keymap or Keymap(), tools or {})
        lines.append((_("Always"), [(str(key), str(what)) for key, what in FIXED_KEYS]))
        self.search, self.nothing = QLineEdit(), label(_("Nothing here is called that."), "dim")
        self.search.setPlaceholderText(_("Search by action or key"))
        self.search.setAccessibleName(_("Search by action or key"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.nothing.hide()
        self.groups: list[_Group] = []
        content = QWidget()
        content.setLayout(self._columns([group for group in lines if group[1]]))
        self._lay_out(content)

    def _lay_out(self, content: QWidget) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(_("Close"))
        buttons.rejected.connect(self.reject)
        outer = QVBoxLayout(self)
        for part in (self.search, self.nothing, scrolled(content), buttons):
            outer.addWidget(part)
        room = self.screen().availableGeometry().size()
        self.resize(QSize(theme.px(SIZE.width()), theme.px(SIZE.height())).boundedTo(room))

    def _filter(self, text: str) -> None:
        wanted = text.strip().casefold()
        self.nothing.setVisible(sum(group.show_matching(wanted) for group in self.groups) == 0)

    def _columns(self, groups: Sequence[tuple[str, Lines]]) -> QHBoxLayout:
        """Share the groups among columns of about equal height."""
        row = QHBoxLayout()
        row.setSpacing(theme.px(28))
        room_px = self.screen().availableGeometry().width()
        columns = [QVBoxLayout() for _n in range(min(COLUMNS, max(1, room_px // theme.px(LEAST_COLUMN_PX))))]
        for title, lines, at in _shared(groups, len(columns)):
            columns[at].addWidget(self._group(title, lines))
        for column in columns:
            column.addStretch(1)
            row.addLayout(column, 1)
        return row

    def _group(self, title: str, lines: Lines) -> QWidget:
        made, grid = QWidget(), QGridLayout()
        heading = QLabel(title)
        as_role(heading, "title")
        grid.setContentsMargins(0, 0, 0, theme.px(6))
        grid.setVerticalSpacing(0)  # what is not shown takes no room
        grid.setHorizontalSpacing(theme.px(14))
        grid.setColumnStretch(1, 1)
        grid.addWidget(heading, 0, 0, 1, 2)
        rows = []
        for number, (keys, what) in enumerate(lines, 1):
            pair = label(keys, "strong"), label(what, "dim")
            grid.addWidget(pair[0], number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(pair[1], number, 1, Qt.AlignmentFlag.AlignTop)
            pair[0].setWordWrap(False)
            for part in pair:
                part.setMargin(theme.px(2))
            rows.append(pair)
        self.groups.append(_Group(made, heading, rows))
        made.setLayout(grid)
        return made


def mouse_lines(settings: Settings, keymap: Keymap, tools: Mapping[str, Tool]) -> list[tuple[str, Lines]]:
    """Return what every gesture does: first as it holds now, then in the other profiles."""
    now = mouse.gestures(settings.mouse_profile, keymap.gestures, tools)
    mine = (_("Mouse"), [*_gesture_lines(now, tools), *((str(key), str(what)) for key, what in ALWAYS)])
    others = [
        (_("Mouse: {profile}").format(profile=profile.title), list(_gesture_lines(profile.gestures, tools)))
        for profile in PROFILES.values()
        if profile.id != settings.mouse_profile
    ]
    return [mine, *others]


def _gesture_lines(table: Mapping[str, str], tools: Mapping[str, Tool]) -> Iterable[tuple[str, str]]:
    for gesture in GESTURES:
        does = table.get(gesture, NOTHING)
        if does != NOTHING:
            yield mouse.words(gesture), str(_what(gesture, does, tools))


def _what(gesture: str, does: str, tools: Mapping[str, Tool]) -> Message | str:
    if gesture.endswith(WHEEL):
        return WHEEL_WORDS.get(does, does)
    if does == CHOSEN:
        return _("The tool chosen; window/level at first")
    return tools[does].title if does in tools else does


def _shared(groups: Sequence[tuple[str, Lines]], columns: int) -> list[tuple[str, Lines, int]]:
    """Return the groups in their order, each with the column that keeps all columns about equally high."""
    heights, places = [0] * columns, {}
    for title, lines in sorted(groups, key=lambda group: -len(group[1])):  # the longest first packs best
        places[title] = heights.index(min(heights))
        heights[places[title]] += len(lines) + 2
    return [(title, lines, places[title]) for title, lines in groups]


def _plain(title: Message) -> str:
    return _MNEMONIC.sub("", str(title))
