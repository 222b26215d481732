"""The connection to the case database: SQLite in a file unless an address says otherwise; its faults in words."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from medviewer.app import schema
from medviewer.core.problem import Problem
from medviewer.i18n import N_, Message

Words = Mapping[int, tuple[Message, Message]]  # by SQLite's error code: what happened, what to do
_WORDS: Words = {
    sqlite3.SQLITE_FULL: (N_("The disk with the case database is full."), N_("Free some space and try again.")),
    sqlite3.SQLITE_IOERR: (  # also what a full disk gives where SQLite shares memory through a file
        N_("The disk with the case database is full or does not work."),
        N_("Free some space and try again; nothing was changed."),
    ),
    sqlite3.SQLITE_READONLY: (
        N_("The case database may only be read, not changed."),
        N_("Ask for permission to write to it."),
    ),
    sqlite3.SQLITE_BUSY: (N_("Another program is using the case database."), N_("Try again in a moment.")),
    sqlite3.SQLITE_LOCKED: (N_("Another program is using the case database."), N_("Try again in a moment.")),
    sqlite3.SQLITE_CORRUPT: (
        N_("The case database is damaged."),
        N_("Put a copy from your backup in its place, or move it away to start afresh."),
    ),
    sqlite3.SQLITE_NOTADB: (
        N_("The case database is damaged."),
        N_("Put a copy from your backup in its place, or move it away to start afresh."),
    ),
    sqlite3.SQLITE_CANTOPEN: (
        N_("The case database cannot be opened."),
        N_("Check that its folder exists and may be written to."),
    ),
}
_OTHERWISE = N_("The case database does not answer."), N_("Try again; nothing was changed.")


class Database:
    """One database, connected at first use; ``wait_s`` is how long to wait for another program's write."""

    def __init__(self, url: str, wait_s: float = 2.0) -> None:
        self.url = url
        with words():
            self.engine = create_engine(url, connect_args={"timeout": wait_s} if _is_sqlite(url) else {})
            if _is_sqlite(url):
                tune_sqlite(self.engine)
            self._prepare()

    def _prepare(self) -> None:
        with self.engine.connect() as connection:
            ready = schema.version(connection) == len(schema.UPGRADES) + 1
        if not ready:
            with self.write() as connection:
                schema.bring_up_to_date(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read from; what goes wrong is a Problem."""
        with words(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction of its own, one writer at a time, committed at the end; what goes wrong is a Problem."""
        with words(), self.engine.connect().execution_options(write=True) as connection, connection.begin():
            if connection.dialect.name != "sqlite" and schema.version(connection):
                connection.execute(select(schema.meta).with_for_update()).all()
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def tune_sqlite(engine: Engine) -> None:
    """Let readers and one writer work side by side, a write being marked by the execution option ``write``."""

    @event.listens_for(engine, "connect")
    def connected(raw: Any, _record: object) -> None:
        raw.isolation_level = None  # transactions are begun below, by the word that fits
        if raw.execute("pragma journal_mode").fetchone() != ("wal",):
            raw.execute("pragma journal_mode=wal")
        raw.execute("pragma synchronous=normal")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("begin immediate" if writes else "begin")


@contextmanager
def words(sentences: Words = _WORDS, otherwise: tuple[Message, Message] = _OTHERWISE) -> Iterator[None]:
    """Turn a database's faults into a Problem with one sentence."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, ImportError) as error:
        text, hint = sentences.get(fault_code(error), otherwise)
        raise Problem(str(text), str(hint)) from error


def fault_code(error: BaseException | None) -> int:
    """Return SQLite's code of a fault, as ``sqlite3.SQLITE_FULL``; 0 where it has none."""
    return int(getattr(getattr(error, "orig", error), "sqlite_errorcode", 0)) & 0xFF
