"""What the files of a series are: pictures, or which of the many other things DICOM can carry."""

from functools import lru_cache

from medviewer.core.study import Header, Kind, Series
from medviewer.i18n import N_, Message

_STORAGE = "1.2.840.10008.5.1.4.1.1."
SLIDE = _STORAGE + "77.1.6"
SECONDARY_CAPTURE = _STORAGE + "7"
_SEGMENTATIONS = (_STORAGE + "66.4", _STORAGE + "66.7")

# SOP class behind _STORAGE, kind, title. Ends in "." where every class below is meant.
_CLASSES: dict[str, tuple[Kind, Message]] = {
    "66.4": ("segmentation", N_("Segmentation")),
    "66.7": ("segmentation", N_("Label map")),
    "66.5": ("other", N_("Surface segmentation")),
    "66.6": ("other", N_("Tractography results")),
    "66.1": ("other", N_("Registration")),
    "66.3": ("other", N_("Deformable registration")),
    "66": ("other", N_("Raw data")),
    "67": ("other", N_("Real-world value mapping")),
    "68.1": ("other", N_("Stereometric relationship")),
    "88.59": ("report", N_("Key object selection")),
    "88.50": ("report", N_("Mammography CAD report")),
    "88.65": ("report", N_("Chest CAD report")),
    "88.67": ("report", N_("Radiation dose report")),
    "88.": ("report", N_("Structured report")),
    "11.": ("presentation", N_("Presentation state")),
    "104.1": ("document", N_("Encapsulated PDF")),
    "104.2": ("document", N_("Encapsulated CDA document")),
    "104.3": ("other", N_("Surface model (STL)")),
    "104.4": ("other", N_("Surface model (OBJ)")),
    "104.5": ("other", N_("Material of a surface model (MTL)")),
    "481.2": ("image", N_("Radiotherapy dose")),
    "481.3": ("contours", N_("Radiotherapy structures")),
    "481.5": ("other", N_("Radiotherapy plan")),
    "481.8": ("other", N_("Radiotherapy ion plan")),
    "481.4": ("other", N_("RT beams treatment record")),
    "481.6": ("other", N_("RT brachytherapy treatment record")),
    "481.7": ("other", N_("Radiotherapy treatment summary")),
    "481.9": ("other", N_("Radiotherapy ion beams record")),
    "9.": ("other", N_("Waveform")),
    "91.1": ("other", N_("Microscopy annotations")),
    "30": ("image", N_("Parametric map")),
    "77.1.6": ("image", N_("Whole-slide images")),
}
_MODALITIES: dict[str, tuple[Kind, Message]] = {
    "SEG": ("segmentation", N_("Segmentation")),
    "SR": ("report", N_("Structured report")),
    "KO": ("report", N_("Key object selection")),
    "PR": ("presentation", N_("Presentation state")),
    "DOC": ("document", N_("Document")),
    "RTSTRUCT": ("contours", N_("Radiotherapy structures")),
    "RTPLAN": ("other", N_("Radiotherapy plan")),
    "RTRECORD": ("other", N_("Radiotherapy treatment record")),
    "REG": ("other", N_("Registration")),
    "ECG": ("other", N_("Waveform")),
    "ANN": ("other", N_("Annotations")),
}


def kind_of(header: Header) -> Kind:
    """Return what a file is; one with rows, columns and pixels is an image, unless it is a segmentation."""
    known = _known(header.sop_class, header.modality)
    if header.rows and header.columns and not is_segmentation(header):
        return "image" if header.pixels_bytes or known is None else known[0]
    return known[0] if known is not None and known[0] != "image" else "other"


def is_segmentation(header: Header) -> bool:
    """Whether a file is a SEG, by its SOP class, or by its modality where the class is none that DICOM knows."""
    foreign = not header.sop_class.startswith(_STORAGE)
    return header.sop_class in _SEGMENTATIONS or (foreign and header.modality == "SEG")


def kind_title(series: Series) -> Message:
    """Return what a series is, in words: "Images", "Structured report", else DICOM's name of its SOP class."""
    return title_of(series.first)


def title_of(header: Header) -> Message:
    """Return what a file is, in words."""
    known = _known(header.sop_class, header.modality)
    if kind_of(header) == "image":
        return known[1] if known is not None and known[0] == "image" else N_("Images")
    if known is not None and known[0] != "image":
        return known[1]
    name = _standard_name(header.sop_class)
    if name.endswith("Image"):
        return N_("{name}, without pixels", name=name)
    if name:
        return Message(name)
    return N_("Object of unknown kind")


@lru_cache(512)
def _known(sop_class: str, modality: str) -> tuple[Kind, Message] | None:
    """Look up the SOP class; the modality speaks only where DICOM's list of storage classes does not."""
    if not sop_class.startswith(_STORAGE):
        return _MODALITIES.get(modality)
    below = sop_class.removeprefix(_STORAGE)
    return _CLASSES.get(below) or _CLASSES.get(below.partition(".")[0] + ".")


@lru_cache(512)
def _standard_name(sop_class: str) -> str:
    """Return the name of a SOP class in pydicom's dictionary; empty where it has none."""
    from pydicom.config import IGNORE
    from pydicom.uid import UID

    name = UID(sop_class, IGNORE).name if sop_class else ""
    return "" if name == sop_class else name.removesuffix(" Storage")
