"""The outlines panel: what the reader outlined, how large it is, and what can be done with it."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from medviewer.core.layers import Layer
from medviewer.core.region import COLOURS
from medviewer.core.region_edits import DEEDS
from medviewer.i18n import N_, _
from medviewer.ui import words
from medviewer.ui.cards import label, say
from medviewer.ui.panel import LatePanel, Panel, follow
from medviewer.ui.regions import commands as region_commands
from medviewer.ui.regions.controls import RegionControls
from medviewer.ui.regions.list import RegionList
from medviewer.ui.regions.measures import RegionMeasures
from medviewer.ui.regions.view import regions_of
from medviewer.ui.swatch import swatch
from medviewer.ui.theme import as_role
from medviewer.ui.view import View

if TYPE_CHECKING:
    from medviewer.app.session import Session

MORE = ("largest", "holes")


class RegionsPanel(LatePanel):
    """List, buttons, and the controls of the brush; volume and axes follow each stroke."""

    def __init__(self, session: "Session", view: View) -> None:
        super().__init__()
        self.session, self.view = session, view
        self.regions = regions_of(view)
        self.measures = RegionMeasures(view, self)
        self.list, self.controls = RegionList(self.regions, self.measures), RegionControls(self.regions)
        self.empty, self.note = label(role="dim"), label(role="caution")
        self.pages = QStackedWidget()
        self.segment, self.colour, self.more = QToolButton(), QToolButton(), QToolButton()
        self.new, self.delete = QPushButton(_("New")), QPushButton(_("Delete"))
        self.fill, self.smooth = QPushButton(str(DEEDS["fill"])), QPushButton(_("Smooth"))
        self.edit_finding = QPushButton(_("Edit the chosen finding"))
        self._lay_out()
        self._equip()
        self._connect()
        self.refresh()

    # ---- building ----

    def _lay_out(self) -> None:
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(20)
        self.empty.setObjectName("empty-state")
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.list)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 8, 8, 8)
        whole.setSpacing(8)
        whole.addLayout(_row(self.new, self.segment, self.delete, self.colour))
        whole.addWidget(self.pages, 1)
        whole.addWidget(self.note)
        whole.addLayout(_row(self.fill, self.smooth, self.more, self.edit_finding))
        whole.addWidget(self.controls)

    def _equip(self) -> None:
        for button, text, tip in (
            (self.segment, _("From segment"), _("Make an outline of a segment shown over the images")),
            (self.colour, _("Colour"), _("Give the chosen outline another colour")),
            (self.more, _("More"), _("Keep the largest piece, fill holes")),
        ):
            button.setText(f"{text} ▾")
            button.setAccessibleName(text)
            button.setToolTip(tip)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setMenu(QMenu(button))
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        for deed in MORE:
            self.more.menu().addAction(str(DEEDS[deed]), partial(region_commands.tidy, self.regions, deed))
        for number, colour in enumerate(COLOURS, start=1):
            text = _("Colour {number}").format(number=number)
            self.colour.menu().addAction(swatch(colour), text, partial(region_commands.recolour, self.regions, colour))
        self.edit_finding.setCheckable(True)
        self.new.setToolTip(_("Start a new outline; without one the first stroke does"))
        self.delete.setToolTip(_("Delete the chosen outline (Delete)"))
        self.fill.setToolTip(_("Carry what is painted on some slices over the empty ones between them"))
        self.smooth.setToolTip(_("Smooth the outline in 3-D; its volume stays"))
        self.edit_finding.setToolTip(_("Brush, eraser and growing change the outline of the chosen finding"))

    def _connect(self) -> None:
        regions, view = self.regions, self.view
        self.new.clicked.connect(lambda: region_commands.add(regions))
        self.segment.menu().aboutToShow.connect(self._list_segments)
        self.delete.clicked.connect(lambda: region_commands.delete(regions))
        self.list.delete_wanted.connect(lambda: region_commands.delete(regions))
        self.list.go_wanted.connect(self._go)
        self.fill.clicked.connect(lambda: region_commands.tidy(regions, "fill"))
        self.smooth.clicked.connect(lambda: region_commands.tidy(regions, "smooth"))
        self.edit_finding.toggled.connect(regions.edit_finding)
        for signal in (regions.changed, view.volume_changed, view.finding_changed, self.measures.changed):
            signal.connect(self.mark)
        view.slices_changed.connect(self._more_read)
        follow(self, self.session, self._case_changed)

    def _case_changed(self, touched: frozenset[str], _source: object) -> None:
        if touched & {"study", "regions", "findings"}:
            self.mark()

    def _more_read(self) -> None:
        """Measures wait for their slices: look again when all are there."""
        if any(one.volume is not None and one.volume.complete for one in self.view.displays.values()):
            self.mark()

    # ---- showing ----

    def refresh(self) -> None:
        """Show the outlines of the case and what can be done."""
        case = None if self.session.study is None else self.session.case
        rows = () if case is None else case.regions
        regions = self.regions
        self.list.show_regions(rows)
        self.pages.setCurrentIndex(1 if rows else 0)
        self.empty.setText(empty_words(case is not None))
        chosen = regions.chosen
        finding = regions.finding
        can_tidy = (chosen is not None and not regions.editing_finding) or finding is not None
        for button in (self.delete, self.colour):
            button.setEnabled(chosen is not None)
        for action in (self.fill, self.smooth, self.more):
            action.setEnabled(can_tidy)
        self.new.setEnabled(case is not None and self.view.active.volume is not None)
        self.segment.setEnabled(case is not None)
        self.edit_finding.setEnabled(regions.editing_finding or self.view.finding_id is not None)
        self.edit_finding.setChecked(regions.editing_finding)
        say(self.note, regions.note or self._finding_words())

    def _finding_words(self) -> str:
        """Say what brush and eraser work on while that is no outline of the list."""
        if not self.regions.editing_finding:
            return ""
        finding = self.regions.finding
        if finding is None:
            return _("Choose a finding in the list of findings, then paint its outline.")
        number = words.number(self.session.case, finding.id)
        return _("The brush changes finding {number}; its measures are taken anew.").format(number=number)

    def _go(self, region_id: str) -> None:
        """Look at the middle of an outline in all planes."""
        region = self.session.case.region(region_id)
        seen = None if region is None else self.measures.of(region)
        if seen is not None:
            self.view.move_to(seen.center_lps_mm)

    def _list_segments(self) -> None:
        """Offer the segments shown over the images."""
        menu = self.segment.menu()
        menu.clear()
        layers = [layer for layer in self.view.layers.layers if layer.mask is not None or layer.fractions is not None]
        for layer in layers:
            self._offer(menu, layer)
        if not layers:
            menu.addAction(_("No segment is shown over these images.")).setEnabled(False)

    def _offer(self, menu: QMenu, layer: Layer) -> None:
        text = _("Make an outline of “{segment}”").format(segment=layer.title)
        menu.addAction(swatch(layer.colour_rgb), text, lambda: region_commands.outline_of(self.regions, layer))


def empty_words(study_open: bool) -> str:
    """Say why the list is empty and what to do."""
    if not study_open:
        return _("Open a study to outline something in it.")
    return _("Nothing is outlined yet. Choose the brush (B) and paint on the images, or grow (Shift+G) from a click.")


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(as_role(widget, "flat") if isinstance(widget, QPushButton) else widget)
    row.addStretch(1)
    return row


def _make(session: "Session", view: View) -> QWidget:
    return RegionsPanel(session, view)


PANEL = Panel("regions", N_("Outlines"), 17, _make, upper=True, optional=True)
