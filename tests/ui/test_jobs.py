"""Work in threads, answers in the window's thread."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEventLoop, QTimer
from pytestqt.qtbot import QtBot

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.ui.jobs import Jobs


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


def until_cancelled(job: Job) -> None:
    while True:
        job.step(0.5, "working")
        threading.Event().wait(0.001)


def test_the_result_arrives_in_the_windows_thread(jobs: Jobs, qtbot: QtBot) -> None:
    threads: list[threading.Thread] = []
    answers: list[int] = []

    def work(_job: Job) -> int:
        threads.append(threading.current_thread())
        return 7

    def done(answer: int) -> None:
        threads.append(threading.current_thread())
        answers.append(answer)

    jobs.start("Sum", work, done)
    qtbot.waitUntil(lambda: answers == [7])
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()
    assert jobs.running == []


def test_a_failure_goes_to_who_asked(jobs: Jobs, qtbot: QtBot) -> None:
    errors: list[Exception] = []

    def work(_job: Job) -> None:
        raise Problem("No disc.")

    jobs.start("Read", work, failed=errors.append)
    qtbot.waitUntil(lambda: len(errors) == 1)
    assert str(errors[0]) == "No disc."


def test_a_failure_nobody_asked_for_goes_the_way_of_all_errors(jobs: Jobs, qtbot: QtBot) -> None:
    def work(_job: Job) -> None:
        raise Problem("No disc.")

    with qtbot.captureExceptions() as caught:
        jobs.start("Read", work)
        qtbot.waitUntil(lambda: jobs.running == [])
    assert [str(error) for _kind, error, _trace in caught] == ["No disc."]


def test_cancelling_ends_the_work_and_is_told(jobs: Jobs, qtbot: QtBot) -> None:
    ends: list[str] = []
    job = jobs.start(
        "Long", until_cancelled, lambda _r: ends.append("done"), cancelled=lambda: ends.append("cancelled")
    )
    assert jobs.running == [job]
    job.cancel()
    qtbot.waitUntil(lambda: ends == ["cancelled"])
    assert not jobs.is_busy(job)


def test_progress_is_told_at_most_ten_times_a_second(jobs: Jobs, qtbot: QtBot) -> None:
    told: list[float] = []

    def work(job: Job) -> None:
        for step in range(2000):
            job.step(step / 2000)

    job = jobs.start("Many steps", work)
    jobs.changed.connect(lambda: told.append(job.share))
    qtbot.waitUntil(lambda: not jobs.is_busy(job))
    assert len(told) <= 20  # 2000 steps; one report every 0.1 s


def test_a_quiet_job_is_not_shown_but_waited_for(jobs: Jobs) -> None:
    job = jobs.start("Warming", until_cancelled, quiet=True)
    assert jobs.running == []
    assert jobs.is_busy(job)
    jobs.close()
    assert job.cancelled


def test_closing_ends_every_thread(jobs: Jobs) -> None:
    jobs.start("One", until_cancelled)
    jobs.start("Two", until_cancelled)
    jobs.close()
    assert not [thread for thread in threading.enumerate() if thread.name in ("One", "Two")]


def test_what_ends_together_leaves_room_for_the_window_in_between(jobs: Jobs, qtbot: QtBot) -> None:
    order: list[object] = []

    def call(number: int) -> None:
        order.append(number)
        QTimer.singleShot(0, lambda: order.append("window"))

    for n in range(3):
        jobs.post(lambda n=n: call(n))  # type: ignore[misc]
    assert order == []
    qtbot.waitUntil(lambda: len(order) == 6)
    assert order == [0, "window", 1, "window", 2, "window"]


def test_results_arrive_while_one_of_them_asks_the_reader(jobs: Jobs, qtbot: QtBot) -> None:
    question, answers = QEventLoop(), list[str]()

    def ask() -> None:
        question.exec()
        answers.append("answered")

    def arrive() -> None:
        answers.append("arrived")
        question.quit()

    jobs.post(ask)
    jobs.post(arrive)
    qtbot.waitUntil(lambda: answers == ["arrived", "answered"])


def test_a_result_that_comes_while_the_reader_is_asked_arrives(jobs: Jobs, qtbot: QtBot) -> None:
    question, answers = QEventLoop(), list[str]()

    def arrive(found: str) -> None:
        answers.append(found)
        question.quit()

    def ask() -> None:
        jobs.start("Look", lambda _job: "found", done=arrive)
        question.exec()

    jobs.post(ask)
    qtbot.waitUntil(lambda: answers == ["found"])


def test_nothing_is_called_back_after_the_end(qtbot: QtBot) -> None:
    told: list[str] = []
    jobs = Jobs()
    for _n in range(3):
        jobs.start("Work", lambda _job: "done", done=told.append)
    qtbot.waitUntil(lambda: bool(told), timeout=5000)
    jobs.post(lambda: told.append("posted"))
    jobs.close()
    before = list(told)
    qtbot.wait(50)
    assert told == before
