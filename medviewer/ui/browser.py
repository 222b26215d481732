"""The left side: every study and series found, with thumbnails and what the reader should know of each."""

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPixmap, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from medviewer.core.study import Check, Series, Study
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.corners import day, person
from medviewer.ui.icons import icon

UID_ROLE, STUDY_ROLE, LINES_ROLE, BADGE_ROLE, THUMB_ROLE, SHOWN_ROLE = range(
    Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 6
)
THUMB_PX, PAD_PX = 56, 8
BADGES = {"stop": ("stop", "danger"), "warning": ("warning", "caution"), "info": ("info", "dim")}


def study_lines(study: Study) -> tuple[str, str]:
    """Patient, and date with description."""
    about = "  ".join(part for part in (day(study.date), study.first.study_description) if part)
    return person(study.patient.name) or study.patient.id or _("no name"), about


def series_lines(series: Series) -> tuple[str, str]:
    """Title, and modality with the number of images and their distance."""
    images = _("{n} images").format(n=len(series.headers)) if len(series.headers) != 1 else _("1 image")
    parts = [series.modality, images]
    if series.grid is not None and len(series.headers) > 1:
        parts.append(f"{series.grid.spacing_kji_mm[0]:.3g} mm")
    title = series.first.series_description or _("Series {n}").format(n=series.first.series_number or "?")
    return title, ", ".join(part for part in parts if part)


def worst(checks: tuple[Check, ...]) -> str:
    """Return the gravest severity among the checks; empty where there are none."""
    found = {check.severity for check in checks}
    return next((severity for severity in BADGES if severity in found), "")


class Browser(QListView):
    """Studies with their series below them; ``series_wanted`` gets study and series UID."""

    series_wanted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons: dict[str, QPixmap] = {}
        self._thumbs: dict[str, QPixmap] = {}
        self._items = QStandardItemModel(self)
        self._shown_uid = ""
        self.setModel(self._items)
        self.setItemDelegate(_Rows(self))
        self.setAccessibleName(_("Studies and series"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.clicked.connect(self._want)
        self.activated.connect(self._want)

    def show_studies(self, studies: tuple[Study, ...]) -> None:
        """Show what has been found so far."""
        self._items.clear()
        for study in studies:
            self._items.appendRow(_study_item(study))
            for series in study.series:
                self._items.appendRow(self._series_item(study, series))
        self.mark_shown(self._shown_uid)

    def _series_item(self, study: Study, series: Series) -> QStandardItem:
        lines = series_lines(series)
        item = QStandardItem(f"{lines[0]}, {lines[1]}")
        item.setData(series.uid, UID_ROLE)
        item.setData(study.uid, STUDY_ROLE)
        item.setData(lines, LINES_ROLE)
        item.setData(worst(series.checks), BADGE_ROLE)
        item.setData(self._thumbs.get(series.uid), THUMB_ROLE)
        words = [str(check.text) for check in series.checks]
        item.setToolTip("\n".join([", ".join(lines), *("• " + word for word in words)]))
        return item

    def series_items(self) -> Iterator[QStandardItem]:
        """The rows that are series, from top to bottom."""
        for row in range(self._items.rowCount()):
            item = self._items.item(row)
            if item.data(UID_ROLE):
                yield item

    def set_thumbnail(self, series_uid: str, image: QImage) -> None:
        """Show a small picture beside a series."""
        self._thumbs[series_uid] = QPixmap.fromImage(image)
        for item in self.series_items():
            if item.data(UID_ROLE) == series_uid:
                item.setData(self._thumbs[series_uid], THUMB_ROLE)

    def has_thumbnail(self, series_uid: str) -> bool:
        """Whether a series already has its small picture."""
        return series_uid in self._thumbs

    def mark_shown(self, series_uid: str) -> None:
        """Mark the series that is on the screen."""
        self._shown_uid = series_uid
        for item in self.series_items():
            item.setData(item.data(UID_ROLE) == series_uid, SHOWN_ROLE)
            if item.data(SHOWN_ROLE):
                self.setCurrentIndex(item.index())

    def step(self, by: int) -> None:
        """Ask for the next (1) or previous (-1) series; stops at the ends."""
        items = list(self.series_items())
        at = [item.data(UID_ROLE) for item in items]
        here = at.index(self._shown_uid) if self._shown_uid in at else -1 if by > 0 else len(items)
        if 0 <= here + by < len(items):
            self._want(items[here + by].index())

    def badge(self, severity: str) -> QPixmap:
        """The small sign of a severity."""
        if severity not in self._icons:
            name, colour = BADGES[severity]
            self._icons[severity] = icon(name, colour).pixmap(16, 16)
        return self._icons[severity]

    def _want(self, index: QModelIndex) -> None:
        uid = index.data(UID_ROLE)
        if uid:
            self.series_wanted.emit(index.data(STUDY_ROLE), uid)


def _study_item(study: Study) -> QStandardItem:
    lines = study_lines(study)
    item = QStandardItem(", ".join(lines))
    item.setData(lines, LINES_ROLE)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    item.setToolTip("\n".join(lines))
    return item


class _Rows(QStyledItemDelegate):
    """Draws a study as a heading and a series as thumbnail, two lines and a badge."""

    def __init__(self, browser: Browser) -> None:
        super().__init__(browser)
        self._browser = browser

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Height by kind of row."""
        lines_px = 2 * QFontMetrics(theme.font()).height()
        high = THUMB_PX + 10 if index.data(UID_ROLE) else lines_px + 16
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

    def _paint_series(
        self, painter: QPainter, area: QRect, index: QModelIndex | QPersistentModelIndex, state: Any
    ) -> None:
        shown, flags = bool(index.data(SHOWN_ROLE)), QStyle.StateFlag
        behind = "chosen" if shown else "raised" if state & flags.State_MouseOver else "panel"
        painter.fillRect(area, theme.colour(behind))
        if state & flags.State_HasFocus:
            painter.setPen(theme.colour("accent"))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        thumb = QRect(area.left() + PAD_PX, area.top() + 5, THUMB_PX, THUMB_PX)
        painter.fillRect(thumb, theme.colour("image"))
        picture = index.data(THUMB_ROLE)
        if picture is not None:
            painter.drawPixmap(thumb, picture)
        text = area.adjusted(THUMB_PX + 2 * PAD_PX + 1, 8, -PAD_PX, -8)
        if index.data(BADGE_ROLE):
            text.setRight(text.right() - 20)
            painter.drawPixmap(area.right() - 24, area.top() + 9, self._browser.badge(index.data(BADGE_ROLE)))
        self._paint_lines(painter, text, index.data(LINES_ROLE), strong=False, dim="text" if shown else "dim")

    def _paint_lines(
        self, painter: QPainter, area: QRect, lines: tuple[str, str], *, strong: bool, dim: str = "dim"
    ) -> None:
        y = area.top()
        for text, colour, bold in ((lines[0], "text", strong), (lines[1], dim, False)):
            font = theme.font(theme.TEXT_PT if colour == "text" and y == area.top() else theme.TEXT_PT - 1, strong=bold)
            metrics = QFontMetrics(font)
            painter.setFont(font)
            painter.setPen(theme.colour(colour))
            line = QRect(area.left(), y, area.width(), metrics.height())
            painter.drawText(line, 0, metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width()))
            y += metrics.height() + 2
