"""Decode workers do any work that can be pickled; whatever goes wrong is one sentence and costs one piece of work."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.dicom import decode as module
from medviewer.dicom.decode import DecodePool, close_pool, default_pool
from medviewer.i18n import Message
from tests.dicom.works import Fails, Long, Sum


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    pool = DecodePool(workers=1, limit_s=1.0)
    yield pool
    pool.close()


def test_any_work_is_done_and_its_answer_comes_back(pool: DecodePool) -> None:
    assert pool.submit(Sum((1, 2, 3))).result() == 6
    assert pool.ask(Sum((4, 5))) == 9
    assert pool.ask(Sum((4, 5)), Job()) == 9


@pytest.mark.parametrize(
    ("way", "says"),
    [
        ("refused", "This cannot be decoded."),
        ("problem", "The contours are empty."),
        ("hungry", "too much memory"),
        ("gone", "no longer there"),
        ("odd", "damaged"),
        ("answers with code", "damaged"),
        ("dies", "ended the decoder"),
        ("hangs", "more than 1 seconds"),
    ],
)
def test_every_way_to_fail_is_a_sentence_and_the_next_work_is_done(pool: DecodePool, way: str, says: str) -> None:
    given = pool.submit(Fails(way)).result()
    assert isinstance(given, Message)
    assert says in str(given)
    with pytest.raises(Problem, match=says):
        pool.ask(Fails(way))
    assert pool.ask(Sum((1, 1))) == 2


def test_work_that_cannot_travel_is_refused_where_it_is_given(pool: DecodePool) -> None:
    with pytest.raises(Exception, match="pickle"):
        pool.submit(Sum((lambda: None,)))  # type: ignore[arg-type]
    assert pool.ask(Sum((1, 1))) == 2


def test_work_may_take_longer_where_it_says_so(pool: DecodePool) -> None:
    given = pool.submit(Fails("hangs"), limit_s=1.5).result()
    assert "more than 2 seconds" in str(given)  # 1.5, as people say it


def test_cancel_ends_the_wait_for_long_work_and_the_work() -> None:
    pool = DecodePool(workers=1, limit_s=1.0)
    assert pool.ask(Sum((1,))) == 1
    (before,) = pool.pids
    job = Job()
    threading.Timer(0.05, job.cancel).start()
    with pytest.raises(Cancelled):
        pool.ask(Fails("hangs"), job, limit_s=3600.0)
    assert pool.ask(Sum((2,))) == 2
    assert pool.pids != (before,)
    pool.close()


def test_a_worker_killed_while_it_had_nothing_to_do_costs_nothing() -> None:
    pool = DecodePool(workers=1)
    assert pool.ask(Sum((1,))) == 1
    (before,) = pool.pids
    os.kill(before, signal.SIGKILL)
    os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)  # until all of it is gone
    assert [pool.submit(Sum((n,))).result() for n in range(3)] == [0, 1, 2]
    assert pool.pids != (before,)
    pool.close()


def test_workers_that_cannot_start_are_said_and_nobody_waits_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "main", os._exit)
    pool = DecodePool(workers=2)
    assert {str(pool.submit(Sum((n,))).result()) for n in range(3)} == {str(module.CRASHED)}
    pool.close()


def test_a_closed_pool_answers_at_once_that_it_is_closed() -> None:
    pool = DecodePool(workers=2)
    waiting = [pool.submit(Fails("hangs"), limit_s=3600.0) for _ in range(6)]
    pool.close()
    assert {str(answer.result()) for answer in waiting} == {"Reading was stopped."}
    assert str(pool.submit(Sum((1,))).result()) == "Reading was stopped."
    with pytest.raises(Problem, match="stopped"):
        pool.ask(Sum((1,)))
    pool.close()


def test_the_program_has_one_pool_until_it_closes_it() -> None:
    first = default_pool()
    assert default_pool() is first
    close_pool()
    close_pool()
    second = default_pool()
    assert second is not first
    close_pool()


def test_large_work_behind_a_hanging_one_neither_waits_on_nor_is_lost(pool: DecodePool) -> None:
    hanging, large, small = pool.submit(Fails("hangs")), pool.submit(Sum((1,) * 400_000)), pool.submit(Sum((2,)))
    assert "more than 1 seconds" in str(hanging.result(timeout=20))
    assert large.result(timeout=20) == 400_000
    assert small.result(timeout=20) == 2


def test_large_work_and_large_answers_do_not_wait_for_each_other(pool: DecodePool) -> None:
    asked = [work for _ in range(3) for work in (pool.submit(Long(4_000_000)), pool.submit(Sum((1,) * 400_000)))]
    assert [len(a) if isinstance(a, bytes) else a for a in (one.result(timeout=20) for one in asked)] == [
        4_000_000,
        400_000,
    ] * 3
