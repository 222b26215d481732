"""Folders, files and archives into the catalogue, and which of their unreadable files ought to have been images."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from medviewer.core.job import Job
from medviewer.core.study import Unreadable

if TYPE_CHECKING:
    from medviewer.dicom.catalogue import Catalogue

_BATCH = 256


def scan_into(
    catalogue: "Catalogue",
    paths: Path | Sequence[Path],
    job: Job,
    *,
    password: Callable[[str, bool], str | None] | None = None,
) -> list[Unreadable]:
    """Scan ``paths`` into the catalogue and return the files that are no readable images, with reasons.

    ``password`` is as in ``dicom.scan.scan``. Problem where there is nothing, or no image.
    """
    from medviewer.dicom.catalogue import nothing_found
    from medviewer.dicom.scan import scan

    known, images, stream = len(catalogue.unreadable), 0, scan(paths, job, password=password)
    while batch := list(islice(stream, _BATCH)):
        catalogue.add(batch)
        images += sum(not isinstance(found, Unreadable) for found in batch)
    unreadable = catalogue.unreadable[known:]
    if images == 0:
        raise nothing_found(paths if isinstance(paths, Path) else paths[0], unreadable)
    return unreadable


def damaged(unreadable: Iterable[Unreadable]) -> list[Unreadable]:
    """Return those that begin or are named like images: a disc's programs and texts are no loss."""
    return [file for file in unreadable if _is_loss(file)]


def _is_loss(file: Unreadable) -> bool:
    from medviewer.dicom.sources.files import LostMember, ought_to_be_image

    if isinstance(file, LostMember):  # its path is only a text
        return file.image
    try:
        with Path(file.path).open("rb") as opened:
            return ought_to_be_image(file.path, opened.read(132))
    except OSError:  # not even to be opened: better said than kept quiet
        return True
