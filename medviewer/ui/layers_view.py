"""Which segments and contours are shown over the images, and how strongly; neither undone nor saved."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from medviewer.core.layers import Layer
from medviewer.core.volume import Volume

OPACITY = 0.4


class LayerView(QObject):
    """The layers of one volume, which of them are seen, and the opacity (0 to 1) of their filling.

    Layers count in the voxels of their volume: ``shown_over`` gives none for another one.
    """

    changed = Signal()  # other layers
    look_changed = Signal()  # which are shown, or how strongly

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.volume: Volume | None = None
        self.layers: tuple[Layer, ...] = ()
        self.opacity = OPACITY
        self._hidden: set[str] = set()

    def add(self, volume: Volume, layers: Iterable[Layer]) -> None:
        """Show more layers over ``volume``; one that is there already is replaced, those of another volume go."""
        more = {layer.id: layer for layer in layers}
        kept = self.layers if volume is self.volume else ()
        self.volume = volume
        self.layers = (*(layer for layer in kept if layer.id not in more), *more.values())
        self._hidden &= {layer.id for layer in self.layers}
        self._tell()

    def keep_for(self, volume: Volume | None) -> None:
        """Forget all layers unless they are those of ``volume``."""
        if volume is not self.volume and self.layers:
            self.clear()

    def remove(self, layer_ids: Iterable[str]) -> None:
        """Take layers away; their files stay in the list of series."""
        gone = set(layer_ids)
        if any(layer.id in gone for layer in self.layers):
            self.layers = tuple(layer for layer in self.layers if layer.id not in gone)
            self._hidden -= gone
            self._tell()

    def clear(self) -> None:
        """Show no layers any more."""
        self.volume, self.layers = None, ()
        self._hidden.clear()
        self._tell()

    def _tell(self) -> None:
        self.changed.emit()
        self.look_changed.emit()

    def is_shown(self, layer: Layer) -> bool:
        """Whether a layer is shown."""
        return layer.id not in self._hidden

    def shown_over(self, volume: Volume) -> tuple[Layer, ...]:
        """Return the layers that are shown over ``volume``, in their order."""
        return tuple(layer for layer in self.layers if self.is_shown(layer)) if volume is self.volume else ()

    def show(self, layer_ids: Iterable[str], shown: bool) -> None:
        """Show or hide layers."""
        before = set(self._hidden)
        self._hidden = before.difference(layer_ids) if shown else before.union(layer_ids)
        if self._hidden != before:
            self.look_changed.emit()

    def set_opacity(self, opacity: float) -> None:
        """Fill segments more or less strongly, 0 to 1; their outlines stay."""
        opacity = min(max(opacity, 0.0), 1.0)
        if opacity != self.opacity:
            self.opacity = opacity
            self.look_changed.emit()
