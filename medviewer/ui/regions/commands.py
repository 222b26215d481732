"""What can be done to outlines with a button: new, deleted, filled between slices, smoothed, made of a segment."""

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from medviewer.core.job import Job
from medviewer.core.layers import Layer
from medviewer.core.mask import Mask
from medviewer.core.problem import Problem
from medviewer.core.region import Appearance, Region, difference
from medviewer.core.region_edits import DEEDS, AddRegion, ChangeRegion, RemoveRegions
from medviewer.core.volume import Volume
from medviewer.i18n import _
from medviewer.imaging.regions.resample import onto
from medviewer.imaging.regions.work import TidyWork
from medviewer.ui.display import Display, Matrix
from medviewer.ui.regions.commit import commit
from medviewer.ui.regions.view import RegionView, Target, new_region

LIMIT_S = 120.0
LOST = 0.02  # of a segment outside the images: worth a sentence


def add(regions: RegionView) -> Region:
    """Start a new region on the active display; Problem where nothing is open there."""
    volume, case = regions.view.active.volume, regions.case
    if volume is None or case is None:
        raise Problem(_("No study is open."), _("Choose a study on the left first."))
    region = new_region(case, volume)
    regions.view.do(AddRegion(region))
    regions.choose(region.id)
    return region


def delete(regions: RegionView) -> None:
    """Delete the region chosen; the one before it is chosen then."""
    case, chosen = regions.case, regions.chosen
    if case is None or chosen is None:
        return
    others = [one.id for one in case.regions if one.id != chosen.id]
    place = max(0, case.regions.index(chosen) - 1)
    regions.view.do(RemoveRegions.of(case, [chosen.id]))
    regions.choose(others[place] if others else "")


def change(regions: RegionView, region: Region, appearance: Appearance) -> None:
    """Name, colour, show or hide a region; nothing where it is so already."""
    if appearance != region.appearance:
        regions.view.do(ChangeRegion(region.id, region.appearance, appearance))


def recolour(regions: RegionView, colour_rgb: tuple[int, int, int]) -> None:
    """Give the region chosen another colour."""
    chosen = regions.chosen
    if chosen is not None:
        change(regions, chosen, replace(chosen.appearance, colour_rgb=colour_rgb))


# ---- tidying ----


def tidy(regions: RegionView, deed: str) -> None:
    """Do one of ``imaging.grow_work.TIDY`` to what is painted on, in the background; Problem where that is nothing."""
    target = _what(regions)
    mask, volume = target.mask, target.volume
    if mask is None:
        raise Problem(_("Nothing is painted yet."), _("Paint with the brush or grow from a click first."))
    if regions.busy:
        return

    def work(job: Job) -> Mask | None:
        from medviewer.dicom.decode import default_pool

        tidying = TidyWork(deed, mask.to_bytes(), volume.grid, volume.regular)
        packed = cast(bytes, default_pool().ask(tidying, job, limit_s=LIMIT_S))
        bits = difference(mask, Mask.from_bytes(packed))
        if bits is not None:
            bits.to_bytes()  # packed here, so that saving it does not take long
        return bits

    regions.busy = True
    ended = _Ended(regions)
    regions.view.jobs.start(str(DEEDS[deed]), work, lambda bits: ended.take(target, bits, deed), ended.fail, ended.free)


@dataclass(frozen=True, eq=False)
class _Ended:
    """What comes after work in the background: strokes are possible again."""

    regions: RegionView

    def free(self) -> None:
        self.regions.busy = False

    def fail(self, error: Exception) -> None:
        self.free()
        raise error

    def take(self, target: Target, bits: Mask | None, deed: str) -> None:
        self.free()
        self.regions.say(_("Nothing had to be changed.") if bits is None else "")
        commit(self.regions, target, bits, deed)


def _what(regions: RegionView) -> Target:
    """Return what commands act on: the finding edited or the region chosen, on the display that shows its series."""
    wanted = regions.finding if regions.editing_finding else regions.chosen
    if wanted is None:
        raise Problem(_("No outline is chosen."), _("Choose one in the list, or paint a new one."))
    shown = (display.volume for display in regions.view.displays.values())
    volume = next((one for one in shown if one is not None and one.series.uid == wanted.series_uid), None)
    if volume is None:
        raise Problem(_("The images of this outline are not shown."), _("Show their series first."))
    return regions.target(volume)


# ---- segments ----


def outline_of(regions: RegionView, layer: Layer, volume: Volume | None = None) -> None:
    """Make a region of a segment shown, on its own images or resampled onto ``volume`` (of a display).

    Problem with the reason where it has no voxels, or where the two are not known to lie in one space.
    """
    source, case = regions.view.layers.volume, regions.case
    mask = layer.mask if layer.fractions is None else layer.fractions.half
    if case is None or source is None:
        raise Problem(_("No study is open."), _("Choose a study on the left first."))
    if mask is None:
        raise Problem(_("This segment has lines or points only, no voxels to make an outline of."))
    made = replace(new_region(case, volume or source, layer.title), colour_rgb=layer.colour_rgb)
    way = None if volume is None or volume is source else _way(regions, source, volume)

    def work(job: Job) -> Region:
        if volume is None or volume is source:
            moved: Mask | None = mask
        else:
            moved = onto(mask, source.grid, volume.grid, way, job)
        if moved is None:
            raise Problem(_("This segment lies outside these images."))
        moved.to_bytes()  # packed here, so that saving it does not take long
        return replace(made, mask=moved)

    def take(region: Region) -> None:
        if not regions.is_shown(volume or source):
            raise Problem(_("Other images were opened meanwhile; no outline was made."))
        regions.view.do(AddRegion(region))
        regions.choose(region.id)
        regions.say(_lost(mask, source, region, volume or source))

    regions.view.jobs.start(_("Making an outline of a segment"), work, take)


def _lost(before: Mask, source: Volume, region: Region, volume: Volume) -> str:
    """Say how much of a segment is outside the images it was laid onto; nothing where hardly any is."""
    assert region.mask is not None
    had, has = before.count * source.grid.voxel_mm3, region.mask.count * volume.grid.voxel_mm3
    share = 1.0 - has / had
    return (
        _("{percent:.0f} % of the segment lies outside these images.").format(percent=100 * share)
        if share > LOST
        else ""
    )


def _way(regions: RegionView, source: Volume, volume: Volume) -> Matrix:
    """Return how places of one volume map to those of another, 4x4 in LPS mm; Problem where nobody knows."""
    first, last = _display(regions, source), _display(regions, volume)
    if first is None or last is None or first.to_main is None or last.to_main is None:
        raise Problem(
            _("It is not known how these two series lie to each other."), _("Register them first, then try again.")
        )
    if not (source.regular and volume.regular):
        raise Problem(_("Segments can be carried over to a regular stack of slices only."))
    return np.asarray(np.linalg.inv(last.to_main) @ first.to_main)


def _display(regions: RegionView, volume: Volume) -> Display | None:
    return next((one for one in regions.view.displays.values() if one.volume is volume), None)
