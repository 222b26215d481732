"""Saved cases come back as they were; what cannot be saved is said and is not applied."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event, text

from medviewer.app.database import words
from medviewer.app.store import Store
from medviewer.core.case import Case
from medviewer.core.edits import AddFindings, Edit, RemoveFindings, SetInput, SetStatus, SetText
from medviewer.core.history import History
from medviewer.core.mask import Mask
from medviewer.core.problem import Problem
from tests.app.samples import STUDY, finding, two

ACCEPT = SetStatus("f1", "unreviewed", "accepted")


def saved(path: Path) -> History:
    """What a program started anew finds."""
    store = Store(path)
    history, _seq = store.replay(Case(STUDY))
    store.close()
    return history


def test_every_kind_of_edit_comes_back_with_its_masks(store: Store, path: Path) -> None:
    edits: list[Edit] = [
        two(),
        ACCEPT,
        SetInput("f1", "spiculation", None, True),
        SetText("impression", None, "Ein Rundherd."),
        RemoveFindings((finding("f2"),)),
    ]
    for seq, edit in enumerate(edits, start=1):
        assert store.append(STUDY, seq, "do", edit) == seq
    case = saved(path).case
    assert [(f.id, f.status) for f in case.findings] == [("f1", "accepted")]
    mask = case.findings[0].mask
    assert mask is not None
    assert mask.offset_kji == (4, 5, 6)
    assert mask.voxels.all()
    assert case.inputs == {("f1", "spiculation"): True}
    assert case.texts == {"impression": "Ein Rundherd."}
    assert case.findings[0].to_dict() == {**finding("f1").to_dict(), "status": "accepted"}


def test_undo_and_redo_come_back_too(store: Store, path: Path) -> None:
    store.append(STUDY, 1, "do", two())
    store.append(STUDY, 2, "do", ACCEPT)
    store.append(STUDY, 3, "undo", ACCEPT)
    history = saved(path)
    assert history.case.findings[0].status == "unreviewed"
    assert len(history.undone) == 1
    store.append(STUDY, 4, "redo", ACCEPT)
    assert saved(path).case.findings[0].status == "accepted"


def test_facts_of_the_headers_are_kept_through_a_replay(store: Store) -> None:
    store.append(STUDY, 1, "do", two())
    history, seq = store.replay(Case(STUDY, {"age_years": 61.0}))
    assert (history.case.study_facts, seq) == ({"age_years": 61.0}, 1)


def test_values_from_numpy_can_be_saved(store: Store, path: Path) -> None:
    store.append(STUDY, 1, "do", AddFindings((finding("f1", score=np.float32(0.5), mean_hu=np.int64(7)),)))
    assert saved(path).case.findings[0].score == 0.5


def test_the_same_mask_is_kept_once(store: Store, path: Path) -> None:
    store.append(STUDY, 1, "do", AddFindings((finding("f1"),)))
    store.append(STUDY, 2, "do", RemoveFindings((finding("f1"),)))
    with sqlite3.connect(path) as raw:
        assert raw.execute("select count(*) from blobs").fetchone() == (1,)


def test_a_second_window_with_an_old_case_is_refused_and_loses_nothing(store: Store, path: Path) -> None:
    store.append(STUDY, 1, "do", two())
    other = Store(path)
    other.append(STUDY, 2, "do", ACCEPT)
    with pytest.raises(Problem, match="changed in another window"):
        store.append(STUDY, 2, "do", SetStatus("f1", "unreviewed", "rejected"))
    assert saved(path).case.findings[0].status == "accepted"
    assert store.verify_audit() is None


CHILD = """
import sys
from medviewer.app.session import Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.core.edits import SetStatus
from tests.app.samples import STUDY, two
from tests.app.test_session import header
session = Session(Store(sys.argv[1]), Settings())
session.catalogue.add(header(n) for n in range(3))
session.open_study(STUDY)
session.changed.append(lambda touched, source: print(session.case.findings[0].status, flush=True))
session.do(two())
session.do(SetStatus("f1", "unreviewed", "accepted"))
sys.stdin.read()
"""


def test_a_kill_right_after_an_accept_keeps_it(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert [child.stdout.readline() for _step in range(2)] == [b"unreviewed\n", b"accepted\n"]
        child.kill()
        assert child.wait() == -9
    assert saved(path).case.findings[0].status == "accepted"


def test_a_full_disk_is_said_and_nothing_half_is_saved(store: Store, path: Path) -> None:
    store.append(STUDY, 1, "do", two())
    event.listen(store._database.engine, "begin", lambda c: c.exec_driver_sql("pragma max_page_count=1"))
    noise = np.random.default_rng(0).random((60, 60, 60)) > 0.5
    big = finding("f9", mask=Mask((0, 0, 0), noise))
    with pytest.raises(Problem, match="disk with the case database is full"):
        store.append(STUDY, 2, "do", AddFindings((big,)))
    assert [f.id for f in saved(path).case.findings] == ["f1", "f2"]


def test_a_disk_that_fails_is_named_as_what_it_is() -> None:
    fault = sqlite3.OperationalError("disk I/O error")
    fault.sqlite_errorcode = sqlite3.SQLITE_IOERR | 3 << 8  # on writing
    with pytest.raises(Problem, match="full or does not work"), words():
        raise fault


def test_a_read_only_database_can_be_looked_at_but_not_written(store: Store, path: Path) -> None:
    store.append(STUDY, 1, "do", two())
    reader = Store(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert len(reader.replay(Case(STUDY))[0].case.findings) == 2
    reader.audit_quietly("open study", STUDY)
    with pytest.raises(Problem, match="may only be read"):
        reader.append(STUDY, 2, "do", ACCEPT)


def test_a_database_that_another_program_holds_is_said_to_be_in_use(store: Store, path: Path) -> None:
    store.append(STUDY, 1, "do", two())
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("begin immediate")
        with pytest.raises(Problem, match="Another program is using"):
            store.append(STUDY, 2, "do", ACCEPT)
        other.execute("rollback")
    other.close()
    assert store.append(STUDY, 2, "do", ACCEPT) == 2


def test_a_damaged_database_is_said_to_be_damaged_and_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(Problem, match="case database is damaged"):
        Store(path).replay(Case(STUDY))
    assert path.read_bytes() == b"this is no database" * 100


def test_a_folder_that_is_a_file_cannot_hold_a_database(path: Path) -> None:
    path.write_text("a file")
    with pytest.raises(Problem, match="cannot be opened"):
        Store(path / "cases.sqlite").replay(Case(STUDY))


def test_a_home_that_cannot_be_made_is_said_at_the_first_use_not_at_the_start(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("a file")
    monkeypatch.setenv("MEDVIEWER_HOME", str(path / "home"))
    store = Store()
    with pytest.raises(Problem, match="folder of the cases cannot be made"):
        store.replay(Case(STUDY))


def test_an_address_without_its_driver_is_one_sentence() -> None:
    with pytest.raises(Problem, match="does not answer"):
        Store("nosuchbase://host/cases").warm()


@pytest.mark.parametrize(
    "harm",
    [
        "delete from journal where seq = 1",
        "delete from blobs",
        "update blobs set data = x'00'",
        "update journal set data = '{'",
        "update journal set kind = 'FromTheFuture'",
        "update journal set action = 'redo'",
    ],
)
def test_a_damaged_step_is_named_and_not_guessed(store: Store, path: Path, harm: str) -> None:
    store.append(STUDY, 1, "do", two())
    store.append(STUDY, 2, "do", ACCEPT)
    with sqlite3.connect(path) as raw:
        raw.execute(harm)
    with pytest.raises(Problem, match="Step 1 of the saved case cannot be read"):
        store.replay(Case(STUDY))


def test_cases_of_different_studies_are_kept_apart(store: Store) -> None:
    store.append(STUDY, 1, "do", two())
    assert store.replay(Case("9.9"))[0].case.findings == ()


def test_the_file_is_written_ahead_and_waits_for_others(store: Store) -> None:
    with store._database.read() as connection:
        assert connection.execute(text("pragma journal_mode")).scalar() == "wal"
        assert connection.execute(text("pragma synchronous")).scalar() == 1
        assert connection.execute(text("pragma busy_timeout")).scalar() == 50
