"""How commands speak: results on stdout, progress and problems on stderr, faults in the log."""

import functools
import json
import logging
import math
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from getpass import getpass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from medviewer import paths
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.whole import whole
from medviewer.i18n import _

P = ParamSpec("P")
R = TypeVar("R")
INTERRUPTED = 130
_PIPE_COLUMNS = 160
log = logging.getLogger(__name__)


def told(command: Callable[P, R]) -> Callable[P, R]:
    """Run ``command`` so that it ends as section 5 of the design says: 0, or 1 with one sentence, or 130."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Problem as problem:
            say(problem)
            raise typer.Exit(1) from problem
        except (KeyboardInterrupt, Cancelled) as stopped:
            raise typer.Exit(INTERRUPTED) from stopped
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except BrokenPipeError as gone:  # "medviewer scan ... | head": nobody listens any more
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from gone
        except Exception as fault:
            say(fault_in_words(fault))
            raise typer.Exit(1) from fault
        finally:
            _end_workers()

    return run


def say(problem: Problem) -> None:
    """Print a problem as one line on stderr; its text is never taken for markup."""
    console = Console(stderr=True, soft_wrap=True)
    console.print(problem.text, style="bold red", markup=False, highlight=False, end=" " if problem.hint else "\n")
    if problem.hint:
        console.print(problem.hint, markup=False, highlight=False)


def ask_password(archive: str, wrong_before: bool) -> str | None:
    """Ask on the terminal for the password of an archive, unseen; None where nobody is there to answer or knows it."""
    if not sys.stdin.isatty():
        return None
    question = _("That is not the password of '{name}'. Try another:") if wrong_before else _("Password of '{name}':")
    return getpass(question.format(name=archive) + " ", stream=sys.stderr) or None


def ask_line(question: str) -> str:
    """Ask on the terminal for a line of text; empty where nobody is there to answer."""
    return str(typer.prompt(question, default="", show_default=False, err=True)).strip() if sys.stdin.isatty() else ""


def fault_in_words(fault: Exception) -> Problem:
    """Log where ``fault`` happened, and say it in a sentence.

    The log gets places in the code and the kind of fault only: its text may hold a patient's name or folder.
    """
    log.error("fault: %s\n%s", type(fault).__name__, "".join(traceback.format_tb(fault.__traceback__)))
    if os.environ.get("MEDVIEWER_TRACEBACK"):
        traceback.print_exception(fault)
    return Problem(
        _("Something went wrong inside MedViewer ({kind}).").format(kind=type(fault).__name__),
        _("Where it happened is noted in {path}.").format(path=log_file()),
    )


def log_file() -> Path:
    """Where faults are noted."""
    return paths.user_data() / "medviewer.log"


def start_log() -> None:
    """Note warnings and faults of the program in a file of at most 1 MB, with one older beside it.

    What other libraries log or warn of is dropped: pydicom, for one, quotes patients' names from damaged files.
    """
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    own = logging.getLogger("medviewer")
    if own.handlers:
        return
    logging.getLogger().addHandler(logging.NullHandler())  # without any, logging writes to stderr
    try:
        handler = RotatingFileHandler(log_file(), maxBytes=1_000_000, backupCount=1, encoding="utf-8", delay=True)
    except OSError:  # a home that cannot be written must not keep anybody from the pictures
        return
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    own.addHandler(handler)


def _end_workers() -> None:
    """End the engine and the decode workers where this command started them."""
    for name, close in (("medviewer.ai.engine", "close_engine"), ("medviewer.dicom.decode", "close_pool")):
        if name in sys.modules:
            getattr(sys.modules[name], close)()


@contextmanager
def progress(title: str) -> Iterator[Job]:
    """A job whose progress is a bar on stderr, where that is a terminal."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=1.0)
        yield Job(title, lambda job: bar.update(task, completed=job.share, description=job.text or title))


def has_screen() -> bool:
    """Whether a window can be opened here (or one is wanted that needs no screen, as ``QT_QPA_PLATFORM`` says)."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in named)


def emit(data: object, to: str | None, show: Callable[[], None]) -> None:
    """Write ``data`` as JSON to file ``to`` and show it to people; with "-" JSON goes to stdout instead."""
    if to == "-":
        typer.echo(as_json(data))
        return
    if to:
        write_text(Path(to), as_json(data) + "\n")
    show()


def as_json(data: object) -> str:
    """Return JSON for other programs; what is no number there (NaN, infinity) is null."""
    return json.dumps(_plain(data), ensure_ascii=False, indent=2, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "tolist"):  # numpy numbers and arrays
        return _plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all; Problem where that is not possible."""
    try:
        with whole(path) as draft:
            draft.write_text(text, "utf-8")
    except OSError as error:
        raise Problem(_("'{path}' cannot be written: {reason}.").format(path=path, reason=error.strerror)) from error


def read_object(path: Path) -> dict[str, object]:
    """Read a JSON object (or "-" for stdin); Problem where the file is missing or is no JSON object."""
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")
        data = json.loads(text)
    except OSError as error:
        raise Problem(_("'{path}' cannot be read: {reason}.").format(path=path, reason=error.strerror)) from error
    except ValueError as error:
        raise Problem(_("'{path}' is not valid JSON.").format(path=path)) from error
    if not isinstance(data, dict):
        hint = _("It should look like {example}.").format(example='{"age_years": 61}')
        raise Problem(_("'{path}' does not hold a JSON object.").format(path=path), hint)
    return data


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> None:
    """Print a table on stdout; cells are shown as they are, never taken for markup."""
    from rich.text import Text

    grid = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    terminal = Console()
    (terminal if terminal.is_terminal else Console(width=_PIPE_COLUMNS)).print(grid)
