"""What the library's window is asked with, and the list it answers in."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QHBoxLayout, QLineEdit, QTableView, QWidget

from medviewer.i18n import _
from medviewer.ui import theme

DATE_PX = 110


class SearchField(QLineEdit):
    """What is looked for; the keys that move in the list below do so from here too."""

    moved = Signal(QKeyEvent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand the keys that move in a list over to it."""
        keys = Qt.Key
        if event.key() in (keys.Key_Down, keys.Key_Up, keys.Key_PageDown, keys.Key_PageUp):
            self.moved.emit(event)
        else:
            super().keyPressEvent(event)


class SearchBar(QWidget):
    """Words, modality and dates; ``changed`` fires with each of them, ``entered`` on Enter, ``moved`` on Down etc."""

    changed = Signal()
    entered = Signal()
    moved = Signal(QKeyEvent)

    def __init__(self) -> None:
        super().__init__()
        self.text, self.since, self.until, self.modality = SearchField(), QLineEdit(), QLineEdit(), QComboBox()
        self.text.setPlaceholderText(_("Name, ID, description, accession number, date"))
        self.text.setToolTip(_("Every word must be there, parts of words will do; Down goes to the list, Enter opens"))
        self.text.setAccessibleName(_("Search"))
        self.text.moved.connect(self.moved)
        self.modality.addItem(_("All modalities"), "")
        self.modality.setToolTip(_("Only studies of this modality"))
        self.modality.setAccessibleName(_("Modality"))
        for field, name in ((self.since, _("From")), (self.until, _("Until"))):
            field.setPlaceholderText(name)
            field.setAccessibleName(name)
        self.since.setToolTip(_("Only studies of this day and later; a year, a month or a day, as 2025-06"))
        self.until.setToolTip(_("Only studies of this day and earlier; a year, a month or a day, as 2025-06"))
        theme.follow_scale(self, self._fit)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.text, 1)
        for widget in (self.modality, self.since, self.until):
            row.addWidget(widget)
        for field in (self.text, self.since, self.until):
            field.textChanged.connect(lambda _text: self.changed.emit())
            field.returnPressed.connect(self.entered)
        self.modality.currentIndexChanged.connect(lambda _index: self.changed.emit())

    def _fit(self) -> None:
        for field in (self.since, self.until):
            field.setMaximumWidth(theme.px(DATE_PX))

    def begin(self) -> None:
        """Be ready to type another search."""
        self.text.setFocus()
        self.text.selectAll()

    @property
    def wanted(self) -> tuple[str, str, str, str]:
        """Words, modality, first and last date, as ``Library.find`` takes them."""
        return self.text.text(), self.modality.currentData(), self.since.text(), self.until.text()

    def list_modalities(self, names: Sequence[str]) -> None:
        """Offer these modalities; the one chosen stays where it is among them."""
        if names == [self.modality.itemText(n) for n in range(1, self.modality.count())]:
            return
        chosen = self.modality.currentData()
        with QSignalBlocker(self.modality):
            while self.modality.count() > 1:
                self.modality.removeItem(1)
            for name in names:
                self.modality.addItem(name, name)
            self.modality.setCurrentIndex(max(self.modality.findData(chosen), 0))


class StudyTable(QTableView):
    """The list of studies; ``wanted`` fires on Enter."""

    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(_("Studies"))
        self.setToolTip(_("Enter or a double click opens the study"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setHighlightSections(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens what is chosen, also where the platform has another key for that."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.wanted.emit()
        else:
            super().keyPressEvent(event)
