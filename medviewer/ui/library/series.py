"""The series of the study chosen in the library's window, with their small pictures."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListView, QListWidget, QListWidgetItem

from medviewer.app.library.library import Library
from medviewer.app.library.rows import SeriesRow
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.severity import tip

PICTURE_PX, CELL_PX, BAR_PX = 76, 124, 20  # at a scale of 100 %
Pictured = tuple[SeriesRow, QImage | None]


def pictured(library: Library, study_uid: str) -> list[Pictured]:
    """Return the series of a study and the small pictures kept of them; for a job, not for the window's thread."""
    found: list[Pictured] = []
    for row in library.series(study_uid):
        png = library.thumbnail(row.series_uid)
        picture = QImage.fromData(png, "PNG") if png else QImage()  # type: ignore[arg-type]
        found.append((row, None if picture.isNull() else picture))
    return found


class SeriesStrip(QListWidget):
    """One line of pictures with what they show."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(_("Series of the study"))
        self.setToolTip(_("Series of the study chosen above"))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setContentsMargins(0, 6, 0, 0)
        theme.follow_scale(self, self._fit)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    def _fit(self) -> None:
        """Be as high as a picture, two lines and the bar below."""
        self.setIconSize(theme.square(PICTURE_PX))
        cell = QSize(theme.px(CELL_PX), theme.px(PICTURE_PX) + 2 * self.fontMetrics().lineSpacing() + theme.px(12))
        self.setGridSize(cell)
        self.setFixedHeight(cell.height() + theme.px(BAR_PX))

    def show_series(self, series: Sequence[Pictured]) -> None:
        """Show these series and nothing else."""
        self.clear()
        for row, picture in series:
            numbered = _("Series {n}").format(n=row.number) if row.number else _("Unnamed series")
            title = row.description or numbered
            about = ", ".join(part for part in (row.modality, _images(row.images)) if part)
            item = QListWidgetItem(QIcon(_pixmap(picture)), f"{title}\n{about}")
            item.setToolTip(tip(f"{title}, {about}"))
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            self.addItem(item)


def _images(count: int) -> str:
    if not count:
        return _("no images")
    return _("1 image") if count == 1 else _("{n} images").format(n=count)


def _pixmap(picture: QImage | None) -> QPixmap:
    """Return the picture, or black where none was kept."""
    if picture is not None:
        return QPixmap.fromImage(picture)
    empty = QPixmap(PICTURE_PX, PICTURE_PX)
    empty.fill(QColor(Qt.GlobalColor.black))
    return empty
