"""What a scan found: headers, series with their checks in words, studies, patients."""

from dataclasses import dataclass, field
from typing import Literal

from medviewer.core.grid import Grid
from medviewer.i18n import Message

Severity = Literal["info", "warning", "stop"]


@dataclass(frozen=True, slots=True)
class Patient:
    """Who was scanned, as the files say; empty where they do not."""

    id: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """One DICOM file as the scan read it; lengths in mm, positions in LPS, dates as YYYYMMDD.

    ``pixels_at`` is the byte where the pixel data's value starts, ``pixels_bytes`` its length
    (-1 for encapsulated data of undefined length, 0 where the file has no pixels).
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
    rows: int = 0
    columns: int = 0
    frames: int = 1
    samples: int = 1
    photometric: str = "MONOCHROME2"
    bits_allocated: int = 0
    bits_stored: int = 0
    signed: bool = False
    position_lps_mm: tuple[float, float, float] | None = None
    orientation: tuple[float, float, float, float, float, float] | None = None
    pixel_spacing_mm: tuple[float, float] | None = None
    thickness_mm: float | None = None
    gantry_tilt_deg: float = 0.0
    slope: float = 1.0
    intercept: float = 0.0
    rescale_type: str = ""
    padding: int | None = None
    window_center: float | None = None
    window_width: float | None = None
    lossy: bool = False
    image_type: str = ""
    pixels_at: int = 0
    pixels_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """Something the reader should know of a series; ``stop`` means it must not be measured or read by AI."""

    code: str
    severity: Severity
    text: Message


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not be read, and why in words."""

    path: str
    reason: str


@dataclass(frozen=True)
class Series:
    """Images of one series, in slice order by geometry, with what is odd about them.

    ``grid`` is None where the images are no regular stack (films, missing positions, mixed sizes).
    """

    uid: str
    headers: tuple[Header, ...]
    checks: tuple[Check, ...] = ()
    grid: Grid | None = None

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
    def stopped(self) -> tuple[Check, ...]:
        """The checks that forbid measuring and AI."""
        return tuple(check for check in self.checks if check.severity == "stop")


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
