"""Jobs, model and notice at the bottom."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medviewer.core.job import Job
from medviewer.ui import theme
from medviewer.ui.jobs import Jobs
from medviewer.ui.strip import Strip, remaining_words


@pytest.fixture
def strip(qtbot: QtBot) -> Iterator[Strip]:
    jobs = Jobs()
    made = Strip(jobs)
    qtbot.addWidget(made)
    made.show()
    yield made
    jobs.close()


def until_cancelled(job: Job) -> None:
    while True:
        job.step(0.42, "slice 42")
        threading.Event().wait(0.001)


def test_the_notice_is_always_there(strip: Strip) -> None:
    assert strip.notice.isVisible()
    assert strip.notice.text() == "Research use, not for clinical diagnosis"


def test_a_job_shows_how_far_it_is_and_how_long_it_takes(strip: Strip, qtbot: QtBot) -> None:
    strip._jobs.start("Loading images", until_cancelled)
    row = strip.rows[0]
    assert row.isVisible()
    qtbot.waitUntil(lambda: row.state.text().startswith("42%"))
    assert row.title.text() == "Loading images"
    assert row.state.text().endswith("s left")
    assert row.bar.share == 0.42


def test_cancel_stops_the_job_and_says_so_until_it_has_ended(strip: Strip, qtbot: QtBot) -> None:
    job = strip._jobs.start("Loading images", until_cancelled)
    row = strip.rows[0]
    row.cancel.click()
    assert job.cancelled
    assert row.state.text() == "Stopping…"
    assert not row.cancel.isEnabled()
    qtbot.waitUntil(lambda: not row.isVisible())


def test_the_notice_is_whole_in_a_narrow_window_with_large_texts(strip: Strip, qapp: QApplication) -> None:
    theme.apply(qapp, "dark", 200)
    strip.resize(1280, 60)
    for name in ("The model reads the images", "Registering the prior"):
        strip._jobs.start(name, until_cancelled)
    strip.show_model("nodule-unet 1.0.0 (CPU (2), bf16)", "sha256 abc")
    qapp.processEvents()
    notice, bar = strip.notice, strip.rows[0].bar
    assert notice.width() >= notice.sizeHint().width()
    assert strip.rect().contains(notice.geometry())
    assert bar.mapTo(strip, bar.rect().topRight()).x() < notice.x()
    assert (strip.rows[1].isVisible(), strip.more.text()) == (False, "1 more")
    assert "nodule-unet" in strip.model.toolTip()
    theme.apply(qapp)
    qapp.processEvents()
    assert strip.rows[1].isVisible()


def test_more_jobs_than_fit_are_counted(strip: Strip) -> None:
    strip.resize(1280, 30)
    for name in ("One", "Two", "Three", "Four"):
        strip._jobs.start(name, until_cancelled)
    assert [row.title.text() for row in strip.rows] == ["One", "Two"]
    assert strip.more.text() == "2 more"


def test_the_model_is_named(strip: Strip) -> None:
    strip.show_model("nodule-unet 1.0.0 (CPU)", "sha256 …")
    assert strip.model.text() == "nodule-unet 1.0.0 (CPU)"
    assert strip.model.toolTip() == "nodule-unet 1.0.0 (CPU)\nsha256 …"


@pytest.mark.parametrize(
    ("seconds", "said"), [(None, ""), (0.2, "1 s left"), (12.4, "12 s left"), (300.0, "5 min left")]
)
def test_the_remaining_time_is_told_in_round_numbers(seconds: float | None, said: str) -> None:
    assert remaining_words(seconds) == said
