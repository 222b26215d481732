"""Headers become studies and series in the order of the patient, with what is odd about them in words."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Series, Unreadable
from medviewer.dicom.catalogue import Catalogue, nothing_found
from medviewer.dicom.scan import scan

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)


def slice_at(z_mm: float, number: int = 0, **other: Any) -> Header:
    """Return an axial CT slice at ``z_mm``; ``other`` replaces fields."""
    uid = f"1.2.3.4.{number}.{round(z_mm * 100) + 100000}"
    return replace(
        Header(f"/ct/{uid}", uid, "1.2.840.10008.5.1.4.1.1.2", "1.2.3", "1.2.3.4", "CT", "1.2.840.10008.1.2.1"),
        **{
            "instance_number": number, "rows": 48, "columns": 40, "bits_allocated": 16, "bits_stored": 16,
            "position_lps_mm": (-10.0, -20.0, z_mm), "orientation": AXIAL, "pixel_spacing_mm": (0.8, 0.7),
            "thickness_mm": 2.0, **other,
        },
    )  # fmt: skip


def catalogue(*headers: Header | Unreadable) -> Catalogue:
    found = Catalogue()
    found.add(headers)
    return found


def series(*headers: Header) -> Series:
    return catalogue(*headers).series("1.2.3.4")


def said(found: Series) -> dict[str, tuple[str, str]]:
    return {check.code: (check.severity, check.text.to("en")) for check in found.checks}


def stack(n: int = 10, step_mm: float = 2.0, **other: Any) -> list[Header]:
    return [slice_at(step_mm * k, k + 1, **other) for k in range(n)]


def test_slices_are_ordered_by_position_whatever_their_numbers_say() -> None:
    shuffled = [stack()[k] for k in (3, 9, 0, 7, 1, 2, 8, 6, 5, 4)]
    found = series(*(replace(header, instance_number=n) for n, header in enumerate(shuffled)))
    assert [header.position_lps_mm[2] for header in found.headers if header.position_lps_mm] == [
        2.0 * k for k in range(10)
    ]
    assert found.checks == ()
    assert found.grid is not None
    assert found.grid.shape_kji == (10, 48, 40)
    assert found.grid.spacing_kji_mm == (2.0, 0.8, 0.7)
    assert found.grid.to_lps((1, 2, 3)).tolist() == pytest.approx([-10 + 3 * 0.7, -20 + 2 * 0.8, 2.0])


@pytest.mark.parametrize(
    "orientation", [AXIAL, CORONAL, (0, 1, 0, 0, 0, -1), (-1, 0, 0, 0, -1, 0), (1, 0, 0, 0, -1, 0)]
)
def test_the_grid_puts_every_slice_where_its_file_says(orientation: tuple[float, ...]) -> None:
    along = np.cross(orientation[:3], orientation[3:])
    headers = [
        slice_at(k, k, orientation=orientation, position_lps_mm=tuple(np.array([5.0, 6.0, 7.0]) - 1.5 * k * along))
        for k in range(6)
    ]
    found = series(*headers)
    assert found.grid is not None
    for k, header in enumerate(found.headers):
        assert found.grid.to_lps((k, 0, 0)).tolist() == pytest.approx(header.position_lps_mm)
    assert np.linalg.det(found.grid.steps_lps_mm[::-1]) > 0


def test_a_missing_slice_is_named_with_its_place() -> None:
    headers = stack()
    del headers[4]
    assert said(series(*headers)) == {"missing-slices": ("stop", "One slice is missing, between the slices 4/5.")}
    del headers[6]
    _severity, text = said(series(*headers))["missing-slices"]
    assert text == "2 slices are missing, between the slices 4/5, 6/7."


def test_distances_that_vary_a_little_warn_and_much_stop() -> None:
    headers = stack()
    assert said(series(*headers[:5], slice_at(10.08, 6), *headers[6:]))["spacing-varies"][0] == "warning"
    assert said(series(*headers[:5], slice_at(10.7, 6), *headers[6:]))["spacing-varies"][0] == "stop"


def test_rounded_positions_are_no_reason_to_warn() -> None:
    assert series(*(slice_at(round(0.625 * k, 2), k) for k in range(50))).checks == ()


def test_gantry_tilt_is_seen_in_the_positions_and_the_grid_follows_it() -> None:
    tilted = (1.0, 0.0, 0.0, 0.0, float(np.cos(0.3)), float(np.sin(0.3)))
    found = series(*stack(orientation=tilted))
    assert said(found)["gantry-tilt"] == (
        "stop", "The gantry was tilted by 17.2°: only the original slices are undistorted.",
    )  # fmt: skip
    assert found.grid is not None
    assert found.grid.to_lps((9, 0, 0)).tolist() == pytest.approx([-10.0, -20.0, 18.0])


def test_slices_that_slide_sideways_stop() -> None:
    headers = stack()
    headers[5] = replace(headers[5], position_lps_mm=(-3.0, -20.0, 10.0))
    assert said(series(*headers))["slices-shifted"][0] == "stop"


def test_other_sizes_and_orientations_become_series_of_their_own() -> None:
    localizer = slice_at(50, 99, orientation=CORONAL)
    small = slice_at(4, 98, rows=12)
    found = catalogue(*stack(), localizer, small).study("1.2.3")
    assert [(one.uid, len(one.headers)) for one in found.series] == [
        ("1.2.3.4", 10),
        ("1.2.3.4#2", 1),
        ("1.2.3.4#3", 1),
    ]
    text = "2 images of another size, orientation or kind are listed as series of their own."
    assert said(found.series[0]) == {"mixed-orientation": ("info", text)}


def test_an_axial_localizer_is_not_mistaken_for_a_slice() -> None:
    found = series(*stack(), slice_at(7.3, 99, image_type="ORIGINAL\\PRIMARY\\LOCALIZER"))
    assert len(found.headers) == 10
    assert list(said(found)) == ["mixed-orientation"]


def test_the_phases_of_a_four_dimensional_series_fall_apart() -> None:
    phases = [slice_at(2.0 * k, 10 * phase + k) for phase in range(3) for k in range(5)]
    found = catalogue(*phases).study("1.2.3").series
    assert [[header.instance_number for header in one.headers] for one in found] == [
        [0, 1, 2, 3, 4], [10, 11, 12, 13, 14], [20, 21, 22, 23, 24],
    ]  # fmt: skip
    assert said(found[0])["duplicate-position"][0] == "warning"


def test_copies_count_once_and_shared_numbers_are_told() -> None:
    headers = stack()
    copy = replace(headers[3], path="/ct/copy")
    assert said(series(*headers, copy)) == {
        "duplicate-file": ("info", "One file is a copy of another and counts once.")
    }
    impostor = replace(headers[3], position_lps_mm=(-10.0, -20.0, 20.0), instance_number=11)
    assert "duplicate-uid" in said(series(*headers, impostor))


def test_scanning_a_folder_twice_makes_no_copies() -> None:
    found = catalogue(*stack())
    found.add(stack())
    assert found.series("1.2.3.4").checks == ()


def test_a_single_slice_is_no_volume() -> None:
    found = series(slice_at(0))
    assert said(found)["single-image"][0] == "stop"
    assert found.grid is None
    assert series(slice_at(0, modality="CR")).checks == ()


def test_without_positions_the_numbers_order_and_the_thickness_stands_in() -> None:
    found = series(*(slice_at(k, n, position_lps_mm=None) for k, n in enumerate((3, 1, 2))))
    assert [header.instance_number for header in found.headers] == [1, 2, 3]
    assert found.grid is None
    assert {code: severity for code, (severity, _text) in said(found).items()} == {
        "no-position": "stop",
        "thickness-used": "stop",
    }


@pytest.mark.parametrize(
    ("other", "code", "severity"),
    [
        ({"pixel_spacing_mm": None}, "no-spacing", "stop"),
        ({"lossy": True}, "lossy", "warning"),
        ({"samples": 3}, "colour", "stop"),
        ({"bits_allocated": 32}, "coarse", "warning"),
    ],
)
def test_every_oddity_of_the_pixels_is_told(other: dict[str, Any], code: str, severity: str) -> None:
    assert said(series(*stack(**other)))[code][0] == severity


def test_multi_frame_files_stand_alone_and_are_not_measured() -> None:
    found = catalogue(slice_at(0, 1, frames=20), slice_at(0, 2, frames=20)).study("1.2.3").series
    assert [len(one.headers) for one in found] == [1, 1]
    assert said(found[0])["multi-frame"][0] == "stop"


def test_objects_without_pixels_are_listed_last_and_said_to_be_none() -> None:
    report = slice_at(0, 1, series_uid="1.2.3.9", modality="SR", rows=0, columns=0)
    found = catalogue(report, *stack()).study("1.2.3")
    assert [one.modality for one in found.series] == ["CT", "SR"]
    assert list(said(found.series[1])) == ["no-image"]


def test_studies_come_latest_first_and_unreadable_files_are_kept() -> None:
    bad = Unreadable("/ct/bad", "This is not a DICOM file.")
    found = catalogue(
        slice_at(0, study_uid="1", study_date="20240101"), bad, slice_at(0, study_uid="2", study_date="20250101")
    )
    assert [study.uid for study in found.studies()] == ["2", "1"]
    assert found.unreadable == [bad]


def test_what_is_not_there_is_a_problem() -> None:
    for ask in (Catalogue().study, Catalogue().series, catalogue(*stack()).series):
        with pytest.raises(Problem, match=r"no (study|series) with the number 1\.2\.3\.4#7"):
            ask("1.2.3.4#7")


def test_a_folder_without_images_is_explained(tmp_path: Path) -> None:
    assert str(nothing_found(tmp_path, [])).startswith(f"There are no files in '{tmp_path.name}'.")
    (tmp_path / "a.txt").write_text("only a text, no image at all")
    unreadable = [one for one in scan(tmp_path, Job()) if isinstance(one, Unreadable)]
    problem = nothing_found(tmp_path, unreadable)
    assert "no DICOM image" in problem.text
    assert problem.hint == "Most often: This is not a DICOM file."
    assert nothing_found(tmp_path / "a.txt", unreadable).hint == "This is not a DICOM file."


@pytest.mark.data
@pytest.mark.parametrize(
    ("folder", "slices", "spacing_mm", "codes"),
    [
        ("chest-ct-1mm-LIDC-IDRI-0314-jls", 275, 1.0, []),
        ("chest-ct-8mm-Lung_Dx-A0002", 30, 8.0, []),
        ("head-ct-gantry-tilt-phantom-jls", 54, 2.5, ["gantry-tilt"]),
        ("ct-totalseg", 20, 2.0, ["no-uid"]),
    ],
)
def test_real_series_have_the_geometry_they_are_known_for(
    shared_data: Path, folder: str, slices: int, spacing_mm: float, codes: list[str]
) -> None:
    found = Catalogue()
    found.add(scan(shared_data / "dicom" / folder, Job()))
    (only,) = found.studies()[0].series
    assert only.grid is not None
    assert (len(only.headers), [check.code for check in only.checks]) == (slices, codes)
    assert only.grid.spacing_kji_mm[0] == pytest.approx(spacing_mm, rel=0.002)
