"""Which series show one place at other times."""

from dataclasses import replace
from typing import Any

from medviewer.core.phases import phases_of
from medviewer.core.study import Series, Study
from medviewer.i18n import N_
from tests.app.hangings import CORONAL, stack


def phase(n: int, **said: Any) -> Series:
    made = stack(f"1.{n}", "CT", "4D thorax", **said)
    return replace(made, label=N_("phase {n} of {all}", n=n, all=3))


def test_phases_are_the_series_of_one_place_in_their_order() -> None:
    one, two, three = (phase(n) for n in (1, 2, 3))
    other = replace(phase(9), grid=replace(one.grid, shape_kji=(5, 8, 8)))  # type: ignore[type-var]
    study = Study("1", (three, stack("1.7", "CT", "4D thorax"), one, other, two))
    assert phases_of(study, two) == (one, two, three)
    assert phases_of(study, study.series[1]) == ()  # it has no label
    assert phases_of(study, other) == ()  # alone on its grid
    assert phases_of(None, one) == ()
    assert phases_of(Study("1", (one, phase(2, orientation=CORONAL, series_number=8))), one) == ()


def test_stacks_of_one_series_belong_together_whatever_their_names() -> None:
    stacks = [replace(phase(n), uid=uid) for n, uid in ((1, "5"), (2, "5#2"), (3, "5#3"))]
    headers = replace(stacks[1].headers[0], series_description="diffusion")
    stacks[1] = replace(stacks[1], headers=(headers, *stacks[1].headers[1:]))
    assert len(phases_of(Study("1", tuple(stacks)), stacks[0])) == 3
