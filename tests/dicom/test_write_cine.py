"""The virtual ultrasound clip is what scanners write: one file, many colour frames, each its own picture."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pydicom
from pydicom.uid import JPEGBaseline8Bit

from medviewer.dicom.write.cine import picture, write_cine


def test_the_clip_has_its_frames_in_jpeg_baseline(tmp_path: Path) -> None:
    image = pydicom.dcmread(write_cine(tmp_path / "us.dcm", 3, 48, 64))
    assert image.file_meta.TransferSyntaxUID == JPEGBaseline8Bit
    assert (image.Modality, image.NumberOfFrames, image.Rows, image.Columns) == ("US", 3, 48, 64)
    assert len(list(pydicom.encaps.generate_frames(image.PixelData, number_of_frames=3))) == 3


def test_no_two_frames_are_alike_and_all_have_colours() -> None:
    frames = [picture(n) for n in range(4)]
    for one, other in pairwise(frames):
        assert np.count_nonzero(one != other) > one.size / 20
        assert np.ptp(one.astype(int) @ (1, 0, -1)) > 300
