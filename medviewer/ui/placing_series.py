"""Where a series goes that the reader chose or dropped on a viewport."""

from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.arrangement import MAIN, PRIOR
from medviewer.core.problem import Problem
from medviewer.core.study import Series, Study
from medviewer.i18n import _
from medviewer.ui.layouts import needs_volume

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport
    from medviewer.ui.window import MainWindow


def choose(window: "MainWindow", study_uid: str, series_uid: str) -> None:
    """Show a series chosen in the list: in the active viewport where that shows one beside the main one."""
    name = window.viewer.active.cell.display
    study, series = _found(window, study_uid, series_uid)
    if name in (MAIN, PRIOR) or series.kind != "image" or not _same_patient(window, study):
        window.flow.open_study(study_uid, series_uid)
    else:
        window.flow.others.show(name, study_uid, series)


def drop(window: "MainWindow", viewport: "Viewport", study_uid: str, series_uid: str) -> None:
    """Show a series where it was dropped; Problem where that would set two patients side by side."""
    study, series = _found(window, study_uid, series_uid)
    alone = len(window.viewer.viewports) == 1 or needs_volume(window.viewer.arrangement)
    whole = alone and viewport.cell.display == MAIN
    if whole or series.kind != "image" or window.session.study is None:
        window.flow.open_study(study_uid, series_uid)
        return
    if not _same_patient(window, study):
        raise Problem(
            _("This series is of another patient."), _("Click it in the list to open it in place of what is shown.")
        )
    name = viewport.cell.display
    if name == MAIN or sum(other.cell.display == name for other in window.viewer.viewports) > 1:
        name = free_name(window)
        window.viewer.set_cell(viewport, replace(viewport.cell, kind="native", display=name, close_up=False))
    window.flow.others.show(name, study_uid, series)


def fill(window: "MainWindow") -> None:
    """Bring the next series of the study into the viewports that are still empty."""
    study = window.session.study
    if study is None:
        return
    shown = {beside.series.uid for beside in window.flow.others.shown.values()}
    if window.session.series is not None:
        shown.add(window.session.series.uid)
    waiting = [series for series in study.series if series.kind == "image" and series.uid not in shown]
    empty = [
        name
        for name in window.viewer.arrangement.displays
        if name not in (MAIN, PRIOR) and name not in window.flow.others.shown
    ]
    for name, series in zip(empty, waiting, strict=False):
        window.flow.others.show(name, study.uid, series)


def free_name(window: "MainWindow") -> str:
    """Return the name of a display that nothing is shown in."""
    used = {viewport.cell.display for viewport in window.viewer.viewports} | set(window.flow.others.shown)
    return next(str(n) for n in range(2, 1000) if str(n) not in used)


def _found(window: "MainWindow", study_uid: str, series_uid: str) -> tuple[Study, Series]:
    study = window.session.catalogue.study(study_uid)
    series = next((one for one in study.series if one.uid == series_uid), None)
    if series is None:
        raise Problem(_("The study has no such series."))
    return study, series


def _same_patient(window: "MainWindow", study: Study) -> bool:
    """Whether a study is of the patient whose study is open; while none is, nobody can say."""
    open_now = window.session.study
    if open_now is None:
        return False
    return study.uid == open_now.uid or (bool(study.patient.id) and study.patient == open_now.patient)
