"""Each frame of a file has its own header: place, scale, time."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    EnhancedCTImageStorage,
    EnhancedMRImageStorage,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    ParametricMapStorage,
    RTDoseStorage,
    SegmentationStorage,
    UltrasoundMultiFrameImageStorage,
)

from medviewer.core.study import Header
from medviewer.dicom.header import read_header
from medviewer.dicom.headers.frames import MOST_FRAMES, frames_of, has_frames
from tests.dicom.files import slice_file

FRAMES = 4


def _item(**values: Any) -> Dataset:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def _file(path: Path, n: int = FRAMES, **tags: Any) -> Path:
    """Write a file of ``n`` frames of 6 rows and 5 columns, without place; ``tags`` by keyword."""
    stored = np.arange(n * 30, dtype="int16").reshape(n, 6, 5)
    none: dict[str, Any] = dict.fromkeys(
        ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness")
    )
    tags = {"NumberOfFrames": n, "Rows": 6, "Columns": 5, "RescaleSlope": None, "RescaleIntercept": None} | tags
    return slice_file(path, stored, **(none | tags))


def _frames(path: Path) -> tuple[Header, ...]:
    return frames_of(read_header(path))


def _enhanced(path: Path, per_frame: list[Dataset], **shared: Any) -> Path:
    axes = _item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    measures = _item(PixelSpacing=[0.5, 0.5], SliceThickness=1.5)
    common = _item(PlaneOrientationSequence=[axes], PixelMeasuresSequence=[measures], **shared)
    return _file(
        path,
        SOPClassUID=EnhancedCTImageStorage,
        SharedFunctionalGroupsSequence=[common],
        PerFrameFunctionalGroupsSequence=per_frame,
    )


def _at(z_mm: float, **more: Any) -> Dataset:
    return _item(PlanePositionSequence=[_item(ImagePositionPatient=[1, 2, z_mm])], **more)


def test_functional_groups_give_every_frame_its_place_and_scale(tmp_path: Path) -> None:
    scale = [_item(RescaleSlope=2, RescaleIntercept=-1024 - frame, RescaleType="HU") for frame in range(FRAMES)]
    window = [_item(WindowCenter=40 + frame, WindowWidth=400, VOILUTFunction="SIGMOID") for frame in range(FRAMES)]
    groups = [
        _at(3.0 * k, PixelValueTransformationSequence=[scale[k]], FrameVOILUTSequence=[window[k]])
        for k in range(FRAMES)
    ]
    found = _frames(_enhanced(tmp_path / "a.dcm", groups))
    assert [header.frame for header in found] == [0, 1, 2, 3]
    assert [header.position_lps_mm for header in found] == [(1, 2, 3.0 * k) for k in range(FRAMES)]
    assert {(header.orientation, header.pixel_spacing_mm, header.thickness_mm) for header in found} == {
        ((1, 0, 0, 0, 1, 0), (0.5, 0.5), 1.5)
    }
    assert [(header.slope, header.intercept) for header in found] == [(2, -1024 - k) for k in range(FRAMES)]
    assert [header.window_center for header in found] == [40, 41, 42, 43]
    assert {(header.voi_function, header.rescale_type, header.spacing_kind) for header in found} == {
        ("SIGMOID", "HU", "plane")
    }
    assert {(header.frames, header.sop_uid, header.rows) for header in found} == {(FRAMES, "1.2.3.4.1", 6)}


def test_times_and_weightings_of_frames_are_those_of_classic_files(tmp_path: Path) -> None:
    groups = [
        _at(
            0.0,
            FrameContentSequence=[
                _item(
                    TemporalPositionIndex=k + 1,
                    FrameAcquisitionNumber=k + 7,
                    FrameAcquisitionDateTime=f"202506011030{10 + k}",
                )
            ],
            MRDiffusionSequence=[_item(DiffusionBValue=500.0 * k)],
            MREchoSequence=[_item(EffectiveEchoTime=12.5)],
            CardiacSynchronizationSequence=[_item(NominalCardiacTriggerDelayTime=40.0 * k)],
        )
        for k in range(FRAMES)
    ]  # fmt: skip
    path = _enhanced(tmp_path / "a.dcm", groups)
    image = pydicom.dcmread(path)
    image.SOPClassUID, image.Modality = EnhancedMRImageStorage, "MR"
    image.save_as(path)
    found = _frames(path)
    assert [header.temporal_position for header in found] == [1, 2, 3, 4]
    assert [header.acquisition_number for header in found] == [7, 8, 9, 10]
    assert [header.acquisition_time for header in found] == ["103010", "103011", "103012", "103013"]
    assert [header.b_value for header in found] == [0, 500, 1000, 1500]
    assert [header.trigger_time_ms for header in found] == [0, 40, 80, 120]
    assert {header.echo_time_ms for header in found} == {12.5}


def test_what_a_conversion_kept_of_classic_files_is_found(tmp_path: Path) -> None:
    kept = [_item(TriggerTime=10 * k, AcquisitionNumber=k) for k in range(FRAMES)]
    groups = [_at(0.0, UnassignedPerFrameConvertedAttributesSequence=[each]) for each in kept]
    found = _frames(_enhanced(tmp_path / "a.dcm", groups))
    assert [(header.trigger_time_ms, header.acquisition_number) for header in found] == [(10 * k, k) for k in range(4)]


def test_a_real_world_mapping_counts_where_it_is_the_only_scale(tmp_path: Path) -> None:
    unit = _item(CodeValue="mm2/s", CodingSchemeDesignator="UCUM", CodeMeaning="mm2/s")
    mapping = _item(RealWorldValueSlope=0.5, RealWorldValueIntercept=3.0, MeasurementUnitsCodeSequence=[unit])
    window = _item(WindowCenter=100, WindowWidth=50)
    shared = {"RealWorldValueMappingSequence": [mapping], "FrameVOILUTSequence": [window]}
    path = _enhanced(tmp_path / "a.dcm", [_at(0)] * FRAMES, **shared)
    assert {(h.slope, h.intercept, h.unit) for h in _frames(path)} == {(0.5, 3.0, "mm2/s")}
    assert {(h.window_center, h.window_width) for h in _frames(path)} == {(53, 25)}  # the window of the same pixels
    scale = _item(RescaleSlope=2, RescaleIntercept=1, RescaleType="HU")
    shared = {"RealWorldValueMappingSequence": [mapping], "PixelValueTransformationSequence": [scale]}
    path = _enhanced(tmp_path / "b.dcm", [_at(0)] * FRAMES, **shared)
    assert {(h.slope, h.intercept, h.unit) for h in _frames(path)} == {(2, 1, "")}
    own = [_at(0, RealWorldValueMappingSequence=[mapping])] * FRAMES
    path = _enhanced(tmp_path / "c.dcm", own, PixelValueTransformationSequence=[scale])
    assert {(h.slope, h.intercept, h.unit) for h in _frames(path)} == {(2, 1, "")}


def test_a_real_world_mapping_that_repeats_the_scale_tells_the_unit(tmp_path: Path) -> None:
    unit = _item(CodeValue="Bq/ml", CodingSchemeDesignator="UCUM", CodeMeaning="Becquerels per milliliter")
    mapping = _item(RealWorldValueSlope=2.5, RealWorldValueIntercept=0.0, MeasurementUnitsCodeSequence=[unit])
    scale = _item(RescaleSlope=2.5, RescaleIntercept=0, RescaleType="US")
    window = _item(WindowCenter=100, WindowWidth=50)
    shared = {"PixelValueTransformationSequence": [scale], "FrameVOILUTSequence": [window]}
    path = _enhanced(tmp_path / "a.dcm", [_at(0, RealWorldValueMappingSequence=[mapping])] * FRAMES, **shared)
    assert {(h.slope, h.intercept, h.unit) for h in _frames(path)} == {(2.5, 0, "Bq/ml")}
    assert {(h.window_center, h.window_width) for h in _frames(path)} == {(100, 50)}


@pytest.mark.parametrize("lie", [[0.0, 0.0], [1e9, 1e9], [-1.0, 1.0]])
def test_absurd_values_in_functional_groups_count_as_missing(tmp_path: Path, lie: list[float]) -> None:
    own = _item(PixelMeasuresSequence=[_item(PixelSpacing=lie, SliceThickness=1e12)])
    own.PlanePositionSequence = [_item(ImagePositionPatient=[1e30, 0, 0])]
    own.PlaneOrientationSequence = [_item(ImageOrientationPatient=[0, 0, 0, 0, 0, 0])]
    own.PixelValueTransformationSequence = [_item(RescaleSlope=0, RescaleIntercept=1e30, RescaleType="HU")]
    found = _frames(_enhanced(tmp_path / "a.dcm", [own] * FRAMES))[0]
    assert (found.pixel_spacing_mm, found.thickness_mm, found.position_lps_mm, found.orientation) == (None,) * 4
    assert (found.slope, found.intercept) == (1, 0)


def test_every_way_of_encoding_gives_the_same_frames(tmp_path: Path) -> None:
    path = _enhanced(
        tmp_path / "a.dcm", [_at(2.0 * k, MRDiffusionSequence=[_item(DiffusionBValue=7.5)]) for k in range(4)]
    )
    plain = _frames(path)
    for syntax in (ImplicitVRLittleEndian, ExplicitVRBigEndian):
        image = pydicom.dcmread(path)
        image.file_meta.TransferSyntaxUID = syntax
        other = tmp_path / "b.dcm"
        pydicom.dcmwrite(
            other, image, implicit_vr=syntax.is_implicit_VR, little_endian=syntax.is_little_endian, force_encoding=True
        )
        said = [(h.position_lps_mm, h.pixel_spacing_mm, h.b_value, h.frame) for h in _frames(other)]
        assert said == [(h.position_lps_mm, h.pixel_spacing_mm, h.b_value, h.frame) for h in plain]


def test_frames_the_groups_do_not_reach_have_no_place(tmp_path: Path) -> None:
    found = _frames(_enhanced(tmp_path / "a.dcm", [_at(1.0)]))
    assert [header.position_lps_mm for header in found] == [(1, 2, 1.0), None, None, None]


def test_cine_frames_have_a_time_and_no_place(tmp_path: Path) -> None:
    tags: dict[str, Any] = {
        "SOPClassUID": UltrasoundMultiFrameImageStorage,
        "Modality": "US",
        "ImagePositionPatient": [0, 0, 0],
    }
    assert [h.position_lps_mm for h in _frames(_file(tmp_path / "a.dcm", **tags, FrameTime=40))] == [None] * FRAMES
    assert {h.frame_time_ms for h in _frames(_file(tmp_path / "b.dcm", **tags, FrameTime=40))} == {40}
    assert {h.frame_time_ms for h in _frames(_file(tmp_path / "c.dcm", **tags, CineRate=20))} == {50}
    rates: dict[str, Any] = {"RecommendedDisplayFrameRate": 25, "CineRate": 20}
    assert {h.frame_time_ms for h in _frames(_file(tmp_path / "d.dcm", **tags, **rates))} == {40}
    vector: dict[str, Any] = {"FrameTimeVector": [0, 30, 30, 31]}
    assert {h.frame_time_ms for h in _frames(_file(tmp_path / "e.dcm", **tags, **vector))} == {30}
    assert {h.frame_time_ms for h in _frames(_file(tmp_path / "f.dcm", **tags, FrameTime=0))} == {None}


@pytest.mark.parametrize(
    ("offsets_mm", "axes", "z_mm"),
    [
        ([0, 5, 10, 15], [1, 0, 0, 0, 1, 0], [-70, -65, -60, -55]),
        ([0, -5, -10, -15], [1, 0, 0, 0, 1, 0], [-70, -75, -80, -85]),
        ([0, 5, 10, 15], [1, 0, 0, 0, -1, 0], [-70, -75, -80, -85]),
        ([-70, -65, -60, -55], [1, 0, 0, 0, 1, 0], [-70, -65, -60, -55]),  # z coordinates
        ([-70, -65, -60, -55], [1, 0, 0, 0, -1, 0], [-70, -65, -60, -55]),
    ],
)
def test_the_planes_of_a_dose_lie_by_their_offsets(
    tmp_path: Path, offsets_mm: list[float], axes: list[float], z_mm: list[float]
) -> None:
    found = _frames(
        _file(
            tmp_path / "a.dcm", SOPClassUID=RTDoseStorage, Modality="RTDOSE", GridFrameOffsetVector=offsets_mm,
            DoseGridScaling=0.001, DoseUnits="GY", ImagePositionPatient=[5, 6, -70], ImageOrientationPatient=axes,
        )
    )  # fmt: skip
    assert [header.position_lps_mm for header in found] == [(5, 6, z) for z in z_mm]
    assert {(header.slope, header.unit) for header in found} == {(0.001, "GY")}


def _spect(path: Path, **tags: Any) -> tuple[Header, ...]:
    detector = _item(ImagePositionPatient=[-10, -20, 100], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    standard: dict[str, Any] = {
        "Modality": "NM", "ImageType": ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"], "SpacingBetweenSlices": -4,
        "DetectorInformationSequence": [detector], "PixelSpacing": [4, 4], "SliceVector": [1, 2, 3, 4],
        "FrameIncrementPointer": 0x00540080,
    }  # fmt: skip
    return _frames(_file(path, **(standard | tags)))


def test_the_slices_of_a_spect_follow_from_its_detector(tmp_path: Path) -> None:
    found = _spect(tmp_path / "a.dcm")
    assert [header.position_lps_mm for header in found] == [(-10, -20, 100 - 4 * k) for k in range(4)]
    assert {(header.orientation, header.pixel_spacing_mm) for header in found} == {((1, 0, 0, 0, 1, 0), (4, 4))}


def test_a_gated_spect_has_every_slice_once_a_time(tmp_path: Path) -> None:
    kinds = ["ORIGINAL", "PRIMARY", "RECON GATED TOMO", "EMISSION"]
    found = _spect(tmp_path / "a.dcm", ImageType=kinds, SliceVector=[1, 2, 1, 2], TimeSlotVector=[1, 1, 2, 2])
    assert [(h.position_lps_mm or (0, 0, 0))[2] for h in found] == [100, 96, 100, 96]
    assert [header.temporal_position for header in found] == [1, 1, 2, 2]


def test_projections_of_a_gamma_camera_lie_nowhere(tmp_path: Path) -> None:
    found = _spect(tmp_path / "a.dcm", ImageType=["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"])
    assert [header.position_lps_mm for header in found] == [None] * FRAMES


def test_a_file_that_claims_more_frames_than_it_holds_gives_no_more_than_those(tmp_path: Path) -> None:
    tags: dict[str, Any] = {"SOPClassUID": UltrasoundMultiFrameImageStorage, "Modality": "US"}
    assert len(_frames(_file(tmp_path / "a.dcm", **tags, NumberOfFrames=2_000_000_000))) == FRAMES
    assert len(_frames(_file(tmp_path / "b.dcm", **tags, Rows=0))) == 1
    bits = {"Rows": 1, "Columns": 1, "BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}
    many = _file(tmp_path / "c.dcm", 1, **tags, **bits, NumberOfFrames=2_000_000)
    assert 1 <= len(_frames(many)) <= min(MOST_FRAMES, 60 * 8)


def test_compressed_files_are_bounded_by_their_size(tmp_path: Path) -> None:
    path = slice_file(tmp_path / "a.dcm", np.zeros((64, 64), "uint8"), syntax="1.2.840.10008.1.2.5")
    image = pydicom.dcmread(path)
    image.NumberOfFrames = 900_000
    image.save_as(path)
    assert len(_frames(path)) < path.stat().st_size // 30


def test_segmentations_and_single_images_stay_one_header(tmp_path: Path) -> None:
    segmentation = read_header(_file(tmp_path / "a.dcm", SOPClassUID=SegmentationStorage))
    single = read_header(_file(tmp_path / "b.dcm", 1))
    assert frames_of(segmentation) == (segmentation,)
    assert frames_of(single) == (single,)
    assert not has_frames(single)


def test_an_enhanced_pet_has_its_suv(tmp_path: Path) -> None:
    unit = _item(CodeValue="Bq/ml", CodingSchemeDesignator="UCUM", CodeMeaning="Becquerels/milliliter")
    mapping = _item(RealWorldValueSlope=2.0, RealWorldValueIntercept=0.0, MeasurementUnitsCodeSequence=[unit])
    path = _enhanced(tmp_path / "a.dcm", [_at(2.0 * k) for k in range(4)], RealWorldValueMappingSequence=[mapping])
    image = pydicom.dcmread(path)
    image.SOPClassUID, image.Modality, image.PatientWeight = "1.2.840.10008.5.1.4.1.1.130", "PT", 70
    image.DecayCorrected, image.AttenuationCorrected = "YES", "YES"
    image.DecayCorrectionDateTime = "20250601110000"
    dose = _item(
        RadionuclideTotalDose=370e6, RadionuclideHalfLife=6588, RadiopharmaceuticalStartDateTime="20250601100000"
    )
    image.RadiopharmaceuticalInformationSequence = [dose]
    image.save_as(path)
    found = _frames(path)
    assert {(header.slope, header.suv_missing, header.unit) for header in found} == {(2.0, "", "Bq/ml")}
    assert found[0].suv == pytest.approx(2.76308e-4, rel=1e-5)


@pytest.mark.data
def test_a_real_converted_ct_is_read_frame_by_frame(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "seg-dcmqi" / "segmentations" / "23x38x3"
    found = _frames(folder / "multiframe" / "mf.dcm")
    heights_mm = [(header.position_lps_mm or (0, 0, 0))[2] for header in found]
    assert heights_mm == [-177.75, -175.25, -172.75]
    assert {header.pixel_spacing_mm for header in found} == {(0.7, 0.7)}


@pytest.mark.data
def test_a_real_dose_and_a_real_map_have_their_planes(shared_data: Path) -> None:
    root = shared_data / "dicom"
    dose = _frames(next(root.rglob("rtdose.dcm")))
    steps_mm = {(b.position_lps_mm or (0, 0, 0))[2] - (a.position_lps_mm or (0, 0, 0))[2] for a, b in pairwise(dose)}
    assert (len(dose), {round(step, 6) for step in steps_mm}, dose[0].slope) == (15, {5.0}, 1e-6)
    (parametric,) = _frames(next(root.rglob("parametric_map_float.dcm")))
    assert parametric.sop_class == ParametricMapStorage
    assert (parametric.float_pixels, parametric.pixel_spacing_mm) == (True, (0.661468, 0.661468))
    assert parametric.pixels_bytes == 128 * 128 * 4
    assert len(_frames(next(root.rglob("sm_image.dcm")))) == 25
