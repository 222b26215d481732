"""The audit trail notices every change to what was written."""

import getpass
import json
import sqlite3
from pathlib import Path

import pytest

from medviewer import __version__
from medviewer.app.store import Store
from medviewer.core.edits import SetStatus, SetText
from tests.app.samples import STUDY, two


def fill(store: Store) -> None:
    """Three steps of work."""
    store.append(STUDY, 1, "do", two())
    store.append(STUDY, 2, "do", SetStatus("f1", "unreviewed", "accepted"))
    store.audit("save report", STUDY, {"format": "pdf"}, {"report.pdf": "cd" * 32})


def tamper(path: Path, change: str) -> None:
    """Change the file as somebody with a database tool would."""
    with sqlite3.connect(path) as raw:
        raw.execute("drop trigger audit_no_update")
        raw.execute("drop trigger audit_no_delete")
        raw.execute(change)


def rows(path: Path) -> list[sqlite3.Row]:
    """What is in the trail."""
    raw = sqlite3.connect(path)
    raw.row_factory = sqlite3.Row
    return raw.execute("select * from audit order by row").fetchall()


def test_each_step_says_who_what_when_and_with_which_version_and_model(store: Store, path: Path) -> None:
    fill(store)
    first, second, third = rows(path)
    assert (first["what"], second["what"], third["what"]) == ("do AddFindings", "do SetStatus", "save report")
    assert first["who"] == getpass.getuser()
    assert first["version"] == __version__
    assert first["at"].endswith("+00:00")
    assert json.loads(first["hashes"])["nodules 1.0"] == "ab" * 32
    assert json.loads(third["hashes"]) == {"report.pdf": "cd" * 32}


def test_an_untouched_trail_holds(store: Store) -> None:
    fill(store)
    assert store.verify_audit() is None


def test_an_empty_trail_holds(store: Store) -> None:
    assert store.verify_audit() is None


@pytest.mark.parametrize(
    "column", ["at", "who", "what", "study_uid", "version", "details", "hashes", "previous", "hash"]
)
def test_a_changed_column_is_noticed_in_its_row(store: Store, path: Path, column: str) -> None:
    fill(store)
    tamper(path, f"update audit set {column} = 'x' where row = 2")
    assert store.verify_audit() == 2


def test_a_row_taken_out_is_noticed(store: Store, path: Path) -> None:
    fill(store)
    tamper(path, "delete from audit where row = 2")
    assert store.verify_audit() == 2


def test_rows_cut_off_at_the_end_are_noticed_by_a_hash_noted_before(store: Store, path: Path) -> None:
    fill(store)
    noted = store.audit("export", STUDY)
    assert store.verify_audit(expect=noted) is None
    tamper(path, "delete from audit where row >= 3")
    assert store.verify_audit() is None
    assert store.verify_audit(expect=noted) == 3


def test_the_database_itself_refuses_changes_to_the_trail(store: Store, path: Path) -> None:
    fill(store)
    with sqlite3.connect(path) as raw, pytest.raises(sqlite3.DatabaseError, match="append-only"):
        raw.execute("update audit set who = 'somebody'")
    with sqlite3.connect(path) as raw, pytest.raises(sqlite3.DatabaseError, match="append-only"):
        raw.execute("delete from audit")


def test_what_the_reader_wrote_is_not_in_the_trail_only_its_hash(store: Store, path: Path) -> None:
    store.append(STUDY, 1, "do", SetText("history", None, "Mrs Example has coughed"))
    assert "Example" not in "".join(str(tuple(row)) for row in rows(path))


def test_two_programs_write_one_unbroken_trail(store: Store, path: Path) -> None:
    other = Store(path)
    for _round in range(5):
        store.audit("one")
        other.audit("two")
    assert store.verify_audit() is None
    assert [row["row"] for row in rows(path)] == list(range(1, 11))
