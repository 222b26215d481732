"""What files say of showing their pictures comes for every picture on the screen, however many come at once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from medviewer.core.job import Job
from medviewer.core.problem import Cancelled
from medviewer.core.study import Header
from medviewer.ui.jobs import Jobs
from medviewer.ui.looks import MOST_WAITING, Looks
from tests.dicom.shown import image_file

WAYS = ("L", "R", "A", "P")


@pytest.fixture
def films(tmp_path: Path) -> list[Header]:
    """Four mammograms, each of which lies another way."""
    plain = Header("", "1", "", "1.2.3", "8.8", modality="MG", transfer_syntax="1.2.840.10008.1.2.1")
    pixels = np.zeros((4, 4), np.uint16)
    made = []
    for way in WAYS:
        path = image_file(tmp_path / f"{way}.dcm", pixels, PatientOrientation=[way, "F"])
        made.append(replace(plain, path=str(path), sop_uid=way))
    return made


def test_every_one_of_four_films_side_by_side_gets_its_letters(
    qtbot: QtBot, view_jobs: Jobs, films: list[Header]
) -> None:
    told: list[int] = []
    looks = Looks(view_jobs, lambda: told.append(1))
    for film in films:
        looks.want(film)
    qtbot.waitUntil(lambda: len(told) == len(films))
    assert [looks.of(film).directions[0] for film in films] == list(WAYS)


def test_of_many_images_leafed_over_only_the_last_ones_are_read(
    qtbot: QtBot, view_jobs: Jobs, films: list[Header]
) -> None:
    told: list[int] = []
    looks = Looks(view_jobs, lambda: told.append(1))
    passed = [replace(films[1], path=f"{films[1].path}{n}") for n in range(MOST_WAITING + 5)]
    for header in (films[0], *passed, films[2]):
        looks.want(header)
    qtbot.waitUntil(lambda: len(told) == 1 + MOST_WAITING)
    qtbot.wait(20)
    assert looks.of(films[2]).directions[0] == "A"
    assert len(told) == 1 + MOST_WAITING


def test_after_one_that_was_cancelled_the_others_are_read(qtbot: QtBot, view_jobs: Jobs, films: list[Header]) -> None:
    told: list[int] = []
    looks = Looks(view_jobs, lambda: told.append(1))
    start, cancelled = view_jobs.start, list[Job]()

    def stopped(job: Job) -> None:
        cancelled.append(job)
        raise Cancelled

    def begin(title: str, work: Callable[[Job], Any], *ways: Any, **more: Any) -> Job:
        return start(title, work if cancelled else stopped, *ways, **more)

    view_jobs.start = begin  # type: ignore[method-assign]
    for film in films:
        looks.want(film)
    qtbot.waitUntil(lambda: len(told) == len(films) - 1)
    assert len(cancelled) == 1
    assert [looks.of(film).directions[:1] for film in films[1:]] == [("L",), ("R",), ("A",), ("P",)][1:]


@pytest.fixture
def view_jobs(qtbot: QtBot) -> object:
    jobs = Jobs()
    yield jobs
    jobs.close()
