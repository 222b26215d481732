"""Encapsulated documents and objects that are only told of."""

from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import UID, EncapsulatedPDFStorage, EncapsulatedSTLStorage, ExplicitVRLittleEndian, RTPlanStorage

from medviewer.core.problem import Problem
from medviewer.dicom.header import read_header
from medviewer.dicom.objects import document as documents
from medviewer.dicom.objects.document import About, pdf_bytes, read_document
from medviewer.dicom.objects.report import Report


def object_file(path: Path, sop_class: str, **tags: Any) -> Path:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = UID(sop_class), UID("1.2.3.4.5")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = sop_class, "1.2.3.4.5"
    made.StudyInstanceUID, made.SeriesInstanceUID = "1.2.3", "1.2.3.4"
    for keyword, value in tags.items():
        setattr(made, keyword, value)
    made.save_as(path, enforce_file_format=True)
    return path


def about(path: Path) -> About:
    found = read_document(read_header(path))
    assert isinstance(found, About)
    return found


def pdf(path: Path, content: bytes = b"%PDF-1.4 hello\n", **tags: Any) -> Path:
    standard = {
        "Modality": "DOC",
        "MIMETypeOfEncapsulatedDocument": "application/pdf",
        "EncapsulatedDocument": content + b"\0" * (len(content) % 2),
        "EncapsulatedDocumentLength": len(content),
        "DocumentTitle": "Letter",
        "ContentDate": "20240102",
        "ContentTime": "0304",
    }
    return object_file(path, EncapsulatedPDFStorage, **(standard | tags))


def facts(found: About) -> dict[str, str]:
    return {str(name): value for name, value in found.facts}


def test_a_pdf_is_told_and_its_bytes_come_without_padding(tmp_path: Path) -> None:
    found = about(pdf(tmp_path / "a.dcm"))
    assert found.pdf
    assert str(found.title) == "Letter"
    assert facts(found)["Document"] == "PDF document"
    assert facts(found)["Date"] == "2024-01-02 03:04"
    assert facts(found)["Size"] == "1 KB"
    assert pdf_bytes(found) == b"%PDF-1.4 hello\n"


def test_what_only_says_that_it_is_a_pdf_is_not_opened(tmp_path: Path) -> None:
    found = about(pdf(tmp_path / "a.dcm", b"MZ this is a program"))
    with pytest.raises(Problem, match="no PDF"):
        pdf_bytes(found)


def test_a_pdf_that_is_too_large_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = about(pdf(tmp_path / "a.dcm"))
    monkeypatch.setattr(documents, "MOST_BYTES", 8)
    with pytest.raises(Problem, match="too large"):
        pdf_bytes(found)


def test_a_length_that_is_a_lie_is_not_followed(tmp_path: Path) -> None:
    assert pdf_bytes(about(pdf(tmp_path / "a.dcm", EncapsulatedDocumentLength=4_000_000_000))).startswith(b"%PDF")


def test_other_documents_are_named_and_not_opened(tmp_path: Path) -> None:
    path = object_file(
        tmp_path / "a.dcm", EncapsulatedSTLStorage, Modality="M3D", MIMETypeOfEncapsulatedDocument="model/stl",
        EncapsulatedDocument=b"solid x ", DocumentTitle="",
    )  # fmt: skip
    found = about(path)
    assert not found.pdf
    assert facts(found)["Document"] == "surface model (STL)"


def test_an_object_of_another_kind_says_what_it_is(tmp_path: Path) -> None:
    path = object_file(
        tmp_path / "a.dcm",
        RTPlanStorage,
        Modality="RTPLAN",
        RTPlanLabel="Boost",
        RTPlanDate="20240101",
        OperatorsName="Doe^Jane",
        SeriesDescription="Plan 2",
    )
    said = facts(about(path))
    assert said["Kind"] == "Radiotherapy plan"
    assert (said["Label"], said["Date"], said["Author"]) == ("Boost", "2024-01-01", "Doe, Jane")
    assert said["Description"] == "Plan 2"


def test_a_report_is_read_as_one(tmp_path: Path) -> None:
    path = object_file(tmp_path / "a.dcm", "1.2.840.10008.5.1.4.1.1.88.59", Modality="KO", ValueType="CONTAINER")
    assert isinstance(read_document(read_header(path)), Report)
