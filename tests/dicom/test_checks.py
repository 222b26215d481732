"""Every oddity of a series is told in words that say what it means, and stops only what it makes unsafe."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from medviewer.core.study import GEOMETRY, Header, Series
from medviewer.dicom.header import FOREIGN
from medviewer.dicom.stacks.checks import against_volume
from tests.dicom.headers import CORONAL, catalogue, frames, said, series, slice_at, stack

JPEG = "1.2.840.10008.1.2.4."
TILTED = (1.0, 0.0, 0.0, 0.0, float(np.cos(0.3)), float(np.sin(0.3)))


def test_a_regular_series_has_nothing_to_tell() -> None:
    assert series(*stack()).checks == ()
    assert against_volume(series(*stack())) == ()


def test_a_missing_slice_is_named_with_its_place() -> None:
    headers = stack()
    del headers[4]
    assert said(series(*headers)) == {"missing-slices": ("stop", "One slice is missing, between the slices 4/5.")}
    del headers[6]
    _severity, text = said(series(*headers))["missing-slices"]
    assert text == "2 slices are missing, between the slices 4/5, 6/7."


def test_of_many_gaps_the_first_are_named() -> None:
    headers = [header for k, header in enumerate(stack(40)) if k % 5 != 3]
    assert said(series(*headers))["missing-slices"][1].endswith("3/4, 7/8, 11/12, 15/16, 19/20 ….")


def test_distances_that_vary_a_little_warn_and_much_stop() -> None:
    headers = stack()
    assert said(series(*headers[:5], slice_at(10.15, 6), *headers[6:]))["spacing-varies"][0] == "warning"
    severity, text = said(series(*headers[:5], slice_at(10.7, 6), *headers[6:]))["spacing-varies"]
    assert severity == "stop"
    assert text == "The distance between slices varies from 1.30 to 2.70 mm, most between the slices 5/6."


@pytest.mark.parametrize(("step_mm", "digits"), [(0.625, 2), (0.625, 1), (0.75, 1), (1.25, 1), (0.33, 1)])
def test_rounded_positions_are_no_reason_to_warn(step_mm: float, digits: int) -> None:
    found = series(*(slice_at(round(step_mm * k, digits), k) for k in range(200)))
    assert found.checks == ()
    assert found.grid is not None
    last = found.headers[-1].position_lps_mm
    assert found.grid.to_lps((199, 0, 0)).tolist() == pytest.approx(last)  # the rounding does not add up


def test_a_hole_counts_as_the_slices_it_lacks() -> None:
    found = series(*(one for k, one in enumerate(stack(20, 1.25)) if k not in (5, 9, 10)))
    assert found.grid is not None
    assert found.grid.spacing_kji_mm[0] == 1.25


def test_slices_that_lie_beside_even_steps_are_told_however_thin() -> None:
    headers = [slice_at(0.2 * k + 0.08 * (k == 6), k) for k in range(12)]
    assert said(series(*headers))["spacing-varies"][0] == "stop"


def test_a_tilted_series_can_be_straightened() -> None:
    found = series(*stack(orientation=TILTED))
    text = "The gantry was tilted by 17.2°: only the original slices are undistorted."
    assert said(found) == {"gantry-tilt": ("stop", text)}
    assert "can be straightened" in str(found.checks[0].explanation)
    assert [check.code for check in against_volume(found)] == ["gantry-tilt"]


def test_slices_that_slide_sideways_stop() -> None:
    headers = stack()
    headers[5] = replace(headers[5], position_lps_mm=(-3.0, -20.0, 10.0))
    assert said(series(*headers))["slices-shifted"][0] == "stop"


@pytest.mark.parametrize(
    ("images", "code"),
    [
        ([slice_at(0)], "single-image"),
        (frames(), "cine"),
        (frames(1, modality="SM"), "whole-slide"),
        ([slice_at(0.0, n) for n in range(3)], "one-place"),
        ([slice_at(k, k, position_lps_mm=None) for k in range(3)], "no-position"),
        (
            [slice_at(0, n, orientation=(float(np.cos(n)), float(np.sin(n)), 0, 0, 0, -1)) for n in range(9)],
            "turning",
        ),
        (stack(pixel_spacing_mm=None), "no-spacing"),
    ],
)
def test_what_is_no_stack_has_no_volume_and_says_why(images: list[Header], code: str) -> None:
    found = series(*images)
    assert said(found)[code][0] == "stop"
    assert code in [check.code for check in against_volume(found)]
    assert code in GEOMETRY
    assert found.grid is None


def test_a_film_is_looked_at_without_a_word_and_still_is_no_volume() -> None:
    film = series(slice_at(0, modality="CR", position_lps_mm=None, orientation=None))
    assert film.checks == ()
    assert [check.code for check in against_volume(film)] == ["no-volume"]


def test_without_positions_the_numbers_order_and_the_thickness_stands_in() -> None:
    found = series(*(slice_at(k, n, position_lps_mm=None) for k, n in enumerate((3, 1, 2))))
    assert [header.instance_number for header in found.headers] == [1, 2, 3]
    assert {code: severity for code, (severity, _text) in said(found).items()} == {
        "no-position": "stop",
        "thickness-used": "stop",
    }


def test_numbers_that_run_backwards_or_are_missing_are_in_order() -> None:
    backwards = [replace(header, instance_number=-header.instance_number) for header in stack()]
    assert series(*backwards).checks == ()
    assert series(*(replace(header, instance_number=0) for header in stack())).checks == ()


def test_frames_of_reference_that_differ_warn_unless_every_image_has_its_own() -> None:
    two = [replace(header, frame_of_reference_uid="1" if k < 5 else "2") for k, header in enumerate(stack())]
    assert said(series(*two))["frame-of-reference"] == ("warning", "The images name 2 different frames of reference.")
    own = [replace(header, frame_of_reference_uid=str(k)) for k, header in enumerate(stack())]
    assert said(series(*own))["frame-of-reference"][0] == "info"


@pytest.mark.parametrize(
    ("other", "code", "severity"),
    [
        ({"pixel_spacing_mm": None}, "no-spacing", "stop"),
        ({"lossy": True}, "lossy", "warning"),
        ({"transfer_syntax": JPEG + "50"}, "lossy", "warning"),
        ({"transfer_syntax": JPEG + "81"}, "lossy", "warning"),
        ({"transfer_syntax": JPEG + "91"}, "maybe-lossy", "info"),
        ({"transfer_syntax": JPEG + "111"}, "maybe-lossy", "info"),  # JPEG XL made of a JPEG
        ({"samples": 3, "pixels_bytes": -1, "transfer_syntax": JPEG + "70"}, "colour", "stop"),
        ({"bits_allocated": 32, "bits_stored": 32, "transfer_syntax": JPEG + "90"}, "coarse", "warning"),
        ({"float_pixels": True, "pixels_bytes": 0}, "float-pixels", "warning"),
        ({"modality_lut": True}, "modality-lut", "stop"),
        ({"modality_lut": True, "modality": "CR"}, "modality-lut", "info"),
        ({"rescale_type": "US"}, "not-hu", "stop"),
        ({"rescale_type": "OD"}, "not-hu", "stop"),
        ({"signed": False}, "not-hu", "stop"),
        ({"padding": 63536, "signed": False, "bits_stored": 12, "intercept": -1024.0}, "sign", "warning"),
        ({"padding": -2000}, "padding", "info"),
        ({"spacing_kind": "detector", "modality": "DX"}, "detector-spacing", "warning"),
        ({"spacing_kind": "calibrated", "modality": "DX"}, "calibrated-spacing", "info"),
        ({"spacing_kind": "nominal", "modality": "OT"}, "nominal-spacing", "warning"),
        ({"spacing_kind": "region", "modality": "US"}, "region-spacing", "info"),
        ({"modality": "PT", "suv": 0.5}, "suv", "info"),
        ({"modality": "PT", "suv_missing": "weight"}, "no-suv", "warning"),
        ({"burned_in": "YES"}, "burned-in", "warning"),
        ({"modality": "US"}, "burned-in", "info"),
        ({"charset_repaired": True}, "charset", "info"),
        ({"pixels_bytes": 0}, "no-pixels", "stop"),
        ({"pixels_bytes": 3000}, "cut-short", "stop"),
        ({"file_bytes": 2000}, "cut-short", "stop"),
        ({"rows": 65535, "columns": 65535, "transfer_syntax": JPEG + "90"}, "absurd-size", "stop"),
        ({"transfer_syntax": FOREIGN, "pixels_bytes": 0}, "foreign", "warning"),
        ({"series_uid": "2.25.10915"}, "no-uid", "warning"),
    ],
)
def test_every_oddity_of_the_pixels_is_told_and_explained(other: dict[str, Any], code: str, severity: str) -> None:
    found = catalogue(*stack(**other)).studies()[0].series[0]
    assert said(found)[code][0] == severity
    assert all(
        check.explanation is not None and check.text.to("en") and str(check.explanation) for check in found.checks
    )


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"signed": False, "intercept": -1024.0}, "not-hu"),
        ({"signed": False, "modality": "MR"}, "not-hu"),
        ({"modality": "US", "burned_in": "NO"}, "burned-in"),
        ({"rescale_type": "HU"}, "not-hu"),
        ({"rescale_type": "OD", "modality": "CR"}, "not-hu"),
        ({"samples": 3, "photometric": "YBR_FULL_422", "bits_allocated": 8, "bits_stored": 8}, "cut-short"),
        ({"bits_allocated": 32, "bits_stored": 16, "pixels_bytes": 9000, "file_bytes": 0}, "coarse"),
        ({"transfer_syntax": JPEG + "90", "pixels_bytes": 100}, "cut-short"),
    ],
)
def test_what_is_in_order_is_not_complained_about(other: dict[str, Any], code: str) -> None:
    assert code not in said(series(*stack(**other)))


def test_a_series_whose_signs_differ_says_so() -> None:
    mixed = [replace(header, signed=k > 3, intercept=-1024.0) for k, header in enumerate(stack())]
    assert said(series(*mixed))["sign"][1] == "Some images are stored with sign and some without."


def test_one_file_cut_short_among_others_does_not_stop_the_series() -> None:
    whole = stack()
    found = series(replace(whole[0], file_bytes=2000), *whole[1:])
    assert said(found)["cut-short"] == ("warning", "One file is cut short: pixels are missing.")


def test_files_that_are_cut_short_are_counted_by_file() -> None:
    found = series(*frames(20, pixels_bytes=20 * 48 * 40 * 2 - 1))
    assert said(found)["cut-short"][1] == "One file is cut short: pixels are missing."
    headers = [replace(header, pixels_bytes=10) if k < 3 else header for k, header in enumerate(stack())]
    assert said(series(*headers))["cut-short"][1] == "3 files are cut short: pixels are missing."


def test_loss_is_told_with_its_share_and_ratio() -> None:
    headers = [
        replace(
            header, transfer_syntax=JPEG + "50", lossy=k > 1, pixels_at=1000, file_bytes=1000 + 384, pixels_bytes=-1
        )
        for k, header in enumerate(stack())
    ]
    assert said(series(*headers))["lossy"][1] == "The images were compressed with loss (10 of 10), about 10 to 1."


def explained(found: Series, code: str) -> str:
    return next(str(check.explanation) for check in found.checks if check.code == code)


def test_explanations_name_what_the_files_say() -> None:
    magnified = series(*stack(modality="XA", spacing_kind="detector", magnification=1.42))
    assert "1.42 times" in explained(magnified, "detector-spacing")
    assert "weight" in explained(series(*stack(modality="PT", suv_missing="weight")), "no-suv")
    partly = [replace(header, suv=None if k == 3 else 0.5) for k, header in enumerate(stack(modality="PT"))]
    assert "no-suv" in said(series(*partly))


def test_the_gravest_check_comes_first() -> None:
    headers = stack(padding=-2000, lossy=True, orientation=TILTED)
    found = series(*headers, slice_at(3, 99, orientation=CORONAL))
    assert [check.severity for check in found.checks] == ["stop", "warning", "info", "info"]


def test_tag_texts_cannot_break_a_sentence() -> None:
    found = series(*stack(rescale_type="{0.__class__}", modality="CT"))
    assert "{0.__class__}" in said(found)["not-hu"][1]
