"""The controls below the list of outlines: how they are drawn, and what the brush is like."""

import math
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QFormLayout, QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from medviewer.core.lengths import length_label
from medviewer.core.region_gate import PRESETS, Gate
from medviewer.core.volume import Volume
from medviewer.i18n import _
from medviewer.ui.cards import QuietCombo, inset
from medviewer.ui.regions.view import LEAST_MM, MOST_MM, RegionView

STEPS = 100  # of the size slider, in equal ratios
LEAST_VALUE, MOST_VALUE = -32768.0, 1_000_000.0


class RegionControls(QWidget):
    """Filling and opacity, brush size, ball, gate with presets, leak guard; follows the state of outlining."""

    def __init__(self, regions: RegionView) -> None:
        super().__init__()
        self._regions = regions
        self.filled, self.opacity = QCheckBox(_("Filled")), QSlider(Qt.Orientation.Horizontal)
        self.slider, self.size_mm = QSlider(Qt.Orientation.Horizontal), QDoubleSpinBox()
        self.ball, self.guard = QCheckBox(_("Ball (3-D)")), QCheckBox(_("Stop leaks"))
        self.gated, self.low, self.high = QCheckBox(_("Only between")), QDoubleSpinBox(), QDoubleSpinBox()
        self.presets = QuietCombo()
        inset(self.size_mm, self.low, self.high)
        self._lay_out()
        self._explain()
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(6)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self.opacity.setRange(5, 100)
        self.slider.setRange(0, STEPS)
        self.size_mm.setRange(LEAST_MM, MOST_MM)
        self.size_mm.setDecimals(1)
        for spin in (self.low, self.high):
            spin.setRange(LEAST_VALUE, MOST_VALUE)
        for spin in (self.low, self.high, self.size_mm):
            spin.setKeyboardTracking(False)
        self.presets.addItem(_("Preset…"), None)
        for _name, title, gate in PRESETS:
            self.presets.addItem(str(title), gate)
        form.addRow(_("Drawing"), _row(self.filled, self.opacity))
        form.addRow(_("Brush"), _row(self.slider, self.size_mm, self.ball))
        form.addRow(_("Values"), _row(self.gated, self.low, QLabel("…"), self.high))
        form.addRow("", _row(self.presets, self.guard))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)

    def _explain(self) -> None:
        for widget, name, tip in (
            (self.filled, _("Filled"), _("Fill outlines, or draw their contours alone.")),
            (self.opacity, _("Opacity of the filling"), _("How strongly outlines are filled; their contours stay.")),
            (self.slider, _("Brush size"), _("Brush size; [ and ] change it too, or Ctrl+Shift and the wheel.")),
            (self.size_mm, _("Brush size"), _("Diameter of the brush")),
            (self.ball, _("Ball (3-D)"), _("The brush paints a ball through all slices; Alt does so for one stroke.")),
            (self.gated, _("Only between"), _("The brush and growing take only values in this range.")),
            (self.low, _("Lowest value"), _("Lowest value painted over")),
            (self.high, _("Highest value"), _("Highest value painted over")),
            (self.presets, _("Presets of values"), _("Ranges for CT, in HU")),
            (self.guard, _("Stop leaks"), _("Growing stops where it runs into a neighbour through a narrow neck.")),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)

    def _connect(self) -> None:
        regions = self._regions
        for signal in (regions.changed, regions.view.volume_changed, regions.view.displays_changed):
            signal.connect(self.refresh)
        self.filled.toggled.connect(lambda on: regions.set_drawing(on, regions.opacity))
        self.opacity.valueChanged.connect(lambda percent: regions.set_drawing(regions.filled, percent / 100.0))
        self.slider.valueChanged.connect(lambda step: self._change(diameter_mm=size_of(step)))
        self.size_mm.valueChanged.connect(lambda size_mm: self._change(diameter_mm=size_mm))
        self.ball.toggled.connect(lambda on: self._change(ball=on))
        self.guard.toggled.connect(lambda on: self._change(guard=on))
        self.gated.toggled.connect(lambda on: self._change(gated=on))
        self.low.valueChanged.connect(lambda value: self._change(gate=Gate(value, max(value, self.high.value()))))
        self.high.valueChanged.connect(lambda value: self._change(gate=Gate(min(value, self.low.value()), value)))
        self.presets.activated.connect(self._use_preset)

    def _change(self, **changes: object) -> None:
        self._regions.set_brush(replace(self._regions.brush, **changes))  # type: ignore[arg-type]

    def _use_preset(self, number: int) -> None:
        gate = self.presets.itemData(number)
        if gate is not None:
            self._change(gate=gate, gated=True)

    def refresh(self) -> None:
        """Show how things are, without telling anybody."""
        regions, brush = self._regions, self._regions.brush
        every = (self.filled, self.opacity, self.slider, self.size_mm, self.ball, self.guard, self.gated, self.low)
        blocked = [QSignalBlocker(widget) for widget in (*every, self.high, self.presets)]
        self.filled.setChecked(regions.filled)
        self.opacity.setEnabled(regions.filled)
        self.opacity.setValue(round(100 * regions.opacity))
        self.slider.setValue(step_of(brush.diameter_mm))
        self.size_mm.setValue(brush.diameter_mm)
        self.ball.setChecked(brush.ball)
        self.guard.setChecked(brush.guard)
        self.gated.setChecked(brush.gated)
        volume = regions.view.active.volume
        fine, in_hu = volume is not None and is_fine(volume), volume is None or volume.unit == "HU"
        for spin in (self.low, self.high):
            spin.setDecimals(2 if fine else 0)
            spin.setSingleStep(0.5 if fine else 10.0)
        self.presets.setEnabled(in_hu)
        self.size_mm.setSuffix(" " + str(_("mm") if volume is None else length_label(volume.series.first)))
        self.low.setValue(brush.gate.low)
        self.high.setValue(brush.gate.high)
        for spin in (self.low, self.high):
            spin.setEnabled(brush.gated)
        known = next((n for n, (_id, _title, gate) in enumerate(PRESETS, 1) if gate == brush.gate), 0)
        self.presets.setCurrentIndex(known if brush.gated else 0)
        del blocked


def is_fine(volume: Volume) -> bool:
    """Whether its values are told in fractions, as SUV are."""
    return volume.slope != 1.0 and volume.unit != "HU"


def size_of(step: int) -> float:
    """Return the size in mm at a step of the slider, from 1 mm to 100 mm in equal ratios."""
    return float(round(10.0 ** (2.0 * step / STEPS), 1))


def step_of(size_mm: float) -> int:
    """Return the step of the slider nearest to a size."""
    return round(STEPS / 2.0 * math.log10(max(size_mm, 1.0)))


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    for widget in widgets:
        row.addWidget(widget, 1 if isinstance(widget, QSlider | QDoubleSpinBox) else 0)
    return row
