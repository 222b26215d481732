"""A folder into the catalogue, and which of its unreadable files ought to have been images."""

import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from medviewer.core.job import Job
from medviewer.core.study import Unreadable

if TYPE_CHECKING:
    from medviewer.dicom.catalogue import Catalogue

_BATCH = 256
_TEXT = frozenset(range(32, 127)) | {9, 10, 13}
_IMAGE_NAME = re.compile(r"^$|\.(dcm|dicom|ima|img|\d+)$", re.IGNORECASE)


def scan_into(catalogue: "Catalogue", path: Path, job: Job) -> list[Unreadable]:
    """Scan ``path`` into the catalogue and return the files that are no readable images, with reasons.

    Problem where there is nothing, or no image.
    """
    from medviewer.dicom.catalogue import nothing_found
    from medviewer.dicom.scan import scan

    known, images, stream = len(catalogue.unreadable), 0, scan(path, job)
    while batch := list(islice(stream, _BATCH)):
        catalogue.add(batch)
        images += sum(not isinstance(found, Unreadable) for found in batch)
    unreadable = catalogue.unreadable[known:]
    if images == 0:
        raise nothing_found(path, unreadable)
    return unreadable


def damaged(unreadable: Iterable[Unreadable]) -> list[Unreadable]:
    """Return those that begin or are named like DICOM: a disc's programs and texts are no loss."""
    return [file for file in unreadable if _ought_to_be_image(Path(file.path))]


def _ought_to_be_image(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(132)
    except OSError:  # not even to be opened: better said than kept quiet
        return True
    if start[128:] == b"DICM":
        return True
    readable = bool(start) and all(byte in _TEXT for byte in start)  # LICENSE, README
    return bool(_IMAGE_NAME.search(path.suffix)) and not (path.suffix == "" and readable)
