"""Hanging protocols as small TOML files that a reader can understand and change.

The layout is drawn with letters, one line a row; a letter that fills several places makes a large viewport, a dot
leaves a place empty::

    title = "Chest CT beside the earlier one"
    layout = ["a b", "c d"]
    [match]
    modality = ["CT"]
    [sets.main]
    volume = true
    [cells]
    a = { kind = "axial", display = "main" }
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from medviewer.app.hanging.protocol import PLANES, SIDES, ImageSet, Match, Over, Protocol
from medviewer.core.arrangement import BLENDS, CELL_KINDS, MAIN, MOST_COLUMNS, MOST_ROWS, Arrangement, Cell, Place, Slab
from medviewer.core.problem import Problem
from medviewer.i18n import _

T = TypeVar("T", Match, Over, ImageSet)
HOLE = "."
LETTERS = "abcdefghijkl"
_FAULTS = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


def read_protocol(path: Path, own: bool = False) -> Protocol:
    """Read a protocol, once for as long as its file stays as it is; Problem that says what is wrong with the file."""
    try:
        file = path.stat()
        return _read(path, own, (file.st_ino, file.st_size, file.st_mtime_ns))
    except _FAULTS as error:
        said = getattr(error, "strerror", None) or (f"'{error.args[0]}'" if isinstance(error, KeyError) else error)
        raise Problem(
            _("The hanging protocol '{name}' cannot be used: {reason}.").format(name=path.name, reason=said),
            _("Correct the file or remove it: {path}").format(path=path),
        ) from error


@lru_cache
def _read(path: Path, own: bool, _version: tuple[int, ...]) -> Protocol:
    return parse(tomllib.loads(path.read_text("utf-8")), path.stem, own)


def parse(data: Mapping[str, Any], protocol_id: str, own: bool = False) -> Protocol:
    """Build a protocol of what a file says; ValueError with the reason where that is none."""
    _only(data, {"title", "match", "sets", "layout", "widths", "heights", "cells"})
    sets = tuple(_set(name, about) for name, about in data["sets"].items())
    cells = {letter: _cell(about) for letter, about in data["cells"].items()}
    arrangement = _arranged(data, cells)
    known = [each.name for each in sets]
    if MAIN not in known:
        raise ValueError(_("there is no set 'main'"))
    for name in (*arrangement.displays, *(s.again for s in sets if s.again), *(s.over.display for s in sets if s.over)):
        if name not in known:
            raise ValueError(_("there is no set '{name}'").format(name=name))
    return Protocol(protocol_id, str(data["title"]), sets, arrangement, _made(Match, data.get("match", {})), own)


def _only(data: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(data) - known)
    if unknown:
        raise ValueError(_("'{word}' is not known here").format(word=unknown[0]))


def _made(kind: type[T], about: Mapping[str, Any], **more: Any) -> T:
    """Make a value of its table, each entry of the type its field has."""
    usual = {each.name: "" if each.default is MISSING else each.default for each in fields(kind)}
    _only(about, set(usual))
    return kind(**{name: _like(name, value, usual[name]) for name, value in about.items()}, **more)


def _like(name: str, value: Any, usual: Any) -> Any:
    """Return ``value`` in the type of the field's default; a list of texts may be written as one text."""
    if isinstance(usual, tuple):
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise ValueError(_("'{name}' takes texts").format(name=name))
        return tuple(listed)
    wanted = bool if usual is None else type(usual)  # what may be left open is yes or no
    number = wanted is float and type(value) is int
    if not (type(value) is wanted or number):
        raise ValueError(_("'{name}' cannot be '{value}'").format(name=name, value=value))
    return value


def _set(name: str, about: Mapping[str, Any]) -> ImageSet:
    over = None if "over" not in about else _made(Over, about["over"])
    made = _made(ImageSet, {key: value for key, value in about.items() if key not in ("over", "name")}, name=name)
    if made.plane not in PLANES or made.against not in SIDES or made.nth < 1:
        raise ValueError(_("the set '{name}' has a plane, a side or a number that there is not").format(name=name))
    return made if over is None else ImageSet(**{**vars(made), "over": over})


def _cell(about: Mapping[str, Any]) -> Cell:
    _only(about, {"kind", "display", "close_up", "slab_mm", "blend"})
    slab = Slab(float(about.get("slab_mm", 0.0)), about.get("blend", "mean"))
    kind = about.get("kind", "native")
    if kind not in CELL_KINDS or slab.blend not in BLENDS or not slab.mm >= 0.0:
        raise ValueError(_("there is no cell of kind '{kind}' with such a slab").format(kind=kind))
    return Cell(kind, str(about.get("display", MAIN)), bool(about.get("close_up", False)), slab)


def _arranged(data: Mapping[str, Any], cells: Mapping[str, Cell]) -> Arrangement:
    rows = [line.split() for line in data["layout"]]
    columns = len(rows[0]) if rows else 0
    if any(len(row) != columns for row in rows):
        raise ValueError(_("the lines of the layout are not equally long"))
    letters = list(dict.fromkeys(letter for row in rows for letter in row if letter != HOLE))
    if len(letters) > MOST_ROWS * MOST_COLUMNS or not letters:
        raise ValueError(_("the layout has too many viewports, or none"))
    for letter in letters:
        if letter not in cells:
            raise ValueError(_("there is no cell '{name}'").format(name=letter))
    placed = tuple((cells[letter], _place(letter, rows)) for letter in letters)
    return Arrangement(placed, _shares(data, "widths", columns), _shares(data, "heights", len(rows)))


def _shares(data: Mapping[str, Any], name: str, count: int) -> tuple[int, ...]:
    shares = tuple(data.get(name, [1] * count))
    if len(shares) != count or not all(type(share) is int and share > 0 for share in shares):
        raise ValueError(_("'{name}' takes one whole number for each row or column").format(name=name))
    return shares


def _place(letter: str, rows: list[list[str]]) -> Place:
    """Return the rectangle that a letter fills; ValueError where it is none."""
    at = [(r, c) for r, row in enumerate(rows) for c, found in enumerate(row) if found == letter]
    top, left = at[0][0], min(c for _r, c in at)
    high, wide = at[-1][0] - top + 1, max(c for _r, c in at) - left + 1
    if len(at) != high * wide:
        raise ValueError(_("the viewport '{name}' is no rectangle").format(name=letter))
    return top, left, high, wide


# ---- writing ----


def written(protocol: Protocol) -> str:
    """Return the protocol as the text of a file that ``parse`` understands."""
    arrangement = protocol.arrangement
    named = list(zip(LETTERS, arrangement.cells, strict=False))
    lines = [f"title = {_toml(protocol.title)}", f"layout = {_toml(_drawn(arrangement))}"]
    lines += [f"widths = {_toml(arrangement.widths)}", f"heights = {_toml(arrangement.heights)}", "", "[match]"]
    lines += _entries(protocol.match)
    for each in protocol.sets:
        lines += ["", f"[sets.{_toml(each.name)}]", *_entries(each)]
    lines += ["", "[cells]", *(f"{letter} = {_toml(_told(cell))}" for letter, (cell, _place) in named)]
    return "\n".join(lines) + "\n"


def _drawn(arrangement: Arrangement) -> list[str]:
    rows = [[HOLE] * len(arrangement.widths) for _height in arrangement.heights]
    for letter, (_cell, (top, left, high, wide)) in zip(LETTERS, arrangement.cells, strict=False):
        for row in rows[top : top + high]:
            row[left : left + wide] = [letter] * wide
    return [" ".join(row) for row in rows]


def _entries(value: Match | ImageSet) -> list[str]:
    """Return a line for each entry that is not as usual."""
    usual = type(value)()
    said = [(each.name, getattr(value, each.name)) for each in fields(value) if each.name != "name"]
    return [f"{name} = {_toml(told)}" for name, told in said if told != getattr(usual, name)]


def _told(cell: Cell) -> dict[str, Any]:
    about: dict[str, Any] = {"kind": cell.kind, "display": cell.display}
    if cell.close_up:
        about["close_up"] = True
    if cell.slab != Slab():
        about |= {"slab_mm": cell.slab.mm, "blend": cell.slab.blend}
    return about


def _toml(value: Any) -> str:
    """Return a value as TOML: texts, numbers and booleans are written as in JSON, but for DEL."""
    if isinstance(value, Over):
        return _toml(vars(value))
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
