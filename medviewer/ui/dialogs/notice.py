"""What everybody must have read once: what the program is for and what not."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from medviewer import __version__
from medviewer.i18n import N_, _
from medviewer.ui import theme
from medviewer.ui.cards import label
from medviewer.ui.comfort import once
from medviewer.ui.icons import pixmap

MARK = "notice-read"
WIDTH_PX = 540
SENTENCES = (
    N_("It is not a medical device. Do not base a diagnosis or a treatment on it alone."),
    N_("Look at the images yourself first. A model can miss findings and mark things that are not findings."),
    N_("Risks and options come from published models and guidelines; each says for whom it was made."),
    N_("Nothing leaves this computer. Your images are never changed."),
)


def seen() -> bool:
    """Whether the notice was accepted on this computer."""
    return once.known(MARK)


class Notice(QDialog):
    """The notice; accepting it is remembered."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("About MedViewer"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 16)
        column.setSpacing(10)
        column.addLayout(_head())
        column.addWidget(label(_("Research use, not for clinical diagnosis"), "caution"))
        for sentence in SENTENCES:
            column.addWidget(label("•  " + str(sentence)))
        buttons = QDialogButtonBox()
        agree = buttons.addButton(_("I have read this"), QDialogButtonBox.ButtonRole.AcceptRole)
        agree.setProperty("role", "primary")
        buttons.accepted.connect(self.accept)
        column.addSpacing(6)
        column.addWidget(buttons)
        wide = theme.px(WIDTH_PX)
        self.setFixedSize(wide, column.heightForWidth(wide))

    def accept(self) -> None:
        """Close and remember it."""
        super().accept()
        once.remember(MARK, _("The notice cannot be remembered as read."))


def _head() -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(12)
    picture = QLabel()
    picture.setPixmap(pixmap("app", 40))
    picture.setFixedSize(theme.px(40), theme.px(40))
    row.addWidget(picture)
    row.addWidget(label(_("MedViewer {version}").format(version=__version__), "title"), 1)
    return row
