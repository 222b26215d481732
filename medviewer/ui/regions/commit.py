"""How painting becomes an edit: of a region, of a new one, or of a finding that is measured anew."""

from dataclasses import replace

from medviewer.core.finding import Finding
from medviewer.core.mask import Mask
from medviewer.core.problem import Problem
from medviewer.core.region import flipped
from medviewer.core.region_edits import AddRegion, ChangeFinding, PaintRegion
from medviewer.core.volume import Volume
from medviewer.i18n import _
from medviewer.imaging.measure import measure
from medviewer.ui.regions.view import RegionView, Target

AT_ONCE = 1_000_000  # voxels of a finding that are measured within 25 ms; larger ones in a thread


def commit(regions: RegionView, target: Target, bits: Mask | None, deed: str) -> None:
    """Make one edit of the voxels turned over on ``target``; nothing where there are none.

    Problem where it cannot be saved, where the target has changed meanwhile, or where nothing of a finding is left.
    """
    if bits is None:
        regions.show_draft(None)
    elif target.finding is not None:
        _change_finding(regions, target, bits)
    else:
        regions.draft = None
        _change_region(regions, target, bits, deed)


def _change_region(regions: RegionView, target: Target, bits: Mask, deed: str) -> None:
    region = target.region
    assert region is not None
    if target.is_new:
        if deed == "erase":
            return
        if not regions.is_shown(target.volume):
            raise _changed_meanwhile()
        regions.view.do(AddRegion(region.painted(bits)))
        regions.choose(region.id)
        return
    now = None if regions.case is None else regions.case.region(region.id)
    if now is None or now.mask is not region.mask:
        raise _changed_meanwhile()
    regions.view.do(PaintRegion(region.id, bits, deed))


def _changed_meanwhile() -> Problem:
    return Problem(_("The outline was changed meanwhile; the last step was left out."), _("Do it again."))


def _change_finding(regions: RegionView, target: Target, bits: Mask) -> None:
    finding, volume = target.finding, target.volume
    assert finding is not None
    mask = flipped(finding.mask, bits)
    if mask is None:
        regions.show_draft(None)
        raise Problem(_("Nothing would be left of the finding."), _("Reject the finding instead."))
    if mask.voxels.size <= AT_ONCE:
        regions.draft = None
        _put(regions, finding, measured(finding, mask, volume))
        return
    regions.busy = True  # the draft stays in sight until it is measured
    job = regions.view.jobs.start(
        _("Measuring"),
        lambda _job: measured(finding, mask, volume),
        done=lambda after: _finish(regions, finding, after),
        failed=lambda error: _fail(regions, error),
        cancelled=lambda: _finish(regions, finding, None),
        quiet=True,
    )
    regions.view.hold(job, volume)


def _finish(regions: RegionView, before: Finding, after: Finding | None) -> None:
    regions.busy = False
    regions.show_draft(None)
    if after is not None:
        _put(regions, before, after)


def _fail(regions: RegionView, error: Exception) -> None:
    regions.busy = False
    regions.show_draft(None)
    raise error


def _put(regions: RegionView, before: Finding, after: Finding) -> None:
    case = regions.case
    if case is None or case.finding(before.id) is not before:
        raise _changed_meanwhile()
    regions.view.do(ChangeFinding(before, after))


def measured(finding: Finding, mask: Mask, volume: Volume) -> Finding:
    """Return the finding with another outline, its measures taken anew and the status "edited"."""
    mask.to_bytes()  # packed here, so that saving it does not take long
    seen = measure(volume.voxels, volume.grid, mask, volume.slope, volume.intercept)
    return replace(
        finding,
        mask=mask,
        status="edited",
        sop_uid=volume.series.headers[seen.best_k].sop_uid,
        center_lps_mm=seen.center_lps_mm,
        box_lps_mm=seen.box_lps_mm,
        long_axis_mm=seen.long_axis_mm,
        short_axis_mm=seen.short_axis_mm,
        volume_mm3=seen.volume_mm3,
        mean_hu=seen.mean_hu,
    )
