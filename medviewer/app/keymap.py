"""The reader's own keys and mouse buttons, laid over the usual ones and kept in a TOML file of their own."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from medviewer import paths
from medviewer.core.problem import Problem
from medviewer.core.whole import whole
from medviewer.i18n import _

Keys = tuple[str, ...]
# What the window itself needs; nothing else can be given them.
RESERVED = frozenset({"esc", "tab", "backtab", "shift+tab"})
_SAME = {"escape": "esc", "return": "enter", "pagedown": "pgdown", "pageup": "pgup", "delete": "del", "insert": "ins"}


@dataclass(frozen=True)
class Conflict:
    """Two actions want one key: the one that ``keeps`` it and the one that ``loses`` it, by id."""

    key: str
    keeps: str
    loses: str


@dataclass(frozen=True)
class Keymap:
    """What the reader changed: keys by action id (none for an action without keys), tool by mouse gesture.

    Names that are not known here (a newer program wrote them) are kept and have no effect.
    """

    keys: Mapping[str, Keys] = field(default_factory=dict)
    gestures: Mapping[str, str] = field(default_factory=dict)

    def keys_of(self, action_id: str, default: Keys) -> Keys:
        """Return the keys of an action as the reader chose them, before conflicts; ``default`` where she did not."""
        return self.keys.get(action_id, default)

    def resolved(self, defaults: Mapping[str, Keys]) -> dict[str, Keys]:
        """Return the keys of every action, by id; none of them is had by two.

        A key the reader chose goes before the usual one, then the earlier action before the later one.
        """
        lost = {(conflict.loses, canonical(conflict.key)) for conflict in self.conflicts(defaults)}
        return {
            action_id: tuple(key for key in self._wanted(action_id, default) if (action_id, canonical(key)) not in lost)
            for action_id, default in defaults.items()
        }

    def conflicts(self, defaults: Mapping[str, Keys]) -> tuple[Conflict, ...]:
        """Return every key that two actions want, in the order of ``defaults``."""
        holders: dict[str, str] = {}
        found: list[Conflict] = []
        for action_id in sorted(defaults, key=lambda each: each not in self.keys):
            for key in self._wanted(action_id, defaults[action_id]):
                keeps = holders.setdefault(canonical(key), action_id)
                if keeps != action_id:
                    found.append(Conflict(key, keeps, action_id))
        return tuple(found)

    def _wanted(self, action_id: str, default: Keys) -> Keys:
        return tuple(key for key in self.keys_of(action_id, default) if canonical(key) not in RESERVED)

    def with_keys(self, action_id: str, keys: Keys, defaults: Mapping[str, Keys]) -> "Keymap":
        """Return a keymap where an action has ``keys``, and no other action has them."""
        before = self.resolved(defaults)
        taken = {canonical(key) for key in keys}
        changed = {**self.keys, action_id: keys}
        for other, theirs in before.items():
            left = tuple(key for key in theirs if canonical(key) not in taken)
            if other != action_id and left != theirs:
                changed[other] = left
        return replace(self, keys=_changes(changed, defaults))

    def without(self, action_id: str, defaults: Mapping[str, Keys]) -> "Keymap":
        """Return a keymap where an action has its usual keys again, taken from whoever has them."""
        usual = self.with_keys(action_id, defaults[action_id], defaults)
        return replace(usual, keys={name: keys for name, keys in usual.keys.items() if name != action_id})

    def with_gesture(self, gesture: str, tool_id: str) -> "Keymap":
        """Return a keymap where a mouse gesture, as "right" or "ctrl+right", has a tool."""
        return replace(self, gestures={**self.gestures, gesture: tool_id})


def canonical(key: str) -> str:
    """Return one spelling of a key for comparing: "Shift+Ctrl+Return" and "Ctrl+Shift+Enter" are one key."""
    text = key.strip().lower()
    parts = [part.strip() for part in text.removesuffix("+").split("+")] if len(text) > 1 else [text]
    last = "+" if text.endswith("++") else parts.pop()
    held = sorted({part for part in parts if part})
    return "+".join([*held, _SAME.get(last, last)])


def _changes(keys: Mapping[str, Keys], defaults: Mapping[str, Keys]) -> dict[str, Keys]:
    """Leave out what is as it usually is."""
    return {name: theirs for name, theirs in keys.items() if name not in defaults or theirs != defaults[name]}


def file() -> Path:
    """Where the keys are kept."""
    return paths.user_data() / "keys.toml"


def load(path: Path | None = None) -> tuple[Keymap, tuple[Problem, ...]]:
    """Return the saved keys and mouse buttons, and what was wrong with the file. Never raises."""
    try:
        saved = tomllib.loads((path or file()).read_text("utf-8"))
        return Keymap(_keys(saved.get("keys", {})), _gestures(saved.get("mouse", {}))), ()
    except FileNotFoundError:
        return Keymap(), ()
    except (OSError, ValueError):
        text = _("The file of keys could not be read; the usual keys are used.")
        return Keymap(), (Problem(text, _("Change a key in the settings to replace it.")),)


def _keys(saved: Any) -> dict[str, Keys]:
    """Return the keys of the file; ValueError where it holds something else."""
    if not isinstance(saved, dict) or not all(isinstance(one, list) for one in saved.values()):
        raise ValueError("keys are lists of texts")
    if not all(isinstance(key, str) and key.strip() for one in saved.values() for key in one):
        raise ValueError("a key is a text")
    return {name: tuple(one) for name, one in saved.items()}


def _gestures(saved: Any) -> dict[str, str]:
    if not isinstance(saved, dict) or not all(isinstance(one, str) for one in saved.values()):
        raise ValueError("a mouse button has the name of a tool")
    return dict(saved)


def save(keymap: Keymap, path: Path | None = None) -> None:
    """Write the keys, whole or not at all; Problem where that is not possible."""
    try:
        with whole(path or file()) as draft:
            draft.write_text(_toml(keymap), "utf-8")
    except OSError as error:
        raise Problem(_("The keys could not be saved."), str(error.strerror)) from error


def _toml(keymap: Keymap) -> str:
    """JSON texts and lists of them are TOML too, but for DEL, which TOML wants escaped."""
    tables: Sequence[tuple[str, str, Mapping[str, Any]]] = (
        ("keys", "Keys by action; an empty list takes them away.", keymap.keys),
        ("mouse", "Tool by button held, as right or ctrl+right; chosen is the tool of the toolbar.", keymap.gestures),
    )
    lines: list[str] = []
    for name, about, table in tables:
        lines += [f"# {about}", f"[{name}]"]
        lines += [f"{_quoted(key)} = {_quoted(value)}" for key, value in table.items()]
        lines.append("")
    return "\n".join(lines)


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
