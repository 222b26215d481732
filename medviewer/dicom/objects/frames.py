"""What a segmentation says of each of its frames: which segment, from which image, where in the patient."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from medviewer.core.problem import Problem
from medviewer.dicom.objects.reading import Data, first, numbers, sequence, text, whole
from medviewer.i18n import _

MOST_FRAMES = 1 << 20
Vector = NDArray[np.float64]
Source = tuple[str, int]  # SOP instance UID, frame from 0


@dataclass(frozen=True, eq=False)
class Plane:
    """Where a frame's pixels are: the first one's centre, and steps for one row down and one column right, LPS mm."""

    origin_lps_mm: Vector
    down_lps_mm: Vector
    right_lps_mm: Vector

    @property
    def normal_lps(self) -> Vector:
        """Unit vector across the plane: right × down."""
        across = np.cross(self.right_lps_mm, self.down_lps_mm)
        return cast("Vector", across / np.linalg.norm(across))


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame, by its index from 0 in the file.

    ``segment`` is None in a label map, whose pixels are segment numbers. ``tile`` is the row and column, from 0, of
    its first pixel in the whole slide.
    """

    index: int
    segment: int | None
    sources: tuple[Source, ...]
    plane: Plane | None
    tile: tuple[int, int] | None = None


def plane_of(position: tuple[float, ...], orientation: tuple[float, ...], spacing: tuple[float, ...]) -> Plane | None:
    """Return the plane of ImagePosition, ImageOrientation and PixelSpacing (rows, columns); None where one is bad."""
    if len(position) != 3 or len(orientation) != 6 or len(spacing) != 2 or min(spacing) <= 0:
        return None
    right, down = np.asarray(orientation[:3]), np.asarray(orientation[3:])
    if abs(np.linalg.norm(np.cross(right, down)) - 1.0) > 0.01:
        return None
    return Plane(np.asarray(position), down * spacing[0], right * spacing[1])


def spacing_between_mm(data: Data) -> float | None:
    """Return the distance between the planes of a segmentation as it says itself; None where it does not."""
    shared = first(data, "SharedFunctionalGroupsSequence", "PixelMeasuresSequence")
    measures = shared or first(data, "PerFrameFunctionalGroupsSequence", "PixelMeasuresSequence")
    said = numbers(measures, "SpacingBetweenSlices") if measures is not None else ()
    return abs(said[0]) if said and said[0] else None


def frames_of(data: Data) -> tuple[Frame, ...]:
    """Return the frames of a segmentation; Problem where it claims too many, or fewer than it describes."""
    count = whole(data, "NumberOfFrames") or 1
    if not 0 < count <= MOST_FRAMES:
        raise Problem(_("This segmentation claims an impossible number of frames."))
    own = sequence(data, "PerFrameFunctionalGroupsSequence")
    shared = first(data, "SharedFunctionalGroupsSequence")
    if not own and text(data, "DimensionOrganizationType") == "TILED_FULL":
        return tuple(_tiled(data, count))
    if len(own) < count and (own or count > 1):
        raise Problem(_("This segmentation describes fewer frames than it holds."))
    return tuple(_frame(data, index, own[index] if own else data, shared) for index in range(count))


def _frame(data: Data, index: int, own: Data, shared: Data | None) -> Frame:
    return Frame(index, _segment(own, shared), tuple(_sources(own, shared)), _plane(data, own, shared), _tile(own))


def _group(own: Data, shared: Data | None, keyword: str) -> Data | None:
    """Return a functional group of the frame, else of all frames."""
    found = first(own, keyword)
    return found if found is not None or shared is None else first(shared, keyword)


def _segment(own: Data, shared: Data | None) -> int | None:
    identified = _group(own, shared, "SegmentIdentificationSequence")
    return whole(identified, "ReferencedSegmentNumber")


def _sources(own: Data, shared: Data | None) -> Iterator[Source]:
    """Yield the images that a frame was derived from."""
    derivations = sequence(own, "DerivationImageSequence")
    if not derivations and shared is not None:
        derivations = sequence(shared, "DerivationImageSequence")
    for derivation in derivations:
        for item in sequence(derivation, "SourceImageSequence"):
            numbered = numbers(item, "ReferencedFrameNumber") or (1,)
            yield from ((text(item, "ReferencedSOPInstanceUID"), round(number) - 1) for number in numbered)


def _plane(data: Data, own: Data, shared: Data | None) -> Plane | None:
    position = _group(own, shared, "PlanePositionSequence")
    orientation = _group(own, shared, "PlaneOrientationSequence")
    measures = _group(own, shared, "PixelMeasuresSequence")
    return plane_of(
        numbers(position if position is not None else data, "ImagePositionPatient"),
        numbers(orientation if orientation is not None else data, "ImageOrientationPatient"),
        numbers(measures if measures is not None else data, "PixelSpacing"),
    )


def _tile(own: Data) -> tuple[int, int] | None:
    slide = first(own, "PlanePositionSlideSequence")
    row, column = (
        whole(slide, "RowPositionInTotalImagePixelMatrix"),
        whole(slide, "ColumnPositionInTotalImagePixelMatrix"),
    )
    return None if row is None or column is None else (row - 1, column - 1)


def _tiled(data: Data, count: int) -> Iterator[Frame]:
    """Yield the frames of a slide that is tiled in full: along the rows, then down, then segment by segment."""
    places = tiles(data)
    numbered = [whole(item, "SegmentNumber") for item in sequence(data, "SegmentSequence")]
    is_labels = text(data, "SegmentationType") == "LABELMAP"
    if not places or count > len(places) * (1 if is_labels else len(numbered)):
        raise Problem(_("The tiles of this segmentation do not match the size of its slide."))
    for index in range(count):
        segment = None if is_labels else numbered[index // len(places)]
        yield Frame(index, segment, (), None, places[index % len(places)])


def tiles(data: Data) -> list[tuple[int, int]]:
    """Return row and column, from 0, of the first pixel of each tile of a slide that is tiled in full."""
    rows, columns = whole(data, "Rows") or 0, whole(data, "Columns") or 0
    high, wide = whole(data, "TotalPixelMatrixRows") or 0, whole(data, "TotalPixelMatrixColumns") or 0
    if min(rows, columns, high, wide) <= 0 or (high // rows + 1) * (wide // columns + 1) > MOST_FRAMES:
        return []
    return [(row, column) for row in range(0, high, rows) for column in range(0, wide, columns)]


def tile_places(data: Data) -> list[tuple[int, int]]:
    """Return where each frame of a slide begins, as ``tiles`` does, whether it is tiled in full or only in parts."""
    own = sequence(data, "PerFrameFunctionalGroupsSequence")
    said = [_tile(item) for item in own]
    return tiles(data) if not said else [place if place is not None else (-1, -1) for place in said]
