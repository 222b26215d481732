"""Regions of an RTSTRUCT file as layers over a volume."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import triple
from medviewer.core.job import Job
from medviewer.core.layers import Contour, ContourForm, Layer, Point, center_of
from medviewer.core.problem import Problem
from medviewer.core.study import Header
from medviewer.core.volume import Volume
from medviewer.dicom.objects.colours import PALETTE, Rgb
from medviewer.dicom.objects.filling import filled
from medviewer.dicom.objects.placing import Slices
from medviewer.dicom.objects.reading import Data, meaning, numbers, read, sequence, text, whole
from medviewer.dicom.objects.segments import algorithm_words
from medviewer.i18n import N_, Message, _

MOST_POINTS = 50_000_000
_FORMS: dict[str, ContourForm] = {
    "CLOSED_PLANAR": "closed",
    "CLOSEDPLANAR_XOR": "closed",
    "OPEN_PLANAR": "open",
    "OPEN_NONPLANAR": "open",
    "POINT": "point",
}
# RT ROI Interpreted Types that readers know by other words than DICOM's.
TYPES = {
    "GTV": N_("gross tumour volume"),
    "CTV": N_("clinical target volume"),
    "PTV": N_("planning target volume"),
    "ITV": N_("internal target volume"),
    "ORGAN": N_("organ"),
    "AVOIDANCE": N_("region to avoid"),
    "EXTERNAL": N_("body outline"),
    "ISOCENTER": N_("isocentre"),
    "MARKER": N_("marker"),
    "CONTRAST_AGENT": N_("contrast agent"),
    "CAVITY": N_("cavity"),
    "SUPPORT": N_("patient support"),
    "FIXATION": N_("fixation"),
    "CONTROL": N_("control region"),
}
Read = tuple[tuple[Layer, ...], tuple[Message, ...]]


def read_contours(header: Header, volume: Volume, job: Job) -> Read:
    """Return the regions of an RTSTRUCT file over ``volume``, and in sentences what could not be placed and why.

    Problem where the file cannot be read at all; Cancelled where the reader cancelled.
    """
    job.step(0.0, _("Reading contours"))
    return _Reading(header, read(header.path, header.transfer_syntax), Slices(volume), job).run()


@dataclass
class _Reading:
    """One run of ``read_contours``."""

    header: Header
    data: Data
    slices: Slices
    job: Job
    lost: Counter[str] = field(default_factory=Counter)
    points: int = 0

    def run(self) -> Read:
        """Read region by region."""
        named = {whole(item, "ROINumber"): item for item in sequence(self.data, "StructureSetROISequence")}
        observed = {
            whole(item, "ReferencedROINumber"): item for item in sequence(self.data, "RTROIObservationsSequence")
        }
        regions = sequence(self.data, "ROIContourSequence")
        if not regions:
            raise Problem(_("This structure set holds no contours."))
        layers = []
        for n, region in enumerate(regions):
            self.job.step(n / len(regions))
            number = whole(region, "ReferencedROINumber")
            layer = self._layer(n, region, named.get(number), observed.get(number))
            if layer is not None:
                layers.append(layer)
        return tuple(layers), tuple(self._messages())

    def _layer(self, n: int, region: Data, named: Data | None, observed: Data | None) -> Layer | None:
        contours = tuple(self._contours(region, text(named, "ReferencedFrameOfReferenceUID")))
        if not contours:
            self.lost["regions"] += 1
            return None
        grid = self.slices.volume.grid
        mask = filled(contours, grid) if self.slices.volume.regular else None
        return Layer(
            id=f"{self.header.sop_uid}/{n}",
            title=text(named, "ROIName") or text(observed, "ROIObservationLabel") or _("Region {n}").format(n=n + 1),
            colour_rgb=_colour(region, n),
            kind="contour",
            meaning=_meaning(observed),
            algorithm=algorithm_words(text(named, "ROIGenerationAlgorithm")),
            mask=mask,
            contours=contours,
            center_lps_mm=_middle(contours) if mask is None else center_of(mask, grid),
        )

    def _contours(self, region: Data, frame_of_reference: str) -> Iterator[Contour]:
        """Yield the contours of a region that lie on slices of the volume."""
        ours = self.slices.headers[0].frame_of_reference_uid
        foreign = bool(ours and frame_of_reference and ours != frame_of_reference)
        for item in sequence(region, "ContourSequence"):
            self.job.check()
            form, points_lps_mm = _FORMS.get(text(item, "ContourGeometricType").upper()), _points(item)
            self.points += 0 if points_lps_mm is None else len(points_lps_mm)
            if form is None or points_lps_mm is None or self.points > MOST_POINTS:
                self.lost["damaged"] += 1
                continue
            k = None if foreign and not self._refers_here(item) else self.slices.holding(points_lps_mm)
            if k is None:
                self.lost["elsewhere"] += 1
            else:
                yield Contour(form, k, points_lps_mm)

    def _refers_here(self, item: Data) -> bool:
        images = {text(image, "ReferencedSOPInstanceUID") for image in sequence(item, "ContourImageSequence")}
        return not images.isdisjoint(header.sop_uid for header in self.slices.headers)

    def _messages(self) -> Iterator[Message]:
        if self.lost["elsewhere"]:
            yield N_("{n} contours lie outside these images or not in their planes.", n=self.lost["elsewhere"])
        if self.lost["damaged"]:
            yield N_("{n} contours are damaged, too many, or of a kind that cannot be drawn.", n=self.lost["damaged"])
        if self.lost["regions"]:
            yield N_("{n} regions have no contour on these images.", n=self.lost["regions"])


def _points(item: Data) -> NDArray[np.float64] | None:
    """Return the points of a contour (n, 3) in LPS mm; None where they are damaged."""
    try:
        raw = item.get_item("ContourData").value
        parts = raw.split(b"\\") if isinstance(raw, bytes) else raw  # pydicom's own numbers take ten times as long
        values = np.array([float(part) for part in parts])
    except (AttributeError, TypeError, ValueError):
        return None
    points = values.reshape(-1, 3) if len(values) and len(values) % 3 == 0 else None
    return points if points is not None and np.isfinite(points).all() else None


def _colour(region: Data, n: int) -> Rgb:
    said = [round(value) for value in numbers(region, "ROIDisplayColor")]
    if len(said) == 3 and all(0 <= value <= 255 for value in said):
        return said[0], said[1], said[2]
    return PALETTE[n % len(PALETTE)]


def _meaning(observed: Data | None) -> str:
    kind = text(observed, "RTROIInterpretedType").upper()
    coded = meaning(observed, "RTROIIdentificationCodeSequence")
    return ", ".join(part for part in (coded, str(TYPES.get(kind, kind.lower().replace("_", " ")))) if part)


def _middle(contours: tuple[Contour, ...]) -> Point:
    """Return the middle of the longest contour."""
    longest = max(contours, key=lambda contour: len(contour.points_lps_mm))
    return triple(longest.points_lps_mm.mean(axis=0))
