"""One place where a case changes: saved first, then told to everybody."""

import sys
from dataclasses import replace
from types import TracebackType

import pytest

from medviewer.app.session import EVERYTHING, Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.core.case import Case
from medviewer.core.edits import SetInput, SetStatus
from medviewer.core.mark_edits import AddMark
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Patient
from tests.app.samples import STUDY, two
from tests.marks import mark

ACCEPT = SetStatus("f1", "unreviewed", "accepted")
Told = list[tuple[frozenset[str], object]]


def header(number: int, series: str = "1.2.3.1", **changes: object) -> Header:
    """One slice of a chest CT."""
    plain = Header(
        path=f"/nowhere/{series}/{number}",
        sop_uid=f"{series}.{number}",
        sop_class="1.2.840.10008.5.1.4.1.1.2",
        study_uid=STUDY,
        series_uid=series,
        modality="CT",
        patient=Patient("1", "", "19600522", "F"),
        study_date="20260521",
        rows=8,
        columns=8,
        instance_number=number,
        position_lps_mm=(0.0, 0.0, float(number)),
        orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        pixel_spacing_mm=(0.7, 0.7),
        thickness_mm=1.25,
        pixels_bytes=128,
        bits_allocated=16,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.fixture
def session(store: Store) -> Session:
    """A session with one study in its catalogue, opened."""
    made = Session(store, Settings())
    made.catalogue.add(header(n) for n in range(5))
    made.open_study(STUDY)
    return made


@pytest.fixture
def told(session: Session) -> Told:
    """What listeners hear."""
    heard: Told = []
    session.changed.append(lambda touched, source: heard.append((touched, source)))
    return heard


def status(session: Session) -> str:
    """What is decided about the first finding."""
    return session.case.findings[0].status


def reopened(session: Session) -> Session:
    """The same study in a program started anew."""
    again = Session(Store(session.store.url), Settings())
    again.catalogue = session.catalogue
    again.open_study(STUDY)
    return again


def test_opening_takes_the_facts_from_the_headers(session: Session) -> None:
    assert session.case.study_facts == {"age_years": 65.0, "female": True, "slice_thickness_mm": 1.25}
    assert session.series is not None
    assert session.series.uid == "1.2.3.1"


def test_without_a_study_the_case_says_so_and_nothing_can_be_done(store: Store) -> None:
    session = Session(store, Settings())
    assert session.study is None
    assert (session.undo_label, session.redo_label) == (None, None)
    for verb in (lambda: session.case, lambda: session.do(two()), session.undo, session.redo):
        with pytest.raises(Problem, match="No study is open"):
            verb()


def test_an_unknown_study_leaves_the_open_one_open(session: Session) -> None:
    with pytest.raises(Problem):
        session.open_study("9.9.9")
    assert session.case.study_uid == STUDY


def test_steps_can_be_taken_back_and_done_again_and_say_what_they_are(session: Session) -> None:
    session.do(two())
    session.do(ACCEPT)
    assert str(session.undo_label) == "Accept finding"
    session.undo()
    assert status(session) == "unreviewed"
    assert str(session.redo_label) == "Accept finding"
    session.redo()
    assert status(session) == "accepted"
    assert session.redo_label is None


def test_undo_and_redo_with_nothing_to_do_tell_nobody(session: Session, told: Told) -> None:
    session.undo()
    session.redo()
    assert told == []


def test_listeners_hear_what_was_touched_and_by_whom(session: Session, told: Told) -> None:
    session.do(two(), source="panel")
    session.do(SetInput("", "emphysema", None, True))
    session.undo(source="menu")
    session.open_study(STUDY)
    findings, inputs = frozenset({"findings"}), frozenset({"inputs"})
    assert told == [(findings, "panel"), (inputs, None), (inputs, "menu"), (EVERYTHING, None)]


def test_a_step_is_on_disk_before_anybody_hears_of_it(session: Session) -> None:
    seen: list[str] = []
    session.do(two())
    session.changed.append(lambda _touched, _source: seen.append(status(reopened(session))))
    session.do(ACCEPT)
    assert seen == ["accepted"]


def test_a_fault_in_one_listener_is_reported_and_the_others_still_hear(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[BaseException] = []
    heard: list[object] = []

    def hook(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        reported.append(error)

    def broken(_touched: frozenset[str], _source: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sys, "excepthook", hook)
    session.changed += [broken, lambda touched, _source: heard.append(touched)]
    session.do(two())
    assert [type(error) for error in reported] == [ZeroDivisionError]
    assert len(heard) == 1
    assert len(session.case.findings) == 2


def test_what_cannot_be_saved_and_nobody_keeps_is_not_applied_and_can_be_tried_again(
    session: Session, told: Told
) -> None:
    session.do(two())
    before, good = session.case, session.store
    session.store = Store("/proc/nothing/cases.sqlite")
    with pytest.raises(Problem):
        session.do(ACCEPT)
    with pytest.raises(Problem):
        session.undo()
    assert session.case is before
    assert (len(told), session.unsaved) == (1, [])
    session.store = good
    session.do(ACCEPT)
    assert status(reopened(session)) == "accepted"


def test_steps_that_are_kept_are_saved_in_their_order_once_that_is_possible(session: Session) -> None:
    session.do(two())
    kept: list[Problem] = []
    session.keep = kept.append
    good, session.store = session.store, Store("/proc/nothing/cases.sqlite")
    session.do(ACCEPT)
    session.do(SetStatus("f1", "accepted", "rejected"))
    session.undo()
    session.undo()
    session.redo()
    assert (status(session), len(kept), len(session.unsaved)) == ("accepted", 5, 5)
    with pytest.raises(Problem):
        session.save()
    session.store = good
    session.save()
    again = reopened(session)
    assert status(again) == "accepted"
    again.redo()
    assert status(again) == "rejected"


def test_steps_kept_are_there_when_their_study_is_opened_again(session: Session) -> None:
    session.do(two())
    good, append = session.store, session.store.append
    session.keep = lambda _problem: None
    session.store.append = Store("/proc/nothing/cases.sqlite").append  # type: ignore[method-assign]
    session.do(ACCEPT)
    session.close_study()
    session.open_study(STUDY)
    assert status(session) == "accepted"
    good.append = append  # type: ignore[method-assign]
    session.do(SetStatus("f1", "accepted", "rejected"))
    assert (status(reopened(session)), session.unsaved) == ("rejected", [])


def test_steps_kept_are_given_up_where_another_window_went_on_and_the_journal_stays_whole(session: Session) -> None:
    session.do(two())
    other = reopened(session)
    good, session.store = session.store, Store("/proc/nothing/cases.sqlite")
    session.keep = lambda _problem: None
    for edit in (ACCEPT, SetStatus("f1", "accepted", "rejected")):
        session.do(edit)
    other.do(SetStatus("f2", "unreviewed", "accepted"))
    session.store = good
    with pytest.raises(Problem, match="another window"):
        session.do(SetStatus("f1", "rejected", "accepted"))
    assert [found.status for found in session.case.findings] == ["unreviewed", "accepted"]
    session.do(ACCEPT)
    assert [found.status for found in reopened(session).case.findings] == ["accepted", "accepted"]


def test_a_second_window_is_told_where_its_step_does_not_fit_and_sees_the_other_ones(session: Session) -> None:
    session.do(two())
    other, told = reopened(session), []
    other.changed.append(lambda touched, _source: told.append(touched))
    session.do(ACCEPT)
    with pytest.raises(Problem, match="another window"):
        other.do(SetStatus("f1", "unreviewed", "rejected"))
    assert status(other) == "accepted"
    assert told == [EVERYTHING]
    other.do(SetStatus("f1", "accepted", "rejected"))
    with pytest.raises(Problem, match="another window"):
        session.undo()
    assert (status(session), str(session.undo_label)) == ("rejected", str(other.undo_label))


def test_marks_drawn_in_two_windows_are_both_kept(session: Session) -> None:
    other = reopened(session)
    for number, one in enumerate((session, other, other, session, session, other)):
        one.do(AddMark(mark(f"m{number}")))
    assert {kept.id for kept in reopened(session).case.marks} == {f"m{number}" for number in range(6)}
    assert [kept.id for kept in other.case.marks] == [f"m{number}" for number in range(6)]
    assert session.store.verify_audit() is None


def test_undo_works_after_the_program_was_started_anew(session: Session) -> None:
    session.do(two())
    session.do(ACCEPT)
    again = reopened(session)
    again.undo()
    again.undo()
    assert again.case.findings == ()


def test_an_edit_that_cannot_be_applied_does_not_reach_the_journal(session: Session) -> None:
    class Broken(SetStatus):
        def apply(self, case: Case) -> Case:
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        session.do(Broken("f1", "unreviewed", "accepted"))
    assert session.undo_label is None
    assert reopened(session).undo_label is None


def test_risks_and_advice_are_computed_once_per_case(session: Session) -> None:
    assert (session.risks(), session.advice()) == ([], [])
    session.do(two())
    first = session.risks()
    assert {risk.finding_id for risk in first} == {"f1", "f2"}
    assert session.risks()[0] is first[0]
    assert session.advice()[0] is session.advice()[0]
    session.do(SetInput("", "emphysema", None, True))
    assert session.risks()[0] is not first[0]
    assert session.risks()[0].inputs["emphysema"] is True


def test_a_rejected_finding_has_no_risk(session: Session) -> None:
    session.do(two())
    session.do(SetStatus("f1", "unreviewed", "rejected"))
    assert {risk.finding_id for risk in session.risks()} == {"f2"}


def test_what_a_running_scan_finds_of_the_open_study_is_taken_in(session: Session, told: Told) -> None:
    session.refresh()
    assert told == []
    session.do(two())
    session.catalogue.add(header(n, "1.2.3.2", thickness_mm=0.6) for n in range(9))
    session.refresh()
    assert told[-1] == (frozenset({"study"}), None)
    assert session.study is not None
    assert len(session.study.series) == 2
    assert session.case.study_facts["slice_thickness_mm"] == 1.25
    assert len(session.case.findings) == 2


def test_choosing_another_series_changes_the_facts_it_speaks_for(session: Session) -> None:
    session.catalogue.add(header(n, "1.2.3.2", thickness_mm=0.6) for n in range(9))
    session.refresh()
    assert session.choose("1.2.3.2").uid == "1.2.3.2"
    assert session.case.study_facts["slice_thickness_mm"] == 0.6
    with pytest.raises(Problem, match="no such series"):
        session.choose("9.9")


def test_closing_forgets_what_was_open_and_keeps_it_saved(session: Session, told: Told) -> None:
    session.do(two())
    session.close_study()
    assert session.study is None
    assert told[-1][0] == EVERYTHING
    session.open_study(STUDY)
    assert len(session.case.findings) == 2


def test_a_case_read_beforehand_opens_with_what_is_known_of_the_study_by_then(session: Session) -> None:
    session.do(two())
    session.close_study()
    recalled = session.recall(STUDY)
    session.catalogue.add(header(n, "1.2.3.2", thickness_mm=0.6) for n in range(9))
    session.open_study(STUDY, recalled=recalled)
    assert session.case.study_facts["slice_thickness_mm"] == 0.6
    session.do(ACCEPT)
    assert status(reopened(session)) == "accepted"


def test_a_case_with_steps_not_saved_yet_is_read_only_when_it_opens(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_step: object) -> int:
        raise Problem("The disk is full.")

    session.keep = lambda _problem: None
    session.do(two())
    with monkeypatch.context() as patched:
        patched.setattr(session.store, "append", full)
        session.do(ACCEPT)
    session.close_study()
    recalled = session.recall(STUDY)
    assert recalled is None
    session.save()
    session.open_study(STUDY, recalled=recalled)
    assert status(session) == "accepted"
