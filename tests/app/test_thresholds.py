"""The threshold: what it lists, what it takes away, and that no verdict is ever lost."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from medviewer.ai.protocol import Reading
from medviewer.app import thresholds
from medviewer.core.case import Case
from medviewer.core.finding import Finding, Status
from tests.cases import MODEL, case, finding

UID, MODEL_ID = "1.2.3.4", MODEL.id
POINT = {
    "threshold": 0.5, "sensitivity": 0.9, "sensitivity_low": 0.8, "sensitivity_high": 0.95,
    "false_positives": 1.0, "false_positives_low": 0.8, "false_positives_high": 1.2, "per": "scan",
}  # fmt: skip


@dataclass
class Measured:
    """What is asked of a bundle."""

    output: dict[str, Any] = field(default_factory=lambda: {"operating_points": [POINT]})
    threshold: float = 0.6


def at(score: float, x_mm: float, status: Status = "unreviewed") -> Finding:
    """A finding of its own place, named by its score."""
    low, high = (x_mm - 3.0, 0.0, 0.0), (x_mm + 3.0, 6.0, 6.0)
    made = finding(f"{score}", status=status)
    return replace(made, score=score, center_lps_mm=(x_mm, 3.0, 3.0), box_lps_mm=(low, high))


SURE, LIKELY, POSSIBLE, FAINT = at(0.9, 0.0), at(0.7, 20.0), at(0.5, 40.0), at(0.3, 60.0)
ANSWERS = (SURE, LIKELY, POSSIBLE, FAINT)
LISTED = case(SURE, LIKELY)


def move(of: Case, after: float | None) -> Case:
    return thresholds.moved(of, UID, ANSWERS, after, 0.6, model_id=MODEL_ID).apply(of)


def ids(of: Case) -> list[str]:
    return [found.id for found in of.findings]


@pytest.mark.parametrize(
    ("threshold", "listed"),
    [(0.8, ["0.9"]), (0.6, ["0.9", "0.7"]), (0.5, ["0.9", "0.7", "0.5"]), (0.1, ["0.9", "0.7", "0.5", "0.3"])],
)
def test_what_is_listed_is_what_the_threshold_says(threshold: float, listed: list[str]) -> None:
    assert ids(move(LISTED, threshold)) == listed


def test_going_back_to_the_models_own_lists_what_it_listed() -> None:
    assert ids(move(move(LISTED, 0.1), None)) == ["0.9", "0.7"]
    assert set(ids(move(move(LISTED, 0.8), None))) == {"0.9", "0.7"}


@pytest.mark.parametrize("status", ["accepted", "rejected", "edited"])
def test_what_the_reader_has_judged_stays(status: Status) -> None:
    judged = case(SURE, LIKELY.with_status(status))
    assert ids(move(judged, 0.8)) == ["0.9", "0.7"]


def test_what_the_reader_marked_or_another_model_found_stays() -> None:
    mine = replace(at(0.2, 80.0), id="mine", model=None)
    others = replace(at(0.2, 100.0), id="others", model=replace(MODEL, id="another"))
    assert ids(move(case(mine, others, SURE, LIKELY), 0.8)) == ["mine", "others", "0.9"]


def test_a_place_that_was_rejected_is_not_offered_again() -> None:
    elsewhere = replace(at(0.5, 40.0, "rejected"), id="renamed")
    rejected = case(SURE, elsewhere)
    assert [one.id for one in thresholds.under(rejected, ANSWERS)] == ["0.7", "0.3"]
    assert "0.5" not in ids(move(rejected, 0.1))


def test_what_goes_is_under_the_threshold_then_and_comes_back_with_undo() -> None:
    edit = thresholds.moved(LISTED, UID, ANSWERS, 0.8, 0.6, model_id=MODEL_ID)
    after = edit.apply(LISTED)
    assert [one.id for one in thresholds.under(after, ANSWERS)] == ["0.7", "0.5", "0.3"]
    assert edit.revert(after).findings == LISTED.findings


def test_a_candidate_taken_in_is_accepted_and_stays_above_every_threshold() -> None:
    taken = thresholds.taken(FAINT).apply(LISTED)
    assert taken.findings[-1].status == "accepted"
    assert ids(move(taken, 0.8)) == ["0.9", "0.3"]


def test_a_new_reading_is_listed_by_the_threshold_the_reader_chose() -> None:
    reading = Reading((SURE, LIKELY), candidates=(POSSIBLE, FAINT))
    moved = replace(LISTED, thresholds={UID: 0.4})
    assert thresholds.listed(LISTED, UID, Measured(), reading) == reading.findings  # type: ignore[arg-type]
    assert thresholds.listed(moved, UID, Measured(), reading) == (SURE, LIKELY, POSSIBLE)  # type: ignore[arg-type]
    assert thresholds.listed(moved, "9", Measured(), reading) == reading.findings  # type: ignore[arg-type]


def test_a_model_without_measured_thresholds_keeps_its_own() -> None:
    reading = Reading((SURE, LIKELY), candidates=(POSSIBLE, FAINT))
    moved = replace(LISTED, thresholds={UID: 0.4})
    assert thresholds.listed(moved, UID, Measured({}), reading) == reading.findings  # type: ignore[arg-type]
