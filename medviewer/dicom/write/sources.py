"""What every written object shares: the source images' headers, identifiers, the maker's name, saving."""

import hashlib
import uuid
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medviewer import __version__
from medviewer.core.finding import Code, Finding
from medviewer.core.problem import Problem
from medviewer.core.study import Header
from medviewer.core.whole import whole
from medviewer.i18n import N_, _

MAKER = "MedViewer"
NOTICE = N_("Research use, not for clinical diagnosis")
OWN_SCHEME = "99MEDVIEWER"
UTF_8 = "ISO_IR 192"
EQUIPMENT: dict[str, Any] = {
    "manufacturer": MAKER,
    "manufacturer_model_name": MAKER,
    "software_versions": __version__,
    "device_serial_number": "none",
}
_NEEDED = ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyID", "StudyDate", "StudyTime")
_ALSO_NEEDED = ("AccessionNumber", "ReferringPhysicianName")


def read_sources(headers: Sequence[Header]) -> list[Any]:
    """Read the source images' pydicom datasets without pixels; Problem where one is gone.

    What highdicom stumbles over is set right, in memory only. All get the first one's orientation, pixel spacing and
    frame of reference: some archives give each slice of one stack its own, a SEG takes one.
    """
    import pydicom

    sources: list[Any] = []
    for header in headers:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # odd values in other makers' files are no news here
                source = pydicom.dcmread(header.path, stop_before_pixels=True, force=True)
                source.decode()
                _complete(source)
        except OSError as error:
            raise Problem(
                _("A source image of the series can no longer be read."),
                _("Put the disc or folder back and save again."),
            ) from error
        _settle(source, header, headers[0])
        sources.append(source)
    return sources


def _complete(source: Any) -> None:
    """Add what is missing (type 2: may be empty, must be there) and empty what is no valid date, time or sex."""
    for keyword in (*_NEEDED, *_ALSO_NEEDED):
        if getattr(source, keyword, None) is None:
            setattr(source, keyword, "")
    for keyword in ("PatientBirthDate", "StudyDate"):
        text = str(getattr(source, keyword))
        if not (len(text) == 8 and text.isdigit()):
            setattr(source, keyword, "")
    if not str(source.StudyTime).replace(".", "", 1).isdigit():
        source.StudyTime = ""
    if source.PatientSex not in ("M", "F", "O"):
        source.PatientSex = ""


def _settle(source: Any, header: Header, first: Header) -> None:
    """Take identity and geometry from the headers as scanned, which have stand-ins for what is missing."""
    source.SOPInstanceUID, source.SOPClassUID = header.sop_uid, header.sop_class
    source.StudyInstanceUID, source.SeriesInstanceUID = header.study_uid, header.series_uid
    source.FrameOfReferenceUID = first.frame_of_reference_uid or own_uid("frame of reference", first.series_uid)
    if first.orientation is not None:
        source.ImageOrientationPatient = list(first.orientation)
    if first.pixel_spacing_mm is not None:
        source.PixelSpacing = list(first.pixel_spacing_mm)
    if not source.get("SliceThickness"):
        source.SliceThickness = first.thickness_mm or 1.0


def concept(code: Code) -> Any:
    """Return a coded concept for highdicom."""
    from highdicom.sr import CodedConcept

    return CodedConcept(code.value, code.scheme, code.meaning)


def tracking_uid(study_uid: str, finding: Finding) -> str:
    """Return the tracking UID of a finding: the same in every object written about it."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, f'{study_uid} {finding.id}').int}"


def own_uid(*parts: str) -> str:
    """Return a UID that is always the same for the same ``parts``."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:15], 'big')}"


def new_uid() -> str:
    """Return a fresh UID under the UUID root."""
    return f"2.25.{uuid.uuid4().int}"


def save(dataset: Any, path: Path) -> Path:
    """Write ``dataset`` to ``path`` whole or not at all; Problem where the place cannot be written."""
    try:
        with whole(path) as draft:
            dataset.save_as(draft, enforce_file_format=True)
    except OSError as error:
        raise Problem(
            _("{name} could not be saved: {reason}.").format(name=path.name, reason=error.strerror),
            _("Choose another folder or free some space."),
        ) from error
    return path
