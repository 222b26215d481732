"""What the middle of the window says while nothing is open."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from medviewer.i18n import _
from medviewer.ui.icons import pixmap
from medviewer.ui.theme import as_role


class Welcome(QWidget):
    """Says what to do next, with the studies opened last below."""

    def __init__(self, recent: QWidget, open_folder: Callable[[], None], show_demo: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("viewports")
        column = QVBoxLayout(self)
        column.setSpacing(10)
        picture, title, text = QLabel(), QLabel(_("No images are open")), QLabel()
        picture.setPixmap(pixmap("open", 40, "dim"))
        text.setText(_("Drop folders, discs, archives or files here, or open a folder with Ctrl+O."))
        button, demo = QPushButton(_("Open folder…")), QPushButton(_("Show the demo"))
        as_role(button, "primary")
        as_role(demo, "flat")
        button.clicked.connect(open_folder)
        demo.clicked.connect(show_demo)
        column.addStretch(1)
        text.setWordWrap(True)  # large texts must not keep the window from being small
        text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        for part in (picture, as_role(title, "title"), as_role(text, "dim"), button, demo, recent):
            column.addWidget(part, 0, Qt.AlignmentFlag(0) if part in (text, recent) else Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
