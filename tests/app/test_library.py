"""The library remembers studies, finds them again, and lives through everything that can happen to its index."""

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from medviewer.app.library.library import Library
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Series, Study
from tests.app.studies import header, images, study


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "library.sqlite"


@pytest.fixture
def library(place: Path) -> Iterator[Library]:
    made = Library(place, wait_s=0.05)
    yield made
    made.close()


def told(library: Library) -> list[str]:
    """Collect what the library says from now on."""
    said: list[str] = []
    library.tell = lambda text, _hint: said.append(text)
    return said


def names(library: Library, text: str = "", **more: str) -> list[str]:
    return [row.patient_name for row in library.find(text, **more)]  # type: ignore[arg-type]


# ---- remembering and finding ----


def test_a_study_is_found_with_all_that_is_said_of_it(library: Library, tmp_path: Path) -> None:
    library.remember(
        [study("1", images(tmp_path / "ct", 3, study="1"), images(tmp_path / "pt", 2, study="1", modality="PT"))]
    )
    (row,) = library.find()
    assert (row.study_uid, row.patient_name, row.patient_id) == ("1", "Doe^Jane", "P1")
    assert (row.date, row.description, row.modalities) == ("20260115", "CT chest", ("CT", "PT"))
    assert (row.series, row.images, row.files, row.missing, row.copies) == (2, 5, 5, 0, 0)
    assert row.folder == str(tmp_path)
    assert row.opened_at == ""
    assert [(one.modality, one.images) for one in library.series("1")] == [("CT", 3), ("PT", 2)]


def test_every_word_must_be_there_and_case_and_width_do_not_matter(library: Library) -> None:
    library.remember([study("1"), study("2", name="Meyer^Karl^Ötzi"), study("3", name="张^伟=Zhang^Wei")])
    assert names(library, "jane DOE") == ["Doe^Jane"]
    assert names(library, "doe karl") == []
    assert names(library, "ötzi") == ["Meyer^Karl^Ötzi"]
    assert names(library, "ＭＥＹＥＲ") == ["Meyer^Karl^Ötzi"]
    for typed in ("张伟", "伟", "张 伟", "张^伟", "han wei"):
        assert names(library, typed) == ["张^伟=Zhang^Wei"]


@pytest.mark.parametrize("typed", ["P1", "chest", "acc-7", "20260115", "2026-01-15", "2026-01", "CT"])
def test_id_description_accession_date_and_modality_are_searched(library: Library, typed: str) -> None:
    library.remember([study("1", accession="ACC-7")])
    assert len(library.find(typed)) == 1


@pytest.mark.parametrize("typed", ["%", "_", "*", "?", "d%e", "'", '"', "\\", "doe'; drop table studies"])
def test_wildcards_and_quotes_are_plain_text(library: Library, typed: str) -> None:
    library.remember([study("1")])
    assert library.find(typed) == []
    library.remember([study("2", name=f"x{typed}x".replace("^", ""))])
    assert [row.study_uid for row in library.find(typed)] == ["2"]


def test_modality_and_dates_narrow_the_list(library: Library, tmp_path: Path) -> None:
    library.remember([
        study("1", images(tmp_path, 1, study="1", modality="PT", date="20240229")),
        study("2", images(tmp_path, 1, study="2", date="20250601")),
        study("3", images(tmp_path, 1, study="3", date="")),
    ])  # fmt: skip

    def uids(**wanted: str) -> list[str]:
        return [row.study_uid for row in library.find(**wanted)]  # type: ignore[arg-type]

    assert uids() == ["2", "1", "3"]
    assert uids(modality="PT") == ["1"]
    assert uids(modality="P") == []
    assert uids(since="2025") == ["2"]
    assert uids(until="2024") == ["1"]
    assert uids(since="2024-02", until="2024-02-29") == ["1"]
    assert uids(until="2024-02-28") == []
    assert library.modalities() == ["CT", "PT"]


def test_no_more_than_the_limit_and_the_newest_first(library: Library, tmp_path: Path) -> None:
    library.remember([study(str(n), images(tmp_path, 1, study=str(n), date=f"202501{n:02d}")) for n in range(1, 21)])
    assert [row.date for row in library.find(limit=3)] == ["20250120", "20250119", "20250118"]
    assert library.count() == 20


def test_control_signs_and_half_characters_in_names_do_no_harm(library: Library) -> None:
    library.remember([study("1", name="A\x00B\ud800\nC\x1b[31m")])
    (row,) = library.find("b?")
    assert row.patient_name == "A B? C [31m"


def test_a_growing_study_is_one_study(library: Library, tmp_path: Path) -> None:
    slices = images(tmp_path, 6)
    for count in (1, 4, 6):
        library.remember([study("1.2.3", slices[:count])])
    assert [(row.images, row.copies) for row in library.find()] == [(6, 0)]


def test_a_scan_that_ended_early_takes_nothing_away(library: Library, tmp_path: Path) -> None:
    slices = images(tmp_path, 6)
    library.remember([study("1.2.3", slices)])
    library.close()
    library.remember([study("1.2.3", slices[:2])])
    assert library.find()[0].images == 6


def test_what_is_the_same_is_not_written_again(library: Library, place: Path, tmp_path: Path) -> None:
    slices = images(tmp_path, 6)
    library.remember([study("1.2.3", slices)])
    library.close()
    with sqlite3.connect(place) as raw:
        raw.execute("create trigger never before insert on series begin select raise(abort, 'written'); end")
        raw.execute("create trigger nor_this before delete on series begin select raise(abort, 'written'); end")
    said = told(library)
    library.remember([study("1.2.3", slices)])
    assert said == []
    library.remember([study("1.2.3", images(tmp_path, 7))])
    assert said == ["The library does not answer."]


def test_stacks_of_one_series_are_one_series_here(library: Library, tmp_path: Path) -> None:
    slices = images(tmp_path, 4)
    split = Study("1.2.3", (Series("1.2.3.1", tuple(slices[:3])), Series("1.2.3.1#2", tuple(slices[3:]))))
    library.remember([split])
    assert [(one.series_uid, one.images) for one in library.series("1.2.3")] == [("1.2.3.1", 4)]


def test_frames_count_as_images_but_not_as_files(library: Library, tmp_path: Path) -> None:
    (tmp_path / "cine.dcm").write_bytes(b"x")
    frames = [header(tmp_path / "cine.dcm", frame=n, frames=5) for n in range(5)]
    library.remember([study("1.2.3", frames)])
    assert [(row.images, row.files) for row in library.find()] == [(5, 1)]


# ---- what is not remembered ----


def test_nothing_is_remembered_where_that_is_switched_off(library: Library, place: Path) -> None:
    library.on = False
    library.remember([study("1")])
    library.opened("1")
    library.keep_thumbnail("1.1", b"png")
    assert not place.exists()
    assert library.find() == []


def test_the_demo_unpacked_archives_and_studies_without_a_number_are_not_remembered(
    library: Library, tmp_path: Path
) -> None:
    for folder in ("demo/1", "unpacked/run-x/a"):
        library.remember([study("1", images(tmp_path / folder, 1, study="1"))])
    library.remember([study("", images(tmp_path / "x", 1, study=""))])
    assert library.find() == []


def test_only_its_owner_may_read_the_index(library: Library, place: Path) -> None:
    place.touch(0o644)
    library.remember([study("1")])
    rights = {part.name: stat.S_IMODE(part.stat().st_mode) for part in place.parent.glob("library.sqlite*")}
    assert len(rights) == 3
    assert set(rights.values()) == {0o600}


def test_a_forgotten_name_leaves_no_trace_in_the_file(library: Library, place: Path) -> None:
    library.remember([study("1", name="Unmistakable^Name"), study("2")])
    library.close()
    assert b"Unmistakable" in place.read_bytes()
    library.forget("1")
    library.close()
    assert b"Unmistakable" not in place.read_bytes()
    assert [row.study_uid for row in library.find()] == ["2"]


# ---- opening, recent ones ----


def test_headers_come_back_as_they_were(library: Library, tmp_path: Path) -> None:
    slices = images(tmp_path, 5)
    library.remember([study("1.2.3", slices)])
    assert library.headers("1.2.3") == slices
    opening = library.opening("1.2.3", Job())
    assert (opening.headers, opening.sound, opening.folders) == (tuple(slices), True, (str(tmp_path),))


def test_the_studies_opened_last_come_first(library: Library) -> None:
    library.remember([study(uid) for uid in "123"])
    for uid in "1231":
        library.opened(uid)
    library.opened("unknown")
    assert [row.study_uid for row in library.recent(2)] == ["1", "3"]
    library.remember([study("1", name="Other^Name")])
    row = library.study("1")
    assert row is not None
    assert row.opened_at.startswith("20")


# ---- the index may be lost at any time ----


def test_an_index_deleted_from_outside_is_made_anew(library: Library, place: Path) -> None:
    library.remember([study("1")])
    for part in place.parent.glob("library.sqlite*"):
        part.unlink()
    assert library.find() == []
    library.remember([study("1")])
    assert len(library.find()) == 1


def test_the_index_can_be_deleted_and_filled_again(library: Library, place: Path) -> None:
    one = study("1")
    library.remember([one])
    library.delete_index()
    assert list(place.parent.glob("library.sqlite*")) == []
    library.remember([one])
    assert len(library.find()) == 1


@pytest.mark.parametrize("version", [0, 99])
def test_an_index_of_another_version_is_made_anew(place: Path, version: int) -> None:
    with sqlite3.connect(place) as raw:
        raw.execute('create table studies ("a ""quoted"" column")')
        raw.execute(f"pragma user_version={version}")
    library = Library(place)
    library.remember([study("1")])
    assert len(library.find()) == 1
    library.close()


@pytest.mark.parametrize(
    "content", [b"not a database at all, and long enough to be looked at" * 40, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_index_is_set_aside_and_said_once(library: Library, place: Path, content: bytes) -> None:
    place.write_bytes(content)
    said = told(library)
    library.remember([study("1")])
    assert len(library.find()) == 1
    assert said == ["The library's index was damaged and has been made anew; it is empty now."]
    assert place.with_name("library-damaged.sqlite").read_bytes() == content


def test_damage_inside_the_index_is_noticed_at_the_next_use(library: Library, place: Path) -> None:
    library.remember([study(str(n)) for n in range(300)])
    library.close()
    whole = bytearray(place.read_bytes())
    whole[4096 * 3 :] = b"\xaa" * (len(whole) - 4096 * 3)
    place.write_bytes(whole)
    said = told(library)
    assert library.find("doe") == []
    assert len(said) == 1


def test_a_place_that_cannot_be_written_is_told_once_and_the_program_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    library = Library(tmp_path / "file" / "library.sqlite")
    said = told(library)
    for _n in range(3):
        library.remember([study("1")])
        library.opened("1")
        library.keep_thumbnail("1.1", b"png")
    assert said == ["The library cannot be opened; new studies are not remembered."]
    with pytest.raises(Problem, match="cannot be opened"):
        library.find()


def test_an_index_that_may_only_be_read_is_told_in_one_sentence(library: Library, place: Path) -> None:
    library.remember([study("1")])
    library.close()
    with sqlite3.connect(place) as raw:
        raw.execute("pragma journal_mode=delete")
    said = told(library)
    _make_read_only(library)
    library.remember([study("2")])
    assert said == ["The library may only be read; new studies are not remembered."]
    assert len(library.find()) == 1


def _make_read_only(library: Library) -> None:
    """Let SQLite refuse every write; root, who runs tests too, may write everywhere else."""
    from sqlalchemy import event

    library.find()
    assert library._index is not None
    event.listen(library._index._engine, "begin", lambda connection: connection.exec_driver_sql("pragma query_only=on"))


def test_a_full_disk_is_told_in_one_sentence(library: Library) -> None:
    from sqlalchemy import event

    library.remember([study("1")])
    assert library._index is not None
    event.listen(library._index._engine, "begin", lambda c: c.exec_driver_sql("pragma max_page_count=1"))
    said = told(library)
    library.remember([study(str(n)) for n in range(2, 400)])
    assert said == ["The disk with the library is full; new studies are not remembered."]
    assert [row.study_uid for row in library.find()] == ["1"]


_REMEMBER_UNTIL_KILLED = """
import sys
from pathlib import Path
from medviewer.app.library.library import Library
from tests.app.studies import study
library = Library(Path(sys.argv[1]))
library.remember([study("first")])
print("ready", flush=True)
for n in range(1_000_000):
    library.remember([study(f"{n}.{k}") for k in range(50)])
"""


def test_a_program_killed_while_remembering_leaves_a_usable_index(place: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", _REMEMBER_UNTIL_KILLED, str(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root) as child:
        assert child.stdout is not None
        child.stdout.readline()
        library = Library(place)
        while library.count() < 100:
            pass
        child.kill()
    said = told(library)
    rows = library.find(limit=100_000)
    assert len(rows) % 50 == 1  # whole batches, and the first
    library.remember([study("after")])
    assert library.study("after") is not None
    assert said == []
    assert all(library.headers(row.study_uid) for row in rows[:20])
    library.close()


def test_sqlalchemy_is_not_loaded_before_the_first_use(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
import medviewer.ui.library.dialog, medviewer.ui.library.recent
from medviewer.app.library.library import Library
library = Library(Path({str(tmp_path / "x.sqlite")!r}))
assert "sqlalchemy" not in sys.modules
library.find()
assert "sqlalchemy" in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
