"""A compressed copy has the same pixels."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import JPEGLSLossless

from medviewer.dicom.write.compress import compress


def test_every_pixel_and_the_identity_survive(tmp_path: Path) -> None:
    source = get_testdata_file("CT_small.dcm")
    assert isinstance(source, str)
    copy, original = pydicom.dcmread(compress(Path(source), tmp_path / "c.dcm")), pydicom.dcmread(source)
    assert copy.file_meta.TransferSyntaxUID == JPEGLSLossless
    assert copy.SOPInstanceUID == original.SOPInstanceUID
    assert np.array_equal(copy.pixel_array, original.pixel_array)
    assert len(copy.PixelData) < len(original.PixelData)


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.dcm").write_text("no image")
    with pytest.raises(pydicom.errors.InvalidDicomError):
        compress(tmp_path / "text.dcm", tmp_path / "c.dcm")
