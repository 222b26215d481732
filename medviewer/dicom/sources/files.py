"""What a file may be by its name and first bytes, and which of the chosen paths are to be looked through."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from medviewer.core.study import Unreadable

FOREIGN_SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd", ".hdr")
ZIP_SUFFIX, ZIP_SIGNATURES = ".zip", (b"PK\x03\x04", b"PK\x05\x06")
# Programs and papers that are ZIPs inside; a disc's viewer brings hundreds of them.
_NO_ARCHIVES = (".jar", ".war", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub", ".apk", ".xpi", ".whl")
_IMAGE_NAME = re.compile(r"(^|\.(dcm|dicom|ima|img|\d+|nii|nrrd|nhdr|mha|mhd|zip))$", re.IGNORECASE)
_TEXT = frozenset(range(32, 127)) | {9, 10, 13}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class LostMember(Unreadable):
    """A file inside an archive that could not be read; ``path`` is archive and name as text, never to be opened."""

    image: bool = True


def foreign_suffix(name: str) -> str:
    """Return the suffix by which ``name`` may be NIfTI, NRRD or MetaImage, in small letters; empty for other files."""
    lower = name.lower()
    return next((suffix for suffix in FOREIGN_SUFFIXES if lower.endswith(suffix)), "")


def foreign_format(name: str) -> str:
    """Return what a file that is no DICOM is called, by its name: NIfTI, NRRD or MetaImage."""
    formats = {
        ".nii": "NIfTI",
        ".hdr": "NIfTI",
        ".nrr": "NRRD",
        ".nhd": "NRRD",
        ".mha": "MetaImage",
        ".mhd": "MetaImage",
    }
    return formats.get(foreign_suffix(name)[:4], "")


def may_be_archive(name: str) -> bool:
    """Whether a ZIP of that name is one for its own sake, not a program or a paper."""
    return not name.lower().endswith(_NO_ARCHIVES)


def is_zip(name: str) -> bool:
    """Whether a file begins like a ZIP and is none of the programs and papers that also do."""
    if not may_be_archive(name):
        return False
    try:
        with open(name, "rb") as file:
            return file.read(4) in ZIP_SIGNATURES
    except OSError:
        return False


def begins_like_dicom(start: bytes) -> bool:
    """Whether a file begins (``start``: its first 132 bytes or more) as DICOM does, with or without preamble."""
    groups = int.from_bytes(start[:2], "little"), int.from_bytes(start[:2], "big")
    return b"DICM" in (start[128:132], start[:4]) or (len(start) >= 8 and any(group in (2, 8) for group in groups))


def ought_to_be_image(name: str, start: bytes) -> bool:
    """Whether a file begins (``start``: its first 132 bytes or more) or is named like an image, unlike LICENSE."""
    if start[128:132] == b"DICM":
        return True
    plain = name[: -len(".gz")] if foreign_suffix(name) == ".nii.gz" else name
    suffix = os.path.splitext(plain)[1]
    readable = bool(start) and all(byte in _TEXT for byte in start[:132])  # LICENSE, README
    return bool(_IMAGE_NAME.search(suffix)) and not (suffix == "" and readable)


def distinct(paths: Path | str | Sequence[Path | str]) -> tuple[Path, ...]:
    """Return the chosen paths in order, without those that are the same as, or inside, another one of them."""
    chosen = [Path(paths)] if isinstance(paths, (str, Path)) else [Path(path) for path in paths]
    real = {path: Path(os.path.realpath(path)) for path in chosen}
    folders = {place for place in real.values() if place.is_dir()}
    kept: dict[Path, Path] = {}
    for path, place in real.items():
        if folders.isdisjoint(place.parents):
            kept.setdefault(place, path)
    return tuple(kept.values())


def as_text(name: str) -> str:
    """Return a name that somebody else chose so that it can be shown: one short line without control signs."""
    return _CONTROL.sub("\ufffd", name)[-_LONGEST_NAME:]


def is_pair_data(name: str) -> bool:
    """Whether a file holds the voxels of a NIfTI or MetaImage header beside it, which speaks for both."""
    stem, suffix = os.path.splitext(name)
    heads = {".img": (".hdr",), ".raw": (".mhd", ".nhdr"), ".zraw": (".mhd",), ".gz": (".nhdr",)}
    return any(os.path.isfile(stem.removesuffix(".raw") + head) for head in heads.get(suffix.lower(), ()))
