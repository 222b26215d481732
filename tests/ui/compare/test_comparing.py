"""Comparing: a prior is brought into the space of the images read, by itself, on demand, or by hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from medviewer.app import registering
from medviewer.app.session import Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.core.arrangement import PRIOR
from medviewer.core.case import Case
from medviewer.core.edits import AddFindings
from medviewer.core.grid import triple
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.registration import Registration, rows_of, shifted
from medviewer.core.volume import Volume
from medviewer.imaging.window import LUNG
from medviewer.phantom import small
from medviewer.ui.compare.comparing import Comparing, comparing_of, shifted_to
from medviewer.ui.view import View
from tests.ui.models import FakeModel
from tests.ui.samples import sphere, volume_of

MOVED = replace(small.GRID, origin_lps_mm=tuple(np.add(small.GRID.origin_lps_mm, (7.0, 0.0, 0.0))))
PRIOR_STUDY, PRIOR_SERIES = "1.2.9", "1.2.9.4"


class FakeRegistering:
    """Finds the shift at once, or as soon as it is let go; fails with ``problem``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runs, self.held, self.problem = 0, False, None
        monkeypatch.setattr(registering, "register", self.register)

    problem: Problem | None

    def register(self, fixed: Volume, moving: Volume, job: Job) -> Registration:
        self.runs += 1
        while self.held:
            job.check()
        if self.problem is not None:
            raise self.problem
        matrix = np.eye(4)
        matrix[0, 3] = -7.0
        made_of = registering.made_of(fixed.series, moving.series)
        return Registration(moving.series.uid, fixed.series.uid, rows_of(matrix), 0.95, made_of=made_of)


@dataclass
class Desk:
    """A case of the phantom and its prior, as they are open in the window."""

    session: Session
    view: View
    comparing: Comparing
    now: Volume
    prior: Volume

    def show(self) -> None:
        self.view.show_volume(self.now, LUNG, self.now.grid.origin_lps_mm)
        self.view.show_prior(self.prior)


def filed(volume: Volume, study_uid: str) -> Volume:
    """The volume with headers of a study of its own that say where its images lie."""
    grid = volume.grid
    headers = tuple(
        replace(
            header,
            study_uid=study_uid,
            path=f"/{study_uid}/{k}",
            orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
            position_lps_mm=triple(grid.to_lps((k, 0, 0))),
            pixel_spacing_mm=grid.spacing_kji_mm[1:],
        )
        for k, header in enumerate(volume.series.headers)
    )
    return replace(volume, series=replace(volume.series, headers=headers))


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeRegistering:
    return FakeRegistering(monkeypatch)


@pytest.fixture
def make_desk(view: View, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(**chosen: Any) -> Desk:
        now = filed(volume_of(), "1.2.3")
        prior = filed(volume_of(small.make(8.0, grid=MOVED), uid=PRIOR_SERIES, study_date="20250115"), PRIOR_STUDY)
        session = Session(Store(tmp_path / "cases.sqlite"), Settings(language="en", **chosen))
        for volume in (now, prior):
            session.catalogue.add(volume.series.headers)
        view.do, view.case = session.do, lambda: session.case if session.study else None
        made.append(Desk(session, view, comparing_of(session, view), now, prior))
        session.open_study("1.2.3", source=None)
        session.series = now.series
        return made[-1]

    yield make
    for desk in made:
        desk.view.jobs.close()
        desk.session.store.close()
        desk.now.close()
        desk.prior.close()


@pytest.fixture
def desk(fake: FakeRegistering, make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()


def settled(desk: Desk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desk.comparing.state() == "registered" and desk.comparing.findings.state == "known")


def test_there_is_one_of_it_a_view(desk: Desk) -> None:
    assert comparing_of(desk.session, desk.view) is desk.comparing


def test_a_prior_is_registered_by_itself_and_scrolls_along(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.comparing.registered) as told:
        desk.show()
    assert told.args == [PRIOR]
    display = desk.view.display(PRIOR)
    assert display.to_main is not None
    desk.view.move_to((1.0, 2.0, -100.0))
    assert display.point_lps_mm == pytest.approx((8.0, 2.0, -100.0))
    registration = desk.comparing.registration()
    assert registration is not None
    assert registration.similarity == 0.95


def test_the_reader_may_want_to_ask_for_it(fake: FakeRegistering, make_desk: Callable[..., Desk], qtbot: QtBot) -> None:
    desk = make_desk(auto_register=False)
    desk.show()
    assert desk.comparing.state() == "none"
    desk.comparing.register()
    qtbot.waitUntil(lambda: desk.comparing.state() == "registered")
    assert fake.runs == 1


def test_it_waits_until_all_images_are_in(desk: Desk, fake: FakeRegistering, qtbot: QtBot) -> None:
    desk.prior.state[-1] = 0
    desk.show()
    assert desk.comparing.state() == "none"
    desk.prior.state[-1] = 1
    desk.view.slices_changed.emit()
    settled(desk, qtbot)
    desk.view.slices_changed.emit()
    assert fake.runs == 1


def test_what_cannot_be_registered_says_why_without_an_alarm(desk: Desk, fake: FakeRegistering, qtbot: QtBot) -> None:
    fake.problem = Problem("They have nothing in common.")
    desk.show()
    qtbot.waitUntil(lambda: desk.comparing.state() == "failed")
    assert desk.comparing.why_not() == "They have nothing in common."


def test_other_images_end_what_was_under_way(desk: Desk, fake: FakeRegistering, qtbot: QtBot) -> None:
    fake.held = True
    desk.show()
    assert desk.comparing.state() == "running"
    job = desk.view.jobs.running[0]
    desk.view.show_prior(None)
    assert job.cancelled
    assert desk.comparing.state() == "none"
    qtbot.waitUntil(lambda: not desk.view.jobs.running)
    assert desk.comparing.registration() is None


def test_one_frame_of_reference_is_known_at_once(desk: Desk, fake: FakeRegistering) -> None:
    for name in ("now", "prior"):
        volume: Volume = getattr(desk, name)
        headers = [replace(h, frame_of_reference_uid="5.5", study_uid="1.2.3") for h in volume.series.headers]
        setattr(desk, name, replace(volume, series=replace(volume.series, headers=tuple(headers))))
    desk.show()
    registration = desk.comparing.registration()
    assert registration is not None
    assert registration.method == "frame"
    assert fake.runs == 0


def test_an_alignment_by_hand_is_an_edit_that_undo_takes_back(desk: Desk, qtbot: QtBot) -> None:
    desk.show()
    settled(desk, qtbot)
    desk.comparing.begin_aligning()
    desk.view.move_to((0.0, 0.0, -100.0))
    desk.view.move_to((3.0, 4.0, -95.0), desk.view.display(PRIOR))
    desk.comparing.align_here()
    registration = desk.comparing.registration()
    assert registration is not None
    assert registration.method == "hand"
    assert desk.view.display(PRIOR).in_main((3.0, 4.0, -95.0)) == pytest.approx((0.0, 0.0, -100.0))
    assert desk.session.case.alignments == (registration,)
    assert "scroll" in desk.view.links
    desk.session.undo()
    computed = desk.comparing.registration()
    assert computed is not None
    assert computed.method == "rigid"
    desk.session.redo()
    assert desk.comparing.registration() == registration


def test_a_computed_registration_is_an_edit_that_undo_takes_back(
    desk: Desk, fake: FakeRegistering, qtbot: QtBot
) -> None:
    desk.show()
    settled(desk, qtbot)
    assert desk.session.case.alignments == (desk.comparing.registration(),)
    assert str(desk.session.undo_label) == "Register the prior"
    desk.session.undo()
    assert desk.comparing.registration() is None
    assert desk.view.display(PRIOR).to_main is None
    desk.view.slices_changed.emit()
    assert fake.runs == 1  # what the reader took back is not computed once more
    desk.session.redo()
    assert desk.comparing.state() == "registered"


def reopened(desk: Desk) -> None:
    """As if the program had been closed: the journal is read again, the volumes are shown anew."""
    desk.view.show_volume(None, LUNG, (0.0, 0.0, 0.0))
    desk.session.close_study()
    desk.session.open_study("1.2.3")
    desk.session.series = desk.now.series


def test_a_computed_registration_is_used_again_after_reopening(desk: Desk, fake: FakeRegistering, qtbot: QtBot) -> None:
    desk.show()
    settled(desk, qtbot)
    before = desk.comparing.registration()
    reopened(desk)
    desk.show()
    assert desk.comparing.registration() == before
    assert fake.runs == 1


def test_a_registration_that_the_reader_discarded_does_not_come_back(
    desk: Desk, fake: FakeRegistering, qtbot: QtBot
) -> None:
    desk.show()
    settled(desk, qtbot)
    desk.comparing.undo()
    reopened(desk)
    desk.session.settings = Settings(language="en", auto_register=False)
    desk.show()
    assert desk.comparing.registration() is None


def test_a_registration_computed_from_other_images_is_computed_anew(
    desk: Desk, fake: FakeRegistering, qtbot: QtBot
) -> None:
    desk.show()
    settled(desk, qtbot)
    reopened(desk)
    headers = tuple(replace(h, sop_uid=h.sop_uid + ".7") for h in desk.prior.series.headers)
    desk.prior = replace(desk.prior, series=replace(desk.prior.series, headers=headers))
    desk.show()
    assert desk.comparing.registration() is None
    settled(desk, qtbot)
    assert fake.runs == 2
    assert len(desk.session.case.alignments) == 1


def test_a_series_dragged_beside_takes_the_registration_of_the_prior(desk: Desk, qtbot: QtBot) -> None:
    desk.view.show_volume(desk.now, LUNG, desk.now.grid.origin_lps_mm)
    desk.view.show_in("2", desk.prior, LUNG, desk.prior.grid.origin_lps_mm)
    assert desk.view.display("2").to_main is None
    desk.view.show_prior(desk.prior)
    settled(desk, qtbot)
    assert desk.comparing.state("2") == "registered"  # shown before it was registered
    desk.view.show_prior(None)
    desk.view.show_in("2", None, LUNG, (0.0, 0.0, 0.0))
    desk.view.show_in("3", desk.prior, LUNG, (0.0, 0.0, 0.0))
    assert desk.comparing.registration("3") is not None  # shown again elsewhere
    to_main = desk.view.display("3").to_main
    assert to_main is not None
    assert to_main[:3, 3] == pytest.approx((-7.0, 0.0, 0.0))


def test_an_alignment_given_up_leaves_all_as_it_was(make_desk: Callable[..., Desk], fake: FakeRegistering) -> None:
    desk = make_desk(auto_register=False)
    desk.show()
    desk.comparing.begin_aligning()
    desk.comparing.place(np.diag([-1.0, -1, 1, 1]))
    assert desk.comparing.state() == "registered"
    desk.comparing.give_up_aligning()
    assert desk.comparing.state() == "none"
    assert desk.session.case.alignments == ()
    to_main = desk.view.display(PRIOR).to_main
    assert to_main is not None
    assert np.array_equal(to_main, np.eye(4))  # by the scanner's positions, as before
    assert "scroll" in desk.view.links
    assert desk.view.main.fusion is None


def test_another_prior_ends_an_alignment_by_hand(desk: Desk, qtbot: QtBot) -> None:
    desk.show()
    settled(desk, qtbot)
    desk.comparing.begin_aligning()
    desk.view.show_prior(None)
    assert desk.comparing.aligning == ""
    assert "scroll" in desk.view.links


def test_a_saved_alignment_is_taken_in_place_of_a_computed_one(desk: Desk, fake: FakeRegistering, qtbot: QtBot) -> None:
    desk.show()
    settled(desk, qtbot)
    before = desk.comparing.registration()
    assert before is not None
    desk.comparing.place(shifted(before.array, (0.0, 5.0, 0.0)))
    desk.view.show_prior(None)
    desk.show()
    registration = desk.comparing.registration()
    assert registration is not None
    assert registration.method == "hand"
    assert registration.array[:3, 3] == pytest.approx((-7.0, 5.0, 0.0))
    assert fake.runs == 1


def test_undo_forgets_the_registration_and_the_alignment(desk: Desk, qtbot: QtBot) -> None:
    desk.show()
    settled(desk, qtbot)
    desk.comparing.align_here()
    desk.comparing.undo()
    assert desk.comparing.state() == "none"
    assert desk.view.display(PRIOR).to_main is None
    assert desk.session.case.alignments == ()
    desk.view.slices_changed.emit()
    assert desk.comparing.state() == "none"  # what the reader took away stays away


def test_the_fused_check_lies_over_the_main_series(desk: Desk, qtbot: QtBot) -> None:
    desk.view.show_volume(desk.now, LUNG, (0.0, 0.0, 0.0))
    with pytest.raises(Problem, match="nothing to compare"):
        desk.comparing.check_fused(on=True)
    desk.show()
    settled(desk, qtbot)
    desk.comparing.check_fused(on=True)
    fusion = desk.view.main.fusion
    assert fusion is not None
    assert (fusion.display, fusion.mode) == (PRIOR, "two-colours")
    assert desk.comparing.is_checked()
    desk.comparing.check_fused(on=False)
    assert desk.view.main.fusion is None


def test_a_turned_prior_stays_turned_when_it_is_shifted() -> None:
    turned = np.array([[0.0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    matrix = shifted_to(turned, (1.0, 2.0, 3.0), (10.0, 10.0, 10.0))
    assert np.array_equal(matrix[:3, :3], turned[:3, :3])
    assert (matrix @ (1.0, 2.0, 3.0, 1.0))[:3] == pytest.approx((10.0, 10.0, 10.0))


def test_the_model_reads_the_prior_and_saves_nothing_unasked(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    FakeModel(monkeypatch)
    desk.session.do(AddFindings((sphere(desk.now, "a"),)))
    desk.show()
    settled(desk, qtbot)
    compared = desk.comparing.compared()
    assert compared is not None
    assert [row.course for row in compared.rows] == ["unread"]
    desk.comparing.findings.read()
    qtbot.waitUntil(lambda: desk.comparing.findings.proposed)
    compared = desk.comparing.compared()
    assert compared is not None
    assert [(row.now.id, row.other.id) for row in compared.rows if row.now and row.other] == [("a", "f1")]
    assert desk.session.store.replay(Case(PRIOR_STUDY))[1] == 0
    desk.comparing.findings.keep()
    assert [found.id for found in desk.session.store.replay(Case(PRIOR_STUDY))[0].case.findings] == ["f1"]
    assert not desk.comparing.findings.proposed
