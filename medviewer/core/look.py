"""How a picture wants to be shown, as its file or a presentation state says: greys, overlays, shutters."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

VoiFunction = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]
NARROWEST = 1e-6  # of a window that may be narrower than 1


@dataclass(frozen=True, slots=True)
class Window:
    """Centre and width in real values (HU for CT) and the VOI function of PS3.3 C.11.2.1 that they belong to.

    The width is at least 1 for LINEAR and above 0 for the others.
    """

    center: float
    width: float
    function: VoiFunction = "LINEAR"

    @property
    def narrowest(self) -> float:
        """The smallest width that the function allows."""
        return 1.0 if self.function == "LINEAR" else NARROWEST

    def moved(self, center: float, width: float) -> "Window":
        """Return the window shifted by ``center`` and widened by ``width``, never narrower than allowed."""
        return Window(self.center + center, max(self.narrowest, self.width + width), self.function)

    def scaled(self, factor: float) -> "Window":
        """Return the window that shows values ``factor`` times as large in the same greys; the factor is positive."""
        if self.function == "LINEAR":  # exactly LINEAR_EXACT half a value lower and one narrower
            return Window((self.center - 0.5) * factor, max(self.width - 1.0, NARROWEST) * factor, "LINEAR_EXACT")
        return Window(self.center * factor, self.width * factor, self.function)


@dataclass(frozen=True, eq=False)
class Lut:
    """A table of a DICOM LUT sequence: value ``first`` + n becomes ``values[n]``, of ``bits`` bits; ends are held.

    ``values`` is uint16 (n,). Two tables are equal only where they are one.
    """

    first: float
    values: NDArray[np.uint16]
    bits: int
    title: str = ""

    @property
    def window(self) -> Window:
        """The linear window over the values for which the table rises from its darkest to its brightest."""
        grey = self.values.astype(np.int32)
        step = np.flatnonzero(np.diff(grey))
        low, high = (int(step[0]), int(step[-1]) + 1) if len(step) else (0, len(grey) - 1)
        return Window(self.first + (low + high) / 2.0, max(1.0, float(high - low)))


@dataclass(frozen=True, slots=True)
class Rescale:
    """Slope and intercept of a modality transformation."""

    slope: float = 1.0
    intercept: float = 0.0


@dataclass(frozen=True, slots=True)
class Chain:
    """Greys in the order of a presentation state: real values back to stored ones, modality, VOI, presentation LUT.

    ``stored``: stored value = real * slope + intercept. ``voi`` None shows the whole range of ``whole``.
    """

    stored: Rescale
    modality: "Rescale | Lut"
    voi: "Window | Lut"
    presentation: Lut | None = None


Tone = Window | Lut | Chain  # what may make greys of real values


@dataclass(frozen=True, slots=True)
class NamedTone:
    """A window or table of the file under the name the file gives it, which may be empty."""

    title: str
    tone: Window | Lut

    @property
    def label(self) -> str:
        """What to write in a list: the name, and the window's numbers."""
        if isinstance(self.tone, Lut):
            return self.title or f"VOI LUT ({len(self.tone.values)})"
        return f"{self.title}  W {self.tone.width:g}  L {self.tone.center:g}".replace("-", "\u2212").strip()


@dataclass(frozen=True, eq=False)
class OverlayPlane:
    """One overlay (60xx): what is drawn over, or hidden from, the image.

    Attributes:
        bits: True where something is drawn, bool (rows, columns).
        origin: row and column of the image (from 0) on which its first bit lies; may be outside.
        group: the DICOM group, as 0x6000.
        region: whether it marks a region of interest rather than graphics.
        title: its label or description, empty where there is none.
    """

    bits: NDArray[np.bool_]
    origin: tuple[int, int] = (0, 0)
    group: int = 0x6000
    region: bool = False
    title: str = ""


@dataclass(frozen=True)
class Shutter:
    """What part of the image may be seen, in image pixels (x to the right, y down, 0 to 1 is the first pixel).

    All shapes given must let a place through. ``grey`` 0 (black) to 1 covers the rest.
    """

    rectangle: tuple[float, float, float, float] | None = None  # left, top, right, bottom
    circle: tuple[float, float, float] | None = None  # x, y, radius
    polygon: tuple[tuple[float, float], ...] = ()
    bitmap: OverlayPlane | None = None
    grey: float = 0.0

    @property
    def covers(self) -> bool:
        """Whether it hides anything."""
        return bool(self.rectangle or self.circle or self.polygon or self.bitmap)


@dataclass(frozen=True, eq=False)
class Look:
    """What the file of one image says of its showing beyond the Header.

    Attributes:
        windows, luts: the windows and VOI LUTs in real values, in the file's order.
        inverse: the file's PresentationLUTShape is INVERSE.
        overlays, shutter: drawn over the picture.
        aspect: height of a pixel in widths, where the file gives no spacing.
        directions: letters of the patient at the right and bottom edges of a film, empty where unknown.
    """

    windows: tuple[NamedTone, ...] = ()
    luts: tuple[NamedTone, ...] = ()
    inverse: bool = False
    overlays: tuple[OverlayPlane, ...] = ()
    shutter: Shutter = field(default_factory=Shutter)
    aspect: float = 1.0
    directions: tuple[str, str] = ("", "")

    @property
    def tones(self) -> tuple[NamedTone, ...]:
        """All that the reader may choose from, the tables first: they are what is shown by itself."""
        return self.luts + self.windows


PLAIN = Look()
