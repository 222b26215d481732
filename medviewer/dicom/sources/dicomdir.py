"""The directory of a disc: which files it names, which of them are there, and none that lie outside the disc."""

import os
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from medviewer.core.problem import Problem
from medviewer.core.study import Unreadable
from medviewer.dicom.header import DEFLATED
from medviewer.i18n import _

NAME = "DICOMDIR"
LARGEST_BYTES = 1 << 28
_SPLIT = re.compile(r"[\\/]")
_VERSION = re.compile(r"\.?;\d+$")  # ISO 9660 shows IMAGE.;1
FileId = tuple[str, ...]


@dataclass
class Directory:
    """The file ids that a DICOMDIR names, in its order, and the disc's folder; counts what could not be followed."""

    path: Path
    ids: tuple[FileId, ...]
    missing: int = 0
    outside: int = 0
    _listings: dict[str, dict[str, str]] = field(default_factory=dict)

    def files(self) -> Iterator[str]:
        """Yield the paths of the files that are on the disc, once each."""
        root = os.path.realpath(self.path.parent)
        for file_id in dict.fromkeys(self.ids):
            found = self._find(str(self.path.parent), file_id)
            if found is None:
                continue
            if not Path(os.path.realpath(found)).is_relative_to(root):
                self.outside += 1
            else:
                yield found

    def losses(self) -> Iterator[Unreadable]:
        """Say, after ``files`` was gone through, what the directory names but the disc does not give."""
        if self.missing:
            told = _("Images named in the disc's directory that are not on the disc: {n}.").format(n=self.missing)
            yield Unreadable(str(self.path), told)
        if self.outside:
            told = _("Images named in the disc's directory outside the disc, not opened: {n}.").format(n=self.outside)
            yield Unreadable(str(self.path), told)

    def _find(self, folder: str, file_id: FileId) -> str | None:
        """Walk down from the disc's folder; each part is compared with what is listed there, never joined to a path."""
        if not file_id or any(part in ("", ".", "..") or ":" in part for part in file_id):
            self.outside += 1
            return None
        place: str | None = folder
        for part in file_id:
            place = self._listing(place).get(_plain(part)) if place is not None else None
        if place is None or not os.path.isfile(place):
            self.missing += 1
            return None
        return place

    def _listing(self, folder: str) -> dict[str, str]:
        if folder not in self._listings:
            try:
                with os.scandir(folder) as entries:
                    self._listings[folder] = {_plain(entry.name): entry.path for entry in entries}
            except OSError:
                self._listings[folder] = {}
        return self._listings[folder]


def is_directory_name(name: str) -> bool:
    """Whether a file is called as the directory of a disc is."""
    return _VERSION.sub("", os.path.basename(name)).upper() == NAME


def read_directory(path: Path) -> Directory:
    """Read a DICOMDIR; Problem with one sentence where it is damaged or names nothing.

    Its records are taken in the order in which they lie, so that no offset in it is trusted and none can form a ring.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they quote the file
            ids = tuple(file_id for record in _records(path) if (file_id := _file_id(record)) is not None)
    except Exception as error:  # pydicom raises many kinds on damaged files, RecursionError among them
        raise Problem(_("The directory of this disc is damaged.")) from error
    if not ids:
        raise Problem(_("The directory of this disc names no images."))
    return Directory(path, ids)


def _records(path: Path) -> Any:
    from pydicom import dcmread
    from pydicom.filereader import read_file_meta_info

    if path.stat().st_size > LARGEST_BYTES:
        raise ValueError("too large")
    if read_file_meta_info(path).get("TransferSyntaxUID") == DEFLATED:  # may inflate to anything
        raise ValueError("deflated")
    return dcmread(path).DirectoryRecordSequence


def _file_id(record: Any) -> FileId | None:
    """Return the parts of a record's file id; None for patients, studies, series, and what was deleted."""
    named = record.get("ReferencedFileID")
    if not named or record.get("RecordInUseFlag", 0xFFFF) == 0:
        return None
    parts = [named] if isinstance(named, str) else list(named)
    return tuple(piece for part in parts for piece in _SPLIT.split(str(part).strip(" \0")))


def _plain(name: str) -> str:
    """Return a name as it is compared: without capitals and without the version of ISO 9660."""
    return _VERSION.sub("", name).rstrip(".").casefold()
