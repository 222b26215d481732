"""The gate says in a sentence why a model does not fit a series."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from medviewer.ai.gate import refusals
from medviewer.ai.limits import REFUSABLE, Limits
from medviewer.core.grid import Grid
from medviewer.core.study import Check
from medviewer.i18n import N_
from tests.ai.chests import CHEST, series

BASE: Mapping[str, Any] = {
    "modality": "CT",
    "body_parts": ["CHEST", "THORAX", "LUNG"],
    "orientation": "axial",
    "pixel_mm": [0.45, 1.0],
    "slice_mm": [0.5, 5.0],
}
LIMITS = Limits.of("Lung nodule network", BASE)


def limited(**more: object) -> Limits:
    """The same model, with more said of what it was trained on."""
    return Limits.of("Lung nodule network", {**BASE, **more})


def told(limits: Limits = LIMITS, **said: Any) -> list[tuple[str, str]]:
    """Codes and severities of what the gate says of a chest CT with such a header."""
    return [(check.code, check.severity) for check in refusals(limits, series(**said))]


def sentence(limits: Limits, **said: Any) -> str:
    (check,) = refusals(limits, series(**said))
    return str(check.text)


def spaced(k_mm: float, pixel_mm: float) -> Grid:
    return replace(CHEST, spacing_kji_mm=(k_mm, pixel_mm, pixel_mm))


def test_a_chest_ct_fits() -> None:
    assert told() == []


def test_another_modality_is_refused_in_one_sentence() -> None:
    (check,) = refusals(LIMITS, series(modality="MR", grid=None))
    assert check.severity == "stop"
    assert str(check.text) == "'Lung nodule network' reads CT only; this series is MR."


@pytest.mark.parametrize("modality", ["", "OT"])
def test_a_series_without_modality_is_refused_without_the_standards_abbreviation(modality: str) -> None:
    assert sentence(LIMITS, modality=modality) == "'Lung nodule network' reads CT only; this series is of unknown kind."


def test_images_without_positions_are_refused() -> None:
    assert told(grid=None) == [("model-geometry", "stop")]


def test_what_stops_the_series_stops_the_model_and_says_why() -> None:
    missing = Check("missing-slices", "stop", N_("One slice is missing."))
    (check,) = refusals(LIMITS, series(checks=(missing, Check("lossy", "warning", N_("Lossy.")))))
    assert (check.code, check.severity) == ("model-missing-slices", "stop")
    assert "One slice is missing." in str(check.text)


def test_straightened_images_are_refused() -> None:
    assert told(checks=(Check("straightened", "info", N_("Straightened.")),)) == [("model-straightened", "stop")]


def test_sagittal_slices_are_refused_and_slices_from_the_feet_up_or_mirrored_ones_are_not() -> None:
    turned = replace(CHEST, axes_kji_lps=((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0)))
    assert told(grid=turned) == [("model-orientation", "stop")]
    feet_first = replace(CHEST, axes_kji_lps=((0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (-1.0, 0.0, 0.0)))
    across = replace(CHEST, axes_kji_lps=((0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)))
    assert told(grid=feet_first) == told(grid=across) == []


@pytest.mark.parametrize("part", ["HEAD", "KNEE", "NECK", "ROI", ""])
def test_another_or_no_body_part_is_a_warning(part: str) -> None:
    assert told(body_part=part) == [("model-body-part", "warning")]


@pytest.mark.parametrize("part", ["CHEST", "Thorax", "CHEST_TO_PELVIS", "lung"])
def test_words_for_the_chest_are_known(part: str) -> None:
    assert told(body_part=part) == []


@pytest.mark.parametrize(
    ("part", "severity"),
    [
        ("HEAD", "stop"),
        ("KNEE", "stop"),
        ("NECK", "warning"),
        ("HUMERUS", "warning"),
        ("ROI", "warning"),
        ("", "warning"),
    ],
)
def test_a_model_may_refuse_what_lies_far_from_its_part_of_the_body_but_not_what_lies_beside(
    part: str, severity: str
) -> None:
    assert told(limited(refuse=["body_parts"]), body_part=part) == [("model-body-part", severity)]


@pytest.mark.parametrize(
    ("k_mm", "pixel_mm", "expected"),
    [
        (2.0, 1.2, [("model-pixel-size", "warning")]),
        (2.0, 2.5, [("model-pixel-size", "stop")]),
        (8.0, 0.7, [("model-slice-distance", "warning")]),
        (12.0, 0.7, [("model-slice-distance", "stop")]),
        (5.0, 0.45, []),
    ],
)
def test_resolution_outside_the_training_range_warns_and_far_outside_stops(
    k_mm: float, pixel_mm: float, expected: list[tuple[str, str]]
) -> None:
    assert told(grid=spaced(k_mm, pixel_mm)) == expected


def test_thick_slices_close_together_are_noticed() -> None:
    (check,) = refusals(LIMITS, series(thickness_mm=8.0))
    assert (check.code, check.severity) == ("model-slice-thickness", "warning")
    assert "8.00 mm thick" in str(check.text)


def test_thin_slices_far_apart_leave_gaps() -> None:
    with_gaps = limited(gap_mm=0.5)
    assert told(with_gaps, thickness_mm=1.5) == []
    assert sentence(with_gaps, thickness_mm=1.0) == (
        "Between slices 1.0 mm of the body are not imaged; 'Lung nodule network' was trained on at most 0.5 mm."
    )


def test_few_slices_are_refused_and_a_low_stack_is_a_warning() -> None:
    few = limited(min_slices=20)
    assert told(few) == []
    assert sentence(few, images=19) == "The stack has 19 slices; 'Lung nodule network' needs at least 20."
    assert told(few, images=3) == [("model-few-slices", "stop")]
    low = limited(min_extent_mm=100)
    assert told(low, images=50) == []
    assert told(low, images=49) == [("model-extent", "warning")]
    assert sentence(low) == "The stack is 80 mm high; 'Lung nodule network' was trained on scans of 100 mm and more."


def test_a_narrow_picture_is_a_warning() -> None:
    assert told(limited(field_mm=[230, 500])) == []
    assert sentence(limited(field_mm=[400, 500])) == (
        "The picture is 358 mm wide; 'Lung nodule network' was trained on 400 to 500 mm."
    )


@pytest.mark.parametrize(
    ("years", "expected"), [(17.9, True), (18.0, False), (71.0, False), (0.0, False), (None, False)]
)
def test_children_are_told_from_adults_and_no_age_from_both(years: float | None, expected: bool) -> None:
    assert told(limited(age_years=[18, 120]), age_years=years) == [("model-age", "warning")] * expected


def test_a_model_may_refuse_children() -> None:
    adults = limited(age_years=[18, 120], refuse=["age_years"])
    assert told(adults, age_years=0.5) == [("model-age", "stop")]
    assert sentence(adults, age_years=9.0) == (
        "The patient was 9 years old; 'Lung nodule network' was trained on patients of 18 to 120 years."
    )


@pytest.mark.parametrize(("kernel", "maker"), [("B70f", "SIEMENS"), ("BONE", "GE"), ("11", "GE"), ("E", "Philips")])
def test_a_kernel_of_another_class_is_a_warning(kernel: str, maker: str) -> None:
    soft = limited(kernels=["soft", "lung"])
    assert told(soft, kernel=kernel, manufacturer=maker) == [("model-kernel", "warning")]
    assert told(soft, kernel="B30f") == told(soft, kernel="LUNG") == told(soft, kernel="") == []


def test_a_model_may_say_that_it_knows_kernels_that_nobody_knows() -> None:
    assert told(limited(kernels=["soft", "unknown"]), kernel="11") == []
    assert sentence(limited(kernels=["soft", "lung"]), kernel="BONE") == (
        "The images were made with kernel BONE (bone kernels); "
        "'Lung nodule network' was trained on soft-tissue kernels, lung kernels."
    )


def test_contrast_agent_and_its_absence_are_told() -> None:
    assert told(limited(contrast=["with", "without"]), contrast="Iomeron") == []
    assert sentence(limited(contrast=["without"]), contrast="Iomeron") == (
        "The files name a contrast agent (Iomeron); 'Lung nodule network' was trained on scans without."
    )
    assert sentence(limited(contrast=["with"]), contrast="NONE") == (
        "The files name no contrast agent; 'Lung nodule network' was trained on scans with one."
    )


@pytest.mark.parametrize(
    ("image_type", "expected"),
    [
        ("ORIGINAL\\PRIMARY\\AXIAL", []),
        ("", []),
        ("DERIVED\\PRIMARY\\AXIAL", [("model-image-type", "warning")]),
        ("DERIVED\\SECONDARY\\REFORMATTED\\AVERAGE", [("model-image-type", "warning")]),
        ("DERIVED\\PRIMARY\\AXIAL\\CT_SOM5 MIP", [("model-image-type", "stop")]),
        ("ORIGINAL\\PRIMARY\\LOCALIZER", [("model-image-type", "stop")]),
        ("DERIVED\\SECONDARY\\MATERIAL", [("model-image-type", "stop")]),
    ],
)
def test_what_holds_no_slices_of_densities_is_refused_and_what_was_worked_on_is_a_warning(
    image_type: str, expected: list[tuple[str, str]]
) -> None:
    assert told(limited(image_types=["original"]), image_type=image_type) == expected


def test_the_sentence_names_what_the_files_say() -> None:
    assert sentence(limited(image_types=["original", "derived"]), image_type="DERIVED\\SECONDARY\\MPR") == (
        "The files call these reformatted images (DERIVED\\SECONDARY\\MPR); "
        "'Lung nodule network' was trained on original images, derived images."
    )


def test_lossy_images_are_a_warning_where_the_model_asks() -> None:
    lossy = (Check("lossy", "warning", N_("Lossy.")),)
    assert told(checks=lossy) == []
    assert told(limited(lossless=True), checks=lossy) == [("model-lossy", "warning")]
    assert told(limited(lossless=True, refuse=["lossless"]), checks=lossy) == [("model-lossy", "stop")]


def test_a_virtual_patient_is_told_where_the_model_asks() -> None:
    assert told(manufacturer="MedViewer") == []
    assert told(limited(patients_only=True), manufacturer="MedViewer") == [("model-phantom", "warning")]


def test_the_gravest_is_told_first() -> None:
    strict = limited(age_years=[18, 120], refuse=["age_years"])
    assert told(strict, body_part="", age_years=5.0) == [("model-age", "stop"), ("model-body-part", "warning")]


@pytest.mark.parametrize(
    ("key", "said", "grid"),
    [
        ("body_parts", {"body_part": "HEAD"}, CHEST), ("pixel_mm", {}, spaced(2.0, 1.1)),
        ("field_mm", {}, spaced(2.0, 0.5)),
        ("slice_mm", {}, spaced(6.0, 0.7)), ("gap_mm", {"thickness_mm": 1.0}, CHEST), ("min_extent_mm", {}, CHEST),
        ("age_years", {"age_years": 3.0}, CHEST), ("kernels", {"kernel": "BONE"}, CHEST),
        ("contrast", {"contrast": "Iomeron"}, CHEST), ("image_types", {"image_type": "DERIVED"}, CHEST),
        ("patients_only", {"manufacturer": "MedViewer"}, CHEST),
    ],
)  # fmt: skip
def test_each_rule_warns_and_refuses_where_the_model_says_so(key: str, said: dict[str, Any], grid: Grid) -> None:
    rules: dict[str, dict[str, object]] = {
        "gap_mm": {"gap_mm": 0.5}, "field_mm": {"field_mm": [300, 500]}, "min_extent_mm": {"min_extent_mm": 90},
        "age_years": {"age_years": [18, 99]}, "kernels": {"kernels": ["soft"]}, "contrast": {"contrast": ["without"]},
        "image_types": {"image_types": ["original"]}, "patients_only": {"patients_only": True},
    }  # fmt: skip
    assert {severity for _code, severity in told(limited(**rules.get(key, {})), grid=grid, **said)} == {"warning"}
    assert "stop" in {s for _code, s in told(limited(**rules.get(key, {}), refuse=[key]), grid=grid, **said)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kernels": ["sharp"]}, {"contrast": ["maybe"]}, {"image_types": ["good"]}, {"refuse": ["min_slices"]},
        {"age_years": [99, 18]}, {"field_mm": [1]}, {"lossless": "yes"}, {"orientation": "upside"},
    ],
)  # fmt: skip
def test_a_rule_that_would_do_nothing_is_a_mistake_of_the_model(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        limited(**wrong)


def test_every_rule_that_may_refuse_is_known_by_its_key() -> None:
    assert limited(refuse=sorted(REFUSABLE)).refuse == REFUSABLE
