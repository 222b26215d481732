"""What the reader sees of the cine: start and stop, rate, way, and how fast it really is."""

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QToolButton, QWidget

from medviewer.i18n import _
from medviewer.ui.cards import inset
from medviewer.ui.cine.cine import LEAST_FPS, MOST_FPS, TITLES, WAYS, Cine
from medviewer.ui.icons import icon
from medviewer.ui.theme import as_role


class CineBar(QWidget):
    """Start and stop, rate, way and the real rate; seen while the cine runs. Escape stops it."""

    def __init__(self, cine: Cine) -> None:
        super().__init__()
        self._cine = cine
        self.setObjectName("cine-bar")
        self.play, self.fps, self.way, self.rate = QToolButton(), QSpinBox(), QComboBox(), QLabel()
        self.play.setObjectName("cine-play")
        self.play.setIcon(icon("cine"))
        self.play.setCheckable(True)
        self.play.setToolTip(_("Start or stop (C); Escape stops"))
        self.fps.setObjectName("cine-fps")
        self.fps.setRange(LEAST_FPS, MOST_FPS)
        self.fps.setSuffix(_(" images/s"))
        self.fps.setToolTip(_("How many images a second are wanted"))
        self.fps.setKeyboardTracking(False)
        inset(self.fps)
        self.way.setObjectName("cine-way")
        self.way.setToolTip(_("What happens at the last image"))
        for way in WAYS:
            self.way.addItem(str(TITLES[way]), way)
        as_role(self.rate, "dim")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 2, 6, 2)
        for part in (self.play, self.fps, self.way, self.rate):
            row.addWidget(part)
        row.addStretch(1)
        self.play.clicked.connect(cine.toggle)
        self.fps.valueChanged.connect(lambda value: cine.set_fps(float(value)))
        self.way.activated.connect(lambda _index: cine.set_way(self.way.currentData()))
        cine.changed.connect(self._follow)
        cine.rated.connect(self._say_rate)
        self.escape = QShortcut(QKeySequence("Escape"), self)
        self.escape.activated.connect(cine.stop)
        self._follow()

    def _follow(self) -> None:
        cine = self._cine
        self.play.setChecked(cine.runs)
        self.fps.blockSignals(True)
        self.fps.setValue(round(min(max(cine.fps, LEAST_FPS), MOST_FPS)))
        self.fps.blockSignals(False)
        self.way.setCurrentIndex(self.way.findData(cine.way))
        self.setVisible(cine.runs)
        self.escape.setEnabled(cine.runs)
        if not cine.runs:
            self.rate.clear()

    def _say_rate(self, fps: float) -> None:
        self.rate.setText(_("really {fps:.0f} images/s").format(fps=fps))
