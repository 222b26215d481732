"""The one place where a case changes: open a study, do, undo and redo; everybody else is told.

Thread rule: open, do, undo and redo are called on one thread (the window's, or the command's). Long work runs
elsewhere and hands its edits over. Callbacks run on that same thread, after the step is saved.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from medviewer.app.facts import main_series, study_facts
from medviewer.app.library.library import Library
from medviewer.core.assessment import Advice, Risk
from medviewer.core.case import Case
from medviewer.core.edits import Edit
from medviewer.core.history import History
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Series, Study
from medviewer.dicom.catalogue import Catalogue
from medviewer.i18n import Message, _

if TYPE_CHECKING:
    from medviewer.app.settings import Settings
    from medviewer.app.store import Action, Store

Callback = Callable[[frozenset[str], object], None]
Recalled = tuple[History, int]  # a case as it was saved, and the number of its last step
EVERYTHING = frozenset(
    {"study", "findings", "inputs", "texts", "marks", "regions", "keys", "pairs", "alignments", "thresholds"}
)


@dataclass(frozen=True, eq=False)
class Step:
    """Step ``seq`` of the case of a study."""

    study_uid: str
    seq: int
    action: "Action"
    edit: Edit

    def take(self, history: History) -> None:
        """Take the step in memory."""
        if self.action == "do":
            history.do(self.edit)
        else:
            {"undo": history.undo, "redo": history.redo}[self.action]()


class Session:
    """What is open and the verbs on it.

    Attributes:
        store, settings: where cases are saved; the reader's choices.
        library: every study opened before, on this computer.
        catalogue: every study scanned so far.
        study: the open study, None where nothing is open.
        series: the series that is read and measured; the main one of the study unless ``choose`` says otherwise.
        changed: callbacks ``(touched, source)``; ``touched`` holds "study", "findings", "inputs", "texts",
            "marks", "regions", "keys", "pairs", "alignments"; opening a study touches all. ``source`` is whatever the
            caller of the verb gave.
        keep: told where a step cannot be saved now; the step is taken all the same then and waits in ``unsaved``,
            also while other studies are open, until ``save`` succeeds. None: such a step is refused.
    """

    def __init__(self, store: "Store", settings: "Settings", library: Library | None = None) -> None:
        self.store, self.settings = store, settings
        self.library = library or Library(on=settings.remember_studies)
        self.catalogue = Catalogue()
        self.study: Study | None = None
        self.series: Series | None = None
        self.changed: list[Callback] = []
        self._history: History | None = None
        self._seq = 0
        self.keep: Callable[[Problem], None] | None = None
        self.unsaved: list[Step] = []  # the first one first
        self._risks: tuple[Case, list[Risk]] | None = None
        self._advice: tuple[Case, list[Advice]] | None = None

    @property
    def case(self) -> Case:
        """The open case; Problem where nothing is open (``study`` is None then)."""
        return self._opened.case

    @property
    def _opened(self) -> History:
        if self._history is None:
            raise Problem(_("No study is open."), _("Choose a study on the left first."))
        return self._history

    def recall(self, uid: str) -> Recalled | None:
        """Read the saved case of a study that is not open, for ``open_study``; for any thread, Problem as there.

        None while steps of it wait to be saved: it is complete only once they are.
        """
        return None if any(step.study_uid == uid for step in self.unsaved) else self._read(uid)

    def _read(self, uid: str) -> Recalled:
        study = self.catalogue.study(uid)
        read = self.store.replay(Case(uid, study_facts(study, main_series(study))))
        self.store.audit_quietly("open study", uid)
        return read

    def open_study(
        self, uid: str, job: Job | None = None, source: object = None, recalled: Recalled | None = None
    ) -> Case:
        """Open study ``uid`` of the catalogue, with its saved case, ``recalled`` just now or read here, or a new one.

        Problem where the catalogue does not have it or the saved case cannot be read; what was open stays open.
        """
        if job is not None:
            job.step(0.0, _("Opening the study"))
        study = self.catalogue.study(uid)
        series = main_series(study)
        history, seq = recalled or self._read(uid)
        history.case = replace(history.case, study_facts=study_facts(study, series))  # more of it may be known by now
        for step in [one for one in self.unsaved if one.study_uid == uid]:
            if step.seq == seq + 1:
                step.take(history)
                seq = step.seq
            else:  # another window went another way meanwhile
                self.unsaved.remove(step)
        self.study, self.series, self._history, self._seq = study, series, history, seq
        self._tell(EVERYTHING, source)
        return history.case

    def close_study(self, source: object = None) -> None:
        """Close what is open; everything is saved already, or waits in ``unsaved``."""
        self.study = self.series = self._history = None
        self._seq = 0
        self._tell(EVERYTHING, source)

    def refresh(self, source: object = None) -> None:
        """Take in what a running scan has found of the open study since; tells "study" where it changed."""
        if self.study is None:
            return
        study = self.catalogue.study(self.study.uid)
        if study == self.study:
            return
        kept = self.series.uid if self.series else ""
        self.study = study
        self.series = next((s for s in study.series if s.uid == kept), None) or main_series(study)
        self._renew_facts(source)

    def choose(self, series_uid: str, source: object = None) -> Series:
        """Read and measure that series of the open study from now on; Problem where it has none of that uid."""
        series = next((s for s in (self.study.series if self.study else ()) if s.uid == series_uid), None)
        if series is None:
            raise Problem(_("The study has no such series."))
        self.series = series
        self._renew_facts(source)
        return series

    def _renew_facts(self, source: object) -> None:
        assert self.study is not None
        opened = self._opened
        facts = study_facts(self.study, self.series)
        if facts != opened.case.study_facts:
            opened.case = replace(opened.case, study_facts=facts)
        self._tell(frozenset({"study"}), source)

    def do(self, edit: Edit, source: object = None) -> None:
        """Apply ``edit`` and save it; Problem where it cannot be saved and nobody keeps it: it is not applied then.

        Where another window has changed the case meanwhile, it goes after that if it fits there; Changed if not.
        """
        from medviewer.app.store import Changed

        edit.apply(self._opened.case)  # an edit that cannot be applied must not reach the journal
        waited = bool(self.unsaved)
        try:
            self._go("do", edit, source)
        except Changed:  # the other window's steps are there now
            if waited or not _fits(edit, self._opened.case):
                raise
            self._go("do", edit, source)

    def undo(self, source: object = None) -> None:
        """Take back the last edit; nothing happens where there is none; Problem as for ``do``."""
        if self._opened.done:
            self._go("undo", self._opened.done[-1], source)

    def redo(self, source: object = None) -> None:
        """Do again what was taken back last; nothing where there is none; Problem as for ``do``."""
        if self._opened.undone:
            self._go("redo", self._opened.undone[-1], source)

    def _go(self, action: "Action", edit: Edit, source: object) -> None:
        """Save a step and take it; where it cannot be saved now, take it only if somebody keeps it."""
        step = Step(self.case.study_uid, self._seq + 1, action, edit)
        self.unsaved.append(step)
        refused: Problem | None = None
        try:
            self.save()
        except BaseException as error:
            if not isinstance(error, Problem) or self.keep is None or step not in self.unsaved:
                self.unsaved = [one for one in self.unsaved if one is not step]
                raise
            refused = error
        step.take(self._opened)
        self._seq = step.seq
        self._tell(edit.touches, source)
        if refused is not None and self.keep is not None:
            self.keep(refused)

    def save(self) -> None:
        """Save what could not be saved when it was done; Problem where it still cannot be, and then it waits on.

        Changed where another window has changed the case meanwhile: the steps are given up, for they do not fit there,
        and the case is as the other window left it.
        """
        from medviewer.app.store import Changed

        while self.unsaved:
            step = self.unsaved[0]
            try:
                self.store.append(step.study_uid, step.seq, step.action, step.edit)
            except Changed:
                self.unsaved = [one for one in self.unsaved if one.study_uid != step.study_uid]
                if self._history is not None and self.case.study_uid == step.study_uid:
                    self._history, self._seq = self.store.replay(Case(step.study_uid, self.case.study_facts))
                    self._tell(EVERYTHING, None)
                raise
            self.unsaved.pop(0)

    @property
    def undo_label(self) -> Message | None:
        """What ``undo`` would take back; None where there is nothing."""
        return self._history.done[-1].label if self._history and self._history.done else None

    @property
    def redo_label(self) -> Message | None:
        """What ``redo`` would do again; None where there is nothing."""
        return self._history.undone[-1].label if self._history and self._history.undone else None

    def risks(self) -> list[Risk]:
        """Return what every risk model says of every kept finding; computed once per case value."""
        from medviewer import risk

        case = self.case
        if self._risks is None or self._risks[0] is not case:
            self._risks = case, risk.assess(case)
        return list(self._risks[1])

    def advice(self) -> list[Advice]:
        """Return what every guideline offers for every kept finding; computed once per case value."""
        from medviewer import treatment

        case = self.case
        if self._advice is None or self._advice[0] is not case:
            self._advice = case, treatment.advise(case, self.risks())
        return list(self._advice[1])

    def _tell(self, touched: frozenset[str], source: object) -> None:
        """Call every callback; a fault in one is reported like any other fault and does not stop the rest."""
        for callback in tuple(self.changed):
            try:
                callback(touched, source)
            except Exception as fault:  # the hook logs and shows it
                sys.excepthook(type(fault), fault, fault.__traceback__)


def _fits(edit: Edit, case: Case) -> bool:
    """Whether an edit made of an earlier state of ``case`` can be taken back from this one, leaving it as it is."""
    back = edit.revert(edit.apply(case))
    return all(getattr(back, field.name) == getattr(case, field.name) for field in fields(case))
