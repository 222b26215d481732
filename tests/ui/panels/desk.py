"""A session and a view without a window, for the tests of panels."""

from medviewer.app.session import EVERYTHING, Session
from medviewer.core.case import Case
from medviewer.core.grid import Grid
from medviewer.core.history import History
from medviewer.core.study import Header, Series, Study
from medviewer.ui.view import View

HEADERS = tuple(
    Header(
        path=f"/{number}",
        sop_uid=f"1.2.3.4.{number}",
        sop_class="1.2.840.10008.5.1.4.1.1.2",
        study_uid="1.2.3",
        series_uid="1.2.3.4",
        modality="CT",
        age_years=61.0,
        instance_number=number + 1,
    )
    for number in range(8)
)
SERIES = Series("1.2.3.4", HEADERS, grid=Grid((8, 64, 64)))
STUDY = Study("1.2.3", (SERIES,))


class Desk:
    """What a panel gets: a real session on a store of its own, and a view."""

    def __init__(self, session: Session, view: View) -> None:
        self.session, self.view = session, view

    def open(self, case: Case) -> None:
        """Open a study with ``case`` as if it had been read; nothing of it is in the journal."""
        self.session.study, self.session.series = STUDY, SERIES
        self.session._history = History(case)
        for callback in tuple(self.session.changed):
            callback(EVERYTHING, None)

    def select(self, finding_id: str) -> None:
        """Select a finding as the list does."""
        self.view.select(self.session.case.finding(finding_id))
