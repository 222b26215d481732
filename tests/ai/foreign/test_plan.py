"""A plan says what is wrong with it by the name of the field."""

import copy
from typing import Any

import pytest

from medviewer.ai.foreign.plan import Plan
from tests.ai.foreign.nets import RANGE

INPUT: dict[str, Any] = {"axes": "RAS", "patch": [32, 32, 32], "spacing_mm": [1.5, 1.5, 2.0], "intensity": RANGE}
OUTPUT: dict[str, Any] = {
    "activation": "softmax",
    "channels": 3,
    "labels": [{"channel": 1, "name": "liver"}, {"channel": 2, "name": "spleen"}],
}


def made(side: str = "", **changes: Any) -> Plan:
    tables: dict[str, dict[str, Any]] = {"options": {}, "given": copy.deepcopy(INPUT), "output": copy.deepcopy(OUTPUT)}
    if side:
        tables[side] |= changes
    return Plan.of(**tables)


def test_a_whole_description_is_a_plan() -> None:
    plan = made()
    assert (plan.overlap, plan.threshold, plan.channels) == (0.25, 0.5, 3)
    assert [(label.name, label.code.scheme, label.code.value) for label in plan.labels] == [
        ("liver", "99MEDVIEWER", "LABEL1"),
        ("spleen", "99MEDVIEWER", "LABEL2"),
    ]


def test_channels_are_counted_where_nobody_says_how_many() -> None:
    output = {name: value for name, value in OUTPUT.items() if name != "channels"}
    assert Plan.of({}, INPUT, output).channels == 3


@pytest.mark.parametrize(
    ("side", "field", "value"),
    [
        ("given", "axes", "RAL"),
        ("given", "axes", "XYZ"),
        ("given", "axes", "R"),
        ("given", "patch", [32, 32]),
        ("given", "patch", [4, 32, 32]),
        ("given", "patch", [1000, 1000, 1000]),
        ("given", "spacing_mm", [1.0]),
        ("given", "spacing_mm", [0.0, 1.0, 1.0]),
        ("given", "spacing_mm", [float("nan"), 1.0, 1.0]),
        ("given", "intensity", RANGE | {"high": -2000.0}),
        ("given", "intensity", RANGE | {"kind": "magic"}),
        ("output", "activation", "hope"),
        ("output", "labels", []),
        ("output", "labels", [{"channel": 1, "name": "a"}, {"channel": 1, "name": "b"}]),
        ("output", "channels", 2),
        ("output", "channels", 10_000),
        ("output", "threshold", 1.0),
        ("options", "overlap", 1.0),
        ("options", "least_mm3", -1.0),
    ],
)
def test_what_is_impossible_is_named(side: str, field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=field):
        made(side, **{field: value})


@pytest.mark.parametrize(("side", "field"), [("given", "axes"), ("given", "intensity"), ("output", "labels")])
def test_what_is_missing_is_named(side: str, field: str) -> None:
    tables: dict[str, dict[str, Any]] = {"options": {}, "given": dict(INPUT), "output": dict(OUTPUT)}
    del tables[side][field]
    with pytest.raises(KeyError, match=field):
        Plan.of(**tables)
