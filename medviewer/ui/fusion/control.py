"""The row of controls for a fused picture: how much of which series, in which colours, up to which value."""

from dataclasses import replace
from functools import lru_cache

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from medviewer.i18n import _
from medviewer.imaging.colours import COLOUR_MAPS
from medviewer.imaging.fuse import MODE_TITLES, Mode
from medviewer.ui import theme
from medviewer.ui.cards import QuietCombo, inset
from medviewer.ui.fusion.fusing import Fused, change, ends, fused_of, set_top, short, shown_on
from medviewer.ui.value_words import unit_title
from medviewer.ui.view import View

SWATCH = QSize(56, 12)
PERCENT, NARROWEST_PX = 100, 220


@lru_cache(maxsize=32)
def swatch(colours: str) -> QIcon:
    """Return a colour map as a small picture, low values at the left."""
    words = COLOUR_MAPS[colours].packed.copy()
    row = QImage(words.data, len(words), 1, 4 * len(words), QImage.Format.Format_RGB32)
    return QIcon(QPixmap.fromImage(row.scaled(SWATCH)))


class FusionControl(QWidget):
    """Shown while the active display is fused; everything it changes is changed by the view."""

    def __init__(self, view: View, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fusion")
        self._view = view
        self.under, self.over = QLabel(), QLabel()
        self.share = self._slider()
        self.mode, self.colours = self._modes(), self._maps()
        self.top, self.clear, self.close_button = self._spin(), self._check(), self._close_button()
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(8, 3, 8, 3)
        row.setSpacing(6)
        for widget in (self.mode, self.under, self.share, self.over, self.colours, self.top, self.clear):
            row.addWidget(widget, 1 if widget is self.share else 0)
        row.addWidget(self.close_button)
        self.setMinimumWidth(NARROWEST_PX)  # else the row's own, which would widen the window
        for signal in (view.displays_changed, view.volume_changed, view.look_changed):
            signal.connect(self._follow)
        self._follow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for: all of it can be done elsewhere, or where there is more room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        spare = (self.clear, self.top, self.colours, self.mode)
        room = self.width() - self._row.minimumSize().width()
        room -= sum(self._room_of(each) for each in spare if each.isHidden())
        for each in spare:
            each.setHidden(room < 0)
            room += self._room_of(each) if room < 0 else 0

    def _room_of(self, each: QWidget) -> int:
        return each.minimumSizeHint().width() + self._row.spacing()

    # ---- its parts ----

    def _slider(self) -> QSlider:
        made = QSlider(Qt.Orientation.Horizontal)
        made.setObjectName("fusion-share")
        made.setRange(0, PERCENT)
        made.setSingleStep(5)
        made.setPageStep(10)
        made.setMinimumWidth(theme.px(90))
        made.setAccessibleName(_("Share of the colours"))
        made.setToolTip(_("Greys alone at the left, colours alone at the right"))
        made.valueChanged.connect(
            lambda percent: change(self._view, lambda fusion: replace(fusion, share=percent / PERCENT))
        )
        return made

    def _modes(self) -> QuietCombo:
        made = QuietCombo()
        made.setObjectName("fusion-mode")
        made.setAccessibleName(_("How the two are shown"))
        made.setToolTip(_("Colours over greys, or one series against the other to check that they lie on each other"))
        for mode, title in MODE_TITLES.items():
            made.addItem(str(title), mode)
        made.activated.connect(lambda _n: self._set_mode(made.currentData()))
        return made

    def _set_mode(self, mode: Mode) -> None:
        change(self._view, lambda fusion: replace(fusion, mode=mode))

    def _maps(self) -> QuietCombo:
        made = QuietCombo()
        made.setObjectName("fusion-colours")
        made.setAccessibleName(_("Colours"))
        made.setToolTip(_("The colours of low (left) to high values"))
        made.setIconSize(SWATCH)
        for one in COLOUR_MAPS.values():
            made.addItem(swatch(one.id), str(one.title), one.id)
        made.activated.connect(
            lambda _n: change(self._view, lambda fusion: replace(fusion, colours=made.currentData()))
        )
        return made

    def _spin(self) -> QDoubleSpinBox:
        made = QDoubleSpinBox()
        inset(made)
        made.setObjectName("fusion-top")
        made.setKeyboardTracking(False)
        made.setAccessibleName(_("Value with the strongest colour"))
        made.setToolTip(_("The value with the strongest colour; the colour bar in the image can be dragged too"))
        made.valueChanged.connect(self._set_top)
        return made

    def _check(self) -> QCheckBox:
        made = QCheckBox(_("Clear low values"))
        made.setObjectName("fusion-clear")
        made.setToolTip(_("Values at the lower end of the colours leave the image beneath clear"))
        made.toggled.connect(lambda on: change(self._view, lambda fusion: replace(fusion, clear_below=on)))
        return made

    def _close_button(self) -> QToolButton:
        made = QToolButton()
        made.setObjectName("fusion-end")
        made.setText("✕")
        made.setToolTip(_("End the fusion"))
        made.setAccessibleName(_("End the fusion"))
        made.clicked.connect(self._end)
        return made

    # ---- what it shows and does ----

    @property
    def _fused(self) -> Fused | None:
        display = shown_on(self._view)
        return None if display is None else fused_of(self._view, display)

    def _follow(self) -> None:
        """Show how the active display is fused; vanish where it is not."""
        display, fused = shown_on(self._view), self._fused
        self.setVisible(fused is not None)
        if display is None or fused is None:
            return
        blockers = [QSignalBlocker(each) for each in (self.share, self.mode, self.colours, self.top, self.clear)]
        fusion = fused.fusion
        self.under.setText(short(display))
        self.over.setText(short(fused.other))
        self.share.setValue(round(fusion.share * PERCENT))
        self.mode.setCurrentIndex(self.mode.findData(fusion.mode))
        self.colours.setCurrentIndex(max(self.colours.findData(fusion.colours), 0))
        self.clear.setChecked(fusion.clear_below)
        self._show_top(fused)
        for each in (self.share, self.colours, self.clear):
            each.setEnabled(fusion.mode == "blend")
        del blockers
        self._fit()

    def _show_top(self, fused: Fused) -> None:
        low, top = ends(fused.other.window)
        unit = unit_title(fused.volume.unit)
        self.top.setDecimals(1 if top - low < PERCENT else 0)
        self.top.setRange(low + 0.1, low + 10.0 * (top - low))  # a wider one would make the box wider
        self.top.setSingleStep(0.5 if top - low < PERCENT else 10.0)
        self.top.setPrefix(_("to") + " ")
        self.top.setSuffix(f" {unit}" if unit else "")
        self.top.setValue(top)

    def _set_top(self, top: float) -> None:
        fused = self._fused
        if fused is not None:
            set_top(self._view, fused, top)

    def _end(self) -> None:
        display = shown_on(self._view)
        if display is not None:
            self._view.set_fusion(display, None)
