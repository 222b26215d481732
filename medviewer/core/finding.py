"""What was found in a volume, by a network or by the reader."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from medviewer.core.mask import Mask

Status = Literal["unreviewed", "accepted", "rejected", "edited"]
STATUSES: tuple[Status, ...] = get_args(Status)
Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept: scheme (SCT, DCM, RADLEX), value, meaning."""

    scheme: str
    value: str
    meaning: str


NODULE = Code("SCT", "27925004", "Nodule")
LUNG = Code("SCT", "39607008", "Lung")


@dataclass(frozen=True, slots=True)
class ModelRef:
    """Which model said so: id, version, sha256 of its weights."""

    id: str
    version: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Finding:
    """A thing in the volume, with its place in LPS mm, its measures and what is thought of it.

    ``score`` (0 to 1) is the model's own; ``wording`` is the name of a calibrated band (see the model's card).
    ``attributes`` are named facts: nodule_type, side, zone, ... with plain values.
    """

    id: str
    label: str
    code: Code
    series_uid: str
    sop_uid: str
    center_lps_mm: Point
    box_lps_mm: tuple[Point, Point]
    long_axis_mm: float
    short_axis_mm: float
    volume_mm3: float
    mean_hu: float
    score: float | None = None
    wording: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    status: Status = "unreviewed"
    model: ModelRef | None = None
    mask: Mask | None = None

    @property
    def is_nodule(self) -> bool:
        """Whether it is what nodule risks and guidelines are about; a network may outline organs, too."""
        return (self.code.scheme, self.code.value) == (NODULE.scheme, NODULE.value)

    @property
    def mean_diameter_mm(self) -> float:
        """Mean of long and short axis in mm, unrounded."""
        return (self.long_axis_mm + self.short_axis_mm) / 2.0

    def with_status(self, status: Status) -> "Finding":
        """Return the finding with another status."""
        return replace(self, status=status)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON-ready data in the form of ``result.json``, without its mask."""
        return {
            "id": self.id,
            "label": self.label,
            "code": [self.code.scheme, self.code.value, self.code.meaning],
            "series_uid": self.series_uid,
            "sop_uid": self.sop_uid,
            "center_lps_mm": list(self.center_lps_mm),
            "box_lps_mm": [list(corner) for corner in self.box_lps_mm],
            "long_axis_mm": self.long_axis_mm,
            "short_axis_mm": self.short_axis_mm,
            "volume_mm3": self.volume_mm3,
            "mean_hu": self.mean_hu,
            "score": self.score,
            "wording": self.wording,
            "attributes": self.attributes,
            "status": self.status,
            "model": None
            if self.model is None
            else {"id": self.model.id, "version": self.model.version, "sha256": self.model.sha256},
        }

    @staticmethod
    def from_dict(data: dict[str, Any], mask: Mask | None = None) -> "Finding":
        """Build the finding that ``to_dict`` described."""
        low, high = (_point(corner) for corner in data["box_lps_mm"])
        return Finding(
            **{
                **data,
                "code": Code(*data["code"]),
                "center_lps_mm": _point(data["center_lps_mm"]),
                "box_lps_mm": (low, high),
                "model": ModelRef(**data["model"]) if data["model"] else None,
                "mask": mask,
            }
        )


def _point(values: Any) -> Point:
    x, y, z = (float(v) for v in values)
    return x, y, z
