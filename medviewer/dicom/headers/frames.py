"""The images of a file that holds several: one header per frame, each with its own place, scale and time."""

from collections.abc import Iterator

from medviewer.core.study import Header
from medviewer.dicom.header import DEFLATED, LARGEST_CHUNK, build, read_elements
from medviewer.dicom.headers.elements import LONGEST, Elements, Wish
from medviewer.dicom.headers.groups import PER_FRAME, SHARED, groups
from medviewer.dicom.headers.modalities import dose, nm
from medviewer.dicom.headers.wanted import TAGS, WANTED

SEGMENTATIONS = {"1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"}
# Images whose place and scale stand in functional groups even where there is one frame.
ENHANCED = {
    "1.2.840.10008.5.1.4.1.1." + end
    for end in (
        "2.1", "2.2", "4.1", "4.3", "4.4", "6.2", "6.3", "12.1.1", "12.2.1", "13.1.1", "13.1.2", "13.1.3", "13.1.4",
        "13.1.5", "30", "77.1.5.4", "77.1.5.8", "77.1.6", "128.1", "130",
    )
}  # fmt: skip
MOST_FRAMES = 1 << 16
_LEAST_FRAME_BYTES = 32  # of a compressed frame with the item around it
_MOST_DEFLATED = 1032  # times smaller than the file was before
_BELIEVED = 8  # times the frames that a file can hold
_WANTED = WANTED | {SHARED, PER_FRAME} | nm.NM_TAGS | {dose.GRID_OFFSETS}
_POSITION = TAGS["position"]
_Values = dict[int, bytes]


def has_frames(header: Header) -> bool:
    """Whether ``frames_of`` can say more of a file than its header does; never of a segmentation."""
    several = header.frames > 1 or header.sop_class in ENHANCED
    return several and header.rows > 0 and header.columns > 0 and header.sop_class not in SEGMENTATIONS


def frames_of(header: Header) -> tuple[Header, ...]:
    """Return one header per frame of the file, in the file's order; Problem where it cannot be read again.

    Functional groups, the detectors of a SPECT and the planes of a dose say where frames lie. Others (cine, films)
    have no place. Of a file that claims far more frames than it can hold only those it can are made.
    """
    if not has_frames(header):
        return (header,)
    elements, syntax, file_bytes = read_elements(header.path, Wish(_WANTED, longest=LARGEST_CHUNK))
    base = {tag: raw[:LONGEST] for tag, raw in elements.values.items() if tag in WANTED}
    found = []
    for frame, own in enumerate(_own_values(elements, header, _held(header))):
        values = Elements(
            base | own, elements.pixels_at, elements.pixels_bytes, elements.float_pixels, elements.explicit
        )
        found.append(build(header.path, values, syntax, file_bytes, frame))
    return tuple(found)


def _own_values(elements: Elements, header: Header, count: int) -> Iterator[_Values]:
    """Yield for each of ``count`` frames the values in which it differs from the file's own."""
    if SHARED in elements.values or PER_FRAME in elements.values:
        placed = groups(elements, count)
    elif header.modality == "NM":
        placed = nm.places(elements, count)
    else:
        placed = dose.places(elements, count)
    nowhere = {_POSITION: b""} if header.frames > 1 else {}  # the file's one position is not that of every frame
    for own in placed:
        yield nowhere | own


def _held(header: Header) -> int:
    """Return how many frames to list of those the file claims: all, unless it cannot hold nearly as many."""
    bits = max(1, header.rows * header.columns * header.samples * header.bits_allocated)
    if header.transfer_syntax == DEFLATED:
        most = header.file_bytes * _MOST_DEFLATED * 8 // bits
    elif header.pixels_bytes < 0:
        most = (header.file_bytes - header.pixels_at) // _LEAST_FRAME_BYTES
    else:
        most = min(header.pixels_bytes, header.file_bytes - header.pixels_at) * 8 // bits
    believable = header.frames <= _BELIEVED * most + _BELIEVED  # cut short: the lost frames are told one by one
    return max(1, min(header.frames if believable else most, MOST_FRAMES))
