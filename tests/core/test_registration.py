"""A relation of two series as plain data, and the reader's edits of it and of pairs."""

from dataclasses import replace

import numpy as np
import pytest

from medviewer.core import body_parts
from medviewer.core.case import Case
from medviewer.core.edits import from_dict
from medviewer.core.pair import Pair
from medviewer.core.pair_edits import Align, PairFinding, aligned, alignment, left_to_program, paired
from medviewer.core.registration import Registration, by_hand, is_rigid, of_frame, rows_of, shifted, turned
from medviewer.core.study import Header

TURNED = np.array([[0.0, -1, 0, 5], [1, 0, 0, -3], [0, 0, 1, 12], [0, 0, 0, 1]])


def test_it_comes_back_from_json() -> None:
    made = Registration("1.9", "1.2", rows_of(TURNED), 0.93, 0.4, 0.8, 17.0, "doubtful")
    assert Registration.from_dict(made.to_dict()) == made
    assert str(made.words) == "rigid registration of the images, doubtful: check it, moved by 17 mm"


def test_what_is_known_otherwise_says_so() -> None:
    assert str(of_frame("1.9", "1.2").words) == "same frame of reference"
    assert np.array_equal(of_frame("1.9", "1.2").array, np.eye(4))
    assert str(by_hand("1.9", "1.2", TURNED).words) == "aligned by hand"


@pytest.mark.parametrize(
    "matrix", [np.diag([1.0, 1, -1, 1]), np.diag([1.1, 1, 1, 1]), np.full((4, 4), np.nan), np.eye(3)]
)
def test_mirrors_scales_and_nonsense_are_no_relation(matrix: np.ndarray) -> None:
    assert not is_rigid(matrix)
    with pytest.raises(ValueError, match=r"relation|matrix"):
        Registration("a", "b", rows_of(matrix))


def test_pairs_are_one_to_one_and_undoable() -> None:
    first = paired(Case("1.2"), "a", "1.9", "x").apply(Case("1.2"))
    step = paired(first, "b", "1.9", "x")  # takes x from a
    second = step.apply(first)
    assert second.pairs == (Pair("b", "1.9", "x"),)
    assert step.revert(second).pairs == first.pairs
    other = paired(second, "b", "1.8", "x").apply(second)  # another examination is another matter
    assert len(other.pairs) == 2
    assert left_to_program(other, "b", "1.9").apply(other).pairs == (Pair("b", "1.8", "x"),)


def test_parting_two_findings_keeps_others_parted() -> None:
    case = Case("1.2", pairs=(Pair("a", "1.9"),))
    assert paired(case, "b", "1.9").apply(case).pairs == (Pair("a", "1.9"), Pair("b", "1.9"))


@pytest.mark.parametrize(
    ("step", "label"),
    [
        (paired(Case("1.2"), "a", "1.9", "x"), "Pair finding with its earlier one"),
        (paired(Case("1.2"), "a", "1.9"), "Part finding from its earlier one"),
        (PairFinding((Pair("a", "1.9"),), ()), "Pair findings automatically"),
        (Align(None, by_hand("1.9", "1.2", TURNED)), "Align by hand"),
        (Align(by_hand("1.9", "1.2", TURNED), None), "Undo the alignment"),
        (Align(None, Registration("1.9", "1.2", rows_of(TURNED), 0.9, made_of="ab")), "Register the prior"),
        (Align(Registration("1.9", "1.2", rows_of(TURNED), 0.9, made_of="ab"), None), "Undo the registration"),
    ],
)
def test_the_journal_brings_each_step_back(step: PairFinding | Align, label: str) -> None:
    assert str(step.label) == label
    again = from_dict(type(step).__name__, step.to_dict(), {})
    assert again == step
    case = Case("1.2", pairs=getattr(step, "before", ()) if isinstance(step, PairFinding) else ())
    if isinstance(step, PairFinding):
        assert again.revert(again.apply(case)).pairs == case.pairs


def test_an_alignment_takes_the_place_of_the_one_before() -> None:
    one, other = by_hand("1.9", "1.2", np.eye(4)), by_hand("1.9", "1.2", TURNED)
    case = aligned(Case("1.2"), one, "1.9", "1.2").apply(Case("1.2"))
    step = aligned(case, other, "1.9", "1.2")
    assert step.apply(case).alignments == (other,)
    assert step.revert(step.apply(case)).alignments == (one,)
    assert alignment(case, "1.9", "1.2") == one
    assert alignment(case, "1.2", "1.9") is None


def test_an_alignment_in_an_older_journal_is_still_read() -> None:
    data = Align(None, by_hand("1.9", "1.2", TURNED)).to_dict()
    data["after"].pop("made_of")
    assert from_dict("AlignByHand", data, {}) == Align(None, by_hand("1.9", "1.2", TURNED))


def test_a_turn_keeps_the_place_it_turns_about() -> None:
    quarter = TURNED[:3, :3]
    matrix = turned(shifted(np.eye(4), (1.0, 2.0, 3.0)), quarter, (10.0, 20.0, 30.0))
    assert matrix @ (9.0, 18.0, 27.0, 1.0) == pytest.approx((10.0, 20.0, 30.0, 1.0))
    assert matrix @ (10.0, 18.0, 27.0, 1.0) == pytest.approx((10.0, 21.0, 30.0, 1.0))  # x has become y
    assert is_rigid(matrix)


def shows(part: str) -> Header:
    return replace(Header("", "1", "", "1.2", "1.2.3"), body_part=part)


@pytest.mark.parametrize(
    ("part", "parts"),
    [
        ("CHEST", {"chest"}),
        ("CHESTABDPELVIS", {"chest", "belly", "pelvis"}),
        ("HEART", {"chest"}),
        ("FOREARM", {"arm"}),
        ("HEADNECK", {"head", "neck"}),
        ("", set()),
        ("PHANTOM", set()),
    ],
)
def test_parts_are_read_out_of_the_header(part: str, parts: set[str]) -> None:
    assert body_parts.parts_of(shows(part)) == parts


def test_only_what_is_surely_apart_is_apart() -> None:
    assert body_parts.apart(shows("HEAD"), shows("CHEST"))
    assert not body_parts.apart(shows("CHEST"), shows("ABDOMEN"))  # neighbours share slices
    assert not body_parts.apart(shows(""), shows("CHEST"))
    assert not body_parts.apart(shows("WHOLEBODY"), shows("KNEE"))
