"""Presentation states: how somebody wanted images to be shown, as plain data."""

from dataclasses import dataclass, field
from typing import Literal

from medviewer.core.look import Lut, OverlayPlane, Rescale, Shutter, Window
from medviewer.core.study import Header, Series

Units = Literal["PIXEL", "DISPLAY"]
GraphicKind = Literal["POINT", "POLYLINE", "INTERPOLATED", "CIRCLE", "ELLIPSE"]
SizeMode = Literal["SCALE TO FIT", "TRUE SIZE", "MAGNIFY"]
Points = tuple[tuple[float, float], ...]
Colour = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Graphic:
    """A drawn shape; ``points`` are x, y in image pixels (0 to 1 is the first) or shares of the displayed area."""

    kind: GraphicKind
    points: Points
    units: Units = "PIXEL"
    filled: bool = False


@dataclass(frozen=True)
class Text:
    """A drawn text, in the box from ``top_left`` to ``bottom_right`` or beside its anchor."""

    text: str
    top_left: tuple[float, float] | None = None
    bottom_right: tuple[float, float] | None = None
    box_units: Units = "PIXEL"
    anchor: tuple[float, float] | None = None
    anchor_units: Units = "PIXEL"
    anchor_shown: bool = False


@dataclass(frozen=True)
class GraphicLayer:
    """What is drawn together, layers of lower order first; ``colour`` is RGB, None where the file leaves it open."""

    name: str = ""
    order: int = 0
    colour: Colour | None = None
    graphics: tuple[Graphic, ...] = ()
    texts: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Area:
    """The part of the image to show: left, top, right, bottom in image pixels (0 to 1 is the first).

    ``magnification`` is screen pixels an image pixel, for MAGNIFY.
    """

    box: tuple[float, float, float, float]
    mode: SizeMode = "SCALE TO FIT"
    magnification: float = 1.0


@dataclass(frozen=True, eq=False)
class Presented:
    """How one image is to be shown.

    Attributes:
        modality: from stored values, None where the images are colours.
        voi: None shows the whole range of values.
        table, inverse: the presentation LUT, or that its shape is INVERSE.
        quarter_turns: clockwise; the flip from left to right comes after it.
        overlays: the state's own; ``image_overlays`` are the groups of the image's own overlays that are shown.
    """

    modality: Rescale | Lut | None = None
    voi: Window | Lut | None = None
    table: Lut | None = None
    inverse: bool = False
    shutter: Shutter = field(default_factory=Shutter)
    quarter_turns: int = 0
    flipped: bool = False
    area: Area | None = None
    layers: tuple[GraphicLayer, ...] = ()
    overlays: tuple[OverlayPlane, ...] = ()
    image_overlays: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class Presentation:
    """A presentation state; ``pictures`` by SOP UID and frame (from 0; -1 for all frames of the file)."""

    uid: str
    label: str = ""
    description: str = ""
    creator: str = ""
    date: str = ""
    pictures: dict[tuple[str, int], Presented] = field(default_factory=dict)

    def of(self, header: Header) -> Presented | None:
        """Return how an image is to be shown; None where the state says nothing of it."""
        return self.pictures.get((header.sop_uid, header.frame)) or self.pictures.get((header.sop_uid, -1))

    def fits(self, series: Series) -> bool:
        """Whether it says something of an image of ``series``."""
        return any(self.of(header) is not None for header in series.headers)
