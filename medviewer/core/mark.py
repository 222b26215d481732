"""What the reader draws over images: lengths, angles, regions, arrows and texts, in the patient's own space."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from medviewer.core.finding import Point
from medviewer.core.grid import triple

MarkKind = Literal[
    "length", "bidirectional", "angle", "cobb", "probe", "ellipse", "rectangle", "freehand", "polygon", "arrow", "text"
]
KINDS: tuple[MarkKind, ...] = get_args(MarkKind)
REGIONS: frozenset[MarkKind] = frozenset({"ellipse", "rectangle", "freehand", "polygon"})
OUTLINES: frozenset[MarkKind] = frozenset({"freehand", "polygon"})  # regions drawn point by point
# How many points a mark of a kind has; an outline has three or more.
POINTS: dict[MarkKind, int] = {
    "length": 2, "bidirectional": 4, "angle": 3, "cobb": 4, "probe": 1, "ellipse": 2, "rectangle": 2,
    "freehand": 3, "polygon": 3, "arrow": 2, "text": 1,
}  # fmt: skip
DEFAULT_COLOUR = "#9beeff"  # apart from the yellow of what a model found
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Mark:
    """One thing drawn on a plane of a series; all its points lie in that plane.

    Attributes:
        id: unlike every other mark's of the case.
        series_uid: the series it was drawn on; its values come from there.
        points_lps_mm: ends of a length; ends of the long, then of the short axis; an angle's arm, vertex and arm; ends
            of the first, then of the second line of Cobb; two opposite corners of the box around an ellipse or of a
            rectangle; the corners of an outline; tip and tail of an arrow. Where the files give no positions they hold
            in the space that the volume assumes, and where they give no spacing that space has 1 mm a pixel.
        normal_lps, right_lps: unit vectors away from the reader and to the right of the screen when it was drawn.
        sop_uid, frame: the image it was drawn on; an empty UID on planes that run across images.
        frame_of_reference_uid: in which its points hold; empty where they hold in its own series alone.
        slab_mm: how thick the plane was, 0 for a single layer.
        name: given by the reader; ``text`` is what a text or an arrow says.
        colour: #rrggbb.
        label_lps_mm: where the reader put its label; None leaves that to the program.
        measured: by name, what it measured when it was last changed, in the units of ``imaging.marks``; they stand in
            for the values while the images are not at hand.
        unit: of the measured values of voxels, as HU.
    """

    id: str
    kind: MarkKind
    series_uid: str
    points_lps_mm: tuple[Point, ...]
    normal_lps: Point
    right_lps: Point
    sop_uid: str = ""
    frame: int = 0
    frame_of_reference_uid: str = ""
    slab_mm: float = 0.0
    name: str = ""
    text: str = ""
    colour: str = DEFAULT_COLOUR
    hidden: bool = False
    label_lps_mm: Point | None = None
    measured: Mapping[str, float] = field(default_factory=dict)
    unit: str = ""

    @property
    def is_region(self) -> bool:
        """Whether it encloses an area."""
        return self.kind in REGIONS

    @property
    def center_lps_mm(self) -> Point:
        """The mean of its points: where to look to see it."""
        count = len(self.points_lps_mm)
        x, y, z = (math.fsum(part) / count for part in zip(*self.points_lps_mm, strict=True))
        return x, y, z

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        plain = asdict(self) | {"points_lps_mm": [list(point) for point in self.points_lps_mm]}
        for name in ("normal_lps", "right_lps", "label_lps_mm"):
            plain[name] = None if plain[name] is None else list(plain[name])
        return plain | {"measured": dict(self.measured)}

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> "Mark":
        """Build the mark that ``to_dict`` described; KeyError, TypeError or ValueError where it is none."""
        label = data.get("label_lps_mm")
        made = Mark(
            **{
                **data,
                "points_lps_mm": tuple(_point(point) for point in data["points_lps_mm"]),
                "normal_lps": _point(data["normal_lps"]),
                "right_lps": _point(data["right_lps"]),
                "label_lps_mm": None if label is None else _point(label),
                "measured": {str(name): float(value) for name, value in data.get("measured", {}).items()},
            }
        )
        if made.kind not in KINDS or not enough_points(made.kind, len(made.points_lps_mm)):
            raise ValueError("no such mark")
        texts = (made.id, made.series_uid, made.sop_uid, made.frame_of_reference_uid, made.name, made.text)
        if not all(isinstance(text, str) for text in texts) or type(made.frame) is not int:
            raise TypeError("no text or number where one belongs")
        if not _COLOUR.fullmatch(made.colour):
            raise ValueError("no such colour")
        return made


def enough_points(kind: MarkKind, count: int) -> bool:
    """Whether a mark of ``kind`` may have ``count`` points."""
    return count >= POINTS[kind] if kind in OUTLINES else count == POINTS[kind]


def _point(values: Iterable[float]) -> Point:
    point = triple(values)
    if not all(math.isfinite(value) for value in point):
        raise ValueError("a point that lies nowhere")
    return point
