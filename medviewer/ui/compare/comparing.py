"""Other examinations beside the one read: found, brought into its space, checked, and their findings paired."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtCore import QObject, Signal

from medviewer.app import registering
from medviewer.app.priors import Prior
from medviewer.core.arrangement import MAIN, PRIOR
from medviewer.core.case import Case
from medviewer.core.compared import Compared, Row
from medviewer.core.job import Job
from medviewer.core.pair_edits import aligned, alignment
from medviewer.core.problem import Problem
from medviewer.core.registration import Matrix, Registration, by_hand
from medviewer.core.volume import Volume
from medviewer.i18n import _
from medviewer.imaging.colours import FIRST
from medviewer.ui.compare.findings import OtherFindings
from medviewer.ui.compare.priors import PriorSearch
from medviewer.ui.display import Fusion
from medviewer.ui.panel import follow
from medviewer.ui.view import View

if TYPE_CHECKING:
    from medviewer.app.session import Session

State = Literal["none", "running", "registered", "failed"]


@dataclass(eq=False)
class _Relation:
    """What is known of one display's relation to the main one, for as long as both show the same volumes."""

    main: Volume
    own: Volume
    registration: Registration | None = None
    job: Job | None = None
    failed: str = ""
    tried: bool = False

    @property
    def uids(self) -> tuple[str, str]:
        """From which series to which it leads."""
        return self.own.series.uid, self.main.series.uid


class Comparing(QObject):
    """Registers displays with the main one, by itself where the reader wants that, and keeps what came of it.

    Attributes:
        search: the other examinations of the patient.
        findings: those of the prior shown.
        aligning: the display that the reader is aligning by hand, empty where there is none; ``by_hand`` has the
            gestures.
    """

    registered = Signal(str)  # a display was brought into the main one's space, or no longer is; its name
    changed = Signal()  # anything that the panel shows
    prior_wanted = Signal(str, str)  # another examination is to be shown beside: study UID, series UID

    def __init__(self, session: "Session", view: View, parent: QObject | None = None) -> None:
        super().__init__(parent or view)
        self.session, self.view = session, view
        self._relations: dict[str, _Relation] = {}
        self.search = PriorSearch(session, view, self)
        self.findings = OtherFindings(session, view, self)
        self.aligning = ""
        self._before: tuple[Registration | None, Matrix | None] = (None, None)  # how it lay before that
        self.search.changed.connect(self.changed)
        self.findings.changed.connect(self.changed)
        view.volume_changed.connect(self._follow)
        view.slices_changed.connect(self._follow)
        view.displays_changed.connect(self.changed)
        follow(self, session, self._case_changed)
        self._follow()

    # ---- what is known ----

    def registration(self, name: str = PRIOR) -> Registration | None:
        """Return how a display lies to the main one; None where that is not known."""
        relation = self._relation(name)
        return None if relation is None else relation.registration

    def state(self, name: str = PRIOR) -> State:
        """Return how far it is with a display."""
        relation = self._relation(name)
        if relation is None:
            return "none"
        if relation.job is not None:
            return "running"
        return "registered" if relation.registration else "failed" if relation.failed else "none"

    def why_not(self, name: str = PRIOR) -> str:
        """Return why a display could not be registered; empty where nothing is known against it."""
        relation = self._relation(name)
        return "" if relation is None else relation.failed

    def share(self, name: str = PRIOR) -> float:
        """Return how much of the registration under way is done, 0 to 1."""
        relation = self._relation(name)
        return relation.job.share if relation is not None and relation.job is not None else 0.0

    def compared(self) -> Compared | None:
        """Return the findings beside those of the prior; None while they cannot be compared."""
        registration = self.registration()
        return None if registration is None else self.findings.compared(registration)

    def prior_shown(self) -> Volume | None:
        """Return the prior on the screen."""
        return self.view.prior

    # ---- verbs ----

    def register(self, name: str = PRIOR) -> None:
        """Register a display with the main one, beside the work; Problem where it cannot be."""
        self._start(name, self._asked_for(name), asked=True)

    def undo(self, name: str = PRIOR) -> None:
        """Forget how a display lies to the main one: an edit that can be brought back."""
        relation = self._asked_for(name)
        self._stop(relation)
        self.check_fused(name, on=False)
        case = self.view.case()
        if case is not None and alignment(case, *relation.uids) is not None:
            self.view.do(aligned(case, None, *relation.uids))
        relation.tried, relation.failed = True, ""
        if relation.registration is not None:
            self._settle(name, relation, None)

    def begin_aligning(self, name: str = PRIOR) -> None:
        """Lay the display over the main one to be moved there by hand, until ``end_aligning`` or ``give_up``.

        Each scrolls by itself meanwhile, so that ``align_here`` can be used too.
        """
        relation, display = self._asked_for(name), self.view.display(name)
        self._stop(relation)
        self._before, self.aligning = (relation.registration, display.to_main), name
        self.view.set_link("scroll", False)
        if display.to_main is None:
            self.preview(shifted_to(None, display.point_lps_mm, self.view.main.point_lps_mm))
        if relation.main.regular and relation.own.regular:  # else they can only be scrolled to one place
            self.check_fused(name, on=True)
        self.changed.emit()

    def preview(self, matrix: Matrix) -> None:
        """Show the display being aligned as ``matrix`` has it, 4x4 in LPS mm to the main one; nothing is saved yet."""
        self.view.relate(self.view.display(self.aligning), matrix)

    def place(self, matrix: Matrix, name: str = PRIOR) -> None:
        """Say that a display lies so, 4x4 in LPS mm to the main one; an edit of the case."""
        relation = self._asked_for(name)
        self._stop(relation)
        self._keep(name, relation, by_hand(*relation.uids, matrix))

    def align_here(self, name: str = PRIOR) -> None:
        """Take the places that both show now as one, and end; what was turned before stays turned."""
        self._asked_for(name)
        display = self.view.display(name)
        self.place(shifted_to(display.to_main, display.point_lps_mm, self.view.main.point_lps_mm), name)
        self.end_aligning()

    def end_aligning(self) -> None:
        """Scroll both together again, lying as the reader left them."""
        if self.aligning:
            name, self.aligning = self.aligning, ""
            self.check_fused(name, on=False)
            relation = self._relations.get(name)
            if relation is not None and relation.registration is None:
                self.view.relate(self.view.display(name), self._before[1])  # what was only tried goes
            self.view.set_link("scroll", True)
            self.changed.emit()

    def give_up_aligning(self) -> None:
        """End, lying as they did when the reader began."""
        relation, case, before = self._relations.get(self.aligning), self.view.case(), self._before[0]
        if relation is not None and case is not None and relation.registration != before:
            self.view.do(aligned(case, before if before and before.method != "frame" else None, *relation.uids))
            if relation.registration != before:
                self._settle(self.aligning, relation, before)
        self.end_aligning()

    def _keep(self, name: str, relation: _Relation, made: Registration) -> None:
        """Save how a display lies with the case; where that fails the reader is told, and it lies so all the same."""
        try:
            case = self._case_of(relation)
            if case is not None and made.method != "frame":
                self.view.do(aligned(case, made, *relation.uids))
        finally:
            if relation.registration != made:  # else the case, changed, has told already
                self._settle(name, relation, made)

    def _case_of(self, relation: _Relation) -> Case | None:
        """Return the open case where it is that of the main images shown: a study opens before its images come."""
        case = self.view.case()
        return case if case is not None and case.study_uid == relation.main.series.first.study_uid else None

    def _kept(self, relation: _Relation) -> Registration | None:
        """Return the alignment of the images shown that is kept in their case."""
        case = self._case_of(relation)
        return None if case is None else registering.kept(case, relation.main.series, relation.own.series)

    def check_fused(self, name: str = PRIOR, *, on: bool) -> None:
        """Lay a display over the main one in two colours, grey where both agree, or take it away again."""
        main = self.view.main
        if on:
            relation = self._asked_for(name)
            if relation.registration is None and self.aligning != name:
                raise Problem(_("The prior is not registered yet."), _("Register it first."))
            self.view.set_fusion(main, Fusion(name, FIRST, mode="two-colours"))
        elif self.is_checked(name):
            self.view.set_fusion(main, None)
        self.changed.emit()

    def is_checked(self, name: str = PRIOR) -> bool:
        """Whether a display lies fused over the main one."""
        fusion = self.view.main.fusion
        return fusion is not None and fusion.display == name and fusion.mode != "blend"

    def show_prior(self, prior: Prior) -> None:
        """Ask for another examination beside the one read."""
        self.prior_wanted.emit(prior.study.uid, prior.series.uid)

    def jump(self, row: Row) -> None:
        """Go to a finding in both examinations; one that only the other has is looked for at its place here."""
        self.view.select(row.now)
        prior = self.view.display(PRIOR)
        if row.other is None or prior.volume is None:
            return
        if row.now is None:
            self.view.move_to(row.other.center_lps_mm, prior)
        elif row.other.center_lps_mm != prior.point_lps_mm:
            prior.point_lps_mm = row.other.center_lps_mm  # exactly there, not where the registration leads
            self.view.moved.emit()

    # ---- what happens by itself ----

    def _relation(self, name: str) -> _Relation | None:
        """Return what is known of a display as it is now; what was known of other volumes is forgotten."""
        main = self.view.main.volume
        own = self.view.displays[name].volume if name in self.view.displays else None
        known = self._relations.get(name)
        if name == MAIN or main is None or own is None:
            if known is not None:
                self._drop(name)
            return None
        if known is None or known.main is not main or known.own is not own:
            if known is not None:
                self._drop(name)
            known = self._relations[name] = _Relation(main, own)
        return known

    def _asked_for(self, name: str) -> _Relation:
        relation = self._relation(name)
        if relation is None:
            raise Problem(_("There is nothing to compare with."), _("Choose an earlier examination first."))
        return relation

    def _stop(self, relation: _Relation) -> None:
        if relation.job is not None:
            relation.job.cancel()
            relation.job = None

    def _drop(self, name: str) -> None:
        self._stop(self._relations.pop(name))
        if self.aligning == name:
            self.end_aligning()

    def _follow(self) -> None:
        """Other volumes are shown, or more of them: register what is complete, once."""
        before = dict(self._relations)
        for name in [name for name in self.view.displays if name != MAIN]:
            relation = self._relation(name)
            if relation is not None and not relation.tried:
                self._begin(name, relation)
        for name in [name for name in self._relations if name not in self.view.displays]:
            self._drop(name)
        if before != self._relations:
            self.changed.emit()

    def _begin(self, name: str, relation: _Relation) -> None:
        told = self._kept(relation) or registering.known(relation.main.series, relation.own.series)
        if told is not None:
            relation.tried = True
            self._settle(name, relation, told)
        elif name == PRIOR and getattr(self.session.settings, "auto_register", True) and _both_read(relation):
            self._start(name, relation, asked=False)

    def _start(self, name: str, relation: _Relation, *, asked: bool) -> None:
        self._stop(relation)
        relation.tried, relation.failed = True, ""
        main, own = relation.main, relation.own
        job = self.view.jobs.start(
            _("Registering the prior") if name == PRIOR else _("Registering"),
            lambda job: registering.register(main, own, job),
            done=lambda made: self._done(name, relation, job, made),
            failed=lambda error: self._failed(relation, job, error, asked=asked),
            cancelled=lambda: self._ended(relation, job),
        )
        relation.job = job
        for volume in (main, own):
            self.view.hold(job, volume)
        self.changed.emit()

    def _done(self, name: str, relation: _Relation, job: Job, made: Registration) -> None:
        if relation.job is job:  # else the reader was faster, or other images are shown
            relation.job = None
            self._keep(name, relation, made)

    def _failed(self, relation: _Relation, job: Job, error: Exception, *, asked: bool) -> None:
        if relation.job is not job:
            return
        relation.job = None
        problem = error if isinstance(error, Problem) else None
        relation.failed = problem.text if problem else _("Something went wrong inside MedViewer.")
        self.changed.emit()
        if asked or problem is None:
            raise error

    def _ended(self, relation: _Relation, job: Job) -> None:
        if relation.job is job:
            relation.job = None
            self.changed.emit()

    def _settle(self, name: str, relation: _Relation, made: Registration | None) -> None:
        """Let a display's viewports follow what is known now."""
        relation.registration = made
        if made is not None:
            relation.failed = ""
        display = self.view.display(name)
        self.view.relate(display, None if made is None else made.array)
        self.registered.emit(name)
        self.changed.emit()

    def _case_changed(self, touched: frozenset[str], _source: object) -> None:
        if "alignments" in touched:
            self._take_alignments()
        if touched & {"alignments", "pairs", "findings", "study"}:
            self.changed.emit()

    def _take_alignments(self) -> None:
        """The alignments kept changed, maybe by an undo: the screen follows the case, in every display of a series."""
        for name in list(self._relations):
            relation = self._relation(name)
            if relation is None or self._case_of(relation) is None:
                continue
            kept, now = self._kept(relation), relation.registration
            if kept is not None and kept != now:
                self._stop(relation)
                self._settle(name, relation, kept)
            elif kept is None and now is not None and now.method != "frame":
                self._settle(name, relation, registering.known(relation.main.series, relation.own.series))


def comparing_of(session: "Session", view: View) -> Comparing:
    """Return the one Comparing of a view, made where there is none yet."""
    return view.findChild(Comparing) or Comparing(session, view)


def shifted_to(turned: Matrix | None, place: tuple[float, ...], onto: tuple[float, ...]) -> Matrix:
    """Return the matrix that leads ``place`` onto another place and turns as ``turned`` does, 4x4 in LPS mm."""
    matrix = np.eye(4)
    if turned is not None:
        matrix[:3, :3] = turned[:3, :3]
    matrix[:3, 3] = np.asarray(onto) - matrix[:3, :3] @ np.asarray(place)
    return matrix


def _both_read(relation: _Relation) -> bool:
    return relation.main.complete and relation.own.complete
