"""The left side: every study and series found, with thumbnails and what the reader should know of each."""

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QDrag,
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from medviewer.core.study import Series, Severity, Study
from medviewer.dicom.header import FOREIGN
from medviewer.dicom.kinds import kind_title
from medviewer.dicom.sources.files import foreign_format
from medviewer.i18n import _
from medviewer.imaging.straighten import SUFFIX
from medviewer.ui import theme
from medviewer.ui.corners import day, person
from medviewer.ui.icons import icon
from medviewer.ui.series_drag import carried
from medviewer.ui.severity import SIGNS, by_severity, in_words, severity_shown, tip, worst

UID_ROLE, STUDY_ROLE, LINES_ROLE, BADGE_ROLE, THUMB_ROLE, SHOWN_ROLE, CHECKS_ROLE, KIND_ROLE = range(
    Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 8
)
THUMB_PX, PAD_PX, BADGE_PX, KIND_PX = 56, 8, 16, 32  # at a scale of 100 %
SPOKEN_ROLE = Qt.ItemDataRole.AccessibleTextRole
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def study_lines(study: Study) -> tuple[str, str]:
    """Patient, and date with description."""
    about = "  ".join(part for part in (day(study.date), study.first.study_description) if part)
    return person(study.patient.name) or study.patient.id or _("no name"), about


def series_lines(series: Series) -> tuple[str, str]:
    """Title, and what tells the series from others: phase, modality, how many images and their distance."""
    kind, first = str(kind_title(series)), series.first
    if series.kind != "image":
        files = _("{n} files").format(n=len(series.headers)) if len(series.headers) != 1 else ""
        parts = [kind if first.series_description else "", first.modality, files]
        return first.series_description or kind, ", ".join(part for part in parts if part)
    parts = [str(series.label or ""), _origin(series), _count(series)]
    if series.grid is not None and len(series.headers) > 1:
        parts.append(f"{series.grid.spacing_kji_mm[0]:.3g} mm")
    number = _("Series {n}").format(n=first.series_number) if first.series_number else _("Unnamed series")
    title = first.series_description or number
    return title, ", ".join(part for part in parts if part)


def _origin(series: Series) -> str:
    """Return the modality; of files that name none, such as NIfTI, the kind of file."""
    first = series.first
    return foreign_format(first.path) if first.transfer_syntax == FOREIGN else first.modality


def _count(series: Series) -> str:
    n = len(series.headers)
    if series.first.frames > 1 and series.grid is None:
        return _("{n} frames").format(n=max(n, series.first.frames))
    return _("{n} images").format(n=n) if n != 1 else _("1 image")


def badge_area(row: QRect) -> QRect:
    """Return where in a series' row its badge can be hit: a little more than the sign itself."""
    side = theme.px(BADGE_PX) + 10
    return QRect(row.right() - PAD_PX - side + 5, row.top() + 4, side, side)


class Browser(QListView):
    """Studies with their series below them.

    ``series_wanted`` gets study and series UID; ``checks_wanted`` the same, where the reader clicks a badge or presses
    Ctrl+Enter to see what is odd about a series.
    """

    series_wanted = Signal(str, str)
    checks_wanted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pressed = QPersistentModelIndex()
        self._thumbs: dict[tuple[str, str], QPixmap] = {}  # by study and series UID
        self._items = QStandardItemModel(self)
        self._shown = ("", "")  # series UID, and study UID where series of several studies bear it
        self.setModel(self._items)
        self.setItemDelegate(_Rows(self))
        self.setAccessibleName(_("Studies and series"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.clicked.connect(self._want)
        self.activated.connect(self._want)

    def show_studies(self, studies: tuple[Study, ...]) -> None:
        """Show what has been found so far; the row in focus stays in focus."""
        focused = _place(self.currentIndex())
        self._items.clear()
        for study in studies:
            self._items.appendRow(_study_item(study))
            for series in study.series:
                self._items.appendRow(self._series_item(study, series))
        self.mark_shown(*self._shown)
        for item in self.series_items():
            if _place(item.index()) == focused:
                self.setCurrentIndex(item.index())

    def _series_item(self, study: Study, series: Series) -> QStandardItem:
        lines = series_lines(series)
        item = QStandardItem(f"{lines[0]}, {lines[1]}")
        item.setData(series.uid, UID_ROLE)
        item.setData(study.uid, STUDY_ROLE)
        item.setData(lines, LINES_ROLE)
        gravest = worst(series.checks)
        item.setData("" if gravest is None else severity_shown(gravest), BADGE_ROLE)
        item.setData("" if series.kind == "image" else f"kind-{series.kind}", KIND_ROLE)
        item.setData(self._thumbs.get((study.uid, series.uid)), THUMB_ROLE)
        item.setData(", ".join(lines) if gravest is None else f"{', '.join(lines)}. {in_words(gravest)}", SPOKEN_ROLE)
        item.setData([in_words(check) for check in by_severity(series.checks)], CHECKS_ROLE)
        item.setToolTip(tip(", ".join(lines), *("• " + str(check.text) for check in by_severity(series.checks))))
        return item

    def series_items(self) -> Iterator[QStandardItem]:
        """The rows that are series, from top to bottom."""
        for row in range(self._items.rowCount()):
            item = self._items.item(row)
            if item.data(UID_ROLE):
                yield item

    def set_thumbnail(self, study_uid: str, series_uid: str, image: QImage) -> None:
        """Show a small picture beside a series."""
        self._thumbs[study_uid, series_uid] = QPixmap.fromImage(image)
        for item in self.series_items():
            if (item.data(STUDY_ROLE), item.data(UID_ROLE)) == (study_uid, series_uid):
                item.setData(self._thumbs[study_uid, series_uid], THUMB_ROLE)

    def has_thumbnail(self, study_uid: str, series_uid: str) -> bool:
        """Whether a series already has its small picture."""
        return (study_uid, series_uid) in self._thumbs

    def mark_shown(self, series_uid: str, study_uid: str = "") -> None:
        """Mark the series that is on the screen, also where it was straightened for it; by default of any study."""
        self._shown = series_uid.removesuffix(SUFFIX), study_uid
        for item in self.series_items():
            item.setData(self._is_shown(item), SHOWN_ROLE)
            if item.data(SHOWN_ROLE):
                self.setCurrentIndex(item.index())

    def _is_shown(self, item: QStandardItem) -> bool:
        series_uid, study_uid = self._shown
        return item.data(UID_ROLE) == series_uid and study_uid in ("", item.data(STUDY_ROLE))

    def step(self, by: int) -> None:
        """Ask for the next (1) or previous (-1) series; stops at the ends."""
        items = list(self.series_items())
        shown = [row for row, item in enumerate(items) if self._is_shown(item)]
        here = shown[0] if shown else -1 if by > 0 else len(items)
        if 0 <= here + by < len(items):
            self._want(items[here + by].index())

    @property
    def thumb_px(self) -> int:
        """Side of a thumbnail: it grows with the texts, but leaves them most of a narrow list."""
        return min(theme.px(THUMB_PX), max(THUMB_PX, self.viewport().width() // 3))

    def badge(self, severity: Severity) -> QPixmap:
        """The small sign of a severity."""
        sign = SIGNS[severity]
        return icon(sign.icon, sign.colour).pixmap(theme.square(BADGE_PX))

    def kind_sign(self, name: str) -> QPixmap:
        """The sign of what is no image, in place of a thumbnail."""
        return icon(name, "dim").pixmap(theme.square(KIND_PX))

    def badge_at(self, place: QPoint) -> QModelIndex:
        """Return the row whose badge is at ``place`` of the viewport; an invalid one where there is none."""
        index = self.indexAt(place)
        return index if index.data(BADGE_ROLE) and badge_area(self.visualRect(index)).contains(place) else QModelIndex()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep a press on a badge from opening its series."""
        self._pressed = QPersistentModelIndex(self.badge_at(event.position().toPoint()))
        if not self._pressed.isValid():
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the checks where a badge was clicked."""
        if not self._pressed.isValid():
            super().mouseReleaseEvent(event)
        elif self.badge_at(event.position().toPoint()) == self._pressed:
            self._want_checks(self._pressed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask for the checks of the row in focus at Ctrl+Enter."""
        if event.key() in ENTER and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._want_checks(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say what comes here while nothing is there."""
        super().paintEvent(event)
        if self._items.rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setFont(theme.font())
            painter.setPen(theme.colour("dim"))
            room = self.viewport().rect().adjusted(2 * PAD_PX, 2 * PAD_PX, -2 * PAD_PX, -2 * PAD_PX)
            how = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(room, how, _("Studies that you open are listed here."))
            painter.end()

    def startDrag(self, _actions: Qt.DropAction) -> None:
        """Carry a series to a viewport."""
        index = self.currentIndex()
        if index.data(UID_ROLE):
            drag = QDrag(self)
            drag.setMimeData(carried(index.data(STUDY_ROLE), index.data(UID_ROLE)))
            picture = index.data(THUMB_ROLE)
            if picture is not None:
                drag.setPixmap(picture.scaledToWidth(self.thumb_px))
            drag.exec(Qt.DropAction.CopyAction)

    def _want_checks(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if index.isValid() and index.data(UID_ROLE):
            self.checks_wanted.emit(index.data(STUDY_ROLE), index.data(UID_ROLE))

    def _want(self, index: QModelIndex) -> None:
        uid = index.data(UID_ROLE)
        if uid:
            self.series_wanted.emit(index.data(STUDY_ROLE), uid)


def _place(index: QModelIndex) -> tuple[Any, Any]:
    """Study and series UID of a row: damaged files of several studies may share that of the series."""
    return index.data(STUDY_ROLE), index.data(UID_ROLE)


def _study_item(study: Study) -> QStandardItem:
    lines = study_lines(study)
    item = QStandardItem(", ".join(lines))
    item.setData(lines, LINES_ROLE)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    item.setToolTip(tip(*lines))
    return item


class _Rows(QStyledItemDelegate):
    """Draws a study as a heading and a series as thumbnail, two lines and a badge."""

    def __init__(self, browser: Browser) -> None:
        super().__init__(browser)
        self._browser = browser

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Height by kind of row."""
        lines_px = 2 * QFontMetrics(theme.font()).height()
        high = max(self._browser.thumb_px + 10, lines_px + 20) if index.data(UID_ROLE) else lines_px + 16
        return QSize(120, high)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one row."""
        area: QRect = option.rect
        painter.save()
        if index.data(UID_ROLE):
            self._paint_series(painter, area, index, option.state)
        else:
            painter.fillRect(area, theme.colour("window"))
            self._paint_lines(painter, area.adjusted(PAD_PX + 2, 8, -PAD_PX, -8), index.data(LINES_ROLE), strong=True)
        painter.restore()

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Over a badge, say how grave each check is and where more is said of it."""
        on_badge = event.type() == QEvent.Type.ToolTip and self._browser.badge_at(event.pos()).isValid()
        if not on_badge:
            return super().helpEvent(event, view, option, index)
        QToolTip.showText(
            event.globalPos(), tip(*index.data(CHECKS_ROLE), _("Click (Ctrl+Enter): what this means")), view
        )
        return True

    def _paint_series(
        self, painter: QPainter, area: QRect, index: QModelIndex | QPersistentModelIndex, state: Any
    ) -> None:
        shown, flags = bool(index.data(SHOWN_ROLE)), QStyle.StateFlag
        behind = "chosen" if shown else "raised" if state & flags.State_MouseOver else "panel"
        painter.fillRect(area, theme.colour(behind))
        if state & flags.State_HasFocus:
            painter.setPen(theme.colour("accent"))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        side = self._browser.thumb_px
        thumb = QRect(area.left() + PAD_PX, area.top() + 5, side, side)
        painter.fillRect(thumb, theme.colour("image"))
        picture = index.data(THUMB_ROLE)
        if index.data(KIND_ROLE):
            self._paint_kind(painter, thumb, index.data(KIND_ROLE))
        elif picture is not None:
            painter.drawPixmap(thumb, picture)
        text = area.adjusted(side + 2 * PAD_PX + 1, 8, -PAD_PX, -8)
        badge_px = theme.px(BADGE_PX) + 4 if index.data(BADGE_ROLE) else 0
        if badge_px:
            painter.drawPixmap(
                area.right() - PAD_PX - theme.px(BADGE_PX), area.top() + 9, self._browser.badge(index.data(BADGE_ROLE))
            )
        self._paint_lines(
            painter, text, index.data(LINES_ROLE), strong=False, dim="text" if shown else "dim", less=badge_px
        )

    def _paint_kind(self, painter: QPainter, area: QRect, name: str) -> None:
        painter.fillRect(area, theme.colour("raised"))
        inset = (area.width() - theme.px(KIND_PX)) // 2
        painter.drawPixmap(area.topLeft() + QPoint(inset, inset), self._browser.kind_sign(name))

    def _paint_lines(
        self, painter: QPainter, area: QRect, lines: tuple[str, str], *, strong: bool, dim: str = "dim", less: int = 0
    ) -> None:
        """Write two lines one below the other; the first ends ``less`` pixels earlier."""
        y = area.top()
        for text, colour, bold in ((lines[0], "text", strong), (lines[1], dim, False)):
            font = theme.font(theme.TEXT_PT if colour == "text" and y == area.top() else theme.TEXT_PT - 1, strong=bold)
            metrics = QFontMetrics(font)
            painter.setFont(font)
            painter.setPen(theme.colour(colour))
            wide = area.width() - (less if y == area.top() else 0)
            line = QRect(area.left(), y, wide, metrics.height())
            painter.drawText(line, 0, metrics.elidedText(text, Qt.TextElideMode.ElideRight, wide))
            y += metrics.height() + 2
