"""Masks of findings as a DICOM segmentation."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.finding import Finding
from medviewer.core.grid import Grid
from medviewer.core.mask import Mask
from medviewer.core.problem import Problem
from medviewer.core.study import Series
from medviewer.dicom.write import sources
from medviewer.i18n import _

SERIES_NUMBER = 9001
_COLOURS = ((255, 76, 51), (51, 204, 76), (51, 128, 255), (255, 204, 25), (204, 76, 230), (25, 204, 204))


def write_seg(path: Path, series: Series, grid: Grid, findings: Sequence[Finding], *, observer: str = "") -> Path:
    """Write a binary SEG with one segment per finding that has a mask, numbered as ``segment_numbers`` says.

    ``grid`` is the volume's whose ``[k, j, i]`` the masks count in; slice k is ``series.headers[k]``. Raises Problem
    where no finding has a mask, where the series is no stack, or where the file cannot be written.
    """
    marked = [found for found in findings if found.mask is not None]
    if not marked:
        raise Problem(_("The findings have no outline: there is nothing to write as a segmentation."))
    if series.grid is None or grid.shape_kji[0] != len(series.headers):
        raise Problem(_("This series is no regular stack: outlines on it cannot be written as a segmentation."))
    slices = _slices([found.mask for found in marked if found.mask is not None], grid)
    return sources.save(_segmentation(series, marked, slices, _pixels(marked, slices, grid), observer), path)


def segment_numbers(findings: Sequence[Finding]) -> dict[str, int]:
    """Return the segment number of each finding that has a mask, by finding id."""
    return {found.id: n for n, found in enumerate((f for f in findings if f.mask is not None), 1)}


def _slices(masks: Sequence[Mask], grid: Grid) -> list[int]:
    """Return the slices that any mask touches; Problem where one leaves the volume."""
    touched: set[int] = set()
    for mask in masks:
        if any(box.start < 0 or box.stop > n for box, n in zip(mask.box, grid.shape_kji, strict=True)):
            raise Problem(_("A mask lies outside of its series: the segmentation was not written."))
        touched.update(range(mask.box[0].start, mask.box[0].stop))
    return sorted(touched)


def _pixels(marked: Sequence[Finding], slices: Sequence[int], grid: Grid) -> NDArray[Any]:
    """Return segment numbers (slices, rows, columns), or one plane per segment (..., n) where masks overlap."""
    at = {k: n for n, k in enumerate(slices)}
    shape = (len(slices), *grid.shape_kji[1:])
    numbers = np.zeros(shape, np.uint8 if len(marked) < 256 else np.uint16)
    for number, found in enumerate(marked, 1):
        assert found.mask is not None
        k, j, i = found.mask.box
        box = (slice(at[k.start], at[k.stop - 1] + 1), j, i)
        if numbers[box][found.mask.voxels].any():
            return _planes(marked, at, shape)
        numbers[box][found.mask.voxels] = number
    return numbers


def _planes(marked: Sequence[Finding], at: dict[int, int], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    planes = np.zeros((*shape, len(marked)), np.uint8)
    for number, found in enumerate(marked):
        assert found.mask is not None
        k, j, i = found.mask.box
        planes[at[k.start] : at[k.stop - 1] + 1, j, i, number] = found.mask.voxels
    return planes


def _segmentation(
    series: Series, marked: Sequence[Finding], slices: Sequence[int], pixels: NDArray[Any], observer: str
) -> Any:
    from highdicom.seg import Segmentation

    notice = sources.NOTICE.to("en")
    return Segmentation(
        source_images=sources.read_sources([series.first, *(series.headers[k] for k in slices)])[1:],
        pixel_array=pixels,
        segmentation_type="BINARY",
        segment_descriptions=[_describe(found, n, series.first.study_uid) for n, found in enumerate(marked, 1)],
        series_instance_uid=sources.new_uid(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=sources.new_uid(),
        instance_number=1,
        content_label="FINDINGS",
        content_description=notice,
        content_creator_name=observer or "MedViewer^",
        series_description=f"MedViewer findings. {notice}",
        specific_character_set=sources.UTF_8,
        **sources.EQUIPMENT,
    )


def _describe(found: Finding, number: int, study_uid: str) -> Any:
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.color import CIELabColor
    from highdicom.seg import SegmentDescription
    from pydicom.sr.codedict import codes

    algorithm = None
    if found.model is not None:
        algorithm = AlgorithmIdentificationSequence(
            found.model.id, codes.DCM.ArtificialIntelligence, found.model.version, source=sources.MAKER
        )
    return SegmentDescription(
        segment_number=number,
        segment_label=(found.label or found.id)[:64],
        segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure if found.is_nodule else codes.SCT.Tissue,
        segmented_property_type=sources.concept(found.code),
        algorithm_type="MANUAL" if algorithm is None else "AUTOMATIC",
        algorithm_identification=algorithm,
        tracking_uid=sources.tracking_uid(study_uid, found),
        tracking_id=(found.label or found.id)[:64],
        anatomic_regions=[codes.SCT.Lung] if found.is_nodule else None,
        display_color=CIELabColor.from_rgb(*_COLOURS[(number - 1) % len(_COLOURS)]),
    )
