"""Headers become studies and series: each image once, each kind by itself, in the order a reader expects."""

from dataclasses import replace
from pathlib import Path

import pytest

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Unreadable
from medviewer.dicom.catalogue import Catalogue, nothing_found
from medviewer.dicom.scan import scan
from tests.dicom.files import ramp, slice_file
from tests.dicom.headers import CORONAL, catalogue, frames, said, series, slice_at, stack

SR, SEG, RTPLAN = (f"1.2.840.10008.5.1.4.1.1.{end}" for end in ("88.33", "66.4", "481.5"))
NO_PIXELS = {"rows": 0, "columns": 0, "pixels_bytes": 0}


def test_slices_are_ordered_by_position_whatever_their_numbers_say() -> None:
    shuffled = [stack()[k] for k in (3, 9, 0, 7, 1, 2, 8, 6, 5, 4)]
    found = series(*(replace(header, instance_number=n) for n, header in enumerate(shuffled)))
    assert [h.position_lps_mm[2] for h in found.headers if h.position_lps_mm] == [2.0 * k for k in range(10)]
    assert said(found) == {
        "slice-order": ("info", "The numbers of the images run in another order than the slices lie.")
    }
    assert found.grid is not None
    assert found.grid.shape_kji == (10, 48, 40)
    assert found.grid.spacing_kji_mm == (2.0, 0.8, 0.7)
    assert found.grid.to_lps((1, 2, 3)).tolist() == pytest.approx([-10 + 3 * 0.7, -20 + 2 * 0.8, 2.0])


def test_other_sizes_and_orientations_become_series_of_their_own() -> None:
    localizer = slice_at(50, 99, orientation=CORONAL)
    small = slice_at(4, 98, rows=12)
    found = catalogue(*stack(), localizer, small).study("1.2.3")
    assert [(one.uid, len(one.headers)) for one in found.series] == [
        ("1.2.3.4", 10), ("1.2.3.4#2", 1), ("1.2.3.4#3", 1),
    ]  # fmt: skip
    text = "2 images of another size, orientation or kind are listed as series of their own."
    assert said(found.series[0]) == {"mixed-orientation": ("info", text)}


def test_an_axial_localizer_is_not_mistaken_for_a_slice() -> None:
    found = series(*stack(), slice_at(7.3, 99, image_type="ORIGINAL\\PRIMARY\\LOCALIZER"))
    assert len(found.headers) == 10
    assert list(said(found)) == ["mixed-orientation"]


def test_phases_are_listed_one_by_one_with_their_names() -> None:
    phases = [slice_at(2.0 * k, 100 * t + k, temporal_position=t + 1) for t in range(12) for k in range(5)]
    found = catalogue(*phases).study("1.2.3").series
    assert [one.uid for one in found] == ["1.2.3.4", *(f"1.2.3.4#{n}" for n in range(2, 13))]
    assert [str(one.label) for one in found][:2] == ["phase 1 of 12", "phase 2 of 12"]
    text = "The series holds 12 sets of images of the same place; each is listed by itself."
    assert said(found[0])["phases"] == ("info", text)
    assert "duplicate-position" not in said(found[0])
    assert found[11].grid is not None


def test_guessed_phases_are_a_warning() -> None:
    found = series(*(slice_at(2.0 * k, 100 * t + k) for t in range(3) for k in range(5)))
    assert said(found)["phases"][0] == "warning"


def test_phases_stand_in_their_order_whatever_acquisition_they_name() -> None:
    slices = stack(acquisition_number=1, acquisition_time="110000")
    shuffled = [replace(h, temporal_position=t, sop_uid=f"{h.sop_uid}.{t}") for t in (3, 1, 2) for h in slices]
    found = catalogue(*shuffled).study("1.2.3").series
    assert [one.first.temporal_position for one in found] == [1, 2, 3]
    assert [one.label.to("en") for one in found if one.label] == [f"phase {n} of 3" for n in (1, 2, 3)]


def test_phases_that_came_as_series_are_numbered_by_their_time() -> None:
    name = {"series_description": "Head 4D", "series_number": 8}
    images = [
        slice_at(2.0 * k, k, series_uid=f"1.2.9.{20 - t}", acquisition_number=t, sop_uid=f"{t}.{k}", **name)
        for t in range(1, 4)
        for k in range(4)
    ]
    other = [slice_at(2.0 * k, k, series_uid="1.2.8", series_description="Chest", series_number=8) for k in range(4)]
    found = catalogue(*images, *other)
    assert [(one.uid, str(one.label)) for one in found.study("1.2.3").series if one.label] == [
        ("1.2.9.19", "phase 1 of 3"), ("1.2.9.18", "phase 2 of 3"), ("1.2.9.17", "phase 3 of 3"),
    ]  # fmt: skip
    assert list(said(found.series("1.2.9.18"))) == ["phases"]
    assert found.series("1.2.8").label is None


def test_frames_of_one_file_are_no_duplicates() -> None:
    found = series(*frames(20))
    assert [header.frame for header in found.headers] == list(range(20))
    assert list(said(found)) == ["cine"]


def test_copies_count_once_and_a_copied_film_is_one_copy() -> None:
    copy = replace(stack()[3], path="/ct/copy")
    assert said(series(*stack(), copy)) == {
        "duplicate-file": ("info", "One file is a copy of another and counts once.")
    }
    film = [replace(frame, path="/ct/copy") for frame in frames(20)]
    found = catalogue(*frames(20), *film, *film).series("1.2.3.4")
    assert len(found.headers) == 20
    assert said(found)["duplicate-file"][1].startswith("One file")


def test_an_image_is_no_copy_of_a_frame_of_a_film() -> None:
    film = [replace(frame, path="/ct/film") for frame in frames(20)]
    alone = replace(film[0], path="/ct/alone", frames=1)
    assert {len(one.headers) for one in catalogue(alone, *film).studies()[0].series} == {1, 20}


def test_one_number_on_two_images_is_told_and_neither_is_lost() -> None:
    impostor = replace(stack()[3], position_lps_mm=(-10.0, -20.0, 20.0), instance_number=11)
    found = series(*stack(), impostor)
    assert len(found.headers) == 11
    assert said(found)["duplicate-uid"] == ("warning", "One image carries the number (UID) of another image.")
    other = replace(stack()[3], path="/ct/other", rows=12)
    assert "duplicate-uid" in said(series(*stack(), other))


def test_scanning_a_folder_twice_makes_no_copies() -> None:
    found = catalogue(*stack(), *frames(3, series_uid="1.2.3.5"))
    found.add(stack())
    found.add(frames(3, series_uid="1.2.3.5"))
    assert found.series("1.2.3.4").checks == ()
    assert "duplicate-file" not in said(found.series("1.2.3.5"))


def test_what_is_no_image_is_listed_last_by_kind() -> None:
    report = slice_at(0, 1, series_uid="1.2.3.9", modality="SR", sop_class=SR, series_number=1, **NO_PIXELS)
    plan = slice_at(0, 1, series_uid="1.2.3.8", modality="RTPLAN", sop_class=RTPLAN, series_number=2, **NO_PIXELS)
    found = catalogue(plan, report, *stack(series_number=7)).study("1.2.3").series
    assert [(one.kind, one.modality, one.grid is None) for one in found] == [
        ("image", "CT", False), ("report", "SR", True), ("other", "RTPLAN", True),
    ]  # fmt: skip
    assert said(found[1]) == {}
    assert said(found[2]) == {"no-image": ("info", "These files hold no images: Radiotherapy plan.")}


def test_a_report_among_the_images_of_a_series_stands_beside_them() -> None:
    report = slice_at(0, 99, sop_class=SR, **NO_PIXELS)
    mask = slice_at(0, 98, sop_class=SEG, modality="SEG", frames=10)
    found = catalogue(report, *stack(), mask).study("1.2.3").series
    assert [(one.uid, one.kind, len(one.headers)) for one in found] == [
        ("1.2.3.4", "image", 10), ("1.2.3.4#2", "report", 1), ("1.2.3.4#3", "segmentation", 1),
    ]  # fmt: skip
    assert found[0].checks == ()


def test_segmentations_are_not_judged_as_stacks() -> None:
    masks = [slice_at(2.0 * k * k, k, sop_class=SEG, modality="SEG", pixel_spacing_mm=None) for k in range(4)]
    found = series(*masks)
    assert (found.kind, found.checks, found.grid, len(found.headers)) == ("segmentation", (), None, 4)


def test_studies_come_latest_first_and_unreadable_files_are_kept() -> None:
    bad = Unreadable("/ct/bad", "This is not a DICOM file.")
    old, new = (slice_at(0, study_uid=uid, study_date=day) for uid, day in (("1", "20240101"), ("2", "20250101")))
    found = catalogue(old, bad, new)
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
    assert problem.text.endswith("its only file was looked at.")
    assert problem.hint == "Most often: This is not a DICOM file."
    assert nothing_found(tmp_path, unreadable * 3).text.endswith("3 files were looked at.")
    assert nothing_found(tmp_path / "a.txt", unreadable).hint == "This is not a DICOM file."


@pytest.mark.data
@pytest.mark.parametrize(
    ("folder", "slices", "spacing_mm", "stops"),
    [
        ("chest-ct-1mm-LIDC-IDRI-0314-jls", 275, 1.0, []),
        ("chest-ct-8mm-Lung_Dx-A0002", 30, 8.0, []),
        ("head-ct-gantry-tilt-phantom-jls", 54, 2.5, ["gantry-tilt"]),
        ("ct-totalseg/example_ct_dicom", 20, 2.0, []),
    ],
)
def test_real_series_have_the_geometry_they_are_known_for(
    shared_data: Path, folder: str, slices: int, spacing_mm: float, stops: list[str]
) -> None:
    found = Catalogue()
    found.add(scan(shared_data / "dicom" / folder, Job()))
    (only,) = found.studies()[0].series
    assert only.grid is not None
    assert (len(only.headers), [check.code for check in only.stopped]) == (slices, stops)
    assert only.grid.spacing_kji_mm[0] == pytest.approx(spacing_mm, rel=0.002)


def test_a_series_uid_that_looks_like_a_stack_of_another_one_is_listed(tmp_path: Path) -> None:
    slice_file(tmp_path / "a.dcm", ramp(), SeriesInstanceUID="1.2#3.4")
    slice_file(tmp_path / "b.dcm", ramp(), SeriesInstanceUID="1.2")
    found = Catalogue()
    found.add(scan(tmp_path, Job()))
    uids = [one.uid for one in found.studies()[0].series]
    assert len(uids) == 2
    assert [found.series(uid).uid for uid in uids] == uids


@pytest.mark.data
def test_the_tilted_head_leans_as_its_scanner_said(shared_data: Path) -> None:
    found = Catalogue()
    found.add(scan(shared_data / "dicom/head-ct-gantry-tilt-phantom-jls", Job()))
    (head,) = found.studies()[0].series
    assert said(head)["gantry-tilt"][1].startswith("The gantry was tilted by -18.5°")
    assert head.first.gantry_tilt_deg == -18.5


@pytest.mark.data
def test_the_phases_of_the_real_4d_head_are_numbered(shared_data: Path) -> None:
    found = Catalogue()
    found.add(scan(shared_data / "dicom/ct-4d-tiny-panimg", Job()))
    phases = found.studies()[0].series
    assert [str(one.label) for one in phases] == [f"phase {n} of 19" for n in range(1, 20)]
    assert [one.first.instance_number for one in phases] == [1 + 4 * n for n in range(19)]
    assert {len(one.headers) for one in phases} == {4}
