"""How a study was read comes back as it was; what is no workspace is no harm."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from medviewer.app import workspace
from medviewer.app.store import Store
from medviewer.app.workspace import Desk, Screen, Shown, Workspace
from medviewer.core.arrangement import Arrangement, Cell, Slab
from medviewer.core.look import Window
from medviewer.core.problem import Problem

TWO = Arrangement.grid(1, 2, (Cell("axial", slab=Slab(12.5, "max")), Cell("native", "prior")))
ROOM = Workspace(
    TWO,
    {
        "main": Shown("1.2", "1.2.3", (1.5, -2.0, 1000.25), Window(-600.0, 1500.0), inverted=True),
        "prior": Shown("1.9", "1.9.3", (0.0, 0.0, 0.0)),
    },
    frozenset({"scroll", "zoom"}),
    "crosshair",
    ({"zoom": 2.0, "center_mm": [3.0, 4.0]}, {"zoom": 1.0}),
    (Screen(Arrangement.grid(1, 1, (Cell("native", "2"),)), "AdnQ"),),
)


def test_a_workspace_survives_json() -> None:
    assert Workspace.from_dict(json.loads(json.dumps(ROOM.to_dict()))) == ROOM


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {**ROOM.to_dict(), "arrangement": {"cells": [], "widths": [], "heights": []}},
        {**ROOM.to_dict(), "displays": {"main": {"series_uid": "1"}}},
        {**ROOM.to_dict(), "displays": [1]},
        {**ROOM.to_dict(), "links": None},
    ],
)
def test_what_is_no_workspace_is_none(broken: dict[str, object]) -> None:
    assert Workspace.from_dict(broken) is None


def changed(value: Any, where: Sequence[Any], to: object) -> Any:
    """Return a copy of JSON-ready data with another value at one place."""
    if not where:
        return to
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[where[0]] = changed(copy[where[0]], where[1:], to)
    return copy


def places(value: Any) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to every value in JSON-ready data."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield (name,)
        yield from ((name, *further) for further in places(part))


@pytest.mark.parametrize("value", [None, -1, "x", [], {}, float("inf"), float("nan"), [[]], {"a": 1}])
def test_whatever_a_damaged_row_says_is_read_or_is_none(value: object) -> None:
    full = {**ROOM.displays, "2": Shown("1.9", "1.9.3", (0.0, 0.0, 0.0), over=("prior", "hot", 0.5))}
    data = json.loads(json.dumps(replace(ROOM, displays=full).to_dict()))
    assert Workspace.from_dict(data) is not None
    for where in places(data):
        Workspace.from_dict(changed(data, where, value))  # whatever it is, it does not raise


@pytest.mark.parametrize(
    ("where", "to"),
    [
        (("displays", "main", "point_lps_mm"), [float("nan"), 0.0, 0.0]),
        (("displays", "main", "window", "width"), -5.0),
        (("displays", "main", "window", "width"), float("nan")),
        (("displays", "main", "window", "function"), "CUBIC"),
        (("displays", "main", "over"), ["prior", "hot", 7.0]),
        (("displays", "main", "over"), ["prior"]),
        (("arrangement", "widths"), [1e308, 1]),
        (("arrangement", "widths"), [0, 1]),
        (("arrangement", "cells", 0, "place"), [0, 0, 1, 10**9]),
        (("arrangement", "cells", 0, "place"), [-1, 0, 1, 1]),
        (("arrangement", "cells", 0, "slab", "mm"), float("nan")),
    ],
)
def test_numbers_that_no_room_can_have_are_no_workspace(where: tuple[str | int, ...], to: object) -> None:
    data = json.loads(json.dumps(ROOM.to_dict()))
    assert Workspace.from_dict(changed(data, where, to)) is None


def test_a_desk_comes_back() -> None:
    workspace.save_desk(Desk("geometry", "panels"))
    assert workspace.load_desk() == Desk("geometry", "panels")


@pytest.mark.parametrize("content", ["", "[]", "{", '{"geometry": "x"}', "[" * 100_000])
def test_a_desk_that_cannot_be_read_is_an_empty_one(content: str) -> None:
    workspace.desk_file().write_text(content)
    assert workspace.load_desk() == Desk()


def test_a_desk_that_cannot_be_saved_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="could not be saved"):
        workspace.save_desk(Desk(), tmp_path / "file" / "window.json")


def test_the_newest_workspace_of_each_study_is_kept(store: Store) -> None:
    store.remember("1.2", {"tool": "zoom"})
    store.remember("1.2", ROOM.to_dict())
    store.remember("1.3", {"tool": "pan"})
    found = store.recall("1.2")
    assert found is not None
    assert Workspace.from_dict(found) == ROOM
    assert store.recall("1.3") == {"tool": "pan"}
    assert store.recall("1.4") is None


def test_readers_do_not_see_each_others_rooms(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.remember("1.2", {"tool": "zoom"})
    monkeypatch.setattr("medviewer.app.audit.who", lambda: "somebody else")
    assert store.recall("1.2") is None


def test_a_damaged_row_counts_as_none(store: Store) -> None:
    store.remember("1.2", {"tool": "zoom"})
    with store._database.write() as connection:
        connection.execute(text("update workspaces set data = '{half'"))
    assert store.recall("1.2") is None


def test_remembering_leaves_the_audit_trail_alone(store: Store) -> None:
    store.audit("open study")
    store.remember("1.2", {"tool": "zoom"})
    with store._database.read() as connection:
        assert connection.execute(text("select count(*) from audit")).scalar() == 1
