"""How large and how dense regions are: worked out once for each outline, large ones in the background."""

from PySide6.QtCore import QObject, Signal

from medviewer.core.mask import Mask
from medviewer.core.region import Region
from medviewer.core.volume import READY, Volume
from medviewer.i18n import _
from medviewer.imaging.measure import Measures, measure
from medviewer.ui.view import View

AT_ONCE = 300_000  # voxels of the box that are measured within 10 ms


class RegionMeasures(QObject):
    """The measures of the regions of a view's displays; ``changed`` fires when one arrives late."""

    changed = Signal()

    def __init__(self, view: View, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._known: dict[str, tuple[Mask, Volume, Measures | None]] = {}

    def volume_of(self, region: Region) -> Volume | None:
        """Return the volume in the room that the region belongs to; None where its series is not shown."""
        shown = (display.volume for display in self._view.displays.values())
        return next((volume for volume in shown if volume and volume.series.uid == region.series_uid), None)

    def of(self, region: Region) -> Measures | None:
        """Return the measures; None where there are none, or none yet."""
        mask, volume = region.mask, self.volume_of(region)
        if mask is None or volume is None or not bool((volume.state[mask.box[0]] == READY).all()):
            return None
        known = self._known.get(region.id)
        if known is None or known[0] is not mask or known[1] is not volume:
            known = self._known[region.id] = self._measure(region.id, mask, volume)
        return known[2]

    def _measure(self, region_id: str, mask: Mask, volume: Volume) -> tuple[Mask, Volume, Measures | None]:
        if mask.voxels.size <= AT_ONCE:
            return mask, volume, _measured(mask, volume)
        job = self._view.jobs.start(
            _("Measuring"),
            lambda _job: _measured(mask, volume),
            lambda found: self._arrive(region_id, mask, volume, found),
            quiet=True,
        )
        self._view.hold(job, volume)
        return mask, volume, None

    def _arrive(self, region_id: str, mask: Mask, volume: Volume, found: Measures) -> None:
        known = self._known.get(region_id)
        if known is not None and known[0] is mask:  # else it was painted on meanwhile
            self._known[region_id] = mask, volume, found
            self.changed.emit()


def _measured(mask: Mask, volume: Volume) -> Measures:
    return measure(volume.voxels, volume.grid, mask, volume.slope, volume.intercept)
