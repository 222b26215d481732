"""Small pictures are kept, within bounds."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from medviewer.app.library import thumbs as library_thumbs
from medviewer.app.library.library import Library
from medviewer.core.study import Series, Study
from tests.app.studies import study


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path / "library.sqlite")
    made.remember([study(str(n)) for n in range(1, 6)])
    yield made
    made.close()


def test_a_picture_comes_back(library: Library) -> None:
    assert library.thumbnail("1.1") is None
    library.keep_thumbnail("1.1", b"first")
    library.keep_thumbnail("1.1", b"second")
    library.close()
    assert library.thumbnail("1.1") == b"second"


def test_a_stack_split_off_a_series_has_its_own(library: Library) -> None:
    library.keep_thumbnail("1.1#2", b"second stack")
    assert library.thumbnail("1.1#2") == b"second stack"
    assert library.thumbnail("1.1") is None


def test_series_that_are_not_remembered_have_none(library: Library) -> None:
    library.keep_thumbnail("the.demo", b"png")
    assert library.thumbnail("the.demo") is None


def test_a_picture_that_is_too_large_is_not_kept(library: Library) -> None:
    library.keep_thumbnail("1.1", b"x" * (library_thumbs.ONE_BYTES + 1))
    assert library.thumbnail("1.1") is None


def test_those_not_used_for_longest_give_way(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_thumbs.keep, "__defaults__", (3_000,))
    clock = iter(range(0, 10_000_000, 100_000))
    monkeypatch.setattr("time.time", lambda: next(clock))
    for uid in ("1.1", "2.1", "3.1"):
        library.keep_thumbnail(uid, b"x" * 900)
    assert library.thumbnail("1.1") is not None  # used again: now the newest
    library.keep_thumbnail("4.1", b"x" * 900)
    assert {uid for uid in ("1.1", "2.1", "3.1", "4.1") if library.thumbnail(uid)} == {"1.1", "3.1", "4.1"}


def test_a_forgotten_study_takes_its_pictures_along(library: Library) -> None:
    for uid in ("1.1", "1.1#2", "2.1"):
        library.keep_thumbnail(uid, b"png")
    library.forget("1")
    assert [library.thumbnail(uid) for uid in ("1.1", "1.1#2", "2.1")] == [None, None, b"png"]


def test_a_series_number_that_two_studies_share_has_no_picture(library: Library) -> None:
    library.keep_thumbnail("1.1", b"png")
    shared = replace(study("1").series[0].first, study_uid="99", path="/nowhere/else.dcm")
    library.remember([Study("99", (Series("1.1", (shared,)),))])
    assert library.thumbnail("1.1") is None
    assert library.thumbnail("2.1") is None
