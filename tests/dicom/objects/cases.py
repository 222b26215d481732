"""Small CT series, with segmentations and structure sets drawn over them by highdicom and pydicom."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from highdicom import AlgorithmIdentificationSequence
from highdicom.color import CIELabColor
from highdicom.seg import Segmentation, SegmentDescription
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid

from medviewer.core.job import Job
from medviewer.core.layers import Layer
from medviewer.core.study import Header, Kind, Series
from medviewer.core.volume import Volume
from medviewer.dicom.header import read_header
from medviewer.dicom.load import allocate
from medviewer.dicom.objects import load_layers
from medviewer.dicom.stacks.stack import stacks
from medviewer.i18n import Message
from tests.dicom.files import ramp, slice_file

SHAPE = (5, 47, 39)  # frames of 1833 bits: only every eighth begins at a whole byte
COLOURS = ((221, 130, 101), (0, 151, 206), (60, 200, 60))
Change = Callable[[Dataset], None]


def images(folder: Path, **tags: Any) -> list[Path]:
    """Write a CT of SHAPE whose files' names run against the slices."""
    folder.mkdir(parents=True, exist_ok=True)
    depth, rows, columns = SHAPE
    return [
        slice_file(folder / f"{depth - k}.dcm", ramp(k, rows=rows, columns=columns), k, **tags) for k in range(depth)
    ]


def series_of(paths: Sequence[Path], kind: Kind = "image") -> Series:
    """Return the series of files in slice order, each file once."""
    headers = [read_header(path) for path in paths]
    if kind != "image":
        return Series(headers[0].series_uid, tuple(headers), kind=kind)
    stack = stacks(headers)[0]
    return Series(headers[0].series_uid, stack.headers, grid=stack.grid if len(headers) > 1 else None)


@contextmanager
def volume_over(series: Series) -> Iterator[Volume]:
    """The volume of a series, still empty: layers do not wait for its voxels."""
    volume = allocate(series)
    try:
        yield volume
    finally:
        volume.close()


def layers_over(series: Series, drawn: Path, kind: Kind = "segmentation") -> tuple[list[Layer], list[Message]]:
    """Return what a file draws over a series, and what it says."""
    with volume_over(series) as volume:
        layers, told = load_layers(series_of([drawn], kind), volume, Job())
    return list(layers), list(told)


def marker(seed: int = 0) -> NDArray[np.bool_]:
    """Return voxels of SHAPE that no flip, turn or shift leaves as they are; slice 3 stays empty."""
    made = np.zeros(SHAPE, np.bool_)
    for k in (0, 1, 2, 4):
        made[k, 5 + k : 20 + 2 * k, 4 + seed : 12 + k + seed] = True
        made[k, 30, 20 : 25 + k + seed] = True
        made[k, 35 + k, 33] = True
    return made


def full(layer: Layer) -> NDArray[Any]:
    """Return a layer's voxels as an array of SHAPE."""
    if layer.fractions is not None:
        out = np.zeros(SHAPE, np.uint8)
        (k, j, i), (dk, dj, di) = layer.fractions.offset_kji, layer.fractions.values.shape
        out[k : k + dk, j : j + dj, i : i + di] = layer.fractions.values
        return out
    assert layer.mask is not None
    return layer.mask.full(SHAPE)


def seg_file(
    path: Path,
    sources: Sequence[Path],
    pixels: NDArray[Any],
    kind: str = "BINARY",
    *,
    segments: int = 1,
    change: Change | None = None,
    **more: Any,
) -> Path:
    """Write a SEG of ``pixels`` (slices[, segments]) over images in slice order, by highdicom."""
    ordered = sorted((pydicom.dcmread(p) for p in sources), key=lambda image: image.ImagePositionPatient[2])
    made = Segmentation(
        source_images=ordered,
        pixel_array=pixels,
        segmentation_type=kind,
        segment_descriptions=[described(n) for n in range(1, segments + 1)],
        series_instance_uid=generate_uid(),
        series_number=7,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer="Test",
        manufacturer_model_name="Test",
        software_versions="1",
        device_serial_number="1",
        **more,
    )
    if change is not None:
        change(made)
    made.save_as(path)
    return path


def described(number: int) -> SegmentDescription:
    """Return the description of segment ``number``."""
    return SegmentDescription(
        segment_number=number,
        segment_label=f"part {number}",
        segmented_property_category=codes.SCT.Organ,
        segmented_property_type=codes.SCT.Liver,
        algorithm_type="AUTOMATIC",
        algorithm_identification=AlgorithmIdentificationSequence(
            "tester", codes.DCM.ArtificialIntelligence, "1", source="us"
        ),
        display_color=CIELabColor.from_rgb(*COLOURS[(number - 1) % 3]),
    )


def rtstruct_file(path: Path, regions: Sequence[Dataset], **tags: Any) -> Path:
    """Write a structure set of ``regions`` (see ``region``)."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = RTStructureSetStorage, ExplicitVRLittleEndian
    meta.MediaStorageSOPInstanceUID = generate_uid()
    made = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    made.StudyInstanceUID, made.SeriesInstanceUID, made.Modality = "1.2.3", "1.2.3.77", "RTSTRUCT"
    made.StructureSetROISequence, made.RTROIObservationsSequence = Items(), Items()
    made.ROIContourSequence = Items(regions)
    for n in range(1, len(regions) + 1):
        named, observed = Dataset(), Dataset()
        named.ROINumber, named.ROIName, named.ReferencedFrameOfReferenceUID = n, f"region {n}", "1.2.3.9"
        named.ROIGenerationAlgorithm = "MANUAL"
        observed.ObservationNumber, observed.ReferencedROINumber, observed.RTROIInterpretedType = n, n, "GTV"
        made.StructureSetROISequence.append(named)
        made.RTROIObservationsSequence.append(observed)
        regions[n - 1].ReferencedROINumber = n
    for keyword, value in tags.items():
        setattr(made, keyword, value)
    made.save_as(path, enforce_file_format=True)
    return path


def region(*lines: tuple[str, Sequence[Sequence[float]]], colour: Sequence[int] = (255, 0, 0)) -> Dataset:
    """Return a region of contours, each of a geometric type and points in LPS mm."""
    made = Dataset()
    made.ROIDisplayColor, made.ContourSequence = list(colour), Items()
    for form, points in lines:
        item = Dataset()
        item.ContourGeometricType, item.NumberOfContourPoints = form, len(points)
        item.ContourData = [f"{value:.3f}" for point in points for value in point]
        made.ContourSequence.append(item)
    return made


def lps(header: Header, *ji: tuple[float, float]) -> list[list[float]]:
    """Return places in row and column of an image in LPS mm."""
    x, y, z = header.position_lps_mm or (0.0, 0.0, 0.0)
    row_mm, column_mm = header.pixel_spacing_mm or (1.0, 1.0)
    return [[x + column * column_mm, y + row * row_mm, z] for row, column in ji]
