"""What a scan found: headers, series with their checks in words, studies, patients."""

from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Literal

from medviewer.core.grid import Grid
from medviewer.i18n import Message

Severity = Literal["info", "warning", "stop"]
# What the files of a series are: pictures, something drawn over pictures, something to read, or none of these.
Kind = Literal["image", "segmentation", "contours", "presentation", "report", "document", "other"]
# Codes of checks that, as stops, forbid planes in other directions and a look at the volume.
GEOMETRY = frozenset({
    "missing-slices", "spacing-varies", "gantry-tilt", "slices-shifted", "whole-slide", "cine", "single-image",
    "no-position", "thickness-used", "one-place", "turning", "no-spacing",
})  # fmt: skip
# What a pixel spacing measures: the patient's plane, the detector, a detector spacing that was calibrated, a region of
# an ultrasound image, nominal values of a secondary capture.
SpacingKind = Literal["", "plane", "detector", "calibrated", "region", "nominal"]


@dataclass(frozen=True, slots=True)
class Patient:
    """Who was scanned, as the files say; empty where they do not."""

    id: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """One image as the scan read it: a file, or frame ``frame`` of a file with ``frames``.

    Lengths in mm, positions in LPS, dates as YYYYMMDD. ``pixels_at`` is the byte where the pixel data's value starts,
    ``pixels_bytes`` its length (-1 for encapsulated data of undefined length, 0 where the file has no pixels), both
    of the whole file. A stored value starts at bit ``shift`` (0 but in old layouts); its real value is
    stored * slope + intercept in ``unit``, and times ``suv`` the SUVbw where that is known (``suv_missing`` says what
    the file lacks for it). ``view_position`` is how a film was taken (PA, LL, CC,
    MLO), ``right_bottom`` which directions of the patient are at its right and its bottom edge, as the file has them.
    """

    path: str
    sop_uid: str
    sop_class: str
    study_uid: str
    series_uid: str
    modality: str = ""
    transfer_syntax: str = ""
    patient: Patient = field(default_factory=Patient)
    age_years: float | None = None
    study_date: str = ""
    study_time: str = ""
    study_description: str = ""
    study_id: str = ""
    accession_number: str = ""
    referring_physician: str = ""
    manufacturer: str = ""
    series_description: str = ""
    series_number: int = 0
    instance_number: int = 0
    frame_of_reference_uid: str = ""
    body_part: str = ""
    kernel: str = ""
    contrast: str = ""
    laterality: str = ""
    view_position: str = ""
    right_bottom: str = ""
    rows: int = 0
    columns: int = 0
    frames: int = 1
    frame: int = 0
    samples: int = 1
    photometric: str = "MONOCHROME2"
    bits_allocated: int = 0
    bits_stored: int = 0
    shift: int = 0
    signed: bool = False
    float_pixels: bool = False
    position_lps_mm: tuple[float, float, float] | None = None
    orientation: tuple[float, float, float, float, float, float] | None = None
    pixel_spacing_mm: tuple[float, float] | None = None
    spacing_kind: SpacingKind = ""
    magnification: float | None = None
    thickness_mm: float | None = None
    gantry_tilt_deg: float = 0.0
    slope: float = 1.0
    intercept: float = 0.0
    rescale_type: str = ""
    unit: str = ""
    suv: float | None = None
    suv_missing: str = ""
    padding: int | None = None
    padding_limit: int | None = None
    window_center: float | None = None
    window_width: float | None = None
    voi_function: str = ""
    voi_lut: bool = False
    modality_lut: bool = False
    overlays: bool = False
    burned_in: str = ""
    charset_repaired: bool = False
    acquisition_number: int = 0
    temporal_position: int = 0
    acquisition_time: str = ""
    trigger_time_ms: float | None = None
    echo_time_ms: float | None = None
    b_value: float | None = None
    frame_time_ms: float | None = None
    lossy: bool = False
    image_type: str = ""
    file_bytes: int = 0
    pixels_at: int = 0
    pixels_bytes: int = 0

    @property
    def is_colour(self) -> bool:
        """Whether the image has colours: several samples a pixel, or a palette."""
        return self.samples > 1 or self.photometric == "PALETTE COLOR"

    def __reduce__(self) -> tuple[type["Header"], tuple[Any, ...]]:
        """Travel to a decode worker as a plain row of values: the way of dataclasses with slots takes longer."""
        return Header, _values_of(self)


_values_of = attrgetter(*(each.name for each in fields(Header)))


@dataclass(frozen=True, slots=True)
class Check:
    """Something the reader should know of a series; ``stop`` means it must not be measured or read by AI.

    ``text`` says what was found, ``explanation`` what that means and what may still be done.
    """

    code: str
    severity: Severity
    text: Message
    explanation: Message | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not be read, and why in words."""

    path: str
    reason: str


@dataclass(frozen=True)
class Series:
    """Images of one series, in slice order by geometry, with what is odd about them.

    ``grid`` is None where the images are no regular stack (films, missing positions, mixed sizes). ``label`` tells
    the stacks of one DICOM series apart ("phase 3 of 10").
    """

    uid: str
    headers: tuple[Header, ...]
    checks: tuple[Check, ...] = ()
    grid: Grid | None = None
    kind: Kind = "image"
    label: Message | None = None

    @property
    def first(self) -> Header:
        """The first image's header, which speaks for the series."""
        return self.headers[0]

    @property
    def modality(self) -> str:
        """DICOM modality, as CT."""
        return self.first.modality

    @property
    def title(self) -> str:
        """Series description, else its modality."""
        return self.first.series_description or self.first.modality

    @property
    def is_colour(self) -> bool:
        """Whether any of its images has colours."""
        return any(header.is_colour for header in self.headers)

    @property
    def stopped(self) -> tuple[Check, ...]:
        """The checks that forbid measuring and AI."""
        return tuple(check for check in self.checks if check.severity == "stop")

    @property
    def misplaced(self) -> tuple[Check, ...]:
        """Those of them that are about where the images lie: there is no volume to look at either."""
        return tuple(check for check in self.stopped if check.code in GEOMETRY)


@dataclass(frozen=True)
class Study:
    """All series of one examination."""

    uid: str
    series: tuple[Series, ...]

    @property
    def first(self) -> Header:
        """A header that speaks for the study."""
        return self.series[0].first

    @property
    def patient(self) -> Patient:
        """Who was scanned."""
        return self.first.patient

    @property
    def date(self) -> str:
        """Study date YYYYMMDD, empty where unknown."""
        return self.first.study_date
