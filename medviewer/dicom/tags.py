"""Every tag of a file as rows of text, for a reader who wants to see what it says; bounded, and without pixels."""

import io
import warnings
import zlib
from collections.abc import Iterator, MutableSequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.dicom.header import why_not
from medviewer.dicom.headers.charset import codec_instead
from medviewer.i18n import _

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

LONGEST_TEXT, DEEPEST, MOST_ROWS = 256, 16, 5000
LONGEST_LIST, LONGEST_VALUE, MOST_INFLATED = 1 << 11, 1 << 16, 1 << 26  # bytes
DEFLATED = "1.2.840.10008.1.2.1.99"
_TEXTS = frozenset(("LO", "LT", "PN", "SH", "ST", "UC", "UT"))
_LISTS = frozenset(("DS", "IS", "CS", "UI"))
_BINARY = frozenset(("OB", "OW", "OD", "OF", "OL", "OV", "UN"))


@dataclass(frozen=True, slots=True)
class TagRow:
    """One element of a file: how deep it is nested, (gggg,eeee), VR, DICOM's name, its value, whether it is private."""

    level: int
    tag: str
    vr: str
    name: str
    value: str
    private: bool = False


def rows(path: Path | str, job: Job | None = None) -> list[TagRow]:
    """Return the elements of a DICOM file before its pixels, in order, those of sequences below them.

    Values end after 256 characters, nesting after 16 levels, the list after 5,000 rows, and say so. Problem where the
    file is no DICOM or cannot be read; Cancelled where the reader cancelled.
    """
    listing = _Listing(job or Job())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for dataset in _datasets(Path(path)):
                listing.codec = _codec(dataset)
                listing.add(dataset, 0)
    except OSError as error:
        raise Problem(why_not(error)) from error
    except _Full:
        listing.rows.append(TagRow(0, "…", "", "", _("Only the first {n} rows are shown.").format(n=MOST_ROWS)))
    return listing.rows


def _codec(dataset: "Dataset") -> str:
    """Return the codec of the patient's name where the file declares a wrong one, as the scan repairs it; else ""."""
    try:
        name = dataset.get_item(0x00100010) if 0x00100010 in dataset else None
        declared = dataset.get("SpecificCharacterSet") or ""
    except Exception:  # pydicom fails in many ways on damaged values
        return ""
    if name is None or not isinstance(name.value, bytes):
        return ""
    charset = declared if isinstance(declared, str) else "\\".join(map(str, declared))
    return codec_instead(name.value, (), charset.encode("ascii", "replace"))


class _Full(Exception):  # noqa: N818 - no error: enough rows
    """The list is as long as it may be."""


def _datasets(path: Path) -> Iterator["Dataset"]:
    """Yield the file meta information and the data set; Problem where the file has none."""
    from pydicom import dcmread

    with path.open("rb") as file:
        start = file.read(132)
    if start[128:] != b"DICM" and start[:2] not in (b"\x08\0", b"\x02\0", b"\0\x08"):
        raise Problem(_("This is not a DICOM file."))
    try:
        deflated = _inflated(path)
        if deflated is not None:
            yield from deflated
            return
        dataset = dcmread(path, force=True, defer_size=LONGEST_VALUE, stop_before_pixels=True)
    except (Problem, OSError):
        raise
    except Exception as error:  # pydicom fails in many ways on damaged files
        raise Problem(_("The tags of this file cannot be shown: it is damaged.")) from error
    yield dataset.file_meta
    yield dataset


def _inflated(path: Path) -> "tuple[Dataset, Dataset] | None":
    """Return meta information and data set of a deflated file, inflated within bounds; None for any other file."""
    from pydicom.filereader import read_dataset, read_partial

    with path.open("rb") as file:
        meta = read_partial(file, stop_when=lambda tag, _vr, _length: tag >> 16 > 2, force=True).file_meta
        if meta.get("TransferSyntaxUID") != DEFLATED:
            return None
        file.seek(144 + int(meta.get("FileMetaInformationGroupLength", 0)))
        plain = zlib.decompressobj(-zlib.MAX_WBITS).decompress(file.read(MOST_INFLATED), MOST_INFLATED)
    stop = _at_pixels
    return meta, read_dataset(io.BytesIO(plain), False, True, stop_when=stop, defer_size=LONGEST_VALUE)


def _at_pixels(tag: int, _vr: str | None, _length: int) -> bool:
    return tag in (0x7FE00008, 0x7FE00009, 0x7FE00010)


@dataclass
class _Listing:
    """The rows so far."""

    job: Job
    rows: list[TagRow] = field(default_factory=list)
    codec: str = ""  # of texts whose declared character set is wrong

    def add(self, dataset: "Dataset", level: int) -> None:
        """Add the elements of ``dataset`` in order."""
        for tag in sorted(dataset.keys()):
            if len(self.rows) >= MOST_ROWS:
                raise _Full
            self.job.check()
            try:
                self._element(dataset, tag, level)
            except (_Full, Problem):
                raise
            except Exception:  # pydicom fails in many ways on damaged values
                self.rows.append(_row(tag, level, "", _("damaged")))

    def _element(self, dataset: "Dataset", tag: Any, level: int) -> None:
        raw = dataset.get_item(tag)
        length = getattr(raw, "length", 0)
        if raw.value is None and length > LONGEST_VALUE:  # left in the file
            self.rows.append(_row(tag, level, str(raw.VR or ""), _bytes(length)))
            return
        if raw.VR in _LISTS and isinstance(raw.value, bytes) and len(raw.value) > LONGEST_LIST:
            self.rows.append(_row(tag, level, str(raw.VR), _cut(raw.value[:LONGEST_LIST].decode("ascii", "replace"))))
            return
        if self.codec and raw.VR in _TEXTS and isinstance(raw.value, bytes) and not raw.value.isascii():
            text = raw.value.strip(b" \0").decode(self.codec, "replace")
            self.rows.append(_row(tag, level, str(raw.VR), _cut(text)))
            return
        element = dataset[tag]
        vr = str(element.VR)
        if vr != "SQ":
            self.rows.append(_row(tag, level, vr, _text(element.value, vr), element.name))
            return
        items = element.value or ()
        deep = level >= DEEPEST
        text = _("{n} items").format(n=len(items)) if len(items) != 1 else _("1 item")
        self.rows.append(_row(tag, level, vr, _("nested too deeply to be shown") if deep else text, element.name))
        for item in () if deep else items:
            self.add(item, level + 1)


def _row(tag: Any, level: int, vr: str, value: str, name: str = "") -> TagRow:
    from pydicom.datadict import dictionary_description, dictionary_has_tag

    name = name or (dictionary_description(tag) if dictionary_has_tag(tag) else "")
    return TagRow(level, f"({tag >> 16:04X},{tag & 0xFFFF:04X})", vr, name, value, bool(tag >> 16 & 1))


def _text(value: Any, vr: str) -> str:
    """Return a value as text, the parts of several apart by a backslash as in the file."""
    if isinstance(value, bytes):
        plain = value.strip(b" \0")
        readable = vr == "UN" and plain.isascii() and plain.decode("ascii").isprintable()
        return _cut(plain.decode("ascii")) if readable else _bytes(len(value))
    if vr in _BINARY and not isinstance(value, str):
        return ""
    parts = list(value)[:LONGEST_TEXT] if isinstance(value, MutableSequence) else [value]
    return _cut("\\".join("" if part is None else str(part) for part in parts))


def _cut(text: str) -> str:
    text = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text[: LONGEST_TEXT + 1])
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _bytes(length: int) -> str:
    return _("{n} bytes").format(n=length)
