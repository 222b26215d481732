"""The studies opened last, on the page that is shown while nothing is open."""

from collections.abc import Sequence

import shiboken6
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QSizePolicy, QVBoxLayout, QWidget

from medviewer.app.library.library import Library
from medviewer.app.library.rows import StudyRow
from medviewer.core.problem import Problem
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.cards import label
from medviewer.ui.corners import day
from medviewer.ui.jobs import Jobs
from medviewer.ui.library.table import disk_sentence, disk_words, name_of
from medviewer.ui.severity import tip
from medviewer.ui.theme import as_role

SHOWN, LEAST_SHOWN, WIDTH_PX = 8, 2, 460
_UID = Qt.ItemDataRole.UserRole


class RecentStudies(QFrame):
    """Up to eight studies; ``study_wanted`` gets the UID of the one clicked. Hidden while there is none."""

    study_wanted = Signal(str)

    def __init__(self, library: Library, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library, self._jobs = library, jobs
        self.list = _List()
        self.list.setAccessibleName(_("Studies opened last"))
        self.list.itemClicked.connect(self._want)
        self.list.wanted.connect(self._want)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.addWidget(label(_("Recently opened"), "strong"))
        column.addWidget(self.list)
        as_role(self, "card")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        theme.follow_scale(self, self._fit)
        self.hide()

    def _fit(self) -> None:
        self.setMaximumWidth(theme.px(WIDTH_PX))
        self.list.updateGeometry()

    def refresh(self) -> None:
        """Look up the studies opened last, in a thread; call it when the page is shown and after a study was opened."""
        library = self._library
        self._jobs.start(
            _("Looking up the studies opened last"),
            lambda _job: library.recent(SHOWN),
            done=lambda rows: self._show(rows) if shiboken6.isValid(self) else None,
            failed=lambda error: self._failed(error) if shiboken6.isValid(self) else None,
            quiet=True,
        )

    def _failed(self, error: Exception) -> None:
        """A library that cannot be read says so in its own window; here there is just nothing to show."""
        self._show(())
        if not isinstance(error, Problem):
            raise error

    def _show(self, rows: Sequence[StudyRow]) -> None:
        self.list.clear()
        for row in rows:
            self.list.addItem(_item(row))
        self.list.updateGeometry()
        self.setVisible(bool(rows))

    def _want(self, item: QListWidgetItem) -> None:
        self.study_wanted.emit(item.data(_UID))


def _item(row: StudyRow) -> QListWidgetItem:
    lost = f"\u26a0 {disk_words(row)}" if row.missing else ""
    about = (day(row.date), ", ".join(row.modalities), row.description, lost)
    item = QListWidgetItem(f"{name_of(row)}\n{'  '.join(part for part in about if part)}")
    item.setData(_UID, row.study_uid)
    item.setToolTip(tip(disk_sentence(row) if row.missing else _("Open this study again (Enter)")))
    return item


class _List(QListWidget):
    """As high as its rows where there is room, else scrolled; ``wanted`` fires on Enter."""

    wanted = Signal(QListWidgetItem)

    def __init__(self) -> None:
        super().__init__()
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setUniformItemSizes(True)
        self.setSpacing(3)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the current study."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentItem() is not None:
            self.wanted.emit(self.currentItem())
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """As high as all rows."""
        return self._size(self.count())

    def minimumSizeHint(self) -> QSize:
        """As high as two rows: large texts must not keep the window from being small."""
        return self._size(min(self.count(), LEAST_SHOWN))

    def _size(self, rows: int) -> QSize:
        high_px = self.sizeHintForRow(0) + 2 * self.spacing() if self.count() else 0
        return QSize(0, rows * high_px + 2 * self.frameWidth() + 2)
