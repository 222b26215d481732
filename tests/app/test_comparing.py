"""Two answers are compared to the last bit, and, where that may not be asked, by what they mean."""

import numpy as np
import pytest

from medviewer.app.comparing import alike, dice, differences
from medviewer.app.saved_reading import finding_to_dict
from medviewer.core.mask import Mask
from tests.app.samples import finding


def test_every_difference_is_told_with_its_place_and_size() -> None:
    then = {"a": [1.0, {"b": 2.0, "c": "x"}], "d": None, "e": [1]}
    now = {"a": [1.0, {"b": 2.5, "c": "y"}], "d": 3, "e": [1, 2]}
    found = list(differences(then, now, ("model",)))
    assert [one.where for one in found] == ["model.a.2.b", "model.a.2.c", "model.d", "model.e.number"]
    assert [one.difference for one in found] == [0.5, None, None, 1.0]
    assert found[0].share == pytest.approx(0.2)
    assert list(differences(now, now)) == []


def test_one_bit_is_a_difference() -> None:
    assert [one.where for one in differences([0.3], [0.1 + 0.2])] == ["1"]


def test_findings_that_mean_the_same_are_alike_in_any_order() -> None:
    one, other = finding_to_dict(finding("a")), finding_to_dict(finding("b", center_lps_mm=(40.0, 4.0, 4.0)))
    moved = finding_to_dict(finding("a", center_lps_mm=(4.3, 4.0, 4.0), score=0.78, long_axis_mm=8.4))
    assert alike([one, other], [other, moved])
    assert not alike([one, other], [other])
    assert not alike([one, other], [other, finding_to_dict(finding("a", score=0.5))])
    assert not alike([one], [finding_to_dict(finding("a", mask=Mask((4, 5, 9), np.ones((2, 3, 3), np.bool_))))])


def test_masks_are_laid_over_each_other_where_they_lie() -> None:
    cube = Mask((1, 1, 1), np.ones((2, 2, 2), np.bool_))
    assert dice(cube, cube) == 1.0
    assert dice(cube, Mask((1, 1, 2), np.ones((2, 2, 2), np.bool_))) == 0.5
    assert dice(cube, Mask((9, 9, 9), np.ones((2, 2, 2), np.bool_))) == 0.0
    assert dice(cube, None) == 0.0
    assert dice(None, None) == 1.0
