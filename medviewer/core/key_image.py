"""An image the reader chose to keep: which one, and how it was looked at."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from medviewer.core.arrangement import CELL_KINDS, CellKind
from medviewer.core.finding import Point
from medviewer.core.grid import triple
from medviewer.core.look import Window

SAME_PLACE_MM = 0.1


@dataclass(frozen=True)
class KeyImage:
    """One key image.

    Attributes:
        series_uid, sop_uid, frame: the image of the file; of a plane across the slices, the one that it passes through
            at ``point_lps_mm``.
        kind: which plane; "native" is the image itself, whatever plane it lies in.
        point_lps_mm: the place looked at, in the patient space of its series.
        oblique: whether the plane was tilted.
        window: how it was shown; None as its file wants it.
        note: the reader's words.
        picture: what was seen, without names, as PNG; kept as a blob.
    """

    id: str
    series_uid: str
    sop_uid: str
    frame: int
    kind: CellKind
    point_lps_mm: Point
    oblique: bool = False
    window: Window | None = None
    note: str = ""
    picture: bytes = field(default=b"", repr=False)

    def is_same_image(self, other: "KeyImage") -> bool:
        """Whether the other one keeps the same picture; of planes across the slices, within a tenth of a mm."""
        if (self.series_uid, self.kind, self.oblique) != (other.series_uid, other.kind, other.oblique):
            return False
        if self.kind == "native":
            return (self.sop_uid, self.frame) == (other.sop_uid, other.frame)
        axis = None if self.oblique else _AXIS.get(self.kind)
        along = range(3) if axis is None else (axis,)
        return all(abs(self.point_lps_mm[n] - other.point_lps_mm[n]) <= SAME_PLACE_MM for n in along)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data, without the picture."""
        return {name: value for name, value in asdict(self).items() if name != "picture"}

    @staticmethod
    def from_dict(data: Mapping[str, Any], picture: bytes = b"") -> "KeyImage":
        """Build the key image that ``to_dict`` described; KeyError, TypeError or ValueError where it is none."""
        if data["kind"] not in CELL_KINDS:
            raise ValueError("no such plane")
        window = None if data["window"] is None else Window(**data["window"])
        return KeyImage(**{**data, "window": window, "point_lps_mm": triple(data["point_lps_mm"]), "picture": picture})


_AXIS = {"sagittal": 0, "coronal": 1, "axial": 2}
