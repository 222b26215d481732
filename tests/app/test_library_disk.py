"""What is gone, moved, changed or there twice is known and told."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from medviewer.app.library import disk as library_disk
from medviewer.app.library import pack as library_pack
from medviewer.app.library.library import Library
from medviewer.app.library.rebuild import topmost
from medviewer.app.library.rows import Copies
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled
from tests.app.studies import images, study
from tests.dicom.files import series_files


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path / "index" / "library.sqlite")
    (tmp_path / "index").mkdir()
    yield made
    made.close()


def counts(library: Library, uid: str = "1.2.3") -> tuple[int, int, int]:
    """Images, missing files and copies of a study."""
    row = library.study(uid)
    assert row is not None
    return row.images, row.missing, row.copies


# ---- gone ----


def test_a_folder_that_is_gone_marks_its_study_and_coming_back_clears_it(library: Library, tmp_path: Path) -> None:
    library.remember([study("1.2.3", images(tmp_path / "cd", 3)), study("2", images(tmp_path / "hd", 2, study="2"))])
    assert library.check_disk(Job()) == 0
    (tmp_path / "cd").rename(tmp_path / "away")
    assert library.check_disk(Job()) == 1
    row = library.study("1.2.3")
    assert row is not None
    assert (row.missing, row.gone) == (3, True)
    assert counts(library, "2") == (2, 0, 0)
    (tmp_path / "away").rename(tmp_path / "cd")
    assert library.check_disk(Job()) == 0
    assert counts(library) == (3, 0, 0)


def test_single_files_that_are_gone_are_counted(library: Library, tmp_path: Path) -> None:
    library.remember([study("1.2.3", images(tmp_path / "cd", 5))])
    (tmp_path / "cd" / "CT2.dcm").unlink()
    assert library.check_disk(Job()) == 1
    assert counts(library) == (5, 1, 0)


def test_a_folder_in_which_nothing_changed_costs_one_question(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.remember([study("1.2.3", images(tmp_path / "a", 9), images(tmp_path / "a", 9, modality="PT"))])
    asked: list[str] = []

    def state_of(path: str) -> tuple[int, int]:
        asked.append(path)
        return library_pack.state_of(path)

    monkeypatch.setattr(library_disk, "state_of", state_of)
    monkeypatch.setattr(os, "listdir", lambda _path: pytest.fail("listed"))
    library.check_disk(Job())
    assert asked == [str(tmp_path / "a")]


def test_a_check_can_be_cancelled(library: Library, tmp_path: Path) -> None:
    library.remember([study("1.2.3", images(tmp_path / "a", 2))])
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        library.check_disk(job)


def test_opening_tells_gone_from_changed_and_gives_only_what_is_as_it_was(library: Library, tmp_path: Path) -> None:
    slices = images(tmp_path / "a", 4)
    library.remember([study("1.2.3", slices)])
    (tmp_path / "a" / "CT1.dcm").unlink()
    (tmp_path / "a" / "CT2.dcm").write_bytes(b"other bytes")
    os.utime(tmp_path / "a" / "CT3.dcm", ns=(1, 1))
    opening = library.opening("1.2.3", Job())
    assert opening.headers == (slices[3],)
    assert opening.gone == (slices[0].path,)
    assert opening.changed == (slices[1].path, slices[2].path)
    assert not opening.sound
    assert counts(library) == (4, 1, 0)
    assert library.missing("1.2.3", Job()) == (slices[0].path,)


def test_opening_after_all_is_back_clears_the_mark(library: Library, tmp_path: Path) -> None:
    library.remember([study("1.2.3", images(tmp_path / "a", 2))])
    (tmp_path / "a").rename(tmp_path / "b")
    library.check_disk(Job())
    (tmp_path / "b").rename(tmp_path / "a")
    assert library.opening("1.2.3", Job()).sound
    assert counts(library) == (2, 0, 0)


def test_what_changed_is_as_it_was_after_another_scan(library: Library, tmp_path: Path) -> None:
    library.remember([study("1.2.3", images(tmp_path / "a", 2))])
    (tmp_path / "a" / "CT2.dcm").write_bytes(b"other bytes")
    library.remember([study("1.2.3", images(tmp_path / "a", 2))])
    assert library.opening("1.2.3", Job()).sound


def test_series_of_another_version_are_told_to_be_stale(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slices = images(tmp_path / "a", 2)
    library.remember([study("1.2.3", slices)])
    with monkeypatch.context() as newer:
        newer.setattr(library_pack, "_FIELDS", (*library_pack._FIELDS, "a_new_field"))
        opening = library.opening("1.2.3", Job())
    assert (opening.headers, opening.stale, opening.sound) == ((), True, False)
    assert opening.folders == (str(tmp_path / "a"),)


def test_a_study_that_is_not_known_opens_as_nothing(library: Library) -> None:
    opening = library.opening("9.9", Job())
    assert (opening.headers, opening.folders, opening.sound) == ((), (), True)


# ---- twice ----


def test_the_same_study_in_a_second_folder_counts_once_and_is_told(library: Library, tmp_path: Path) -> None:
    library.remember([study("1.2.3", images(tmp_path / "cd", 3))])
    library.remember([study("1.2.3", images(tmp_path / "copy", 2))])
    assert counts(library) == (3, 0, 2)
    assert len(library.find()) == 1
    assert library.copies("1.2.3") == [Copies(str(tmp_path / "copy"), 2)]
    assert {Path(header.path).parent.name for header in library.headers("1.2.3")} == {"cd"}


def test_copies_within_one_scan_are_counted_too(library: Library, tmp_path: Path) -> None:
    library.remember_headers([*images(tmp_path / "a", 3), *images(tmp_path / "b", 3)])
    assert counts(library) == (3, 0, 3)


def test_a_copy_stands_in_where_the_first_place_is_gone(library: Library, tmp_path: Path) -> None:
    library.remember_headers([*images(tmp_path / "cd", 3), *images(tmp_path / "library", 3)])
    shutil.rmtree(tmp_path / "cd")
    assert library.check_disk(Job()) == 0
    assert counts(library) == (3, 0, 0)
    assert {Path(header.path).parent.name for header in library.headers("1.2.3")} == {"library"}


def test_a_copy_stands_in_while_opening_too(library: Library, tmp_path: Path) -> None:
    library.remember_headers([*images(tmp_path / "cd", 3), *images(tmp_path / "library", 3)])
    shutil.rmtree(tmp_path / "cd")
    opening = library.opening("1.2.3", Job())
    assert (len(opening.headers), opening.sound) == (3, True)


def test_what_has_no_copy_is_still_counted_as_gone(library: Library, tmp_path: Path) -> None:
    library.remember_headers([*images(tmp_path / "cd", 3), *images(tmp_path / "library", 2)])
    shutil.rmtree(tmp_path / "cd")
    assert library.check_disk(Job()) == 1
    assert counts(library) == (3, 1, 0)


def test_a_folder_that_was_moved_is_found_at_its_new_place(library: Library, tmp_path: Path) -> None:
    library.remember([study("1.2.3", images(tmp_path / "old", 3))])
    (tmp_path / "old").rename(tmp_path / "new")
    library.remember([study("1.2.3", images(tmp_path / "new", 3))])
    assert counts(library) == (3, 0, 0)
    assert library.opening("1.2.3", Job()).sound


def test_images_that_share_a_number_are_no_copies(library: Library, tmp_path: Path) -> None:
    slices = [replace(header, sop_uid="same") for header in images(tmp_path / "a", 3)]
    library.remember([study("1.2.3", slices)])
    assert counts(library) == (3, 0, 0)


def test_a_path_that_holds_another_image_now_is_not_counted_twice(library: Library, tmp_path: Path) -> None:
    slices = images(tmp_path / "a", 3)
    library.remember([study("1.2.3", slices)])
    library.remember([study("1.2.3", [replace(header, sop_uid=f"new.{header.sop_uid}") for header in slices])])
    assert counts(library) == (3, 0, 0)


# ---- built again ----


def test_the_index_is_built_again_from_the_files(library: Library, tmp_path: Path) -> None:
    series_files(tmp_path / "ct", 4)
    built = library.rebuild(Job(), [tmp_path / "ct"])
    assert (built.images, built.folders_gone) == (4, ())
    (row,) = library.find("test")
    assert (row.study_uid, row.images, row.date) == ("1.2.3", 4, "20250601")
    assert library.opening("1.2.3", Job()).sound


def test_building_again_drops_what_is_no_longer_there(library: Library, tmp_path: Path) -> None:
    paths = series_files(tmp_path / "ct", 4)
    library.rebuild(Job(), [tmp_path / "ct"])
    library.remember([study("7", images(tmp_path / "ct", 2, study="7"))])  # no DICOM: a scan does not find them
    (tmp_path / "ct" / "CT1.dcm").unlink()
    (tmp_path / "ct" / "CT2.dcm").unlink()
    paths[0].unlink()
    library.rebuild(Job())
    assert [(row.study_uid, row.images) for row in library.find()] == [("1.2.3", 3)]


def test_building_again_keeps_studies_of_a_disc_that_is_away(library: Library, tmp_path: Path) -> None:
    library.remember([study("7", images(tmp_path / "cd", 2, study="7"))])
    shutil.rmtree(tmp_path / "cd")
    built = library.rebuild(Job())
    assert built.folders_gone == (str(tmp_path / "cd"),)
    assert [row.study_uid for row in library.find()] == ["7"]


def test_building_again_can_be_cancelled_and_loses_nothing(library: Library, tmp_path: Path) -> None:
    series_files(tmp_path / "ct", 4)
    library.rebuild(Job(), [tmp_path / "ct"])
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        library.rebuild(job)
    assert library.find()[0].images == 4


def test_only_the_topmost_folders_are_looked_through() -> None:
    assert topmost(["/a/b", "/a", "/ab", "/a/b/c", "/x/y", "/x/y"]) == ["/a", "/ab", "/x/y"]
