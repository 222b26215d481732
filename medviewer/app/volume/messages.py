"""What the window and the processes that draw 3-D pictures tell each other."""

from dataclasses import dataclass, field, replace

from medviewer.app.volume.camera import VolumeCamera
from medviewer.app.volume.presets import AS_FILED, Span, Transfer, Tuning, VolumePreset
from medviewer.core.finding import Point
from medviewer.core.grid import Grid
from medviewer.core.shared import Handle
from medviewer.i18n import Message

ROUGH, SMOOTH, FULL = 0, 1, 2  # how carefully a picture is drawn


@dataclass(frozen=True)
class Open:
    """See a volume; ``full``: draw from all voxels, else from a coarse copy."""

    key: int
    voxels: Handle
    grid: Grid
    slope: float
    intercept: float
    is_ct: bool
    full: bool


@dataclass(frozen=True)
class Opened:
    """The volume is there: its span of values, and the share of its detail that is drawn (1 for all, else 1/n)."""

    key: int
    span: Span
    detail: int


@dataclass(frozen=True)
class Cut:
    """A plane through ``point_lps_mm``: what lies on the side that ``away`` points to is not drawn."""

    point_lps_mm: Point
    away: Point


@dataclass(frozen=True)
class Wanted:
    """A picture as the reader wants it: from where, how, how large, what is cut away."""

    camera: VolumeCamera
    preset: VolumePreset
    width_px: int
    height_px: int
    tuning: Tuning = AS_FILED
    cuts: tuple[Cut, ...] = ()

    def transfer(self, span: Span) -> Transfer:
        """Return the transfer function for a volume whose values span ``span``."""
        return self.preset.tuned(self.tuning, span)

    def within(self, side_px: int) -> "Wanted":
        """Return the same view in a picture whose longer side is no more than ``side_px``."""
        share = min(1.0, side_px / max(self.width_px, self.height_px))
        wide, high = (max(1, round(n * share)) for n in (self.width_px, self.height_px))
        return replace(self, width_px=wide, height_px=high)


@dataclass(frozen=True)
class Draw:
    """Draw a picture into the shared block ``into``, uint8 (bytes,), as rows of blue, green, red, 255."""

    key: int
    number: int
    level: int
    wanted: Wanted
    into: Handle


@dataclass(frozen=True)
class Drawn:
    """The picture lies in the block; ``whole`` is False where something newer was asked for meanwhile."""

    key: int
    number: int
    whole: bool
    spent_s: float


@dataclass(frozen=True)
class Find:
    """Where is the first thing seen under a pixel of the picture ``wanted``?"""

    key: int
    number: int
    wanted: Wanted
    x_px: float
    y_px: float


@dataclass(frozen=True)
class Found:
    """The place in LPS mm; None where nothing is seen there."""

    key: int
    number: int
    point_lps_mm: Point | None


@dataclass(frozen=True)
class Stop:
    """What is being drawn is no longer wanted."""


@dataclass(frozen=True)
class Forget:
    """A volume was closed: let go of its memory."""

    key: int


@dataclass(frozen=True)
class Ready:
    """The process is there; ``device`` names what it draws with."""

    device: str
    gpu: bool = False


@dataclass(frozen=True)
class Failed:
    """Why there is no picture, in a sentence; ``fault`` is the traceback for the log."""

    key: int
    text: Message
    fault: str = field(default="", repr=False)


Question = Open | Draw | Find | Stop | Forget
Answer = Ready | Opened | Drawn | Found | Failed
