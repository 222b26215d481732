"""Files for a folder that appear there whole and together, or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from medviewer.core.problem import Problem
from medviewer.i18n import _


def ensure_writable(out: Path) -> None:
    """Make the folder ``out``; Problem where that is not possible or nothing can be written there."""
    with outbox(out):
        pass


@contextmanager
def outbox(out: Path) -> Iterator[Path]:
    """A folder to write into; its files move to ``out`` at the end, and vanish where something goes wrong.

    Problem at once where ``out`` cannot be made or written to, before any long work, and later on a full disk.
    """
    new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        desk = Path(tempfile.mkdtemp(prefix=".medviewer-", dir=out))
    except OSError as error:
        raise _unwritable(out, error) from error
    try:
        yield desk
        for path in sorted(desk.iterdir()):
            os.replace(path, out / path.name)
    except OSError as error:
        if not _below(error.filename, out):
            raise
        raise _unwritable(out, error) from error
    finally:
        shutil.rmtree(desk, ignore_errors=True)
        if new:
            with suppress(OSError):  # goes only where nothing was put into it
                out.rmdir()


def _below(name: object, out: Path) -> bool:
    """Whether the fault is about the folder written to; a write on a full disk names no file."""
    return name is None or str(name).startswith(str(out))


def _unwritable(out: Path, error: OSError) -> Problem:
    return Problem(
        _("Nothing can be written to '{folder}': {reason}.").format(folder=out, reason=error.strerror),
        _("Choose another folder."),
    )
