"""Softcopy presentation states (GSPS and colour): which images they are for and how those are to be shown."""

from collections.abc import Iterable
from dataclasses import dataclass

from medviewer.core.job import Job
from medviewer.core.look import Lut, OverlayPlane, Rescale, Shutter, Window
from medviewer.core.presentation import Area, Presentation, Presented, SizeMode
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Series, Study
from medviewer.dicom.looks.graphics import layers_of
from medviewer.dicom.looks.looks import voi_luts_of, windows_of
from medviewer.dicom.looks.luts import lut_of
from medviewer.dicom.looks.overlays import activated, overlays_of, shutter_of
from medviewer.dicom.objects.reading import Data, first, numbers, read, sequence, text, whole
from medviewer.i18n import _

_STORAGE = "1.2.840.10008.5.1.4.1.1.11."
READABLE = frozenset(_STORAGE + number for number in ("1", "2", "3", "5"))  # grey, colour, pseudo-colour, XA/XRF
_NONE = Header("", "", "", "", "")
_ALL = -1
_MOST_PICTURES, _MOST_FRAMES = 20_000, 100_000
_MODES: dict[str, SizeMode] = {"TRUE SIZE": "TRUE SIZE", "MAGNIFY": "MAGNIFY"}
Key = tuple[str, int]


def states_of(study: Study, job: Job | None = None) -> tuple[Presentation, ...]:
    """Read the presentation states of a study; those that are damaged, or for other things, are left out.

    Takes some milliseconds a state: call it in a job.
    """
    found = []
    for header in _headers(study.series):
        if job is not None:
            job.check()
        try:
            found.append(read_state(header))
        except Problem:
            continue
    return tuple(found)


def fitting(states: Iterable[Presentation], series: Series) -> tuple[Presentation, ...]:
    """Return the states that say something of the images of ``series``, the latest first."""
    return tuple(sorted((state for state in states if state.fits(series)), key=lambda state: state.date, reverse=True))


def _headers(series: Iterable[Series]) -> Iterable[Header]:
    return (h for one in series if one.kind == "presentation" for h in one.headers if h.sop_class in READABLE)


def read_state(header: Header) -> Presentation:
    """Read one presentation state; Problem where it cannot be read or is for no images."""
    data = read(header.path, header.transfer_syntax)
    try:
        state = _state(data)
    except Exception as error:  # values are converted as they are asked for; damaged ones raise all kinds of errors
        raise Problem(_("This presentation state is damaged.")) from error
    if not state.pictures:
        raise Problem(_("This presentation state names no images."))
    return state


def _state(data: Data) -> Presentation:
    return Presentation(
        uid=text(data, "SOPInstanceUID"),
        label=text(data, "ContentLabel")[:64],
        description=text(data, "ContentDescription")[:200],
        creator=text(data, "ContentCreatorName")[:64],
        date=(text(data, "PresentationCreationDate") + text(data, "PresentationCreationTime"))[:14],
        pictures=_pictures(data),
    )


def _pictures(data: Data) -> dict[Key, Presented]:
    shared = _Shared.of(data)
    images = [
        item for one in sequence(data, "ReferencedSeriesSequence") for item in sequence(one, "ReferencedImageSequence")
    ]
    keys = dict.fromkeys(_keys(images))
    sops = {sop_uid for sop_uid, _frame in keys}
    for part in shared.parts:
        keys |= dict.fromkeys(key for key in part.keys if key[0] in sops)
    return {key: shared.presented(key) for key in list(keys)[:_MOST_PICTURES]}


def _keys(images: Iterable[Data]) -> list[Key]:
    """Return SOP UID and frame (from 0) of each image referred to; all frames where none are named."""
    found: list[Key] = []
    for item in images:
        frames = numbers(item, "ReferencedFrameNumber")[:_MOST_FRAMES] or (0.0,)
        found += [(text(item, "ReferencedSOPInstanceUID"), int(frame) - 1) for frame in frames]
    return found


@dataclass(frozen=True, eq=False)
class _Part:
    """An item of one of the state's sequences and the images it is for; none named: all."""

    item: Data
    keys: frozenset[Key]

    def is_for(self, key: Key) -> bool:
        return not self.keys or key in self.keys or (key[0], _ALL) in self.keys


def _parts(data: Data, keyword: str) -> list[_Part]:
    return [
        _Part(item, frozenset(_keys(sequence(item, "ReferencedImageSequence")))) for item in sequence(data, keyword)
    ]


@dataclass(frozen=True, eq=False)
class _Shared:
    """What a state says of all its images, and the parts that are for some of them."""

    data: Data
    modality: Rescale | Lut | None
    table: Lut | None
    inverse: bool
    shutter: Shutter
    overlays: tuple[OverlayPlane, ...]
    image_overlays: frozenset[int]
    voi: list[_Part]
    areas: list[_Part]
    drawings: list[_Part]

    @staticmethod
    def of(data: Data) -> "_Shared":
        """Read the modules of a state, in the order in which they act."""
        own, shown = overlays_of(data, _NONE), activated(data)
        held = frozenset(overlay.group for overlay in own)
        table = first(data, "PresentationLUTSequence")
        return _Shared(
            data,
            _modality(data),
            None if table is None else lut_of(table),
            text(data, "PresentationLUTShape") == "INVERSE",
            shutter_of(data, own),
            tuple(overlay for overlay in own if overlay.group in shown),
            frozenset(shown) - held,
            _parts(data, "SoftcopyVOILUTSequence"),
            _parts(data, "DisplayedAreaSelectionSequence"),
            _parts(data, "GraphicAnnotationSequence"),
        )

    @property
    def parts(self) -> list[_Part]:
        return self.voi + self.areas + self.drawings

    def presented(self, key: Key) -> Presented:
        """Return how one image is to be shown."""
        voi = next((part.item for part in self.voi if part.is_for(key)), None)
        area = next((part.item for part in self.areas if part.is_for(key)), None)
        return Presented(
            modality=self.modality,
            voi=None if voi is None else _voi(voi),
            table=self.table,
            inverse=self.inverse,
            shutter=self.shutter,
            quarter_turns=(whole(self.data, "ImageRotation") or 0) // 90 % 4,
            flipped=text(self.data, "ImageHorizontalFlip") == "Y",
            area=None if area is None else _area(area),
            layers=layers_of(self.data, [part.item for part in self.drawings if part.is_for(key)]),
            overlays=self.overlays,
            image_overlays=self.image_overlays,
        )


def _modality(data: Data) -> Rescale | Lut | None:
    item = first(data, "ModalityLUTSequence")
    if item is not None:
        return lut_of(item)
    slope, intercept = numbers(data, "RescaleSlope"), numbers(data, "RescaleIntercept")
    return Rescale(slope[0], intercept[0]) if slope and intercept and slope[0] else None


def _voi(item: Data) -> Window | Lut | None:
    tones = voi_luts_of(item) + windows_of(item)
    return tones[0].tone if tones else None


def _area(item: Data) -> Area | None:
    """Return the displayed area; its corners are counted from 1, in the image, whichever way it is turned."""
    corners = numbers(item, "DisplayedAreaTopLeftHandCorner") + numbers(item, "DisplayedAreaBottomRightHandCorner")
    if len(corners) != 4:
        return None
    (left, right), (top, bottom) = sorted(corners[0::2]), sorted(corners[1::2])
    magnification = numbers(item, "PresentationPixelMagnificationRatio") or (1.0,)
    mode = _MODES.get(text(item, "PresentationSizeMode"), "SCALE TO FIT")
    return Area((left - 1.0, top - 1.0, right, bottom), mode, min(max(magnification[0], 0.01), 100.0))
