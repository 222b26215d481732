"""A virtual ultrasound clip: one file of many colour frames, JPEG baseline, as scanners write them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medviewer.dicom.write.ct import derived_uid

_ULTRASOUND_CLIP = "1.2.840.10008.5.1.4.1.1.3.1"
_QUALITY, _FRAME_TIME_MS = 90, 33.3


def picture(n: int, rows: int = 480, columns: int = 640) -> NDArray[np.uint8]:
    """Return frame ``n``, RGB (rows, columns, 3): a grey fan with a red and a blue flow, both moving."""
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    depth, side = y / rows, (x - columns / 2) / columns
    angle = np.arctan2(side, depth + 0.1)
    grey = np.where(np.abs(angle) < 0.6, 110 + 90 * np.sin(40 * depth + 3 * angle + 0.3 * n), 0.0)
    image = np.repeat(grey[..., None], 3, axis=2)
    for channel, place in ((0, 0.35), (2, 0.65)):
        flow = (depth - place) ** 2 + (side - 0.1 * np.sin(0.2 * n)) ** 2 < 0.006
        image[flow] = 40.0
        image[flow, channel] = 230.0
    return image.astype(np.uint8)


def write_cine(path: Path, frames: int, rows: int = 480, columns: int = 640) -> Path:
    """Write a clip of ``frames`` times ``picture`` to ``path``; source: DICOM PS3.3 A.7, PS3.5 A.4."""
    from imagecodecs import jpeg8_encode
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import UID, JPEGBaseline8Bit

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(_ULTRASOUND_CLIP)
    meta.MediaStorageSOPInstanceUID = UID(derived_uid("cine", frames, rows, columns))
    meta.TransferSyntaxUID = JPEGBaseline8Bit
    image = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    for keyword, value in _says(frames, rows, columns).items():
        setattr(image, keyword, value)
    coded = (
        jpeg8_encode(picture(n, rows, columns), _QUALITY, colorspace="RGB", outcolorspace="YCBCR", subsampling="422")
        for n in range(frames)
    )
    image.PixelData = encapsulate([bytes(one) for one in coded])
    image["PixelData"].is_undefined_length = True
    image.save_as(path, enforce_file_format=True)
    return path


def _says(frames: int, rows: int, columns: int) -> dict[str, object]:
    """What the header says, by keyword."""
    return {
        "SOPClassUID": _ULTRASOUND_CLIP,
        "SOPInstanceUID": derived_uid("cine", frames, rows, columns),
        "StudyInstanceUID": derived_uid("cine", "study"),
        "SeriesInstanceUID": derived_uid("cine", "series", frames, rows, columns),
        "PatientName": "Phantom^Ultrasound",
        "PatientID": "PHANTOM-US",
        "PatientBirthDate": "19600101",
        "PatientSex": "O",
        "StudyDate": "20260115",
        "StudyTime": "093000",
        "StudyID": "1",
        "AccessionNumber": "",
        "ReferringPhysicianName": "",
        "Modality": "US",
        "SeriesNumber": 1,
        "InstanceNumber": 1,
        "SeriesDescription": "Virtual ultrasound",
        "ImageType": ["DERIVED", "PRIMARY"],
        "Rows": rows,
        "Columns": columns,
        "NumberOfFrames": frames,
        "SamplesPerPixel": 3,
        "PlanarConfiguration": 0,
        "PhotometricInterpretation": "YBR_FULL_422",
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelRepresentation": 0,
        "FrameTime": _FRAME_TIME_MS,
        "FrameIncrementPointer": 0x00181063,
        "LossyImageCompression": "01",
    }
