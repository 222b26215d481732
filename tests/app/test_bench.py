"""The table of budgets: what is kept, what is not, and what cannot be measured here."""

import time

import pytest

from medviewer.app.bench import workbench
from medviewer.app.bench.budget import Budget, Measured
from medviewer.app.bench.table import budgets, measure, show_bench
from medviewer.app.bench.workbench import Workbench, best_s, median_ms
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.i18n import N_


def budget(identity: str, value: float, at_least: bool = False) -> Budget:
    """A budget of 10 whose measurement gives ``value``."""
    return Budget(identity, N_("A budget"), 10.0, "ms", lambda _bench: value, at_least)


def impossible(_bench: Workbench) -> float:
    raise Problem("There is no screen.")


def test_a_budget_is_kept_at_its_limit_and_not_beyond() -> None:
    assert budget("a", 0).keeps(10.0)
    assert not budget("a", 0).keeps(10.1)
    assert budget("a", 0, at_least=True).keeps(10.0)
    assert not budget("a", 0, at_least=True).keeps(9.9)


def test_each_is_measured_and_what_cannot_be_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    known = {
        "quick": budget("quick", 3.0),
        "slow": budget("slow", 30.0),
        "blind": Budget("blind", N_("A budget"), 1.0, "s", impossible),
    }
    results = measure(known, None, Job())
    assert [(r.value, r.ok) for r in results] == [(3.0, True), (30.0, False), (None, None)]
    assert results[2].to_dict()["note"] == "There is no screen."
    show_bench(results)
    shown = capsys.readouterr().out
    for word in ("quick", "<= 10 ms", "3 ms", "over", "There is no screen."):
        assert word in shown


@pytest.mark.parametrize(
    ("slowed", "tries", "note"),
    [([True, False, False, False, False], 2, ""), ([True] * 9, 3, "over; the processor was busy with other programs")],
)
def test_what_others_slowed_down_is_measured_again(
    slowed: list[bool], tries: int, note: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[float] = []

    def slow(_bench: Workbench) -> float:
        runs.append(0.0)
        return 99.0

    left = iter(slowed)
    monkeypatch.setattr(Workbench, "slowed", lambda _self: next(left))
    (result,) = measure({"a": Budget("a", N_("A budget"), 10.0, "ms", slow)}, None, Job())
    assert (len(runs), result.ok, result.note) == (tries, False, note)


def test_a_processor_that_is_no_slower_than_it_was_is_not_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    paces_s = iter([1.0, 1.1, 0.5, 0.55, 0.7])
    monkeypatch.setattr(workbench, "_loop_s", lambda: next(paces_s))
    with Workbench(Job()) as bench:
        assert [bench.slowed() for _ in range(4)] == [False, False, False, True]


def test_a_name_chooses() -> None:
    known = {"load-raw": budget("load-raw", 1.0), "scan": budget("scan", 1.0)}
    assert [r.budget.id for r in measure(known, "load", Job())] == ["load-raw"]
    with pytest.raises(Problem, match="There is no budget 'x'"):
        measure(known, "x", Job())


def test_the_budgets_of_the_design_that_need_no_window_are_there() -> None:
    assert {
        "header-scan": 15_000,
        "load-uncompressed": 2.0,
        "load-compressed": 1.6,
        "plane-orthogonal": 2.0,
        "plane-oblique": 4.0,
        "slab-oblique": 33.0,
        "nodule-reading": 45.0,
        "cancel": 0.5,
        "cine-first-frame": 0.5,
        "long-series": 0.1,
    }.items() <= {name: each.limit for name, each in budgets().items()}.items()


def test_the_measured_line_is_fit_for_programs() -> None:
    assert Measured(budget("a", 3.0), 3.0, True).to_dict() == {
        "id": "a",
        "title": "A budget",
        "budget": 10.0,
        "at_least": False,
        "unit": "ms",
        "measured": 3.0,
        "ok": True,
        "note": "",
    }


def test_clocks_count_the_rounds() -> None:
    runs: list[int] = []
    assert best_s(lambda: runs.append(0), rounds=3) >= 0.0
    assert len(runs) == 3
    assert median_ms(runs.append, rounds=2) >= 0.0
    assert runs[3:] == [0, 0, 1]


def test_two_works_are_compared_in_turns_by_their_fastest() -> None:
    spent, order = {"one": iter([0.03, 0.01, 0.05]), "other": iter([0.004, 0.02, 0.002])}, []

    def work(name: str) -> None:
        order.append(name)
        time.sleep(next(spent[name]))

    found = workbench.times(lambda: work("one"), lambda: work("other"), 3)
    assert order == ["one", "other"] * 3
    assert 2.0 < found < 8.0  # 0.01 / 0.002, give or take what sleeping costs
