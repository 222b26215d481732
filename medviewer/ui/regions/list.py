"""The list of outlines: colour, name (edited in place), shown or hidden, volume, axes, density."""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from medviewer.core.lengths import length_label, spacing_kind
from medviewer.core.region import Region
from medviewer.core.volume import Volume
from medviewer.i18n import _
from medviewer.imaging.measure import Measures
from medviewer.ui.regions.commands import change
from medviewer.ui.regions.measures import RegionMeasures
from medviewer.ui.regions.view import RegionView, fits
from medviewer.ui.swatch import swatch
from medviewer.ui.theme import as_role

NAME, VOLUME, AXES, DENSITY = range(4)
_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked
_ID = Qt.ItemDataRole.UserRole
UNKNOWN = "–"


class RegionList(QTreeWidget):
    """Rows of regions; a check mark shows, F2 or a double click renames, Space shows or hides, Delete asks."""

    delete_wanted = Signal()
    go_wanted = Signal(str)

    def __init__(self, regions: RegionView, measures: RegionMeasures) -> None:
        super().__init__()
        self._regions, self._measures = regions, measures
        self.setColumnCount(4)
        self.setHeaderLabels([_("Outline"), _("ml"), _("mm"), _("Mean ± SD")])
        for column, tip in (
            (NAME, _("Shown where checked; F2 renames it")),
            (VOLUME, _("Volume: its voxels counted")),
            (AXES, _("Long and short axis, on the slice where it is largest")),
            (DENSITY, _("Mean and standard deviation of its values")),
        ):
            self.headerItem().setToolTip(column, tip)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAccessibleName(_("Outlines"))
        as_role(self, "small")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        self.itemChanged.connect(self._edited)
        self.currentItemChanged.connect(self._chosen)

    def show_regions(self, regions: tuple[Region, ...]) -> None:
        """List these regions; rows that are there already stay, so that a name being typed is not lost."""
        self.blockSignals(True)
        wanted = [region.id for region in regions]
        if [self.id_of(n) for n in range(self.topLevelItemCount())] != wanted:
            self.clear()
            self.addTopLevelItems([_row(region) for region in regions])
        for number, region in enumerate(regions):
            item = self.topLevelItem(number)
            if item is not None:
                self._fill(item, region)
                if region.id == self._regions.chosen_id and item is not self.currentItem():
                    self.setCurrentItem(item)
        if self._regions.chosen_id not in wanted:
            self.selectionModel().clear()
        self.blockSignals(False)
        self.viewport().update()

    def id_of(self, number: int) -> str:
        """Return the id of the region in a row."""
        item = self.topLevelItem(number)
        return "" if item is None else str(item.data(NAME, _ID))

    def _fill(self, item: QTreeWidgetItem, region: Region) -> None:
        item.setText(NAME, region.name)
        item.setIcon(NAME, swatch(region.colour_rgb))
        item.setCheckState(NAME, _UNCHECKED if region.hidden else _CHECKED)
        volume = self._measures.volume_of(region)
        seen = self._measures.of(region) if volume is not None and fits(region.mask, volume) else None
        for column, text in enumerate(words(region, seen, volume), start=VOLUME):
            item.setText(column, text)
        item.setToolTip(VOLUME, why_no_volume(volume))

    def _region(self, item: QTreeWidgetItem | None) -> Region | None:
        case = self._regions.case
        return None if case is None or item is None else case.region(str(item.data(NAME, _ID)))

    def _edited(self, item: QTreeWidgetItem, column: int) -> None:
        """A name was typed, or a check mark set."""
        region = self._region(item)
        if region is None or column != NAME:
            return
        name = item.text(NAME).strip() or region.name
        hidden = item.checkState(NAME) != _CHECKED
        change(self._regions, region, replace(region.appearance, name=name, hidden=hidden))

    def _chosen(self, item: QTreeWidgetItem | None, _before: QTreeWidgetItem | None) -> None:
        region = self._region(item)
        if region is not None:
            self._regions.choose(region.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space shows or hides, Delete asks to delete, Enter goes there; all else goes Qt's way."""
        region = self._region(self.currentItem())
        editing = self.state() == QAbstractItemView.State.EditingState
        if region is None or editing:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit()
        elif event.key() == Qt.Key.Key_Space:
            change(self._regions, region, replace(region.appearance, hidden=not region.hidden))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.go_wanted.emit(region.id)
        else:
            super().keyPressEvent(event)


def _row(region: Region) -> QTreeWidgetItem:
    item = QTreeWidgetItem()
    item.setData(NAME, _ID, region.id)
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsUserCheckable)
    for column in (VOLUME, AXES, DENSITY):
        item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item


def why_no_volume(volume: Volume | None) -> str:
    """Say why voxels have no volume in ml; nothing where they have one, or where their series is not shown."""
    if volume is None or volume.regular:
        return ""
    return " ".join(str(check.text) for check in volume.series.stopped)


def words(region: Region, seen: Measures | None, volume: Volume | None) -> tuple[str, str, str]:
    """Say volume, axes and density; a dash where nothing is known, pixels where the images have no millimetres."""
    if region.mask is None or seen is None or volume is None:
        return UNKNOWN, UNKNOWN, UNKNOWN
    first = volume.series.first
    size_ml = seen.volume_mm3 / 1000.0
    ml = f"{size_ml:.1f}" if size_ml >= 10.0 else f"{size_ml:.2f}"
    axes = f"{seen.long_axis_mm:.1f} × {seen.short_axis_mm:.1f}"
    if spacing_kind(first) not in ("plane", "calibrated", "region") and not volume.regular:
        axes = f"{axes} {length_label(first)}"
    digits = 0 if volume.unit == "HU" else 1
    density = f"{seen.mean_hu:.{digits}f} ± {seen.sd_hu:.{digits}f} {volume.unit}".replace("-", "\u2212").strip()
    return ml if volume.regular else UNKNOWN, axes, density
