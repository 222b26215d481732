"""The same real image in many encodings: equal to the last bit wherever nothing was lost on purpose."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.core.study import Header
from medviewer.dicom.header import read_header
from medviewer.dicom.pixels.codecs import decode

pytestmark = pytest.mark.data
FILES, MORE = "conformance-pydicom/test_files", "conformance-pydicom-data"
FAMILIES = {  # the plain file and the files that must equal it
    "MR_small": (
        f"{FILES}/MR_small.dcm",
        [f"{FILES}/MR_small_{form}.dcm" for form in ("RLE", "bigendian", "expb", "implicit", "jp2klossless")]
        + [f"{FILES}/MR_small_jpeg_ls_lossless.dcm"],
    ),
    "emri_small": (
        f"{MORE}/emri_small.dcm",
        [f"{MORE}/emri_small_{form}.dcm" for form in ("RLE", "big_endian", "jpeg_2k_lossless", "jpeg_ls_lossless")],
    ),
    "liver": (f"{FILES}/liver_1frame.dcm", [f"{FILES}/liver_expb_1frame.dcm"]),
    "rtdose": (f"{FILES}/rtdose.dcm", [f"{FILES}/rtdose_expb.dcm", f"{FILES}/rtdose_rle.dcm"]),
    "rtdose_1frame": (
        f"{FILES}/rtdose_1frame.dcm",
        [f"{FILES}/rtdose_expb_1frame.dcm", f"{FILES}/rtdose_rle_1frame.dcm"],
    ),
    "SC_rgb": (f"{MORE}/SC_rgb.dcm", [f"{MORE}/SC_rgb_expb.dcm", f"{FILES}/SC_rgb_rle.dcm"]),
    "SC_rgb_2frame": (
        f"{MORE}/SC_rgb_2frame.dcm",
        [f"{MORE}/SC_rgb_expb_2frame.dcm", f"{FILES}/SC_rgb_rle_2frame.dcm"],
    ),
    "SC_rgb_16bit_2frame": (
        f"{MORE}/SC_rgb_16bit_2frame.dcm",
        [f"{MORE}/SC_rgb_expb_16bit_2frame.dcm", f"{FILES}/SC_rgb_rle_16bit_2frame.dcm"],
    ),
    "SC_rgb_32bit_2frame": (
        f"{MORE}/SC_rgb_32bit_2frame.dcm",
        [f"{MORE}/SC_rgb_expb_32bit_2frame.dcm", f"{FILES}/SC_rgb_rle_32bit_2frame.dcm"],
    ),
    "SC_rgb_small_odd": (f"{FILES}/SC_rgb_small_odd.dcm", [f"{FILES}/SC_rgb_small_odd_big_endian.dcm"]),
    "US1": (f"{MORE}/US1_J2KR.dcm", [f"{FILES}/examples_jpeg2k.dcm"]),
    "colour planes": (f"{MORE}/color-px.dcm", [f"{MORE}/color-pl.dcm"]),
    "slide": ("seg-sr-highdicom/test_files/sm_image.dcm", ["seg-sr-highdicom/test_files/sm_image_jpegls.dcm",
        "seg-sr-highdicom/test_files/sm_image_jpegls_nobot.dcm"]),
}  # fmt: skip
CT_LOSSLESS = (
    "BigEndianExplicit", "DeflatedExplicitVRLittleEndian", "JPEG2000LosslessOnly", "JPEGLSLossless", "JPEGProcess14SV1",
    "JPEGProcess14", "LittleEndianExplicit", "LittleEndianImplicit", "RLELossless",
)  # fmt: skip


def frames_of(path: Path) -> list[NDArray[Any]]:
    """Return every frame: its colours where it has some, else its values."""
    header: Header = read_header(path)
    found = [decode(replace(header, frame=k)) for k in range(header.frames)]
    return [one.stored if one.colours is None else one.colours for one in found]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_frame_is_the_same_in_every_lossless_encoding(shared_data: Path, family: str) -> None:
    plain, others = FAMILIES[family]
    expected = frames_of(shared_data / "dicom" / plain)
    for other in others:
        frames = frames_of(shared_data / "dicom" / other)
        assert len(frames) == len(expected), other
        assert all(np.array_equal(one, same) for one, same in zip(frames, expected, strict=True)), other


def test_a_real_ct_is_the_same_in_every_lossless_encoding(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "transfer-syntaxes-cs3d"
    expected = frames_of(folder / "CTImage.dcm")[0]
    for name in CT_LOSSLESS:
        path = next(folder.glob(f"CTImage.dcm_{name}TransferSyntax_*"))
        assert np.array_equal(frames_of(path)[0], expected), name


def test_frames_of_a_file_are_not_all_the_same(shared_data: Path) -> None:
    frames = frames_of(shared_data / "dicom" / MORE / "emri_small_jpeg_ls_lossless.dcm")
    assert len({frame.tobytes() for frame in frames}) == 10


def test_a_header_that_is_wrong_about_the_sign_does_not_wrap_the_values(shared_data: Path) -> None:
    from pydicom import dcmread

    path = shared_data / "dicom" / FILES / "J2K_pixelrep_mismatch.dcm"
    assert np.array_equal(frames_of(path)[0], dcmread(path).pixel_array)
