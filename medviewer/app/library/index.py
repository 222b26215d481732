"""The library's own database: its tables, and how it is opened, made anew, or set aside where it is damaged."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
)

from medviewer.app.database import Words, fault_code, tune_sqlite, words
from medviewer.core.problem import Problem
from medviewer.i18n import N_

VERSION = 1  # an index of another version is made anew: it can be rebuilt from the files at any time
BESIDE = ("", "-wal", "-shm")  # the files a SQLite database consists of
tables = MetaData()

studies = Table(
    "studies",
    tables,
    Column("study_uid", String(128), primary_key=True),
    Column("patient_name", Text, nullable=False),
    Column("patient_id", Text, nullable=False),
    Column("birth_date", Text, nullable=False),
    Column("sex", Text, nullable=False),
    Column("date", Text, nullable=False),
    Column("time", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("modalities", Text, nullable=False),  # "CT,PT"
    Column("series", Integer, nullable=False),
    Column("images", Integer, nullable=False),
    Column("files", Integer, nullable=False),
    Column("folder", LargeBinary, nullable=False),  # paths are bytes: not every name on a disk is text
    Column("copies", Integer, nullable=False),
    Column("missing", Integer, nullable=False),
    Column("opened_at", String(40), nullable=False),
    Column("search", Text, nullable=False),  # see library_search.folded
)
Index("studies_by_date", studies.c.date, studies.c.time)

series = Table(
    "series",
    tables,
    Column("study_uid", String(128), primary_key=True),
    Column("series_uid", String(128), primary_key=True),
    Column("modality", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("images", Integer, nullable=False),
    Column("copies", Integer, nullable=False),  # files that hold an image of this series once more
    Column("digest", LargeBinary, nullable=False),  # of both blobs: what is the same is not written again
    Column("files_blob", LargeBinary, nullable=False),  # see library_pack
    Column("copies_blob", LargeBinary, nullable=False),
)

Index("series_by_uid", series.c.series_uid)

folders = Table(
    "folders",
    tables,
    Column("study_uid", String(128), primary_key=True),
    Column("series_uid", String(128), primary_key=True),
    Column("folder", LargeBinary, primary_key=True),
    Column("files", Integer, nullable=False),
    Column("missing", Integer, nullable=False),  # as of the last look
    Column("mtime_ns", Integer, nullable=False),  # of the folder at the last look; -1 where it has to be looked at
)

thumbnails = Table(
    "thumbnails",
    tables,
    Column("series_uid", String(140), primary_key=True),
    Column("used_at", Integer, nullable=False),  # seconds since 1970
    Column("size", Integer, nullable=False),
    Column("png", LargeBinary, nullable=False),
)
Index("thumbnails_by_use", thumbnails.c.used_at, thumbnails.c.size)

_BUSY = N_("Another program is using the library."), N_("Try again in a moment.")
_WORDS: Words = {
    sqlite3.SQLITE_FULL: (
        N_("The disk with the library is full; new studies are not remembered."),
        N_("Free some space. Images can still be opened."),
    ),
    sqlite3.SQLITE_READONLY: (
        N_("The library may only be read; new studies are not remembered."),
        N_("Ask for permission to write to its folder. Images can still be opened."),
    ),
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_CANTOPEN: (
        N_("The library cannot be opened; new studies are not remembered."),
        N_("Check that its folder exists and may be written to. Images can still be opened."),
    ),
}
_OTHERWISE = N_("The library does not answer."), N_("Delete its index and build it again; images are not touched.")


class Damaged(Exception):  # noqa: N818 - a finding, answered by making the index anew
    """The file is no database, or a broken one."""


class LibraryIndex:
    """The open database; Problem where it cannot be opened, ``Damaged`` where it is broken, at any use."""

    def __init__(self, path: Path, wait_s: float) -> None:
        self.path = path
        with _faults():
            _make_private(path)
            self._engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": wait_s})
            tune_sqlite(self._engine)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        with self.read() as connection:
            ready = _version(connection) == VERSION
        if not ready:
            with self.write() as connection:
                _make_anew(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read from."""
        with _faults(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, one writer at a time, committed at the end."""
        with _faults(), self._engine.connect().execution_options(write=True) as connection, connection.begin():
            connection.exec_driver_sql("pragma secure_delete=on")  # forgotten names leave no trace in the file
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


@contextmanager
def _faults() -> Iterator[None]:
    try:
        with words(_WORDS, _OTHERWISE):
            yield
    except Problem as problem:
        if fault_code(problem.__cause__) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise Damaged from problem
        raise
    except OSError as error:
        text, hint = _WORDS[sqlite3.SQLITE_CANTOPEN]
        raise Problem(str(text), str(hint)) from error


def _make_private(path: Path) -> None:
    """Let nobody but its owner read the file: it holds patients' names; SQLite gives its other files the same rights.

    A file of more rights is narrowed; where that cannot be done (another's file) it stays as it is.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError:
        if not path.exists():
            raise
    with suppress(OSError):
        path.chmod(0o600)


def _version(connection: Connection) -> int:
    return int(connection.exec_driver_sql("pragma user_version").scalar_one())


def _make_anew(connection: Connection) -> None:
    """Make the tables in place of whatever is there."""
    if _version(connection) == VERSION:  # another program was faster
        return
    found = connection.exec_driver_sql(
        "select type, name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%'"
    )
    for kind, name in found.all():
        connection.exec_driver_sql(f'drop {kind} "{name.replace(chr(34), chr(34) * 2)}"')
    tables.create_all(connection)
    connection.exec_driver_sql(f"pragma user_version={VERSION}")


def set_aside(path: Path) -> None:
    """Give a damaged index another name, in place of one set aside before; Problem where that is not possible."""
    with _faults():
        aside = path.with_name(f"{path.stem}-damaged{path.suffix}")
        for end in BESIDE:
            part = path.with_name(path.name + end)
            if part.exists():
                part.replace(aside.with_name(aside.name + end))


def delete(path: Path) -> None:
    """Delete the index and its other files; Problem where another program keeps hold of them."""
    try:
        for end in BESIDE:
            path.with_name(path.name + end).unlink(missing_ok=True)
    except OSError as error:
        raise Problem(str(_BUSY[0]), str(_BUSY[1])) from error
