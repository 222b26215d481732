"""Marks as plain data: written down and read again, and what is refused."""

import json
from dataclasses import replace

import pytest

from medviewer.core.mark import KINDS, POINTS, REGIONS, Mark
from tests.marks import mark

FULL = replace(
    mark("m", "ellipse"), name="target", text="hm", colour="#00ff00", hidden=True, label_lps_mm=(1.0, 2.0, 3.0),
    measured={"mean": 41.5, "area": 12.0}, unit="HU", sop_uid="1.2", frame=3, frame_of_reference_uid="9", slab_mm=5.0,
)  # fmt: skip


def test_a_mark_comes_back_from_json_as_it_was() -> None:
    assert Mark.from_dict(json.loads(json.dumps(FULL.to_dict()))) == FULL
    plain = mark()
    assert Mark.from_dict(json.loads(json.dumps(plain.to_dict()))) == plain


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "circle"},
        {"points_lps_mm": [[0, 0, 0]]},
        {"points_lps_mm": [[0, 0, 0], [1, 1]]},
        {"points_lps_mm": [[0, 0, 0], [1, 1, float("nan")]]},
        {"colour": "red; drop"},
        {"surprise": 1},
    ],
    ids=str,
)
def test_what_is_no_mark_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Mark.from_dict({**mark().to_dict(), **wrong})


def test_every_kind_has_its_number_of_points() -> None:
    assert set(POINTS) == set(KINDS)
    assert set(KINDS) >= REGIONS


def test_the_middle_of_a_mark_is_the_mean_of_its_points() -> None:
    assert mark().center_lps_mm == (3.0, 4.0, 0.0)
