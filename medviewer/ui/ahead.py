"""What a reader who leafs will see next is made while he looks at what he sees now."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF, QTimer

from medviewer.ui import caption, corners

if TYPE_CHECKING:
    from medviewer.ui.viewport import Viewport

AFTER_MS = 2  # by then the picture is on the screen


class Ahead(QObject):
    """Prepares the next slice of a viewport in the way last leafed, once the present one is on the screen."""

    def __init__(self, viewport: "Viewport") -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._index, self._next = 0, 0
        self._soon = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._soon.timeout.connect(self._prepare)

    def painted(self) -> None:
        """Tell that the viewport has been painted."""
        index = self._viewport.index
        if index != self._index:
            self._index, self._next = index, 2 * index - self._index
            self._soon.start()

    def _prepare(self) -> None:
        viewport = self._viewport
        plane, picture = viewport.plane, viewport.picture
        if plane is None or picture is None or plane.volume.closed or not 0 <= self._next < plane.count:
            return
        picture.prepare(viewport.view, self._next)
        if viewport.view.texts_shown:
            lines = caption.place_lines(viewport, plane, self._next, caption.is_compact(viewport))
            corners.prepare(lines, corners.inner_px(QRectF(viewport.rect())), viewport.devicePixelRatioF())
