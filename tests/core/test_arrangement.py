"""Arrangements of viewports as plain data."""

import json

import pytest

from medviewer.core.arrangement import PRIOR, Arrangement, Cell, Slab

PAIR = Arrangement.grid(1, 2, (Cell("coronal", slab=Slab(10.0, "max")), Cell("native", PRIOR)))


def test_a_grid_is_filled_row_by_row() -> None:
    made = Arrangement.grid(2, 2, tuple(Cell(display=name) for name in "abcd"))
    assert [(cell.display, place) for cell, place in made.cells] == [
        ("a", (0, 0, 1, 1)),
        ("b", (0, 1, 1, 1)),
        ("c", (1, 0, 1, 1)),
        ("d", (1, 1, 1, 1)),
    ]
    assert (made.widths, made.heights) == ((1, 1), (1, 1))


def test_a_grid_needs_as_many_cells_as_places() -> None:
    with pytest.raises(ValueError, match="as many"):
        Arrangement.grid(2, 2, (Cell(),))


def test_an_arrangement_comes_back_from_json() -> None:
    assert Arrangement.from_dict(json.loads(json.dumps(PAIR.to_dict()))) == PAIR


def test_it_names_the_displays_it_shows_once() -> None:
    twice = Arrangement.grid(1, 3, (Cell(), Cell("coronal"), Cell("native", "2")))
    assert twice.displays == ("main", "2")


@pytest.mark.parametrize(
    ("part", "value"), [("kind", "upside-down"), ("slab", {"mm": 1.0, "blend": "sum"}), ("place", [0, 0])]
)
def test_what_is_no_cell_is_refused(part: str, value: object) -> None:
    data = PAIR.to_dict()
    data["cells"][0][part] = value
    with pytest.raises(ValueError):  # noqa: PT011 - three different ones
        Arrangement.from_dict(data)


def test_without_cells_there_is_nothing_to_show() -> None:
    with pytest.raises(ValueError, match="no such arrangement"):
        Arrangement.from_dict({"cells": [], "widths": [1], "heights": [1]})
