"""What is shown once on a computer: an empty file among the reader's data says that it was."""

from pathlib import Path

from medviewer import paths
from medviewer.core.problem import Problem


def known(name: str) -> bool:
    """Whether ``name`` was remembered; not where the folder of the reader's data cannot be made."""
    try:
        return _file(name).exists()
    except OSError:
        return False


def remember(name: str, sorry: str) -> None:
    """Remember ``name``; Problem with the sentence ``sorry`` where the disk does not take it."""
    try:
        _file(name).touch()  # nothing is written: it works on a disk that is as good as full
    except OSError as error:
        raise Problem(sorry, str(error.strerror)) from error


def _file(name: str) -> Path:
    return paths.user_data() / name
