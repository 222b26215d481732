"""Every command; the only place that wires a session to a window. Heavy imports wait until a command needs them."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from medviewer import __version__
from medviewer.app.console import ask_line, ask_password, emit, has_screen, progress, read_object, start_log, told
from medviewer.core.problem import Problem
from medviewer.i18n import _, set_language, system_language

if TYPE_CHECKING:
    from medviewer.app.review import Wish

Json = Annotated[str | None, typer.Option("--json", metavar="FILE", help="Write JSON to FILE, '-' for stdout.")]
Screenshot = Annotated[Path | None, typer.Option(metavar="FILE", help="Save a picture of the finished window and end.")]
Where = Annotated[Path, typer.Argument(metavar="PATH", help="Folder, disc or file with DICOM images.")]
Input = Annotated[Path | None, typer.Option("--input", metavar="FILE", help="JSON object of inputs; '-' for stdin.")]


class Commands(TyperGroup):
    """The commands; what is none of them is a path to open."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put ``open`` before a path, and before nothing at all."""
        own = {name for option in self.get_params(ctx) for name in option.opts}
        if not args or (args[0] not in self.commands and args[0] not in own):
            args = ["open", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=Commands, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


def main() -> None:
    """Run the command of ``sys.argv`` and end the process with its exit code."""
    try:
        app(prog_name="medviewer")
    except KeyboardInterrupt:
        sys.exit(130)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"medviewer {__version__}")
        raise typer.Exit


@app.callback()
def prepare(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Review radiology studies: findings by local networks, published risk models and guidelines, reports.

    'medviewer PATH' opens the window on PATH. Exit codes: 0 done, 1 a problem, told in one sentence, 2 wrong usage.
    """
    from medviewer.app import settings

    start_log()
    chosen, notices = settings.load()
    set_language(system_language() if chosen.language == "auto" else chosen.language)
    for notice in notices:
        typer.echo(str(notice), err=True)


@app.command("open")
@told
def open_window(
    path: Annotated[Path | None, typer.Argument(metavar="[PATH]", help="Folder, disc or file.")] = None,
    screenshot: Screenshot = None,
) -> None:
    """Open the window, on PATH if given; with --screenshot wait for findings, risk and advice, save it, end."""
    if path is not None and not path.exists():
        raise Problem(
            _("There is no file or folder '{path}'.").format(path=path), _("'medviewer --help' lists commands.")
        )
    _window(path, screenshot)


@app.command()
@told
def demo(screenshot: Screenshot = None) -> None:
    """Open the window on a virtual chest CT with known nodules and a prior."""
    _window(None, screenshot, demo=True)


def _window(path: Path | None, screenshot: Path | None, demo: bool = False) -> None:
    """Run the window; without a screen it can only draw a picture."""
    if not has_screen():
        if screenshot is None:
            raise Problem(
                _("There is no screen here."), _("With --screenshot FILE the window is drawn into a picture.")
            )
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from medviewer.ui.window import run

    code = run(path, screenshot=screenshot, demo=demo)
    if code:
        raise typer.Exit(code)


@app.command()
@told
def scan(
    path: Where,
    models: Annotated[bool, typer.Option("--models", help="Also which models read each series, or why not.")] = False,
    json: Json = None,
) -> None:
    """List studies, series, their checks, and unreadable files with reasons; 1 where an image is unreadable."""
    from medviewer.app.listing import scan_result, show_scan, unreadable_problem
    from medviewer.app.reading import installed
    from medviewer.app.scanning import scan_into
    from medviewer.dicom.catalogue import Catalogue

    catalogue = Catalogue()
    with progress(_("Looking for images")) as job:
        unreadable = scan_into(catalogue, path, job, password=ask_password)
    result = scan_result(catalogue.studies(), unreadable, installed() if models else ())
    emit(result, json, lambda: show_scan(result))
    unreadable_problem(unreadable)


@app.command()
@told
def review(
    path: Annotated[Path | None, typer.Argument(metavar="[PATH]", help="Folder, disc or file with images.")] = None,
    *,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the files go.")] = None,
    model: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this model; may be repeated.")] = None,
    clinical: Annotated[Path | None, typer.Option(metavar="FILE", help="JSON object of inputs.")] = None,
    series: Annotated[str | None, typer.Option(metavar="UID", help="Read this series.")] = None,
    every: Annotated[
        bool | None,
        typer.Option("--all/--latest", help="Every study in PATH, as where there are several patients, or only one."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Of many studies, only what is not done yet.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Read again what was read before.")] = False,
    replay: Annotated[Path | None, typer.Option(metavar="FILE", help="Do this replay.json again and compare.")] = None,
    json: Json = None,
) -> None:
    """Do the whole flow without a window and write result.json, reports, SR and SEG into DIR.

    Many studies go into folders of their own, with summary.csv. With --replay nothing is written: 0 where all is the
    same.
    """
    from medviewer.app.review import Wish
    from medviewer.i18n import screen_language

    if replay is not None:
        return _replay(replay, path, json)
    if path is None or out is None:
        raise typer.BadParameter(_("PATH and --out are needed."))
    values = read_object(clinical) if clinical else {}
    wish = Wish(tuple(model or ()), values, series, language=screen_language(), fresh=fresh)
    return _review(path, out, wish, json, every=every, resume=resume)


def _review(path: Path, out: Path, wish: "Wish", json: str | None, *, every: bool | None, resume: bool) -> None:
    from medviewer.app import settings
    from medviewer.app.batch import Summary, review_path, show_summary, summary_problem
    from medviewer.app.listing import review_problem, show_review
    from medviewer.app.session import Session
    from medviewer.app.store import Store

    session = Session(Store(), settings.load()[0])
    with progress(_("Review")) as job:
        answer = review_path(path, out, session=session, wish=wish, job=job, every=every, resume=resume)
    if isinstance(answer, Summary):
        emit(answer.to_dict(), json, lambda: show_summary(answer, out))
        summary_problem(answer)
        return
    emit(answer, json, lambda: show_review(answer, out))
    review_problem(answer)


def _replay(file: Path, path: Path | None, json: str | None) -> None:
    from medviewer.app.replay import replay, replay_problem, show_replay

    with progress(_("Review")) as job:
        replayed = replay(file, path, job)
    emit(replayed.to_dict(), json, lambda: show_replay(replayed))
    replay_problem(replayed)


@app.command()
@told
def models(
    identity: Annotated[str | None, typer.Argument(metavar="[ID|add|remove]", help="One model, or what to do.")] = None,
    subject: Annotated[str | None, typer.Argument(metavar="[PATH|ID]", help="What to add or remove.")] = None,
    *,
    manifest: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What the model's files do not say, as TOML like a model.toml.")
    ] = None,
    name: Annotated[str | None, typer.Option("--id", metavar="ID", help="What to call an added model.")] = None,
    intended: Annotated[str | None, typer.Option(metavar="TEXT", help="What an added model is meant for.")] = None,
    not_for: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What an added model must not be used for.")
    ] = None,
    json: Json = None,
) -> None:
    """List the models, or show one's card and whether its hash and its example hold.

    'models add PATH' tries and keeps a MONAI bundle, TorchScript, .pt2 or ONNX file; 'models remove ID' removes it.
    """
    from medviewer.app import models as models_

    if (identity in ("add", "remove")) == (subject is None):
        raise typer.BadParameter(_("there is 'models ID', 'models add PATH' and 'models remove ID'"))
    if identity == "add":
        with progress(_("Adding the model")) as job:
            use = models_.Said(name or "", intended or "", not_for or "")
            added = models_.add(Path(subject or ""), manifest, use, job, ask=ask_line)
        emit(added, json, lambda: models_.show_added(added))
        return
    if identity == "remove":
        models_.remove(subject or "")
        return
    if identity is None:
        listed = models_.models_result()
        emit(listed, json, lambda: models_.show_models(listed))
        models_.tell_broken()
        return
    result = models_.model_result(identity)
    emit(result, json, lambda: models_.show_model(result))
    if not result["ok"]:
        raise Problem(_("The model '{name}' does not pass its own test.").format(name=identity), result["reason"])


@app.command()
@told
def evaluate(
    identity: Annotated[str, typer.Argument(metavar="ID", help="Which bundled model.")],
    *,
    data: Annotated[Path, typer.Option(metavar="DIR", help="The data it is judged on.")],
    split: Annotated[str, typer.Option(metavar="NAME", help="Which part of the data.")],
    card: Annotated[bool, typer.Option("--card", help="Write the table into the model's card, too.")] = False,
    json: Json = None,
) -> None:
    """Judge a bundled model on a split of the data: metrics with 95 % confidence intervals by patient."""
    from medviewer import paths
    from medviewer.app.listing import show_metrics
    from medviewer.app.models import note_in_card, recipe

    with progress(_("Evaluating")) as job:
        metrics = recipe(identity).evaluate(paths.models() / identity, data, split, job)
    if card:
        note_in_card(identity, split, metrics)
    emit(metrics, json, lambda: show_metrics(metrics))


@app.command()
@told
def train(
    identity: Annotated[str, typer.Argument(metavar="ID", help="Which bundled model.")],
    *,
    data: Annotated[Path, typer.Option(metavar="DIR", help="The data it learns from.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the new bundle goes.")],
) -> None:
    """Train a model by the exact recipe of the bundled weights; a run that was cut off goes on where it was."""
    from medviewer.app.models import recipe
    from medviewer.app.outbox import ensure_writable

    ensure_writable(out)
    with progress(_("Training")) as job:
        folder = recipe(identity).train(data, out, job)
    typer.echo(_("Written to {folder}.").format(folder=folder))


@app.command()
@told
def risk(
    identity: Annotated[str | None, typer.Argument(metavar="[ID]", help="One risk model.")] = None,
    values: Input = None,
    json: Json = None,
) -> None:
    """List the risk models, show the inputs of one, or give its value for --input."""
    from medviewer.app import asking

    asking.answer(asking.risk_models(), identity, None if values is None else read_object(values), json)


@app.command()
@told
def advise(
    identity: Annotated[str | None, typer.Argument(metavar="[ID]", help="One guideline.")] = None,
    values: Input = None,
    json: Json = None,
) -> None:
    """List the guidelines, show the inputs of one, or give its options for --input."""
    from medviewer.app import asking

    asking.answer(asking.guidelines(), identity, None if values is None else read_object(values), json)


@app.command()
@told
def phantom(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the folders go.")],
    seed: Annotated[int, typer.Option(min=0, help="Which virtual patient.")] = 1,
    prior: Annotated[bool, typer.Option("--prior", help="Also the CT of a year before.")] = False,
    json: Json = None,
) -> None:
    """Write a virtual chest CT of known nodules as DICOM, with truth.json."""
    from medviewer.app.listing import show_phantom
    from medviewer.phantom.write import write

    with progress(_("Drawing the virtual patient")) as job:
        truth = write(out, seed, prior=prior, job=job)
    emit(truth, json, lambda: show_phantom(truth, out))


@app.command()
@told
def bench(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only budgets with this in the name.")] = None,
    json: Json = None,
) -> None:
    """Measure the budgets on this machine; 1 where one is not kept."""
    from medviewer.app.bench import table

    known = table.budgets() | _window_budgets()
    with progress(_("Measuring")) as job:
        results = table.measure(known, name, job)
    emit([result.to_dict() for result in results], json, lambda: table.show_bench(results))
    if any(result.ok is False for result in results):
        raise typer.Exit(1)


def _window_budgets() -> dict[str, Any]:
    """The budgets that need a window; none in an installation without one."""
    try:
        from medviewer.ui.bench import BUDGETS
    except ModuleNotFoundError:
        return {}
    return {budget.id: budget for budget in BUDGETS}


@app.command()
@told
def check(json: Json = None) -> None:
    """Check this installation: parts, models, engine, decoders, database, screen."""
    from medviewer.app.check import check_all, show_check

    with progress(_("Checking")) as job:
        results = check_all(job)
    emit([result.to_dict() for result in results], json, lambda: show_check(results))
    if any(not result.ok for result in results):
        raise typer.Exit(1)
