"""What a file says of showing its picture, read without its pixels."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from medviewer.core.look import PLAIN, Look, Lut, Window
from medviewer.core.problem import Problem
from medviewer.core.study import Header
from medviewer.dicom.looks.looks import needs_look, read_look
from medviewer.dicom.looks.luts import lut_of
from tests.dicom.shown import header_for, image_file, lut_item, overlay_tags

BOX = np.zeros((8, 12), bool)
BOX[2:5, 3:9] = True


def look_at(path: Path, **said: object) -> Look:
    return read_look(header_for(path, **said))


def test_ordinary_slices_are_described_by_their_headers() -> None:
    plain: dict[str, Any] = {"transfer_syntax": "1.2.840.10008.1.2.1"}
    assert not needs_look(Header("", "1", "", "1", "1", modality="CT", **plain))
    assert needs_look(Header("", "1", "", "1", "1", modality="CT", voi_lut=True, **plain))
    assert needs_look(Header("", "1", "", "1", "1", modality="MR", overlays=True, **plain))
    assert needs_look(Header("", "1", "", "1", "1", modality="DX", **plain))


def test_files_that_are_no_dicom_have_no_look_of_their_own() -> None:
    assert not needs_look(Header("", "1", "", "1", "1", modality="", transfer_syntax="medviewer:foreign"))


def test_several_windows_keep_their_names_and_numbering_is_no_name(tmp_path: Path) -> None:
    told: dict[str, Any] = {"WindowCenter": [40, -600, 40], "WindowWidth": [400, 1500, 400]}
    path = image_file(tmp_path / "a.dcm", WindowCenterWidthExplanation=["WINDOW1", "LUNG", "AGAIN"], **told)
    windows = look_at(path).windows
    assert [(named.tone, named.title) for named in windows] == [
        (Window(40.0, 400.0), ""),
        (Window(-600.0, 1500.0), "LUNG"),
    ]


def test_the_function_goes_with_the_windows_and_impossible_ones_are_left_out(tmp_path: Path) -> None:
    path = image_file(tmp_path / "a.dcm", WindowCenter=[1, 2], WindowWidth=[0.5, -1], VOILUTFunction="SIGMOID")
    assert [named.tone for named in look_at(path).windows] == [Window(1.0, 0.5, "SIGMOID")]
    path = image_file(tmp_path / "b.dcm", WindowCenter=[1, 2], WindowWidth=[0.5, 4])
    assert [named.tone for named in look_at(path).windows] == [Window(2.0, 4.0)]


def test_the_windows_of_a_frame_come_from_its_functional_groups(tmp_path: Path) -> None:
    def group(center: int) -> Dataset:
        voi, item = Dataset(), Dataset()
        voi.WindowCenter, voi.WindowWidth = center, 100
        item.FrameVOILUTSequence = [voi]
        return item

    path = image_file(tmp_path / "a.dcm", PerFrameFunctionalGroupsSequence=[group(10), group(20)])
    assert [named.tone for named in look_at(path, frame=1, frames=2).windows] == [Window(20.0, 100.0)]


def test_voi_tables_are_read_with_their_names(tmp_path: Path) -> None:
    path = image_file(tmp_path / "a.dcm", VOILUTSequence=[lut_item(10, [0, 5, 9], 8, "SOFT"), lut_item(0, [1, 2])])
    look = look_at(path, voi_lut=True)
    assert [named.title for named in look.luts] == ["SOFT", ""]
    table = look.luts[0].tone
    assert isinstance(table, Lut)
    assert (table.first, table.values.tolist(), table.bits) == (10.0, [0, 5, 9], 8)
    assert look.tones[0] is look.luts[0]


def test_a_table_of_65536_entries_and_one_of_signed_values() -> None:
    whole = lut_item(0, [1] * 65536)
    whole.LUTDescriptor = [0, 0, 16]
    assert len(lut_of(whole).values) == 65536  # type: ignore[union-attr]
    assert lut_of(lut_item(0x10000 - 1000, [0, 1]), signed=True).first == -1000.0  # type: ignore[union-attr]


def test_a_table_that_is_shorter_than_it_says_is_not_used() -> None:
    short = lut_item(0, [1, 2, 3])
    short.LUTDescriptor = [4, 0, 16]
    assert lut_of(short) is None
    short.LUTDescriptor = [4, 0]
    assert lut_of(short) is None


def test_a_table_whose_values_need_more_bits_than_it_says_gets_them() -> None:
    assert lut_of(lut_item(0, [0, 4095], bits=8)).bits == 12  # type: ignore[union-attr]


def test_eight_bit_tables_come_two_values_a_word() -> None:
    item = lut_item(0, [0x0201, 0x0403], 8)
    item.LUTDescriptor = [4, 0, 8]
    assert lut_of(item).values.tolist() == [1, 2, 3, 4]  # type: ignore[union-attr]


def test_an_overlay_lies_where_its_origin_says(tmp_path: Path) -> None:
    path = image_file(
        tmp_path / "a.dcm", **overlay_tags(BOX, origin=(2, -1), x1500=("LO", "Lesion"), x0040=("CS", "R"))
    )
    (overlay,) = look_at(path, overlays=True).overlays
    assert np.array_equal(overlay.bits, BOX)
    assert (overlay.origin, overlay.group, overlay.region, overlay.title) == ((1, -2), 0x6000, True, "Lesion")


def test_an_overlay_with_frames_gives_each_image_its_own(tmp_path: Path) -> None:
    frames = np.stack([BOX, ~BOX, BOX[::-1]])
    path = image_file(tmp_path / "a.dcm", **overlay_tags(frames, x0015=("IS", "3"), x0051=("US", 2)))
    assert np.array_equal(look_at(path, overlays=True, frames=9, frame=2).overlays[0].bits, ~BOX)
    assert look_at(path, overlays=True, frames=9, frame=0).overlays == ()
    assert look_at(path, overlays=True, frames=9, frame=4).overlays == ()


def test_an_old_overlay_is_taken_from_the_spare_bits_of_the_pixels(tmp_path: Path) -> None:
    stored = np.full((8, 12), 77, np.uint16) | (BOX.astype(np.uint16) << 12)
    tags = overlay_tags(BOX, x0100=("US", 16), x0102=("US", 12), x3000=None)
    path = image_file(tmp_path / "a.dcm", stored, BitsStored=12, HighBit=11, **tags)
    at = path.read_bytes().rfind(stored.tobytes())
    header = header_for(path, overlays=True, pixels_at=at, pixels_bytes=stored.nbytes)
    assert np.array_equal(read_look(header).overlays[0].bits, BOX)


def test_an_overlay_of_too_few_bits_is_left_out(tmp_path: Path) -> None:
    path = image_file(tmp_path / "a.dcm", **overlay_tags(BOX, x0010=("US", 9000), x0011=("US", 9000)))
    assert look_at(path, overlays=True).overlays == ()


def test_shutters_of_every_shape_are_read_in_pixels(tmp_path: Path) -> None:
    path = image_file(
        tmp_path / "a.dcm", ShutterShape=["RECTANGULAR", "CIRCULAR", "POLYGONAL"], ShutterLeftVerticalEdge=2,
        ShutterRightVerticalEdge=11, ShutterUpperHorizontalEdge=1, ShutterLowerHorizontalEdge=7,
        CenterOfCircularShutter=[4, 6], RadiusOfCircularShutter=3, VerticesOfThePolygonalShutter=[1, 1, 1, 5, 8, 5],
        ShutterPresentationValue=0x8000,
    )  # fmt: skip
    shutter = look_at(path).shutter
    assert shutter.rectangle == (1.0, 0.0, 11.0, 7.0)
    assert shutter.circle == (5.5, 3.5, 3.0)
    assert shutter.polygon == ((0.5, 0.5), (4.5, 0.5), (4.5, 7.5))
    assert shutter.grey == pytest.approx(0.5, abs=0.001)


def test_pixels_that_are_not_square_and_films_that_say_how_they_lie(tmp_path: Path) -> None:
    path = image_file(tmp_path / "a.dcm", PixelAspectRatio=[4, 3], PatientOrientation=["L", "FP"])
    look = look_at(path)
    assert look.aspect == pytest.approx(4 / 3)
    assert look.directions == ("L", "FP")
    odd = look_at(image_file(tmp_path / "b.dcm", PixelAspectRatio=[0, 1], PatientOrientation=["X", "F"]))
    assert (odd.aspect, odd.directions) == (1.0, ("", ""))


def test_a_file_that_is_gone_or_broken_is_a_problem_in_one_sentence(tmp_path: Path) -> None:
    path = image_file(tmp_path / "a.dcm", ShutterShape="CIRCULAR")
    header = header_for(path)
    path.unlink()
    with pytest.raises(Problem, match="could not be read"):
        read_look(header)


def test_a_large_deflated_file_is_not_unfolded() -> None:
    header = Header("gone", "1", "", "1", "1", transfer_syntax="1.2.840.10008.1.2.1.99", file_bytes=1 << 30)
    assert read_look(header) is PLAIN


@pytest.mark.data
def test_real_files_say_what_they_are_known_to_say(shared_data: Path) -> None:
    folder = shared_data / "dicom"
    overlay = folder / "conformance-pydicom/test_files/examples_overlay.dcm"
    (plane,) = look_at(overlay, overlays=True).overlays
    assert np.array_equal(plane.bits, dcmread(overlay).overlay_array(0x6000))
    (table,) = look_at(folder / "conformance-pydicom-data/vlut_04.dcm", voi_lut=True).luts
    assert isinstance(table.tone, Lut)
    assert (len(table.tone.values), int(table.tone.values[-1]), table.tone.bits) == (256, 65535, 16)
    assert look_at(folder / "conformance-pydicom-data/color-pl.dcm").aspect == pytest.approx(4 / 3)
    assert look_at(folder / "seg-sr-highdicom/test_files/dx_image.dcm").inverse
