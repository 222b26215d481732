"""What is to be in a picture or clip: how much, drawn over or not, with or without names, how large, how fast."""

from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from medviewer.app.snapshots import NOTICE
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.cards import inset, label, say
from medviewer.ui.cine.cine import LEAST_FPS, MOST_FPS
from medviewer.ui.exports.picture import Wish
from medviewer.ui.theme import as_role
from medviewer.ui.viewport import Viewport

WIDTH_PX = 460


class ExportDialog(QDialog):
    """The choices all exports share; ``wish`` is what was chosen. Names stay out unless the reader wants them in."""

    def __init__(self, title: str, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(theme.px(WIDTH_PX))
        self.overlays = QCheckBox(_("With findings, measurements and texts"))
        self.names = QCheckBox(_("With the patient's name, numbers and dates"))
        self.native = QCheckBox(_("In the image's own resolution"))
        self.overlays.setChecked(True)
        self.overlays.setToolTip(_("Everything that is drawn over the image, or the image alone"))
        self.names.setToolTip(_("Without it nothing in the picture or its file says whose it is"))
        self.native.setToolTip(_("A pixel of the image is a pixel of the picture, not zoomed; else as on the screen"))
        self.caution = label("", "caution")
        say(self.caution, burned_in_words(viewport))
        self.form = QFormLayout()
        self.buttons = QDialogButtonBox()
        self.save = self.buttons.addButton(_("Save…"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        as_role(self.save, "primary")
        self.column = QVBoxLayout(self)
        self.column.addLayout(self.form)
        for part in (self.overlays, self.names, self.native, self.caution):
            self.column.addWidget(part)
        self.column.addWidget(label(_("The notice is always below it: {notice}").format(notice=NOTICE), "dim"))
        self.column.addWidget(self.buttons)
        self.overlays.toggled.connect(self._follow)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _follow(self) -> None:
        """Names are among the texts over the image."""
        self.names.setEnabled(self.overlays.isChecked())

    @property
    def wish(self) -> Wish:
        """What was chosen."""
        texts = self.overlays.isChecked()
        native = self.native.isEnabled() and self.native.isChecked()
        return Wish(overlays=texts, names=texts and self.names.isChecked(), native=native)


class SnapshotDialog(ExportDialog):
    """A picture of the active viewport or of the whole layout; ``whole`` says which."""

    def __init__(self, viewport: Viewport, count: int, parent: QWidget | None = None) -> None:
        super().__init__(_("Save a picture"), viewport, parent)
        self.one, self.all = QRadioButton(_("The active image")), QRadioButton(_("The whole layout"))
        self.one.setChecked(True)
        self.all.setEnabled(count > 1)
        self._which = QButtonGroup(self)
        row = QHBoxLayout()
        for button in (self.one, self.all):
            self._which.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        self.form.addRow(_("Picture of"), row)
        self.all.toggled.connect(lambda whole: self.native.setEnabled(not whole))

    @property
    def whole(self) -> bool:
        """Whether all viewports are wanted."""
        return self.all.isChecked()


class ClipDialog(ExportDialog):
    """A clip of the images of the active viewport, from one to another, so many a second."""

    def __init__(self, viewport: Viewport, count: int, fps: float, parent: QWidget | None = None) -> None:
        super().__init__(_("Save a clip"), viewport, parent)
        self.first, self.last, self.fps = QSpinBox(), QSpinBox(), QSpinBox()
        inset(self.first, self.last, self.fps)
        self.names.setChecked(False)
        for box, value in ((self.first, 1), (self.last, count)):
            box.setRange(1, count)
            box.setValue(value)
        self.fps.setRange(LEAST_FPS, MOST_FPS)
        self.fps.setValue(round(min(max(fps, LEAST_FPS), MOST_FPS)))
        row = QHBoxLayout()
        for part in (self.first, label(_("to"), "dim"), self.last):
            row.addWidget(part)
        row.addStretch(1)
        self.form.addRow(_("Images"), row)
        self.form.addRow(_("Images a second"), self.fps)
        self.first.setToolTip(_("The first image of the clip"))
        self.last.setToolTip(_("The last image of the clip"))

    @property
    def numbers(self) -> range:
        """The images wanted, from 0, in reading order; backwards where the last comes before the first."""
        first, last = self.first.value() - 1, self.last.value() - 1
        return range(first, last + 1) if first <= last else range(first, last - 1, -1)


def burned_in_words(viewport: Viewport) -> str:
    """Say that the images hold texts in their pixels, which no choice here takes out; empty where they do not."""
    header = viewport.header
    if header is None or header.burned_in.upper() == "NO":
        return ""
    if header.burned_in.upper() == "YES":
        return _("The file says that its pixels hold the patient's name or dates; they will be in the export.")
    if header.modality in ("US", "SC", "OT", "XC", "ES", "XA", "RF"):
        return _(
            "Images of this kind often hold names in their pixels; look at the picture before it leaves the house."
        )
    return ""
