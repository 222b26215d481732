"""A report format, and how a file is written whole or not at all."""

import errno
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from medviewer.core.problem import Problem
from medviewer.core.whole import whole
from medviewer.i18n import Message, _
from medviewer.report.document import Report


@dataclass(frozen=True)
class Format:
    """One way to write a report; ``render`` gives the whole file's bytes."""

    id: str
    suffix: str
    title: Message
    render: Callable[[Report], bytes]

    def write(self, report: Report, path: Path) -> Path:
        """Write ``report`` to ``path`` and return it; Problem, and ``path`` as it was, where that is impossible."""
        write_whole(path, self.render(report))
        return path


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` beside ``path`` first and put it in its place; Problem where the disk does not let it."""
    try:
        with whole(path) as draft, draft.open("wb") as file:
            file.write(data)
    except OSError as error:
        raise _problem(path, error) from error


def _problem(path: Path, error: OSError) -> Problem:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Problem(
            _("The report was not saved: the disk is full."),
            _("Free some space or choose another folder, then save again."),
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return Problem(_("The report was not saved: the folder does not exist."), _("Choose another folder."))
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR):
        return Problem(
            _("The report was not saved: '{name}' may not be written there.").format(name=path.name),
            _("Choose another folder or name."),
        )
    return Problem(
        _("The report was not saved: {reason}.").format(reason=error.strerror or type(error).__name__),
        _("Choose another folder, then save again."),
    )
