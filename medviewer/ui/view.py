"""What is being looked at: neither undone nor saved."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from medviewer.core.finding import Finding, Point
from medviewer.core.look import Lut, NamedTone, Window
from medviewer.core.presentation import Presentation
from medviewer.core.study import Header, Series
from medviewer.core.volume import Volume
from medviewer.imaging.window import starts_inverted
from medviewer.ui.layers_view import LayerView
from medviewer.ui.looks import Looks

if TYPE_CHECKING:
    from medviewer.ui.jobs import Jobs

ReadingState = Literal["idle", "running", "done", "refused", "failed", "cancelled"]


@dataclass(frozen=True)
class ReadingStatus:
    """How far the model is with the series shown.

    ``text`` says why (refused, failed); ``share`` is 0 to 1 and ``remaining_s`` seconds, while running;
    ``device`` is what it ran on, once done.
    """

    state: ReadingState = "idle"
    model_id: str = ""
    text: str = ""
    share: float = 0.0
    remaining_s: float | None = None
    device: str = ""


class View(QObject):
    """The volume, place, finding and window everybody looks at; the panels and viewports follow its signals.

    Raise Problem from any slot to tell the reader something; start long work with ``jobs.start``.
    """

    volume_changed = Signal()  # another volume or prior is shown
    page_changed = Signal()  # a document stands in place of the images, or no longer
    slices_changed = Signal()  # more slices of the volume have been read
    finding_changed = Signal()  # another finding is selected
    moved = Signal()  # the point looked at
    look_changed = Signal()  # window, inversion, overlays, or what a file says of them became known
    presentation_changed = Signal()  # another presentation state, or none, is applied
    reading_changed = Signal()  # how far the model is
    reading_wanted = Signal()  # the reader asks for a new reading
    straighten_wanted = Signal()  # the reader asks for the tilted series to be straightened

    def __init__(self, jobs: "Jobs", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs = jobs
        self.layers = LayerView(self)
        self.volume: Volume | None = None
        self.page: Series | None = None  # whose document stands in place of the images
        self.prior: Volume | None = None
        self.finding_id: str | None = None
        self.point_lps_mm: Point = (0.0, 0.0, 0.0)
        self.window = Window(40.0, 400.0)
        self.default_window = self.window
        self.lut: Lut | None = None  # a table chosen by the reader in place of the window
        self.as_filed = True  # the greys are those of the files or the presentation state, not the reader's
        self.presentation: Presentation | None = None
        self.looks = Looks(jobs, self.look_changed.emit)
        self.inverted = self.default_inverted = False
        self.overlay_shown = True
        self.texts_shown = True
        self.reading = ReadingStatus()

    def show_volume(self, volume: Volume | None, window: Window, at_lps_mm: Point) -> None:
        """Look at ``volume`` with ``window``, at a point in LPS mm; no finding is selected then."""
        self.volume, self.prior, self.finding_id = volume, None, None
        self.window = self.default_window = window
        self.lut, self.as_filed, self.presentation = None, True, None
        self.inverted = self.default_inverted = volume is not None and starts_inverted(volume.series.first)
        self.point_lps_mm = at_lps_mm
        self.layers.keep_for(volume)
        self.volume_changed.emit()
        self.finding_changed.emit()

    def show_page(self, series: Series | None) -> None:
        """Tell that a document of ``series`` stands in place of the images, None that they are seen again."""
        if series is not self.page:
            self.page = series
            self.page_changed.emit()

    def show_prior(self, prior: Volume | None) -> None:
        """Compare with ``prior``, linked by patient position."""
        self.prior = prior
        self.volume_changed.emit()

    def select(self, finding: Finding | None) -> None:
        """Select ``finding`` and go to its centre; None selects nothing."""
        self.finding_id = None if finding is None else finding.id
        if finding is not None:
            self.move_to(finding.center_lps_mm)
        self.finding_changed.emit()

    def move_to(self, point_lps_mm: Point) -> None:
        """Look at another point, LPS mm; every plane follows."""
        if point_lps_mm != self.point_lps_mm:
            self.point_lps_mm = point_lps_mm
            self.moved.emit()

    def set_window(self, window: Window) -> None:
        """Show other greys; the default window gives every image the greys of its file again."""
        self.window, self.lut = window, None
        self.as_filed = window == self.default_window
        self.look_changed.emit()

    def set_tone(self, tone: Window | Lut) -> None:
        """Show the greys of a window or table, one of ``tones`` for example."""
        self.window = tone.window if isinstance(tone, Lut) else tone
        self.lut = tone if isinstance(tone, Lut) else None
        self.as_filed = False
        self.look_changed.emit()

    def tones(self, header: Header) -> tuple[NamedTone, ...]:
        """Return the windows and tables that the file of an image offers, as far as they are known.

        Those of ordinary CT are read only when asked for: call ``looks.ask(header)``; look_changed tells of them.
        """
        return self.looks.of(header).tones

    def set_presentation(self, presentation: Presentation | None) -> None:
        """Show the images as a presentation state wants them, None as they are; the reader's greys are put aside."""
        self.presentation = presentation
        self.window, self.lut, self.as_filed = self.default_window, None, True
        self.inverted = self.default_inverted and presentation is None
        self.presentation_changed.emit()
        self.look_changed.emit()

    def invert(self) -> None:
        """Swap black and white."""
        self.inverted = not self.inverted
        self.look_changed.emit()

    def toggle_overlay(self) -> None:
        """Show or hide what the model found."""
        self.overlay_shown = not self.overlay_shown
        self.look_changed.emit()

    def toggle_texts(self) -> None:
        """Show or hide everything that is drawn over the image."""
        self.texts_shown = not self.texts_shown
        self.look_changed.emit()

    def set_reading(self, reading: ReadingStatus) -> None:
        """Tell how far the model is."""
        self.reading = reading
        self.reading_changed.emit()
