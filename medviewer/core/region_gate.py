"""Which values may be painted."""

import math
from dataclasses import dataclass

from medviewer.i18n import N_, Message

LEAST, MOST = -32768, 32767  # of int16


@dataclass(frozen=True)
class Gate:
    """Real values (HU for CT) from ``low`` to ``high``, both included."""

    low: float
    high: float

    def stored(self, slope: float, intercept: float) -> tuple[int, int]:
        """Return the lowest and highest int16 voxel whose real value (voxel * slope + intercept) is inside."""
        ends = sorted(((self.low - intercept) / slope, (self.high - intercept) / slope))
        return max(math.ceil(ends[0] - 1e-9), LEAST), min(math.floor(ends[1] + 1e-9), MOST)

    def widened(self, factor: float) -> "Gate":
        """Return the gate ``factor`` times as wide around its middle."""
        middle, half = (self.low + self.high) / 2.0, (self.high - self.low) / 2.0 * factor
        return Gate(middle - half, middle + half)


# For CT, in HU: what a solid nodule has against lung; organs and vessels without fat and air; calcium and bone.
PRESETS: tuple[tuple[str, Message, Gate], ...] = (
    ("nodule", N_("Lung nodule"), Gate(-450.0, 400.0)),
    ("soft", N_("Soft tissue"), Gate(-30.0, 200.0)),
    ("bone", N_("Bone"), Gate(200.0, 3071.0)),
)
