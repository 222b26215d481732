"""The segments panel: what is drawn over the images, what it means, and which of it is shown."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSlider,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from medviewer.core.layers import FRACTION_WORDS, Layer
from medviewer.i18n import N_, _
from medviewer.ui import theme
from medviewer.ui.cards import label, say
from medviewer.ui.panel import Panel, follow
from medviewer.ui.swatch import swatch
from medviewer.ui.theme import as_role
from medviewer.ui.view import View
from medviewer.ui.wrapping import WrappingRow

if TYPE_CHECKING:
    from medviewer.app.session import Session

NAME, MEANING, VOLUME = 0, 1, 2
_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


def empty_words(study_open: bool) -> str:
    """Say why the list is empty and what to do."""
    if not study_open:
        return _("Open a study to see its segments.")
    return _("Nothing is drawn over these images. Choose a segmentation or structure set at the left to show it.")


def sentence(layer: Layer) -> str:
    """Say all that is known of a layer: meaning, how it was drawn, what its fractions are."""
    fractions = "" if layer.fractions is None else str(FRACTION_WORDS[layer.fractions.type])
    return " · ".join(part for part in (layer.source, layer.meaning, layer.algorithm, fractions) if part)


class LayerTree(QTreeWidget):
    """The list of layers; space shows or hides all chosen rows alike, Delete asks to take them away."""

    delete_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take space and Delete for all chosen rows; everything else goes Qt's way."""
        current = self.currentItem()
        if event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit()
            return
        if event.key() != Qt.Key.Key_Space or current is None:
            super().keyPressEvent(event)
            return
        wanted = _UNCHECKED if current.checkState(NAME) == _CHECKED else _CHECKED
        for item in self.selectedItems() or [current]:
            item.setCheckState(NAME, wanted)


class LayersPanel(QWidget):
    """Check marks show and hide, the slider fills more or less, Enter or a double click goes there."""

    def __init__(self, session: "Session", view: View) -> None:
        super().__init__()
        self.session, self.view = session, view
        self.tree, self.empty, self.about = LayerTree(), label(role="dim"), label(role="dim")
        self.pages, self.slider = QStackedWidget(), QSlider(Qt.Orientation.Horizontal)
        self.show_all, self.hide_all = QPushButton(_("Show all")), QPushButton(_("Hide all"))
        self.go, self.remove = QPushButton(_("Go to")), QPushButton(_("Remove"))
        self._rows: dict[str, QTreeWidgetItem] = {}
        self._lay_out()
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(24)
        self._prepare_tree()
        listed = QWidget()
        column = QVBoxLayout(listed)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._button_row())
        column.addWidget(self.tree, 1)
        column.addWidget(self.about)
        column.addLayout(self._opacity_row())
        self.pages.addWidget(self.empty)
        self.pages.addWidget(listed)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 8, 8, 8)
        whole.addWidget(self.pages)

    def _prepare_tree(self) -> None:
        tree = self.tree
        tree.setColumnCount(3)
        tree.setHeaderLabels([_("Segment"), _("Meaning"), _("ml")])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setAccessibleName(_("Segments and contours"))
        tree.setToolTip(_("Space shows or hides, Enter goes there."))
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(MEANING, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(VOLUME, QHeaderView.ResizeMode.ResizeToContents)

    def _button_row(self) -> WrappingRow:
        row = WrappingRow()
        self.show_all.setToolTip(_("Show all segments and contours"))
        self.hide_all.setToolTip(_("Hide all segments and contours"))
        self.go.setToolTip(_("Show the chosen segment in all planes (Enter)"))
        self.remove.setToolTip(_("Take the chosen segments off the images (Delete); their series stays in the list"))
        for button in (self.show_all, self.hide_all, self.go, self.remove):
            row.addWidget(as_role(button, "flat"))
        return row

    def _opacity_row(self) -> QHBoxLayout:
        row, name = QHBoxLayout(), QLabel(_("Filling"))
        name.setBuddy(self.slider)
        self.slider.setRange(0, 100)
        self.slider.setPageStep(10)
        self.slider.setToolTip(_("How strongly segments are filled; their outlines stay."))
        self.slider.setAccessibleName(_("Filling"))
        row.addWidget(name)
        row.addWidget(self.slider, 1)
        return row

    def _connect(self) -> None:
        layers = self.view.layers
        layers.changed.connect(self.refresh)
        layers.look_changed.connect(self._show_look)
        self.tree.itemChanged.connect(self._checked)
        self.tree.itemActivated.connect(self._go)
        self.tree.currentItemChanged.connect(lambda *_items: self._tell())
        self.slider.valueChanged.connect(lambda percent: layers.set_opacity(percent / 100.0))
        self.show_all.clicked.connect(lambda: layers.show(list(self._rows), True))
        self.hide_all.clicked.connect(lambda: layers.show(list(self._rows), False))
        self.go.clicked.connect(lambda: self._go(self.tree.currentItem()))
        self.remove.clicked.connect(self.remove_chosen)
        self.tree.delete_wanted.connect(self.remove_chosen)
        follow(self, self.session, lambda _touched, _source: self._say_empty())

    def refresh(self) -> None:
        """List the layers anew."""
        self.tree.blockSignals(True)
        self.tree.clear()
        self._rows = {layer.id: self._row(layer) for layer in self.view.layers.layers}
        self._put_rows()
        self.tree.blockSignals(False)
        self.pages.setCurrentIndex(1 if self._rows else 0)
        if self._rows:
            self.tree.setCurrentItem(next(iter(self._rows.values())))
        self._say_empty()
        self._show_look()
        self._tell()

    def _put_rows(self) -> None:
        """List the layers, below the name of their object where there are several objects."""
        sources = dict.fromkeys(layer.source for layer in self.view.layers.layers)
        for source in sources:
            rows = [self._rows[layer.id] for layer in self.view.layers.layers if layer.source == source]
            if len(sources) == 1:
                self.tree.addTopLevelItems(rows)
                continue
            heading = QTreeWidgetItem([source])
            heading.setFont(NAME, theme.weight_font(strong=True))
            self.tree.addTopLevelItem(heading)
            heading.addChildren(rows)
            heading.setFirstColumnSpanned(True)
            heading.setExpanded(True)

    def remove_chosen(self) -> None:
        """Take the chosen layers off the images; those of a whole object where its name is chosen."""
        chosen = set[str]()
        for item in self.tree.selectedItems():
            for row in (item, *item.takeChildren()):
                chosen.add(row.data(NAME, Qt.ItemDataRole.UserRole))
        self.view.layers.remove(chosen)

    def _row(self, layer: Layer) -> QTreeWidgetItem:
        row = QTreeWidgetItem([layer.title, layer.meaning, self._volume(layer)])
        row.setData(NAME, Qt.ItemDataRole.UserRole, layer.id)
        row.setIcon(NAME, swatch(layer.colour_rgb))
        row.setTextAlignment(VOLUME, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return row

    def _volume(self, layer: Layer) -> str:
        """Say the volume; nothing where the border is not sharp or the images cannot be measured."""
        volume = self.view.layers.volume
        size_ml = layer.volume_ml(volume.grid) if volume is not None and volume.regular else None
        return "" if size_ml is None else f"{size_ml:.1f}" if size_ml >= 1.0 else f"{size_ml:.2g}"

    def _say_empty(self) -> None:
        self.empty.setText(empty_words(self.session.study is not None))

    def _show_look(self) -> None:
        """Show which layers are seen and how strongly, without telling anybody."""
        layers = self.view.layers
        self.tree.blockSignals(True)
        for layer in layers.layers:
            self._rows[layer.id].setCheckState(NAME, _CHECKED if layers.is_shown(layer) else _UNCHECKED)
        self.tree.blockSignals(False)
        self.tree.viewport().update()
        self.slider.blockSignals(True)
        self.slider.setValue(round(100 * layers.opacity))
        self.slider.blockSignals(False)

    def _checked(self, item: QTreeWidgetItem, _column: int) -> None:
        self.view.layers.show([item.data(NAME, Qt.ItemDataRole.UserRole)], item.checkState(NAME) == _CHECKED)

    def _chosen(self, item: QTreeWidgetItem | None) -> Layer | None:
        wanted = None if item is None else item.data(NAME, Qt.ItemDataRole.UserRole)
        return next((layer for layer in self.view.layers.layers if layer.id == wanted), None)

    def _tell(self) -> None:
        """Say what the chosen layer is."""
        layer = self._chosen(self.tree.currentItem())
        say(self.about, "" if layer is None else sentence(layer))
        self.go.setEnabled(layer is not None and layer.center_lps_mm is not None)

    def _go(self, item: QTreeWidgetItem | None) -> None:
        """Look at the middle of a layer in all planes."""
        layer = self._chosen(item)
        if layer is not None and layer.center_lps_mm is not None:
            self.view.move_to(layer.center_lps_mm)


def _make(session: "Session", view: View) -> QWidget:
    return LayersPanel(session, view)


PANEL = Panel("layers", N_("Segments"), 60, _make, optional=True)
