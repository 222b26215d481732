"""Kernels, image types and contrast agents are known by the words that vendors have for them."""

import pytest

from medviewer.core.making import contrast_agent, image_kind, is_phantom, kernel_class
from medviewer.core.study import Header


def header(**said: str) -> Header:
    return Header("", "1.2", said.pop("sop_class", ""), "1", "1.9", **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kernel", "kind"),
    [
        ("B30f", "soft"), ("B31s", "soft"), ("Br38f\\3", "soft"), ("Br40d", "soft"), ("I31f\\2", "soft"),
        ("T20s", "soft"), ("B50f", "lung"), ("B60f", "lung"), ("Bl57d", "lung"),
        ("B70f", "bone"), ("Hr68h", "bone"), ("H31s", "soft"),
        ("FC01", "soft"), ("FC08", "soft"), ("FC13", "soft"), ("FC51", "lung"), ("FC30", "bone"), ("FC81", "bone"),
        ("STANDARD", "soft"), ("SOFT", "soft"), ("CHST", "soft"), ("LUNG", "lung"), ("DETAIL", "lung"),
        ("BONEPLUS", "bone"), ("EDGE", "bone"), ("B_SOFT_B", "soft"), ("B_SHARP_C", "lung"), ("LUNG_VSHARP_B", "lung"),
        ("", ""), ("11", ""), ("C", ""), ("B", ""), ("FC99", ""), ("B300", ""),
    ],
)  # fmt: skip
def test_kernels_are_known_by_their_names(kernel: str, kind: str) -> None:
    assert kernel_class(kernel) == kind


@pytest.mark.parametrize(("kernel", "kind"), [("B", "soft"), ("D", "lung"), ("YA", "lung"), ("E", "bone"), ("Z", "")])
def test_a_letter_is_a_kernel_at_philips_only(kernel: str, kind: str) -> None:
    assert kernel_class(kernel, "Philips Medical Systems") == kind
    assert kernel_class(kernel, "GE MEDICAL SYSTEMS") == ""


@pytest.mark.parametrize(
    ("image_type", "kind"),
    [
        ("ORIGINAL\\PRIMARY\\AXIAL\\CT_SOM5 SPI", "original"),
        ("ORIGINAL\\PRIMARY\\AXIAL\\HELIX", "original"),
        ("DERIVED \\PRIMARY\\AXIAL", "derived"),
        ("ORIGINAL\\SECONDARY\\AXIAL", "derived"),
        ("DERIVED\\SECONDARY\\REFORMATTED\\AVERAGE", "reformatted"),
        ("DERIVED\\PRIMARY\\MPR\\COR", "reformatted"),
        ("DERIVED\\PRIMARY\\AXIAL\\CT_SOM5 MIP", "projection"),
        ("DERIVED\\SECONDARY\\PROJECTION IMAGE", "projection"),
        ("DERIVED\\SECONDARY\\AXIAL\\MATERIAL_IODINE", "map"),
        ("ORIGINAL\\PRIMARY\\LOCALIZER", "localizer"),
        ("", ""),
    ],
)
def test_image_types_are_known_by_their_words(image_type: str, kind: str) -> None:
    assert image_kind(header(image_type=image_type)) == kind


def test_a_projection_may_be_told_by_the_name_of_its_series() -> None:
    assert image_kind(header(image_type="DERIVED\\SECONDARY\\AXIAL", series_description="Lung 8mm MIP")) == "projection"
    assert image_kind(header(image_type="ORIGINAL\\PRIMARY\\AXIAL", series_description="for MIP")) == "original"


def test_a_screen_capture_is_known_by_its_class() -> None:
    assert image_kind(header(sop_class="1.2.840.10008.5.1.4.1.1.7", image_type="ORIGINAL\\PRIMARY")) == "capture"
    assert image_kind(header(sop_class="1.2.840.10008.5.1.4.1.1.77.1.6", image_type="ORIGINAL\\PRIMARY")) == "original"


@pytest.mark.parametrize(
    ("said", "agent"), [("Iomeron", "Iomeron"), ("APPLIED", "APPLIED"), ("NONE", ""), (" no ", ""), ("", "")]
)
def test_words_that_mean_no_contrast_agent_are_none(said: str, agent: str) -> None:
    assert contrast_agent(header(contrast=said)) == agent


@pytest.mark.parametrize(
    ("said", "drawn"),
    [
        ({"manufacturer": "MedViewer"}, True), ({"study_description": "Catphan 604"}, True),
        ({"body_part": "PHANTOM"}, True),
        ({"series_description": "QA_PHANTOM 5 mm"}, True),
        ({"series_description": "Virtual non-contrast"}, False),
        ({"series_description": "Virtual bronchoscopy"}, False), ({"manufacturer": "SIEMENS"}, False),
    ],
)  # fmt: skip
def test_phantoms_are_known_by_what_the_files_call_them(said: dict[str, str], drawn: bool) -> None:
    assert is_phantom(header(**said)) is drawn
