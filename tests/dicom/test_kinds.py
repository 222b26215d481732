"""What a file is, by its SOP class and by what it holds."""

from dataclasses import replace

import pytest

from medviewer.core.study import Series
from medviewer.dicom.kinds import kind_of, kind_title, title_of
from tests.dicom.headers import slice_at

STORAGE = "1.2.840.10008.5.1.4.1.1."
OBJECT = slice_at(0, rows=0, columns=0, pixels_bytes=0)


@pytest.mark.parametrize(
    ("sop_class", "kind", "title"),
    [
        ("88.11", "report", "Structured report"),
        ("88.33", "report", "Structured report"),
        ("88.59", "report", "Key object selection"),
        ("88.67", "report", "Radiation dose report"),
        ("104.1", "document", "Encapsulated PDF"),
        ("481.3", "contours", "Radiotherapy structures"),
        ("481.5", "other", "Radiotherapy plan"),
        ("11.1", "presentation", "Presentation state"),
        ("11.2", "presentation", "Presentation state"),
        ("9.1.1", "other", "Waveform"),
        ("66.1", "other", "Registration"),
        ("67", "other", "Real-world value mapping"),
        ("91.1", "other", "Microscopy annotations"),
        ("78.1", "other", "Lensometry Measurements"),
        ("2", "other", "CT Image, without pixels"),
    ],
)
def test_what_is_no_image_is_told_by_its_sop_class(sop_class: str, kind: str, title: str) -> None:
    header = replace(OBJECT, sop_class=STORAGE + sop_class, modality="")
    assert (kind_of(header), title_of(header).to("en")) == (kind, title)


@pytest.mark.parametrize("sop_class", [STORAGE + "66.4", STORAGE + "66.7"])
def test_segmentations_have_pixels_and_are_still_no_images(sop_class: str) -> None:
    assert kind_of(slice_at(0, sop_class=sop_class, modality="SEG")) == "segmentation"


@pytest.mark.parametrize("sop_class", ["", "1.2.111.10008.2.1.4.1.1.2", STORAGE + "88.33", STORAGE + "481.2"])
def test_a_file_with_pixels_is_an_image_whatever_its_class_claims(sop_class: str) -> None:
    assert kind_of(slice_at(0, sop_class=sop_class)) == "image"


def test_the_modality_speaks_where_the_class_is_unknown() -> None:
    assert kind_of(replace(OBJECT, sop_class="1.2.999", modality="RTSTRUCT")) == "contours"
    assert kind_of(replace(OBJECT, sop_class="", modality="KO")) == "report"
    strange = replace(OBJECT, sop_class="no uid at all {x}", modality="??")
    assert (kind_of(strange), title_of(strange).to("en")) == ("other", "Object of unknown kind")


def test_an_image_that_lost_its_pixels_stays_an_image_and_a_report_does_not_become_one() -> None:
    assert kind_of(slice_at(0, pixels_bytes=0)) == "image"
    assert kind_of(slice_at(0, pixels_bytes=0, sop_class=STORAGE + "88.33")) == "report"


def test_images_of_their_own_kind_are_named() -> None:
    dose = slice_at(0, sop_class=STORAGE + "481.2", modality="RTDOSE")
    assert kind_title(Series("a", (dose,))).to("en") == "Radiotherapy dose"
    assert kind_title(Series("a", (slice_at(0),))).to("en") == "Images"
