"""The gate says in a sentence why a model does not fit a series."""

from dataclasses import replace
from pathlib import Path

import pytest

from medviewer.ai.bundle import Bundle, fits
from medviewer.core.grid import Grid
from medviewer.core.study import Check
from medviewer.i18n import N_
from tests.ai.bundles import CHEST, series, tiny


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return tiny(Path(tmp_path_factory.mktemp("models")) / "tiny")


def spaced(k_mm: float, pixel_mm: float) -> Grid:
    return replace(CHEST, spacing_kji_mm=(k_mm, pixel_mm, pixel_mm))


def test_a_chest_ct_fits(bundle: Bundle) -> None:
    assert fits(bundle, series()) == ()


def test_another_modality_is_refused_in_one_sentence(bundle: Bundle) -> None:
    (check,) = fits(bundle, series(modality="MR", grid=None))
    assert check.severity == "stop"
    assert str(check.text) == "'Lung nodule network' reads CT only; this series is MR."


@pytest.mark.parametrize("modality", ["", "OT"])
def test_a_series_without_modality_is_refused_without_the_standards_abbreviation(bundle: Bundle, modality: str) -> None:
    (check,) = fits(bundle, series(modality=modality))
    assert str(check.text) == "'Lung nodule network' reads CT only; this series is of unknown kind."


def test_images_without_positions_are_refused(bundle: Bundle) -> None:
    assert [(c.code, c.severity) for c in fits(bundle, series(grid=None))] == [("model-geometry", "stop")]


def test_what_stops_the_series_stops_the_model_and_says_why(bundle: Bundle) -> None:
    missing = Check("missing-slices", "stop", N_("One slice is missing."))
    (check,) = fits(bundle, series(checks=(missing, Check("lossy", "warning", N_("Lossy.")))))
    assert (check.code, check.severity) == ("model-missing-slices", "stop")
    assert "One slice is missing." in str(check.text)


def test_straightened_images_are_refused(bundle: Bundle) -> None:
    check = Check("straightened", "info", N_("Straightened."))
    assert [(c.code, c.severity) for c in fits(bundle, series(checks=(check,)))] == [("model-straightened", "stop")]


def test_sagittal_slices_are_refused(bundle: Bundle) -> None:
    turned = replace(CHEST, axes_kji_lps=((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0)))
    assert [(c.code, c.severity) for c in fits(bundle, series(turned))] == [("model-orientation", "stop")]


@pytest.mark.parametrize("part", ["HEAD", ""])
def test_another_or_no_body_part_is_a_warning(bundle: Bundle, part: str) -> None:
    (check,) = fits(bundle, series(body_part=part))
    assert (check.code, check.severity) == ("model-body-part", "warning")


@pytest.mark.parametrize("part", ["CHEST", "Thorax", "CHEST_TO_PELVIS", "lung"])
def test_words_for_the_chest_are_known(bundle: Bundle, part: str) -> None:
    assert fits(bundle, series(body_part=part)) == ()


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
    bundle: Bundle, k_mm: float, pixel_mm: float, expected: list[tuple[str, str]]
) -> None:
    assert [(c.code, c.severity) for c in fits(bundle, series(spaced(k_mm, pixel_mm)))] == expected


def test_thick_slices_close_together_are_noticed(bundle: Bundle) -> None:
    (check,) = fits(bundle, series(thickness_mm=8.0))
    assert (check.code, check.severity) == ("model-slice-thickness", "warning")
    assert "8.00 mm thick" in str(check.text)
