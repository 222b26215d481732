"""The documents of a series in place of images, one page each."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from medviewer.i18n import _
from medviewer.ui.attaching import Pages
from medviewer.ui.document import DocumentPage
from medviewer.ui.jobs import Jobs


class PagesView(QWidget):
    """Shows one document at a time and, where there are several, which; ``image_wanted`` as of DocumentPage."""

    image_wanted = Signal(str, object)

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages: Pages | None = None
        self.choice, self.page = QComboBox(), DocumentPage(jobs)
        self.choice.setAccessibleName(_("Documents of this series"))
        self.choice.setToolTip(_("Documents of this series"))
        self.choice.currentIndexChanged.connect(self._turn)
        self.page.image_wanted.connect(self.image_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.choice)
        column.addWidget(self.page, 1)

    def show_pages(self, pages: Pages) -> None:
        """Show the first of ``pages``."""
        self._pages = pages
        self.choice.blockSignals(True)
        self.choice.clear()
        for number, document in enumerate(pages.documents, 1):
            self.choice.addItem(f"{number}. {document.title}")
        self.choice.blockSignals(False)
        self.choice.setVisible(len(pages.documents) > 1)
        self._turn(0)

    def _turn(self, index: int) -> None:
        if self._pages is not None and 0 <= index < len(self._pages.documents):
            self.page.show_document(self._pages.documents[index], self._pages.known)
