"""Moving the threshold, and taking in a candidate: steps that go back to exactly what was there."""

import json
from dataclasses import replace

import numpy as np

from medviewer.core.case import Case
from medviewer.core.edits import Edit, from_dict
from medviewer.core.finding import Finding
from medviewer.core.mask import Mask
from medviewer.core.threshold_edits import MoveThreshold, TakeCandidate
from tests.cases import case, finding

UID = "1.2.3.4"
MASK = Mask((1, 2, 3), np.ones((2, 2, 2), np.bool_))


def masked(finding_id: str) -> Finding:
    return replace(finding(finding_id), mask=MASK)


def ids(of: Case) -> list[str]:
    return [found.id for found in of.findings]


def saved(edit: Edit) -> Edit:
    return from_dict(type(edit).__name__, json.loads(json.dumps(edit.to_dict())), edit.blobs())


def move() -> tuple[Case, MoveThreshold]:
    before = case(finding("a"), finding("b"), finding("c"))
    gone = ((0, before.findings[0]), (2, before.findings[2]))
    return before, MoveThreshold(UID, None, 0.5, (masked("new"),), gone)


def test_moving_the_threshold_takes_away_brings_in_and_is_remembered() -> None:
    before, edit = move()
    after = edit.apply(before)
    assert ids(after) == ["b", "new"]
    assert after.thresholds == {UID: 0.5}


def test_taking_it_back_gives_every_finding_its_number_again() -> None:
    before, edit = move()
    back = edit.revert(edit.apply(before))
    assert back.findings == before.findings
    assert back.thresholds == {}


def test_the_models_own_threshold_is_no_entry() -> None:
    edit = MoveThreshold(UID, 0.5, None)
    moved = replace(case(), thresholds={UID: 0.5, "other": 0.3})
    assert edit.apply(moved).thresholds == {"other": 0.3}
    assert edit.revert(edit.apply(moved)).thresholds == moved.thresholds


def test_a_saved_step_is_the_same_step_with_masks() -> None:
    before, edit = move()
    again = saved(edit)
    assert ids(again.apply(before)) == ids(edit.apply(before))
    assert ids(again.revert(again.apply(before))) == ids(before)
    assert isinstance(again, MoveThreshold)
    assert again.added[0].mask is not None
    assert again.added[0].mask.offset_kji == MASK.offset_kji


def test_a_candidate_taken_in_can_be_saved_and_taken_back() -> None:
    edit = saved(TakeCandidate(masked("new")))
    after = edit.apply(case(finding("a")))
    assert ids(after) == ["a", "new"]
    assert after.findings[1].mask is not None
    assert ids(edit.revert(after)) == ["a"]


def test_the_audit_trail_sees_which_models_findings_came_in() -> None:
    _before, edit = move()
    assert [found.id for found in edit.findings] == ["new"]
    assert [found.id for found in TakeCandidate(masked("new")).findings] == ["new"]
