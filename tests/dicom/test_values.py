"""Stored values become voxels without losing what matters: HU, SUV, doses, parametric maps, padding."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.sequence import Sequence

from medviewer.core.job import Job
from medviewer.core.study import Header, Series
from medviewer.dicom.decode import DecodePool, close_pool
from medviewer.dicom.header import read_header
from medviewer.dicom.load import load_volume
from medviewer.dicom.pixels.codecs import decode
from medviewer.dicom.pixels.extent import Extent, extent_of
from medviewer.dicom.pixels.values import AIR_HU, Scale, put, rule_of, scale_of
from medviewer.dicom.scan import scan
from tests.dicom.files import ramp, slice_file

CT = Header("a", "1", "1", "1", "1", modality="CT", rows=2, columns=3, bits_allocated=16, bits_stored=16, signed=True)
MR = replace(CT, modality="MR", signed=False, bits_stored=12)
PET = replace(CT, modality="PT", signed=True)


def real_values(header: Header, stored: NDArray[Any], scale: Scale) -> NDArray[Any]:
    """Return what a volume of that scale says that the stored values are."""
    voxels = np.zeros(stored.shape, np.int16)
    put(stored.copy(), header, rule_of(header, scale), voxels)
    return voxels * scale.slope + scale.intercept


def test_ct_in_whole_numbers_is_hu() -> None:
    scale = scale_of([replace(CT, intercept=-1024.0)])
    assert (scale.slope, scale.intercept, scale.unit, scale.padding) == (1.0, 0.0, "HU", AIR_HU)


def test_pet_is_in_suv_only_where_every_header_tells_how() -> None:
    known = [replace(PET, slope=0.5, suv=0.002), replace(PET, slope=0.7, suv=0.002)]
    assert scale_of(known).unit == "SUVbw"
    assert scale_of([known[0], replace(known[1], suv=None)]).unit == ""


def test_pet_slices_of_different_slopes_agree_in_suv() -> None:
    headers = [replace(PET, slope=slope, suv=0.001) for slope in (0.31, 0.52, 0.83)]
    scale = scale_of(headers)
    for header in headers:
        stored = np.rint(np.array([[0.0, 0.5, 1.0, 5.0, 10.0]]) / (header.slope * 0.001)).astype("int16")
        assert np.abs(real_values(header, stored, scale) - stored * header.slope * 0.001).max() < 0.001


def test_a_slice_of_another_decay_has_its_own_factor() -> None:
    headers = [replace(PET, slope=1.0, suv=0.001), replace(PET, slope=1.0, suv=0.002)]
    scale = scale_of(headers)
    ones = [real_values(h, np.array([[1000]], "int16"), scale)[0, 0] for h in headers]
    assert ones == pytest.approx([1.0, 2.0], rel=0.001)


@pytest.mark.data
def test_the_rounding_error_of_a_real_pet_is_below_a_thousandth_of_suv_1(shared_data: Path) -> None:
    headers = []
    for path in sorted((shared_data / "dicom" / "pet-ct-mr-STS_001").rglob("*")):
        if path.is_file() and path.suffix == ".dcm":
            header = read_header(path)
            headers += [header] * (header.modality == "PT")
    assert len(headers) > 20
    assert all(header.suv for header in headers)
    scale = scale_of(headers)
    assert scale.unit == "SUVbw"
    assert scale.slope / 2 <= 0.001
    worst = 0.0
    for header in headers[::5]:
        stored = decode(header).stored
        suv = stored * header.slope * (header.suv or 0.0)
        worst = max(worst, float(np.abs(real_values(header, stored, scale) - suv).max()))
    assert worst <= 0.001


def test_a_dose_of_32_bits_keeps_its_values(tmp_path: Path) -> None:
    dose = (ramp().astype("uint32") * 1000) + 5_000_000
    header = read_header(slice_file(tmp_path / "a.dcm", dose, Modality="RTDOSE", RescaleIntercept=0))
    pool = DecodePool(workers=1)
    scale = scale_of([header], extent_of([header], pool))
    pool.close()
    assert np.abs(real_values(header, dose, scale) - dose).max() <= 1919000 / 65535


def test_a_map_of_floating_values_keeps_its_range(tmp_path: Path) -> None:
    values = (np.linspace(-0.002, 0.001, 48 * 40).reshape(48, 40)).astype("float32")
    values[0, 0] = np.nan
    header = read_header(slice_file(tmp_path / "a.dcm", ramp(dtype="uint32"), Modality="MR", RescaleIntercept=0))
    Path(header.path).write_bytes(Path(header.path).read_bytes()[: header.pixels_at] + values.tobytes())
    header = replace(header, float_pixels=True)
    extent = Extent((header,), "").run()
    assert extent == pytest.approx((-0.002, 0.001), rel=0.001)
    scale = scale_of([header], extent)
    off = np.abs(real_values(header, values, scale) - values)
    assert np.nanmax(off) <= 0.003 / 65535
    assert real_values(header, values, scale)[0, 0] == pytest.approx(-0.002, abs=1e-5)


def test_images_of_16_bits_need_no_second_look() -> None:
    assert extent_of([CT, MR, PET]) is None


def test_where_nothing_can_be_read_the_range_is_not_known(tmp_path: Path) -> None:
    header = replace(CT, path=str(tmp_path / "gone.dcm"), bits_allocated=32, bits_stored=32)
    assert Extent((header,), "").run() is None


def test_ct_padding_below_air_is_shown_as_air() -> None:
    header = replace(CT, padding=-2000, intercept=0.0)
    stored = np.array([[-2000, -1024, -1500], [0, 40, 3000]], "int16")
    assert real_values(header, stored, scale_of([header])).tolist() == [[-1024, -1024, -1500], [0, 40, 3000]]


def test_ct_padding_that_is_a_plain_value_stays() -> None:
    header = replace(CT, padding=0, intercept=0.0)
    stored = np.array([[0, 1, 2]], "int16")
    assert real_values(header, stored, scale_of([header])).tolist() == [[0, 1, 2]]


def test_a_range_of_padding_is_padding_altogether() -> None:
    header = replace(CT, padding=-3000, padding_limit=-2000)
    stored = np.array([[-3000, -2500, -2000, -1999]], "int16")
    assert real_values(header, stored, scale_of([header])).tolist() == [[-1024, -1024, -1024, -1999]]


def test_padding_outside_the_values_is_as_dark_as_the_darkest() -> None:
    header = replace(MR, padding=4095)
    stored = np.array([[4095, 100, 900]], "uint16")
    scale = scale_of([header])
    assert real_values(header, stored, scale).tolist() == [[100, 100, 900]]
    inverted = replace(header, photometric="MONOCHROME1", padding=0)
    assert real_values(inverted, np.array([[0, 100, 900]], "uint16"), scale).tolist() == [[900, 100, 900]]


def test_padding_among_the_values_is_left_alone() -> None:
    header = replace(MR, padding=500)
    stored = np.array([[500, 100, 900]], "uint16")
    assert real_values(header, stored, scale_of([header])).tolist() == [[500, 100, 900]]


def test_an_image_of_nothing_but_padding_is_no_accident() -> None:
    header = replace(MR, padding=7)
    assert real_values(header, np.full((2, 2), 7, "uint16"), scale_of([header])).tolist() == [[7, 7], [7, 7]]


def test_a_modality_lut_replaces_the_rescale_and_is_not_hu(tmp_path: Path) -> None:
    item = Dataset()
    item.add_new((0x0028, 0x3002), "US", [4, 1, 16])
    item.add_new((0x0028, 0x3006), "OW", np.array([10, 20, 40, 80], "<u2").tobytes())
    item.ModalityLUTType = "US"
    stored = np.array([[0, 1, 2], [3, 4, 900]], "uint16")
    path = slice_file(tmp_path / "a.dcm", stored, ModalityLUTSequence=Sequence([item]), RescaleSlope=None)
    header = replace(read_header(path), modality_lut=True)
    scale = scale_of([header])
    assert scale.unit != "HU"
    mapped = decode(header).stored
    assert mapped.tolist() == [[10, 10, 20], [40, 80, 80]]
    assert real_values(header, mapped, scale).tolist() == mapped.tolist()


def test_colour_images_are_brightness_whatever_rescale_they_carry() -> None:
    header = replace(MR, samples=3, photometric="RGB", slope=2.0, intercept=-1024.0)
    assert scale_of([header]) == Scale()
    assert rule_of(header, Scale()).shifts
    assert rule_of(header, Scale()).offset == 0


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_narrow_codecs_do_not_make_negative_values(bits: int) -> None:
    header = replace(CT, signed=False, bits_stored=bits, intercept=-1000.0)
    stored = np.array([[0, 200, (1 << min(bits, 8)) - 1]], "uint8")
    assert real_values(header, stored, scale_of([header])).tolist() == (stored.astype(int) - 1000).tolist()


@pytest.mark.data
@pytest.mark.parametrize(
    "name", ["rtdose.dcm", "rtdose_rle.dcm", "parametric_map_float.dcm", "parametric_map_double_float.dcm"]
)
def test_real_doses_and_maps_are_loaded_with_their_own_range(shared_data: Path, name: str) -> None:
    path = next((shared_data / "dicom").rglob(name))
    series = Series("1", tuple(header for header in scan(path, Job()) if isinstance(header, Header)))
    volume = load_volume(series, Job())
    worst = 0.0
    for k, header in enumerate(series.headers):
        real = decode(header).stored.astype(float) * header.slope + header.intercept
        worst = max(worst, float(np.nanmax(np.abs(volume.voxels[k] * volume.slope + volume.intercept - real))))
    assert worst <= volume.slope / 2 * 1.001
    assert len(np.unique(volume.voxels)) > 20
    volume.close()
    close_pool()
