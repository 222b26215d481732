"""Where cases are saved: each step is on disk before anybody sees it."""

import logging
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from medviewer import paths
from medviewer.core.case import Case
from medviewer.core.edits import Edit
from medviewer.core.history import History
from medviewer.core.problem import Problem
from medviewer.i18n import _

if TYPE_CHECKING:
    from medviewer.app.database import Database

Action = Literal["do", "undo", "redo"]
log = logging.getLogger(__name__)


class Changed(Problem):
    """Another window has saved other steps of the case meanwhile."""


class Store:
    """The case database, opened at first use (SQLAlchemy takes 0.2 s to import); usable from any thread."""

    def __init__(self, where: Path | str | None = None, wait_s: float = 2.0) -> None:
        """Use the file or database address ``where``, the reader's own database by default."""
        self._where, self._wait_s = where, wait_s

    @property
    def url(self) -> str:
        """The database's address; Problem where the folder for it cannot be made."""
        try:
            place = self._where or paths.user_data() / "medviewer.sqlite"
        except OSError as error:
            raise Problem(
                _("The folder of the cases cannot be made: {reason}.").format(reason=error.strerror),
                _("Set MEDVIEWER_HOME to a folder that may be written to."),
            ) from error
        return place if isinstance(place, str) and "://" in place else f"sqlite:///{place}"

    @cached_property
    def _database(self) -> "Database":
        from medviewer.app.database import Database

        return Database(self.url, self._wait_s)

    def warm(self) -> None:
        """Open the database and read from it once, as in a background thread at start; Problem where that fails.

        What reads and writes cases takes longer to import and to compile than the window may wait.
        """
        from medviewer.app import audit  # noqa: F401

        self.replay(Case(""))

    def replay(self, case: Case) -> tuple[History, int]:
        """Return the saved history of ``case`` and its last step's number; Problem where it cannot be read."""
        from medviewer.app import journal

        with self._database.read() as connection:
            return journal.replay(connection, case)

    def append(self, study_uid: str, seq: int, action: Action, edit: Edit) -> int:
        """Save step ``seq`` of a case and return ``seq``; Problem where it could not be, and then nothing is.

        Changed where there is such a step already.
        """
        from medviewer.app import journal

        with self._database.write() as connection:
            journal.append(connection, study_uid, seq, action, edit)
        return seq

    def remember(self, study_uid: str, data: Mapping[str, Any]) -> None:
        """Keep how a study was being read (JSON-ready); Problem where that is not possible.

        It is no part of the case: neither undone nor audited.
        """
        from medviewer.app import remembered

        with self._database.write() as connection:
            remembered.write(connection, study_uid, data)

    def recall(self, study_uid: str) -> dict[str, Any] | None:
        """Return what ``remember`` kept last; None where there is nothing; Problem where it cannot be read."""
        from medviewer.app import remembered

        with self._database.read() as connection:
            return remembered.read(connection, study_uid)

    def audit(
        self,
        what: str,
        study_uid: str = "",
        details: Mapping[str, Any] | None = None,
        hashes: Mapping[str, str] | None = None,
    ) -> str:
        """Add a row to the audit trail and return its sha256; Problem where it cannot be saved."""
        from medviewer.app import audit

        with self._database.write() as connection:
            return audit.append(connection, what, study_uid, details, hashes)

    def audit_quietly(self, what: str, study_uid: str = "") -> None:
        """Like ``audit`` for looking only: a full or read-only disk must not keep a reader from the pictures."""
        try:
            self.audit(what, study_uid)
        except Problem as problem:
            log.warning("not in the audit trail: %s: %s", what, problem.text)

    def verify_audit(self, *, expect: str = "") -> int | None:
        """Return the number of the first audit row that does not fit; None where all do (see ``audit.verify``)."""
        from medviewer.app import audit

        with self._database.read() as connection:
            return audit.verify(connection, expect=expect)

    def close(self) -> None:
        """Close the connections; the store opens again at next use."""
        if "_database" in self.__dict__:
            self._database.close()
            del self._database
