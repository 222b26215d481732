"""What a pixel spacing measures: the patient, or a shadow on the detector (PS3.3 10.7.1.3)."""

from typing import NamedTuple

from medviewer.core.study import SpacingKind
from medviewer.dicom.headers.raw import Values, real, reals, text, within

_PROJECTIONS = frozenset(("CR", "DX", "MG", "XA", "RF", "IO", "PX", "RG", "DR", "RTIMAGE"))
_PLANES = frozenset(("CT", "MR", "PT", "NM", "RTDOSE", "SM", "OPT"))
SMALLEST_MM, LARGEST_MM = 1e-6, 1e3


class Spacing(NamedTuple):
    """Millimetres per pixel (down, across), what they measure, and how much larger the detector shows things."""

    mm: tuple[float, float] | None = None
    kind: SpacingKind = ""
    magnification: float | None = None


def spacing(v: Values, modality: str, placed: bool) -> Spacing:
    """Return the best spacing a file gives; ``placed`` says that it tells how its plane lies in the patient.

    Of projections, Pixel Spacing is calibrated where the file says how, or where it differs from that at the detector.
    """
    plane, detector = _pair(v, "spacing"), _pair(v, "imager_spacing")
    magnification = within(real(v.get("magnification", b"")), 0.1, 20)
    if plane and (modality in _PLANES or (placed and not detector)):
        return Spacing(plane, "plane")
    if plane and modality in _PROJECTIONS | {""}:
        calibrated = bool(text(v.get("calibration", b""))) or (detector is not None and not _same(plane, detector))
        return Spacing(plane, "calibrated") if calibrated else Spacing(plane, "detector", magnification)
    if plane:
        return Spacing(plane, "calibrated" if text(v.get("calibration", b"")) else "plane" if placed else "nominal")
    if at_detector := detector or _pair(v, "image_plane_spacing"):
        return Spacing(at_detector, "detector", magnification)
    scanned = _pair(v, "scanned_spacing")
    return Spacing(scanned, "nominal") if scanned else Spacing()


def _pair(v: Values, name: str) -> tuple[float, float] | None:
    """Return two lengths in mm; None where they are missing or absurd."""
    values = reals(v.get(name, b""))
    if len(values) != 2 or not all(SMALLEST_MM <= value <= LARGEST_MM for value in values):
        return None
    return values[0], values[1]


def _same(a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Whether two spacings are equal but for the digits they are written with."""
    return all(abs(one - other) <= 1e-3 * other for one, other in zip(a, b, strict=True))
