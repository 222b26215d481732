"""What a file that is no image says: a report, an encapsulated document, or what kind of object it is."""

import os
from dataclasses import dataclass

from medviewer.core.problem import Problem
from medviewer.core.study import Header
from medviewer.dicom.kinds import title_of
from medviewer.dicom.objects import report_words as words
from medviewer.dicom.objects.reading import Data, read, text, whole
from medviewer.dicom.objects.references import references_of
from medviewer.dicom.objects.report import Report, report_of
from medviewer.i18n import N_, Message, _

MOST_BYTES = 256 << 20  # of an encapsulated document
PDF = "application/pdf"
_NAMES = {
    PDF: N_("PDF document"),
    "text/xml": N_("clinical document (CDA, XML)"),
    "application/xml": N_("clinical document (CDA, XML)"),
    "model/stl": N_("surface model (STL)"),
    "application/sla": N_("surface model (STL)"),
    "model/obj": N_("surface model (OBJ)"),
    "model/mtl": N_("material of a surface model (MTL)"),
}


@dataclass(frozen=True)
class About:
    """What is told of an object that cannot be shown: its kind and facts as label and value.

    ``path`` is that of the file; ``pdf`` tells that ``pdf_bytes`` can be asked for a document to hand over.
    """

    title: Message | str
    facts: tuple[tuple[Message, str], ...]
    path: str
    transfer_syntax: str = ""
    pdf: bool = False


Document = Report | About


def read_document(header: Header) -> Document:
    """Return what a file that is no image says; Problem where it cannot be read."""
    if os.path.getsize(header.path) > 2 * MOST_BYTES:
        raise Problem(_("This document is too large to be opened."))
    data = read(header.path, header.transfer_syntax)
    if "ContentSequence" in data or header.modality in ("SR", "KO"):
        return report_of(data)
    kind = text(data, "MIMETypeOfEncapsulatedDocument").lower()
    encapsulated = bool(kind) or "EncapsulatedDocument" in data
    facts = _encapsulated(data, kind) if encapsulated else _other(data)
    title = text(data, "DocumentTitle") or text(data, "ContentLabel") or title_of(header)
    pdf = encapsulated and (kind == PDF or _content(data)[:4] == b"%PDF")
    told = ((N_("Kind"), str(title_of(header))), *facts)
    return About(title, tuple(fact for fact in told if fact[1]), header.path, header.transfer_syntax, pdf)


def _encapsulated(data: Data, kind: str) -> tuple[tuple[Message, str], ...]:
    size_kb = len(_content(data)) / 1024.0
    return (
        (N_("Document"), str(_NAMES.get(kind, kind))),
        (N_("Date"), _dated(data)),
        (N_("Size"), _("{kb:.0f} KB").format(kb=max(size_kb, 1.0)) if size_kb else ""),
        (N_("Description"), text(data, "SeriesDescription")),
    )


def _other(data: Data) -> tuple[tuple[Message, str], ...]:
    count = len(references_of(data).sop_uids)
    label = text(data, "ContentLabel") or text(data, "RTPlanLabel") or text(data, "StructureSetLabel")
    return (
        (N_("Label"), label),
        (N_("Description"), text(data, "ContentDescription") or text(data, "SeriesDescription")),
        (N_("Author"), words.person(text(data, "ContentCreatorName") or text(data, "OperatorsName"))),
        (N_("Made by"), " ".join(p for p in (text(data, "Manufacturer"), text(data, "ManufacturerModelName")) if p)),
        (N_("Date"), _dated(data)),
        (N_("Images it refers to"), str(count) if count else ""),
    )


def _dated(data: Data) -> str:
    for name in ("Content", "Acquisition", "RTPlan", "StructureSet", "InstanceCreation", "Series"):
        day = text(data, f"{name}Date")
        if day:
            return f"{words.date(day)} {words.time(text(data, f'{name}Time'))}".strip()
    return words.moment(text(data, "AcquisitionDateTime"))


def _content(data: Data) -> bytes:
    """Return the encapsulated document without its padding; empty where there is none."""
    content = data.get("EncapsulatedDocument")
    if not isinstance(content, bytes):
        return b""
    length = whole(data, "EncapsulatedDocumentLength")
    return content[:length] if length and 0 < length <= len(content) else content


def pdf_bytes(about: About) -> bytes:
    """Return the PDF of an encapsulated document; Problem where the file holds none or one that is too large."""
    content = _content(read(about.path, about.transfer_syntax))
    if not content.startswith(b"%PDF"):
        raise Problem(_("This document is no PDF, although it says so; it is not opened."))
    if len(content) > MOST_BYTES:
        raise Problem(_("This document is too large to be opened."))
    return content
