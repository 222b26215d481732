"""Nuclear medicine: where the slices of a reconstructed SPECT lie, and to which time they belong (PS3.3 C.8.4)."""

from collections.abc import Iterator

from medviewer.dicom.headers.elements import Elements, items, number
from medviewer.dicom.headers.modalities.dose import along, cross
from medviewer.dicom.headers.raw import real, reals, text
from medviewer.dicom.headers.wanted import TAGS

DETECTORS, SLICES, SPACING = number(0x0054, 0x0022), number(0x0054, 0x0080), number(0x0018, 0x0088)
# Of one frame: its phase, time slot of the heart beat, or time slice; the first that varies tells the times apart.
_TIMES = tuple(number(0x0054, vector) for vector in (0x0030, 0x0070, 0x0100))
NM_TAGS = frozenset((DETECTORS, SLICES, SPACING, *_TIMES))
_POSITION, _ORIENTATION = TAGS["position"], TAGS["orientation"]
_RECONSTRUCTED = "RECON"  # begins the third value of the image type: RECON TOMO, RECON GATED TOMO


def places(elements: Elements, count: int) -> Iterator[dict[int, bytes]]:
    """Yield position, orientation and time of each of ``count`` frames, as far as the file tells them.

    The first detector says where the first slice lies; the others follow along its normal by Spacing Between Slices,
    which may be negative. Projections and planar images lie nowhere in the patient.
    """
    get = elements.values.get
    kinds = text(get(TAGS["image_type"], b"")).split("\\")
    reconstructed = len(kinds) > 2 and kinds[2].startswith(_RECONSTRUCTED)
    detectors = items(get(DETECTORS, b""), elements.explicit, frozenset((_POSITION, _ORIENTATION)), 1)
    detector = detectors[0] if detectors else {}
    position = detector.get(_POSITION) or get(_POSITION, b"")
    orientation = detector.get(_ORIENTATION) or get(_ORIENTATION, b"")
    origin, axes, spacing_mm = reals(position), reals(orientation), real(get(SPACING, b""))
    known = reconstructed and len(origin) == 3 and len(axes) == 6 and bool(spacing_mm)
    slices = _vector(get(SLICES, b""), count)
    times = next((vector for tag in _TIMES if len(set(vector := _vector(get(tag, b""), count))) > 1), ())
    for frame in range(count):
        found: dict[int, bytes] = {}
        if known:
            index = slices[frame] - 1 if slices else frame
            found = {_ORIENTATION: orientation, _POSITION: along(origin, cross(axes), index * (spacing_mm or 0.0))}
        if times:
            found[TAGS["temporal_position"]] = b"%d" % times[frame]
        yield found


def _vector(raw: bytes, count: int) -> tuple[int, ...]:
    """Return one 16-bit number for each frame; nothing where there are not as many."""
    if len(raw) < 2 * count:
        return ()
    return tuple(int.from_bytes(raw[2 * frame : 2 * frame + 2], "little") for frame in range(count))
