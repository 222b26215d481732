"""Which images an object was drawn on, and where they are in the study."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from medviewer.core.problem import Problem
from medviewer.core.study import Series, Study
from medviewer.dicom.objects.reading import Data, read, sequence, text
from medviewer.i18n import N_

NOT_HERE = N_("The images that this was drawn on are not in this study, so it cannot be shown over them.")
_DEEPEST = 6
# Sequences that lead to images; everything else (patient, equipment, evidence of other kinds) is left alone.
_LEADING = (
    "ReferencedSeriesSequence",
    "ReferencedInstanceSequence",
    "ReferencedSOPSequence",
    "ReferencedImageSequence",
    "SourceImageSequence",
    "ReferencedFrameOfReferenceSequence",
    "RTReferencedStudySequence",
    "RTReferencedSeriesSequence",
    "ContourImageSequence",
    "ROIContourSequence",
    "ContourSequence",
    "DerivationImageSequence",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "CurrentRequestedProcedureEvidenceSequence",
)


@dataclass(frozen=True)
class References:
    """What an object refers to: UIDs of image series, of images, and of frames of reference."""

    series_uids: frozenset[str] = frozenset()
    sop_uids: frozenset[str] = frozenset()
    frame_of_reference_uids: frozenset[str] = frozenset()


def references_of(data: Data) -> References:
    """Return everything that a data set says it was drawn on."""
    series, images, frames = set[str](), set[str](), {text(data, "FrameOfReferenceUID")}
    for item in _items(data, _DEEPEST):
        series.add(text(item, "SeriesInstanceUID"))
        images.add(text(item, "ReferencedSOPInstanceUID"))
        frames |= {text(item, "FrameOfReferenceUID"), text(item, "ReferencedFrameOfReferenceUID")}
    return References(frozenset(series - {""}), frozenset(images - {""}), frozenset(frames - {""}))


def _items(data: Data, depth: int) -> Iterator[Data]:
    if depth == 0:
        return
    for keyword in _LEADING:
        for item in sequence(data, keyword):
            yield item
            yield from _items(item, depth - 1)


def target(study: Study, series: Series) -> Series | None:
    """Return the images of ``study`` that ``series`` (segments, contours) was drawn on; None where they are not there.

    The stack with most of the images referred to is chosen, else one of the series referred to, else the largest in
    the same frame of reference. Reads the first file of ``series``: not for the window's thread.
    """
    try:
        wanted = references_of(read(series.first.path, series.first.transfer_syntax))
    except Problem:
        return None
    return best(study, wanted)


def best(study: Study, wanted: References) -> Series | None:
    """Return the images of ``study`` that fit ``wanted`` best; None where nothing fits."""
    images = [one for one in study.series if one.kind == "image" and one.headers]
    shared = Counter({n: _shared(one, wanted) for n, one in enumerate(images)})
    for n, count in shared.most_common(1):
        if count:
            return images[n]
    named = [one for one in images if one.first.series_uid in wanted.series_uids]
    beside = [one for one in images if one.first.frame_of_reference_uid in wanted.frame_of_reference_uids]
    return max(named or beside, key=lambda one: (one.grid is not None, len(one.headers)), default=None)


def _shared(series: Series, wanted: References) -> int:
    return sum(header.sop_uid in wanted.sop_uids for header in series.headers)
