"""Colours come out right whatever form they are stored in, and whatever the JPEG says against the header."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.pixels.processing import convert_color_space
from pydicom.uid import ExplicitVRLittleEndian

from medviewer.core.study import Header
from medviewer.dicom.header import read_header
from medviewer.dicom.pixels import colour
from medviewer.dicom.pixels.codecs import Decoded, decode
from medviewer.dicom.pixels.encapsulated import Refused
from tests.dicom.files import slice_file
from tests.dicom.streams import JPEG, coded_file

COLOURS = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]], [[0, 0, 0], [128, 128, 128], [9, 99, 199], [200, 100, 0]]], "uint8")  # fmt: skip  # noqa: E501
BLOCKS = COLOURS.repeat(16, 0).repeat(16, 1)
NAMES: dict[str, Any] = {"SamplesPerPixel": 3, "PlanarConfiguration": 0, "Modality": "OT", "RescaleIntercept": None}
TEST_FILES = "dicom/conformance-pydicom/test_files"
MORE_FILES = "dicom/conformance-pydicom-data"


def colour_file(path: Path, samples: NDArray[Any], form: str = "RGB", **tags: Any) -> Header:
    return read_header(slice_file(path, samples, **{**NAMES, "PhotometricInterpretation": form, **tags}))


def colours_of(header: Header) -> NDArray[np.uint8]:
    decoded = decode(header)
    assert decoded.colours is not None
    assert decoded.colours.dtype == np.uint8
    assert decoded.colours.shape == (header.rows, header.columns, 3)
    assert np.array_equal(decoded.stored, colour.brightness(decoded.colours))
    return decoded.colours


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_rgb_of_any_depth_becomes_8_bits(tmp_path: Path, bits: int) -> None:
    deep = COLOURS.astype(f"uint{bits}") << (bits - 8)
    assert np.array_equal(colours_of(colour_file(tmp_path / "a.dcm", deep)), COLOURS)


def test_colours_stored_plane_by_plane_are_put_together(tmp_path: Path) -> None:
    planes = np.moveaxis(BLOCKS, -1, 0).copy().reshape(BLOCKS.shape)
    header = colour_file(tmp_path / "a.dcm", planes, PlanarConfiguration=1)
    assert np.array_equal(colours_of(header), BLOCKS)


def test_ybr_full_is_what_pydicom_makes_of_it(tmp_path: Path) -> None:
    ybr = np.random.default_rng(3).integers(0, 256, (32, 32, 3), "uint8")
    mine = colours_of(colour_file(tmp_path / "a.dcm", ybr, "YBR_FULL")).astype(int)
    assert np.abs(mine - convert_color_space(ybr, "YBR_FULL", "RGB")).max() <= 1


@pytest.mark.parametrize("form", ["YBR_FULL_422", "YBR_PARTIAL_422"])
def test_pixels_that_share_their_colour_differences_are_doubled(tmp_path: Path, form: str) -> None:
    white, black = (235, 16) if "PARTIAL" in form else (255, 0)
    pairs = np.array([[[white, black, 128, 128]] * 2, [[black, black, 128, 128]] * 2], "uint8")
    header = colour_file(tmp_path / "a.dcm", np.zeros((2, 4, 2), "uint8"), form)
    Path(header.path).write_bytes(Path(header.path).read_bytes()[: header.pixels_at] + pairs.tobytes())
    expected = np.array([[255, 0, 255, 0], [0, 0, 0, 0]])
    assert np.array_equal(colours_of(header)[..., 0], expected)


def test_pixels_declared_to_share_but_stored_in_full_are_read_in_full(tmp_path: Path) -> None:
    ybr = convert_color_space(BLOCKS, "RGB", "YBR_FULL")
    header = colour_file(tmp_path / "a.dcm", ybr, "YBR_FULL_422")
    assert np.abs(colours_of(header).astype(int) - BLOCKS).max() <= 2


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("first", [0, 5])
def test_a_palette_paints_and_its_ends_go_on(tmp_path: Path, bits: int, first: int) -> None:
    table = COLOURS.reshape(-1, 3).astype(f"<u{bits // 8}") << (bits - 8)
    tags: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR", "RescaleIntercept": None}
    for k, name in enumerate(("Red", "Green", "Blue")):
        tags[f"{name}PaletteColorLookupTableDescriptor"] = [len(table), first, bits]
        tags[f"{name}PaletteColorLookupTableData"] = table[:, k].tobytes()
    stored = np.array([[0, 1, 2, 3], [4, 5, 6, 250]], "uint8")
    painted = colours_of(read_header(slice_file(tmp_path / "a.dcm", stored, **tags)))
    expected = COLOURS.reshape(-1, 3)[np.clip(stored.astype(int) - first, 0, 7)]
    assert np.array_equal(painted, expected)


def test_a_palette_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    header = read_header(slice_file(tmp_path / "a.dcm", COLOURS[..., 0], PhotometricInterpretation="PALETTE COLOR"))
    with pytest.raises(Refused, match="table of colours"):
        decode(header)


@pytest.mark.parametrize("form", ["HSV", "ARGB", "CMYK", "SOMETHING"])
def test_old_colour_forms_are_named_not_guessed(tmp_path: Path, form: str) -> None:
    header = replace(colour_file(tmp_path / "a.dcm", COLOURS), photometric=form)
    with pytest.raises(Refused) as refused:
        decode(header)
    assert str(refused.value.reason) == f"The image has the colour form {form}, which MedViewer does not read."


@pytest.mark.parametrize(("form", "samples"), [("RGB", 1), ("MONOCHROME2", 3), ("PALETTE COLOR", 3), ("YBR_FULL", 4)])
def test_samples_that_do_not_fit_the_form_are_a_contradiction(tmp_path: Path, form: str, samples: int) -> None:
    header = replace(colour_file(tmp_path / "a.dcm", COLOURS), photometric=form, samples=samples)
    with pytest.raises(Refused, match="contradicts itself"):
        decode(header)


JPEGS = {  # what is coded, what stands before the image, what the header says
    "ycc with jfif": ("ycbcr", None, "YBR_FULL_422"),
    "ycc with jfif declared rgb": ("ycbcr", None, "RGB"),
    "ycc without a sign": ("ycbcr", b"", "YBR_FULL"),
    "rgb without a sign": ("rgb", b"", "RGB"),
    "rgb with adobe declared ycc": ("rgb", b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0", "YBR_FULL"),
    "ycc with adobe declared rgb": ("ycbcr", b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\1", "RGB"),
}


@pytest.mark.parametrize("case", JPEGS.values(), ids=JPEGS)
def test_a_jpeg_shows_its_true_colours_whatever_the_header_says(
    tmp_path: Path, case: tuple[str, bytes | None, str]
) -> None:
    coded, sign, form = case
    options: dict[str, Any] = {"colorspace": "rgb", "outcolorspace": coded, "subsampling": "444"}
    stream = imagecodecs.jpeg8_encode(BLOCKS, level=98, **options)
    if sign is not None:
        stream = stream[:2] + sign + _without_signs(bytes(stream))
    tags = {**NAMES, "PhotometricInterpretation": form}
    header = read_header(coded_file(tmp_path / "a.dcm", BLOCKS, JPEG + "50", bytes(stream), **tags))
    assert np.abs(colours_of(header).astype(int) - BLOCKS).max() <= 12


def _without_signs(stream: bytes) -> bytes:
    """Drop the APP segments and give the components numbers for names, as many writers do."""
    at = 2
    while stream[at + 1] in range(0xE0, 0xF0):
        at += 2 + int.from_bytes(stream[at + 2 : at + 4])
    rest = bytearray(stream[at:])
    for marker, first, step in ((0xC0, 10, 3), (0xDA, 5, 2)):
        head = rest.find(bytes((0xFF, marker)))
        for k in range(3):
            rest[head + first + step * k] = k + 1
    return bytes(rest)


def test_every_frame_of_a_colour_file_is_its_own(tmp_path: Path) -> None:
    frames = np.stack([BLOCKS, BLOCKS[::-1], 255 - BLOCKS])
    header = colour_file(tmp_path / "a.dcm", frames, Rows=32, Columns=64, NumberOfFrames=3)
    for k, frame in enumerate(frames):
        assert np.array_equal(colours_of(replace(header, frame=k)), frame)


def test_brightness_is_that_of_the_eye() -> None:
    assert colour.brightness(COLOURS).tolist() == [[76, 150, 29, 255], [0, 128, 83, 118]]


def rgb_of(path: Path) -> NDArray[Any]:
    decoded: Decoded = decode(read_header(path))
    assert decoded.colours is not None
    return decoded.colours.astype(int)


LOSSLESS = ("SC_rgb_rle", "SC_rgb_jpeg_gdcm", "SC_rgb_gdcm_KY", "SC_rgb_rle_16bit", "SC_rgb_rle_32bit")


@pytest.mark.data
@pytest.mark.parametrize("name", LOSSLESS)
def test_the_test_card_is_the_same_from_every_lossless_codec(shared_data: Path, name: str) -> None:
    plain = rgb_of(shared_data / MORE_FILES / "SC_rgb.dcm")
    assert np.array_equal(rgb_of(shared_data / TEST_FILES / f"{name}.dcm"), plain)


@pytest.mark.data
@pytest.mark.parametrize("name", ["JLSL_RGB_ILV0", "JLSL_RGB_ILV1", "JLSL_RGB_ILV2"])
def test_jpeg_ls_colours_are_the_same_in_every_interleaving(shared_data: Path, name: str) -> None:
    plain = rgb_of(shared_data / MORE_FILES / "SC_rgb.dcm")
    image = rgb_of(shared_data / MORE_FILES / f"{name}.dcm")
    assert np.array_equal(image, rgb_of(shared_data / MORE_FILES / "JLSL_RGB_ILV0.dcm"))
    assert image.shape == plain.shape or name.startswith("JLSL")


@pytest.mark.data
@pytest.mark.parametrize("name", ["cr", "cy+n1", "cy+n2", "cy+np", "cy+s2", "cy+s4"])
def test_dcmtk_jpegs_are_as_their_decompressed_twins(shared_data: Path, name: str) -> None:
    twin = shared_data / MORE_FILES / f"SC_rgb_dcmtk_eb{name.replace('+', '')}_dcmd.dcm"
    twin = twin if twin.exists() else shared_data / MORE_FILES / "SC_rgb.dcm"
    image = rgb_of(shared_data / TEST_FILES / f"SC_rgb_dcmtk_+eb+{name}.dcm")
    assert np.abs(image - rgb_of(twin)).max() <= 4


@pytest.mark.data
def test_jpegs_that_hide_how_they_are_coded_are_as_their_decompressed_twins(shared_data: Path) -> None:
    folder = shared_data / TEST_FILES
    twin = rgb_of(folder / "SC_rgb_jpeg_dcmd.dcm")
    for name in ("SC_rgb_jpeg", "SC_jpeg_no_color_transform"):
        assert np.abs(rgb_of(folder / f"{name}.dcm") - twin).max() <= 6, name
    for name in ("SC_rgb_jpeg_app14_dcmd", "SC_jpeg_no_color_transform_2"):  # coded more coarsely
        assert np.abs(rgb_of(folder / f"{name}.dcm") - twin).mean() < 3, name


@pytest.mark.data
def test_test_patterns_agree_with_the_plain_one(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "transfer-syntaxes-cs3d"
    plain = rgb_of(folder / "TestPattern_RGB.dcm")
    for name in ("JPEG-LS-Lossless", "JPEG-Lossless_RGB", "Palette", "Palette_16"):
        image = rgb_of(folder / f"TestPattern_{name}.dcm")
        assert image.shape == plain.shape
        if "JPEG" in name:
            assert np.array_equal(image, plain), name
        else:
            assert np.median(np.abs(image - plain)) <= 8, name
    for name in ("JPEG-LS-NearLossless", "JPEG-Baseline_YBR422", "JPEG-Baseline_YBRFull"):
        assert np.mean(np.abs(rgb_of(folder / f"TestPattern_{name}.dcm") - plain)) < 3, name


@pytest.mark.data
@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
def test_every_palette_file_is_as_pydicom_paints_it(shared_data: Path) -> None:
    from pydicom.pixels.processing import apply_color_lut

    seen = 0
    for path in sorted((shared_data / "dicom").glob("[cst]*/**/*.dcm")):
        try:
            image = dcmread(path, force=True, defer_size=1024)
        except Exception:  # pydicom cannot read some of the malformed files
            continue
        if image.get("PhotometricInterpretation") != "PALETTE COLOR":
            continue
        if "TransferSyntaxUID" not in image.file_meta:
            image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        header = read_header(path)
        for k in range(header.frames):
            values = image.pixel_array if header.frames == 1 else image.pixel_array[k]
            painted = apply_color_lut(values, image)[..., :3]
            wide = painted.dtype.itemsize > 1
            ours = decode(replace(header, frame=k)).colours
            assert ours is not None
            assert np.array_equal(ours, painted >> 8 if wide else painted), path.name
            seen += 1
    assert seen > 20
