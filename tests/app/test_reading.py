"""A new reading replaces what nobody judged, and leaves alone what the reader decided."""

from medviewer.app.reading import as_edits, same_place
from medviewer.core.case import Case
from medviewer.core.edits import Edit
from medviewer.core.finding import Finding, ModelRef
from tests.app.samples import finding

SERIES = "1.2.3.1"


def at(identity: str, x_mm: float, **changes: object) -> Finding:
    """A finding of the model, 8 mm wide, at ``x_mm``."""
    box = ((x_mm - 4.0, 0.0, 0.0), (x_mm + 4.0, 8.0, 8.0))
    return finding(identity, center_lps_mm=(x_mm, 4.0, 4.0), box_lps_mm=box, **changes)


def after(case: Case, edits: tuple[Edit, ...]) -> list[tuple[str, str]]:
    """Ids and states once the edits are applied."""
    for edit in edits:
        case = edit.apply(case)
    return [(f.id, f.status) for f in case.findings]


def test_a_first_reading_is_one_step() -> None:
    edits = as_edits(Case("1"), (at("a", 0.0), at("b", 50.0)), "nodules", SERIES)
    assert len(edits) == 1
    assert after(Case("1"), edits) == [("a", "unreviewed"), ("b", "unreviewed")]


def test_an_empty_first_reading_is_no_step() -> None:
    assert as_edits(Case("1"), (), "nodules", SERIES) == ()


def test_what_nobody_judged_is_replaced_and_what_was_judged_stays_and_is_not_offered_again() -> None:
    case = Case("1", findings=(at("a", 0.0, status="rejected"), at("b", 50.0), at("c", 90.0, status="accepted")))
    edits = as_edits(case, (at("d", 2.0), at("e", 52.0), at("f", 150.0)), "nodules", SERIES)
    assert after(case, edits) == [("a", "rejected"), ("c", "accepted"), ("e", "unreviewed"), ("f", "unreviewed")]


def test_a_reading_that_finds_nothing_takes_the_unjudged_away() -> None:
    case = Case("1", findings=(at("a", 0.0), at("b", 50.0, status="edited")))
    assert after(case, as_edits(case, (), "nodules", SERIES)) == [("b", "edited")]


def test_findings_of_other_models_series_and_the_reader_are_left_alone() -> None:
    others = (
        at("m", 0.0, model=ModelRef("other", "1", "0")),
        at("s", 0.0, series_uid="9.9"),
        at("r", 0.0, model=None),
    )
    case = Case("1", findings=others)
    edits = as_edits(case, (at("n", 0.0),), "nodules", SERIES)
    assert [identity for identity, _status in after(case, edits)] == ["m", "s", "r", "n"]


def test_an_id_that_is_taken_is_changed() -> None:
    case = Case("1", findings=(at("a", 0.0, status="accepted"),))
    (first, _status), (second, _other) = after(case, as_edits(case, (at("a", 80.0),), "nodules", SERIES))
    assert first == "a"
    assert second != "a"


def test_the_same_id_read_again_is_not_changed() -> None:
    case = Case("1", findings=(at("a", 0.0),))
    assert after(case, as_edits(case, (at("a", 0.0),), "nodules", SERIES)) == [("a", "unreviewed")]


def test_one_place_is_told_from_another() -> None:
    assert same_place(at("a", 0.0), at("b", 4.9))
    assert not same_place(at("a", 0.0), at("b", 5.1))
