"""The one place where a case changes: open a study, do, undo and redo; everybody else is told.

Thread rule: open, do, undo and redo are called on one thread (the window's, or the command's). Long work runs
elsewhere and hands its edits over. Callbacks run on that same thread, after the step is saved.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
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
EVERYTHING = frozenset({"study", "findings", "inputs", "texts", "marks", "regions", "keys", "pairs", "alignments"})


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
        self._refused: list[Edit] = []  # steps that could not be saved: redo does them, the first one first
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

    def open_study(self, uid: str, job: Job | None = None, source: object = None) -> Case:
        """Open the study ``uid`` of the catalogue, with its saved case or a new one.

        Problem where the catalogue does not have it or the saved case cannot be read; what was open stays open.
        """
        if job is not None:
            job.step(0.0, _("Opening the study"))
        study = self.catalogue.study(uid)
        series = main_series(study)
        history, seq = self.store.replay(Case(uid, study_facts(study, series)))
        self.study, self.series, self._history, self._seq = study, series, history, seq
        self._refused = []
        self.store.audit_quietly("open study", uid)
        self._tell(EVERYTHING, source)
        return history.case

    def close_study(self, source: object = None) -> None:
        """Close what is open; everything is saved already."""
        self.study = self.series = self._history = None
        self._refused = []
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
        """Apply ``edit`` and save it; Problem where it cannot be saved; it is not applied then, but by ``redo``."""
        opened = self._opened
        edit.apply(opened.case)  # an edit that cannot be applied must not reach the journal
        try:
            self._save("do", edit)
        except Problem:  # a full disk takes no mark from the reader
            self._refused = [*(one for one in self._refused if one is not edit), edit]
            self._tell(frozenset(), source)
            raise
        self._refused = [one for one in self._refused if one is not edit]
        opened.do(edit)
        self._tell(edit.touches, source)

    def undo(self, source: object = None) -> None:
        """Take back the last edit; nothing happens where there is none; Problem where it cannot be saved."""
        if self._opened.done:
            edit = self._opened.done[-1]
            self._save("undo", edit)
            self._refused = []
            self._opened.undo()
            self._tell(edit.touches, source)

    def redo(self, source: object = None) -> None:
        """Do again what was taken back last, or what could not be saved; nothing where there is none.

        Problem where it cannot be saved.
        """
        if self._refused:
            self.do(self._refused[0], source)
        elif self._opened.undone:
            edit = self._opened.undone[-1]
            self._save("redo", edit)
            self._opened.redo()
            self._tell(edit.touches, source)

    def _save(self, action: "Action", edit: Edit) -> None:
        self._seq = self.store.append(self.case.study_uid, self._seq + 1, action, edit)

    @property
    def undo_label(self) -> Message | None:
        """What ``undo`` would take back; None where there is nothing."""
        return self._history.done[-1].label if self._history and self._history.done else None

    @property
    def redo_label(self) -> Message | None:
        """What ``redo`` would do again; None where there is nothing."""
        if self._refused:
            return self._refused[0].label
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
