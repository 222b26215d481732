"""What the library says of a study and its series, and the words it is found by."""

import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

FULL_DATE = 8  # digits of YYYYMMDD


@dataclass(frozen=True)
class StudyRow:
    """One study as the library lists it; dates YYYYMMDD, ``opened_at`` ISO 8601 in UTC or empty.

    ``files`` counts the files in use, ``missing`` those of them that were gone at the last look, ``copies`` the files
    that hold an image once more. ``folder`` is the one that holds all files.
    """

    study_uid: str
    patient_name: str
    patient_id: str
    birth_date: str
    sex: str
    date: str
    time: str
    description: str
    modalities: tuple[str, ...]
    series: int
    images: int
    files: int
    folder: str
    copies: int
    missing: int
    opened_at: str

    @property
    def gone(self) -> bool:
        """Whether none of its files was there at the last look."""
        return 0 < self.files <= self.missing


@dataclass(frozen=True)
class SeriesRow:
    """One series of a study as the library lists it; ``images`` counts frames too."""

    series_uid: str
    modality: str
    description: str
    number: int
    images: int


@dataclass(frozen=True)
class Copies:
    """Files in ``folder`` that hold images which are in use from elsewhere."""

    folder: str
    files: int


def clean(text: str) -> str:
    """Return a text of a file as one line that a database takes: no control characters, no half characters."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    if whole.isprintable():
        return whole.strip()
    return " ".join("".join(c if c.isprintable() else " " for c in whole).split())


def folded(text: str) -> str:
    """Return ``text`` as it is compared in a search: case, width and accents written apart make no difference."""
    return unicodedata.normalize("NFKC", clean(text)).casefold()


def search_text(texts: Iterable[str], date: str) -> str:
    """Return everything a study is found by as one text; the date with and without hyphens.

    A name stands in it in its parts and written together, as Chinese names are typed.
    """
    spelled = f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == FULL_DATE else ""
    parts = [folded(text).replace("=", " ") for text in texts]
    together = [part.replace("^", "") for part in parts if "^" in part]
    return "\n".join(part for part in (*(part.replace("^", " ") for part in parts), *together, date, spelled) if part)


def words_of(text: str) -> list[str]:
    """Return the words a search is for; separators of names count as spaces."""
    return folded(text).replace("^", " ").replace("=", " ").split()


def day_digits(text: str, filler: str = "") -> str:
    """Return the digits of a date, as 2025-06 or 20250601; ``filler`` makes it as long as YYYYMMDD. Empty for none."""
    digits = "".join(c for c in text if c in "0123456789")[:FULL_DATE]
    return digits.ljust(FULL_DATE, filler) if digits and filler else digits


def path_text(folder: bytes) -> str:
    """Return a folder kept as bytes as text to be shown."""
    return clean(os.fsdecode(folder))
