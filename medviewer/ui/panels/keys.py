"""The key images panel: the images the reader kept, each with a note; a double click leads to it."""

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListView, QListWidget, QListWidgetItem, QStackedLayout

from medviewer.core.key_edits import DropKey, NoteKey
from medviewer.core.key_image import KeyImage
from medviewer.i18n import N_, _
from medviewer.ui import theme
from medviewer.ui.cards import label
from medviewer.ui.panel import LatePanel, Panel, follow
from medviewer.ui.view import View

if TYPE_CHECKING:
    from medviewer.app.session import Session

THUMB_PX, BESIDE_PX = 132, 16  # at a scale of 100 %
_ID = Qt.ItemDataRole.UserRole


class KeyList(QListWidget):
    """The strip of key images; Delete drops the one chosen, Enter goes to it."""

    drop_wanted = Signal()
    go_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Delete and Enter; everything else goes Qt's way (F2 writes a note)."""
        if event.key() == Qt.Key.Key_Delete:
            self.drop_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.go_wanted.emit()
        else:
            super().keyPressEvent(event)


class KeysPanel(LatePanel):
    """Shows the case's key images. ``image_wanted`` asks for one that is not on the screen: SOP UID and frame."""

    image_wanted = Signal(str, object)

    def __init__(self, session: "Session", view: View) -> None:
        super().__init__()
        self._session, self._view = session, view
        self.message, self.list = label(role="dim"), KeyList()
        self.message.setObjectName("keys-empty")
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.list.setObjectName("key-images")
        self.list.setToolTip(_("Double click: go to the image. F2: write a note. Delete: no key image any more."))
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        theme.follow_scale(self.list, self._fit)
        self.list.setWordWrap(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.list.itemDoubleClicked.connect(lambda _item: self.go())
        self.list.go_wanted.connect(self.go)
        self.list.drop_wanted.connect(self.drop)
        self.list.itemChanged.connect(self._take_note)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.message)
        self._stack.addWidget(self.list)
        follow(self, session, self._hear)

    def _fit(self) -> None:
        self.list.setIconSize(theme.square(THUMB_PX))
        texts = 2 * self.list.fontMetrics().lineSpacing() + theme.px(8)
        self.list.setGridSize(theme.square(THUMB_PX) + QSize(theme.px(BESIDE_PX), texts))

    def _hear(self, touched: frozenset[str], _source: object) -> None:
        if touched & {"keys", "study"}:
            self.mark()

    def refresh(self) -> None:
        """Show the key images of the case."""
        keys = self._session.case.keys if self._session.study is not None else ()
        self._stack.setCurrentIndex(1 if keys else 0)
        self.message.setText(_("Press K to keep the image shown as a key image; key images go into the report."))
        chosen = self.list.currentRow()
        self.list.blockSignals(True)
        self.list.clear()
        for key in keys:
            self.list.addItem(self._item(key))
        self.list.setCurrentRow(min(chosen, len(keys) - 1))
        self.list.blockSignals(False)

    def _item(self, key: KeyImage) -> QListWidgetItem:
        item = QListWidgetItem(_thumb(key.picture), key.note or self._words(key))
        item.setData(_ID, key.id)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        return item

    def _words(self, key: KeyImage) -> str:
        """Say which image it is where the reader wrote nothing."""
        study = self._session.study
        for series in () if study is None else study.series:
            for n, header in enumerate(series.headers):
                if (series.uid, header.sop_uid, header.frame) == (key.series_uid, key.sop_uid, key.frame):
                    return f"{series.title} {header.instance_number or n + 1}"
        return _("Key image")

    def _chosen(self) -> KeyImage | None:
        item = self.list.currentItem()
        return None if item is None else self._key(str(item.data(_ID)))

    def _key(self, key_id: str) -> KeyImage | None:
        return next((key for key in self._session.case.keys if key.id == key_id), None)

    def go(self) -> None:
        """Go to the image chosen, in whatever shows its series; else have it opened."""
        key = self._chosen()
        if key is None:
            return
        for display in self._view.displays.values():
            if display.volume is not None and display.volume.series.uid == key.series_uid:
                if key.window is not None:
                    self._view.set_window(key.window, display)
                self._view.move_to(key.point_lps_mm, display)
                return
        self.image_wanted.emit(key.sop_uid, key.frame)

    def drop(self) -> None:
        """Take the key image chosen from the list."""
        key = self._chosen()
        if key is not None:
            self._session.do(DropKey(key, self._session.case.keys.index(key)), self)

    def _take_note(self, item: QListWidgetItem) -> None:
        """Write the note that was typed; emptied, the image is called as it was at first."""
        key, note = self._key(str(item.data(_ID))), " ".join(item.text().split())
        if key is None or note == (key.note or self._words(key)):
            return
        self._session.do(NoteKey(key.id, key.note, note), self)


@lru_cache(maxsize=64)
def _thumb(picture: bytes) -> QIcon:
    drawn = QPixmap()
    drawn.loadFromData(picture)
    if drawn.isNull():
        return QIcon()
    ways = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return QIcon(drawn.scaled(2 * THUMB_PX, 2 * THUMB_PX, *ways))


def _make(session: "Session", view: View) -> KeysPanel:
    return KeysPanel(session, view)


PANEL = Panel("keys", N_("Key images"), 45, _make, upper=True, optional=True)
