"""The slider through the phases of a 4-D series; seen only where there are some."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSlider, QWidget

from medviewer.i18n import _
from medviewer.ui.cine.phases import Phases
from medviewer.ui.theme import as_role


class PhaseBar(QWidget):
    """Slider, name of the phase, what is still being loaded, and whether the cine goes through phases."""

    def __init__(self, phases: Phases) -> None:
        super().__init__()
        self._phases = phases
        self.setObjectName("phase-bar")
        self.slider, self.name, self.cine = (
            QSlider(Qt.Orientation.Horizontal),
            QLabel(),
            QCheckBox(_("Cine over phases")),
        )
        self.slider.setObjectName("phase-slider")
        self.slider.setToolTip(_("The phases at this place (comma and full stop)"))
        self.slider.setAccessibleName(_("Phase"))
        self.slider.setPageStep(1)
        self.cine.setToolTip(_("The cine shows this place at all times, rather than all places at one time"))
        as_role(self.name, "dim")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 2, 6, 2)
        row.addWidget(self.slider, 1)
        row.addWidget(self.name)
        row.addWidget(self.cine)
        self.slider.valueChanged.connect(phases.show)
        self.cine.toggled.connect(phases.set_in_cine)
        phases.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        phases = self._phases
        self.setVisible(phases.count > 0)
        for widget in (self.slider, self.cine):
            widget.blockSignals(True)
        self.slider.setRange(0, max(phases.count - 1, 0))
        self.slider.setValue(phases.at)
        self.cine.setChecked(phases.in_cine)
        for widget in (self.slider, self.cine):
            widget.blockSignals(False)
        waits = phases.count - phases.left_out - phases.ready
        parts = [phases.label]
        if 0 < waits < phases.count - 1:
            parts.append(_("{n} more to come").format(n=waits))
        if phases.left_out:
            parts.append(_("{n} left out: not enough memory").format(n=phases.left_out))
        self.name.setText("  ".join(parts))
