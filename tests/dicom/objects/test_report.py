"""Structured reports as a tree to read."""

from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from medviewer.dicom.header import read_header
from medviewer.dicom.objects import report_words as words
from medviewer.dicom.objects.report import DEEPEST, MOST_ITEMS, ImageLink, ReportNode, read_report, report_of, walk


def code(meaning: str, value: str = "1", scheme: str = "DCM") -> Dataset:
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = value, scheme, meaning
    return made


def item(kind: str, name: str = "Name", relation: str = "CONTAINS", *children: Dataset, **values: Any) -> Dataset:
    made = Dataset()
    made.ValueType, made.RelationshipType = kind, relation
    if name:
        made.ConceptNameCodeSequence = [code(name)]
    for keyword, value in values.items():
        setattr(made, keyword, value)
    if children:
        made.ContentSequence = list(children)
    return made


def measured(value: str, unit: Dataset | None = None) -> Dataset:
    made = Dataset()
    made.NumericValue = value
    if unit is not None:
        made.MeasurementUnitsCodeSequence = [unit]
    return made


def only(child: Dataset) -> ReportNode:
    """Return the node of an item that is alone in its report."""
    return report_of(item("CONTAINER", "Report", "", child)).root.children[0]


@pytest.mark.parametrize(
    ("child", "value"),
    [
        (item("TEXT", TextValue="No <b>change</b> %s {x}"), "No <b>change</b> %s {x}"),
        (item("CODE", ConceptCodeSequence=[code("Spinal cord")]), "Spinal cord"),
        (item("NUM", MeasuredValueSequence=[measured("12.5", code("millimeter", "mm", "UCUM"))]), "12.5 mm"),
        (item("NUM", MeasuredValueSequence=[measured("3", code("square cm", "cm2", "UCUM"))]), "3 cm²"),
        (item("NUM", MeasuredValueSequence=[measured("-40", code("Hounsfield", "[hnsf'U]", "UCUM"))]), "-40 HU"),
        (item("NUM", MeasuredValueSequence=[measured("2", code("no units", "1", "UCUM"))]), "2"),
        (item("NUM", MeasuredValueSequence=[]), "no value"),
        (item("NUM", NumericValueQualifierCodeSequence=[code("Not a number")]), "no value: Not a number"),
        (item("DATE", Date="20240131"), "2024-01-31"),
        (item("TIME", Time="134501.5"), "13:45:01"),
        (item("DATETIME", DateTime="20240131134501+0800"), "2024-01-31 13:45:01"),
        (item("PNAME", PersonName="Doe^Jane^Q^Dr"), "Doe, Jane Q"),
        (item("UIDREF", UID="1.2.3"), "1.2.3"),
        (item("SCOORD", GraphicType="POINT", GraphicData=[10.0, 20.5]), "a point at 10.0, 20.5"),
        (item("SCOORD3D", GraphicType="POINT", GraphicData=[1.0, 2.0, 3.0]), "a point at 1.0, 2.0, 3.0 mm"),
        (item("SCOORD", GraphicType="POLYLINE", GraphicData=[1.0] * 8), "a line of 4 points"),
        (item("TCOORD", ReferencedTimeOffsets=[1.0, 2.0]), "2 points in time"),
        (item("CONTAINER"), ""),
        (item("UNHEARD OF"), ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_kind_of_item_is_told_in_words(child: Dataset, value: str) -> None:
    node = only(child)
    assert (str(node.name), str(node.value)) == ("Name", value)


def test_images_are_links_with_frames_from_zero() -> None:
    image = Dataset()
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3.4"
    whole = only(item("IMAGE", "", ReferencedSOPSequence=[image]))
    assert (str(whole.name), str(whole.value), whole.links) == ("Image", "CT Image", (ImageLink("1.2.3.4"),))
    image.ReferencedFrameNumber = [5, 2]
    frames = only(item("IMAGE", "", ReferencedSOPSequence=[image]))
    assert frames.links == (ImageLink("1.2.3.4", 4), ImageLink("1.2.3.4", 1))
    assert str(frames.value) == "CT Image, frame 5, 2"


def test_relations_that_say_something_are_told_and_the_usual_one_is_not() -> None:
    assert str(only(item("TEXT", relation="INFERRED FROM")).relation) == "inferred from"
    assert str(only(item("TEXT", relation="CONTAINS")).relation) == ""


def test_depth_and_length_are_bounded_and_the_cut_is_told() -> None:
    deep = item("TEXT", "bottom")
    for _n in range(50):
        deep = item("CONTAINER", "level", "CONTAINS", deep)
    nodes = list(walk(report_of(deep).root))
    assert max(depth for depth, _node in nodes) == DEEPEST
    assert "too deep or too long" in str(nodes[-1][1].name)
    shared = item("TEXT", "one", TextValue="x")
    long = item("CONTAINER", "all", "CONTAINS", *(item("CONTAINER", "part", "", *[shared] * 1000) for _n in range(30)))
    nodes = list(walk(report_of(long).root))
    assert len(nodes) <= MOST_ITEMS + 1
    assert sum("too deep" in str(node.name) for _depth, node in nodes) == 1


def test_a_report_as_text_is_indented_and_headed() -> None:
    report = item("CONTAINER", "CT chest", "", item("TEXT", "Finding", TextValue="None"))
    report.CompletionFlag, report.VerificationFlag, report.ContentDate = "COMPLETE", "UNVERIFIED", "20240102"
    assert report_of(report).as_text() == (
        "CT chest\nState: complete, not verified\nDate: 2024-01-02\n\nCT chest\n  Finding: None\n"
    )


@pytest.mark.parametrize("odd", ["", "2024", "not a date", "99999999999"])
def test_odd_dates_and_times_are_shown_as_they_are(odd: str) -> None:
    assert words.date(odd) == odd
    assert words.time(odd) in (odd, "20:24")


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "seg-sr-highdicom/test_files/sr_document.dcm",
            ["Finding: Spinal cord", "Area of defined region: 1.7 cm²", "Image Region: a circle of 2 points"],
        ),
        (
            "conformance-pydicom/test_files/test-SR.dcm",
            ["Verified by: Riesmeier, Jörg", "Diameter: 3 cm", "Image: CT Image, frame 5, 2", "Time: 12:00:00"],
        ),
        ("seg-dcmqi/sr-example/sr.dcm", ["Procedure reported: PET whole body", "Person Observer Name: User2"]),
    ],
)
def test_real_reports_say_what_their_makers_wrote(shared_data: Path, name: str, lines: list[str]) -> None:
    report = read_report(read_header(shared_data / "dicom" / name))
    said = [line.strip() for line in report.as_text().splitlines()]
    assert set(lines) <= set(said)


@pytest.mark.data
def test_the_sources_of_a_measurement_are_links(shared_data: Path) -> None:
    report = read_report(read_header(shared_data / "dicom/seg-sr-highdicom/test_files/sr_document.dcm"))
    ct = read_header(shared_data / "dicom/seg-sr-highdicom/test_files/ct_image.dcm")
    assert ImageLink(ct.sop_uid) in [link for _depth, node in walk(report.root) for link in node.links]
