"""An older database is brought up to date; a newer one is refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from medviewer.app import schema
from medviewer.app.database import Database
from medviewer.app.store import Store
from medviewer.core.case import Case
from medviewer.core.problem import Problem
from tests.app.samples import STUDY, two


def add_a_column(connection: Connection) -> None:
    """What an upgrade looks like."""
    connection.execute(text("alter table cases add column reader varchar(80) default ''"))


def test_an_empty_database_gets_the_newest_tables(path: Path) -> None:
    with Database(f"sqlite:///{path}").read() as connection:
        assert schema.version(connection) == len(schema.UPGRADES) + 1


def test_an_older_database_is_upgraded_in_steps_and_keeps_its_cases(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append(STUDY, 1, "do", two())
    now = len(schema.UPGRADES) + 1
    monkeypatch.setattr(schema, "UPGRADES", (*schema.UPGRADES, add_a_column))
    newer = Database(f"sqlite:///{path}")
    with newer.read() as connection:
        assert schema.version(connection) == now + 1
        assert connection.execute(text("select reader from cases")).scalar() == ""
    assert len(store.replay(Case(STUDY))[0].case.findings) == 2


def make_version_1(path: Path) -> None:
    """Write a database as the first release did, with a case of two findings, word for word."""
    made = Store(path)
    made.append(STUDY, 1, "do", two())
    made.close()
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript("drop table workspaces; update meta set value = '1' where key = 'schema';")


def test_a_database_of_the_first_release_gets_workspaces_and_keeps_its_cases(path: Path) -> None:
    make_version_1(path)
    opened = Store(path)
    assert opened.recall(STUDY) is None
    opened.remember(STUDY, {"tool": "zoom"})
    assert opened.recall(STUDY) == {"tool": "zoom"}
    assert len(opened.replay(Case(STUDY))[0].case.findings) == 2
    assert opened.verify_audit() is None
    with opened._database.read() as connection:
        assert schema.version(connection) == len(schema.UPGRADES) + 1
    opened.close()


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.warm()

    def half(connection: Connection) -> None:
        add_a_column(connection)
        connection.execute(text("alter table nowhere add column x"))

    now = len(schema.UPGRADES) + 1
    monkeypatch.setattr(schema, "UPGRADES", (*schema.UPGRADES, half))
    with pytest.raises(Problem):
        Database(f"sqlite:///{path}")
    with store._database.read() as connection:
        assert schema.version(connection) == now
        assert (
            "reader" not in connection.execute(text("select sql from sqlite_master where name = 'cases'")).scalar_one()
        )


def test_a_database_of_a_newer_program_is_refused(store: Store, path: Path) -> None:
    with store._database.write() as connection:
        connection.execute(text("update meta set value = '99' where key = 'schema'"))
    with pytest.raises(Problem, match="newer MedViewer"):
        Database(f"sqlite:///{path}")
