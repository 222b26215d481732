"""Measure budgets one after the other, and show them beside what was measured."""

from collections.abc import Mapping, Sequence

import typer

from medviewer.app.bench import budgets as files
from medviewer.app.bench.budget import Budget, Measured
from medviewer.app.bench.budgets import screen
from medviewer.app.bench.workbench import Workbench
from medviewer.app.console import table
from medviewer.core.discover import discover
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.i18n import _

_TRIES = 3


def budgets() -> dict[str, Budget]:
    """Return every budget that needs no window, by id."""
    return discover(files, Budget)


def measure(known: Mapping[str, Budget], name: str | None, job: Job) -> list[Measured]:
    """Measure the budgets whose id holds ``name`` (all by default); Problem where none does."""
    chosen = [budget for budget in known.values() if name is None or name in budget.id]
    if not chosen:
        raise Problem(
            _("There is no budget '{name}'.").format(name=name), _("There are: {names}.").format(names=", ".join(known))
        )
    measured = []
    with Workbench(job) as bench:
        for number, budget in enumerate(chosen):
            job.step(number / len(chosen), str(budget.title))
            measured.append(_one(budget, bench))
    return measured


def _one(budget: Budget, bench: Workbench) -> Measured:
    """Measure a budget, again where it was not kept while something else slowed the processor down."""
    note = ""
    for _try in range(_TRIES):
        slowed = bench.slowed()
        try:
            value = budget.measure(bench)
        except Problem as problem:
            return Measured(budget, None, None, str(problem))
        slowed = bench.slowed() or slowed
        if budget.keeps(value) or not slowed:
            return Measured(budget, value, budget.keeps(value))
        note = _("over; the processor was busy with other programs")
    return Measured(budget, value, False, note)


def show_bench(results: Sequence[Measured]) -> None:
    """Print the table."""
    rows = [
        (
            result.budget.id,
            result.budget.title,
            f"{'>=' if result.budget.at_least else '<='} {result.budget.limit:,g} {result.budget.unit}",
            "-" if result.value is None else f"{_figure(result.value)} {result.budget.unit}",
            result.note or (_("ok") if result.ok else _("over")),
        )
        for result in results
    ]
    table((_("name"), _("what"), _("budget"), _("measured"), ""), rows)
    values = {result.budget.id: result.value for result in results if result.value is not None}
    if screen.MEDIAN.id in values:
        typer.echo()
        show_peers(values)


def show_peers(values: Mapping[str, float]) -> None:
    """Print what was seen on the screen beside what the peers showed, measured the same way on the same images."""
    mine = [values.get(each.id) for each in (screen.START, screen.FIRST, screen.ALL, screen.MEDIAN, screen.P95)]
    rows = [("MedViewer", *mine, values.get(screen.MEMORY.id))]
    rows += [(p.name, p.start_s, p.first_s, p.all_s, p.median_ms, p.p95_ms, p.volumes) for p in screen.PEERS]
    head = (_("program"), _("start s"), _("first s"), _("all s"), _("wheel ms"), _("p95 ms"), _("memory x"))
    table(head, [tuple(each if isinstance(each, str) else _known(each) for each in row) for row in rows])


def _known(value: float | None) -> str:
    return "-" if value is None else _figure(value)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
