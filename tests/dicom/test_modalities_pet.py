"""SUVbw is right where the files say enough, and is not given where they do not."""

from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from medviewer.core.study import Header
from medviewer.dicom.header import read_header
from medviewer.dicom.headers.modalities.pet import when
from tests.dicom.files import ramp, slice_file

# 70 kg, 370 MBq of F-18 given at 10:00, corrected to 11:00, by hand:
# 370e6 Bq * 2^(-3600 / 6588) = 253.340e6 Bq; 70000 g / 253.340e6 Bq = 2.76308e-4 g/Bq
ONE_HOUR, NO_DECAY = 2.76308e-4, 70000 / 370e6


def _tracer(**tags: Any) -> Sequence:
    item = Dataset()
    standard = {
        "RadiopharmaceuticalStartTime": "100000.00",
        "RadionuclideTotalDose": 370e6,
        "RadionuclideHalfLife": 6588,
    }
    for keyword, value in (standard | tags).items():
        if value is not None:
            setattr(item, keyword, value)
    return Sequence([item])


def _pet(path: Path, private: tuple[int, str, int, Any] | None = None, **tags: Any) -> Header:
    """Write a PET image and read its header; ``private``: group, maker, element and value of one private tag."""
    standard: dict[str, Any] = {
        "Modality": "PT", "Units": "BQML", "CorrectedImage": ["ATTN", "DECY", "SCAT"], "DecayCorrection": "START",
        "PatientWeight": 70, "SeriesDate": "20250601", "SeriesTime": "110000", "AcquisitionDate": "20250601",
        "AcquisitionTime": "110000.00", "RescaleIntercept": 0, "RadiopharmaceuticalInformationSequence": _tracer(),
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.128",
    }  # fmt: skip
    file = slice_file(path, ramp(), **(standard | tags))
    if private:
        import pydicom

        group, maker, element, value = private
        image = pydicom.dcmread(file)
        image.private_block(group, maker, create=True).add_new(element, "DT" if isinstance(value, str) else "DS", value)
        image.save_as(file)
    return read_header(file)


def test_the_dose_decays_from_injection_to_the_series_time(tmp_path: Path) -> None:
    found = _pet(tmp_path / "a.dcm")
    assert found.suv == pytest.approx(ONE_HOUR, rel=1e-5)
    assert (found.suv_missing, found.unit) == ("", "BQML")


def test_images_corrected_to_the_injection_need_no_clock(tmp_path: Path) -> None:
    tracer = _tracer(RadiopharmaceuticalStartTime=None, RadionuclideHalfLife=None)
    found = _pet(tmp_path / "a.dcm", DecayCorrection="ADMIN", RadiopharmaceuticalInformationSequence=tracer)
    assert found.suv == pytest.approx(NO_DECAY)


def test_every_slice_keeps_its_own_slope(tmp_path: Path) -> None:
    one, two = _pet(tmp_path / "a.dcm", RescaleSlope=1.5), _pet(tmp_path / "b.dcm", RescaleSlope=0.25)
    assert (one.slope, two.slope, one.suv) == (1.5, 0.25, two.suv)


def test_later_bed_positions_still_count_from_the_series_time(tmp_path: Path) -> None:
    assert _pet(tmp_path / "a.dcm", AcquisitionTime="112000").suv == pytest.approx(ONE_HOUR, rel=1e-5)


def test_the_series_time_of_a_processed_series_is_not_believed(tmp_path: Path) -> None:
    found = _pet(tmp_path / "a.dcm", SeriesTime="150000")
    assert (found.suv, found.suv_missing) == (None, "FrameReferenceTime, ActualFrameDuration")


def test_the_scan_time_is_reckoned_back_from_the_mean_activity_of_a_bed_position(tmp_path: Path) -> None:
    # bed started 600 s after the scan; its mean activity, of 180 s, is 89.858 s later: 180/2 - ln2/6588 * 180^2 / 24
    times: dict[str, Any] = {"SeriesTime": "150000", "AcquisitionTime": "111000", "ActualFrameDuration": 180000}
    found = _pet(tmp_path / "a.dcm", **times, FrameReferenceTime=689858)
    assert found.suv == pytest.approx(ONE_HOUR, rel=1e-5)


def test_ge_says_its_scan_time_in_a_private_tag(tmp_path: Path) -> None:
    private = (0x0009, "GEMS_PETD_01", 0x0D, "20250601110000.00")
    assert _pet(tmp_path / "a.dcm", private, SeriesTime="150000").suv == pytest.approx(ONE_HOUR, rel=1e-5)
    other = (0x0009, "SOMEBODY ELSE", 0x0D, "20250601110000.00")
    assert _pet(tmp_path / "b.dcm", other, SeriesTime="150000").suv is None


def test_philips_counts_have_a_private_factor(tmp_path: Path) -> None:
    maker = "Philips PET Private Group"
    assert _pet(tmp_path / "a.dcm", (0x7053, maker, 0x00, 0.000551), Units="CNTS").suv == 0.000551
    activity = _pet(tmp_path / "b.dcm", (0x7053, maker, 0x09, 2.5), Units="CNTS")
    assert activity.suv == pytest.approx(2.5 * ONE_HOUR, rel=1e-5)
    assert _pet(tmp_path / "c.dcm", (0x7053, "OTHER", 0x00, 0.000551), Units="CNTS").suv is None


def test_the_date_and_time_of_acquisition_in_one_count_like_two(tmp_path: Path) -> None:
    tags: dict[str, Any] = {"AcquisitionTime": None, "AcquisitionDateTime": "20250601110000.00"}
    assert _pet(tmp_path / "a.dcm", **tags).suv == pytest.approx(ONE_HOUR, rel=1e-5)
    processed = _pet(tmp_path / "b.dcm", **tags, SeriesTime="150000")
    assert (processed.suv, processed.suv_missing) == (None, "FrameReferenceTime, ActualFrameDuration")


def test_a_time_without_its_date_is_no_moment(tmp_path: Path) -> None:
    found = _pet(tmp_path / "a.dcm", AcquisitionDate=None, AcquisitionTime="110012.120304")
    assert (found.suv, found.suv_missing) == (None, "AcquisitionDate, AcquisitionTime")


def test_moments_in_another_time_zone_are_told_by_the_clocks_of_the_file(tmp_path: Path) -> None:
    tracer = _tracer(RadiopharmaceuticalStartDateTime="20250601080000.000000+0000")
    tags: dict[str, Any] = {"RadiopharmaceuticalInformationSequence": tracer}
    found = _pet(tmp_path / "a.dcm", **tags, TimezoneOffsetFromUTC="+0200")  # 08:00 there is 10:00 here
    assert found.suv == pytest.approx(ONE_HOUR, rel=1e-5)
    west = _tracer(RadiopharmaceuticalStartDateTime="20250601073000.00-0230")
    tags = {"RadiopharmaceuticalInformationSequence": west}
    found = _pet(tmp_path / "b.dcm", **tags, TimezoneOffsetFromUTC="+0000")
    assert found.suv == pytest.approx(ONE_HOUR, rel=1e-5)


def test_values_that_are_suv_already_stay_as_they_are(tmp_path: Path) -> None:
    assert _pet(tmp_path / "a.dcm", Units="GML", SUVType="BW", PatientWeight=None).suv == 1.0
    assert _pet(tmp_path / "b.dcm", Units="GML", RadiopharmaceuticalInformationSequence=None).suv == 1.0
    lean = _pet(tmp_path / "c.dcm", Units="GML", SUVType="LBM")
    assert (lean.suv, lean.suv_missing) == (None, "SUVType")


def test_an_injection_before_midnight_belongs_to_a_scan_after_it(tmp_path: Path) -> None:
    tracer = _tracer(RadiopharmaceuticalStartTime="233000")
    times: dict[str, Any] = {
        "SeriesTime": "003000",
        "AcquisitionTime": "003000",
        "RadiopharmaceuticalInformationSequence": tracer,
    }
    assert _pet(tmp_path / "a.dcm", **times).suv == pytest.approx(ONE_HOUR, rel=1e-5)


def test_the_date_of_the_injection_counts_where_it_is_given(tmp_path: Path) -> None:
    zirconium = {"RadionuclideHalfLife": 282240, "RadiopharmaceuticalStartTime": None}  # 3.27 days
    given = _tracer(**zirconium, RadiopharmaceuticalStartDateTime="20250529110000")
    found = _pet(tmp_path / "a.dcm", RadiopharmaceuticalInformationSequence=given)
    assert found.suv == pytest.approx(NO_DECAY * 2 ** (3 * 86400 / 282240))
    unknown = _tracer(RadionuclideHalfLife=282240)
    found = _pet(tmp_path / "b.dcm", RadiopharmaceuticalInformationSequence=unknown)
    assert (found.suv, found.suv_missing) == (None, "RadiopharmaceuticalStartDateTime")


def test_a_date_that_an_anonymiser_moved_gives_way_to_the_time(tmp_path: Path) -> None:
    tracer = _tracer(RadiopharmaceuticalStartDateTime="19990101100000")
    assert _pet(tmp_path / "a.dcm", RadiopharmaceuticalInformationSequence=tracer).suv == pytest.approx(
        ONE_HOUR, rel=1e-5
    )


@pytest.mark.parametrize(
    ("tags", "missing"),
    [
        ({"PatientWeight": None}, "PatientWeight"),
        ({"PatientWeight": 0}, "PatientWeight"),
        ({"PatientWeight": 70000}, "PatientWeight"),  # grams
        (
            {"RadiopharmaceuticalInformationSequence": _tracer(RadionuclideTotalDose=370)},
            "RadionuclideTotalDose",
        ),  # MBq
        (  # Cu-64: today, or yesterday?
            {"RadiopharmaceuticalInformationSequence": _tracer(RadionuclideHalfLife=45720)},
            "RadiopharmaceuticalStartDateTime",
        ),
        ({"CorrectedImage": ["DECY"]}, "CorrectedImage"),
        ({"CorrectedImage": None, "Units": "GML"}, "CorrectedImage"),
        ({"DecayCorrection": "NONE"}, "DecayCorrection"),
        ({"Units": "PROPCPS"}, "Units"),
        ({"Units": "CNTS"}, "Units"),
        ({"RadiopharmaceuticalInformationSequence": _tracer(RadionuclideTotalDose=None)}, "RadionuclideTotalDose"),
        ({"RadiopharmaceuticalInformationSequence": _tracer(RadionuclideHalfLife=0)}, "RadionuclideHalfLife"),
        (
            {"RadiopharmaceuticalInformationSequence": None, "PatientWeight": None},
            "PatientWeight, RadionuclideTotalDose, RadionuclideHalfLife, RadiopharmaceuticalStartDateTime",
        ),
        (
            {"RadiopharmaceuticalInformationSequence": _tracer(RadiopharmaceuticalStartTime=None)},
            "RadiopharmaceuticalStartDateTime",
        ),
        ({"AcquisitionTime": None}, "AcquisitionDate, AcquisitionTime"),
        ({"RadiopharmaceuticalInformationSequence": Sequence([*_tracer(), *_tracer()])}, "RadionuclideTotalDose"),
    ],
)
def test_without_what_it_needs_there_is_no_suv(tmp_path: Path, tags: dict[str, Any], missing: str) -> None:
    found = _pet(tmp_path / "a.dcm", **tags)
    assert found.suv is None
    assert found.suv_missing.startswith(missing)


def test_the_times_of_a_dynamic_series_come_from_the_image_index(tmp_path: Path) -> None:
    tags: dict[str, Any] = {"SeriesType": ["DYNAMIC", "IMAGE"], "NumberOfSlices": 47}
    indices = [_pet(tmp_path / "a.dcm", **tags, ImageIndex=n).temporal_position for n in (1, 47, 48, 95)]
    assert indices == [1, 1, 2, 3]
    assert (
        _pet(tmp_path / "b.dcm", SeriesType=["STATIC", "IMAGE"], NumberOfSlices=47, ImageIndex=3).temporal_position == 0
    )


def test_other_modalities_have_no_suv(tmp_path: Path) -> None:
    found = _pet(tmp_path / "a.dcm", Modality="CT")
    assert (found.suv, found.suv_missing) == (None, "")


def test_dates_that_are_none_are_no_moment() -> None:
    assert [when(said) for said in ("", "20250601", "20251341100000", "abc", "2025060199")] == [None] * 5


@pytest.mark.data
def test_the_real_pet_says_suv_already(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "pet-ct-mr-STS_001" / "PET" / "image"
    found = [read_header(path) for path in sorted(folder.glob("*.dcm"))]
    assert {(header.unit, header.suv, header.suv_missing) for header in found} == {("GML", 1.0, "")}
    assert len({header.slope for header in found}) > 1
