"""The chosen mark in full: every number it measures, what to know of them, and the histogram of a region."""

from PySide6.QtWidgets import QGridLayout

from medviewer.core.mark import Mark
from medviewer.imaging.marks.measure import Measured
from medviewer.ui.cards import Card, clear, label, say
from medviewer.ui.marks.histogram import HistogramView
from medviewer.ui.marks.words import KIND_TITLES, with_unit

PAIRS = 2  # numbers side by side


class MarkCard(Card):
    """Hidden while no mark is chosen."""

    def __init__(self) -> None:
        super().__init__("mark-card")
        self.title, self.notes, self.histogram = label(role="strong"), label(role="dim"), HistogramView()
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(14)
        self.grid.setVerticalSpacing(3)
        self.body.addWidget(self.title)
        self.body.addLayout(self.grid)
        self.body.addWidget(self.histogram)
        self.body.addWidget(self.notes)
        self.hide()

    def show_mark(self, mark: Mark | None, measured: Measured | None) -> None:
        """Show a mark with what it measures; None hides the card."""
        self.setVisible(mark is not None)
        if mark is None or measured is None:
            return
        kind = str(KIND_TITLES[mark.kind])
        self.title.setText(f"{mark.name} ({kind})" if mark.name else kind)
        clear(self.grid)
        for place, quantity in enumerate(measured.quantities):
            row, column = divmod(place, PAIRS)
            self.grid.addWidget(label(str(quantity.title), "dim"), row, 2 * column)
            self.grid.addWidget(label(with_unit(quantity)), row, 2 * column + 1)
        mean = measured.get("mean")
        self.histogram.show_histogram(measured.histogram, "" if mean is None else str(mean.unit))
        say(self.notes, " ".join(str(note) for note in measured.notes))
