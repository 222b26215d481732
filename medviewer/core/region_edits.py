"""How outlines change: each step small, exact both ways, and written down."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from medviewer.core.case import Case
from medviewer.core.finding import Finding
from medviewer.core.mask import Mask
from medviewer.core.region import Appearance, Region
from medviewer.i18n import N_, Message

Blobs = dict[str, bytes]
BITS, BEFORE, AFTER = "bits", "before", "after"
# What a stroke or a command on a region did, as the undo menu calls it.
DEEDS: dict[str, Message] = {
    "paint": N_("Paint outline"),
    "erase": N_("Erase from outline"),
    "grow": N_("Grow outline"),
    "fill": N_("Fill between slices"),
    "smooth": N_("Smooth outline"),
    "largest": N_("Keep the largest piece"),
    "holes": N_("Fill holes"),
}


@dataclass(frozen=True, eq=False)
class AddRegion:
    """A new region, at the end of the list."""

    region: Region
    label = N_("Add outline")
    touches = frozenset({"regions"})

    def apply(self, case: Case) -> Case:
        """Add it."""
        return replace(case, regions=(*case.regions, self.region))

    def revert(self, case: Case) -> Case:
        """Take it away again."""
        return replace(case, regions=tuple(one for one in case.regions if one.id != self.region.id))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data; the mask is in ``blobs``."""
        return {"region": self.region.to_dict()}

    def blobs(self) -> Blobs:
        """The mask by the region's id, where something is painted."""
        return _masks([self.region])


@dataclass(frozen=True, eq=False)
class RemoveRegions:
    """Regions taken away in one step; ``places`` are their places in the list, in rising order."""

    regions: tuple[Region, ...]
    places: tuple[int, ...]
    label = N_("Delete outline")
    touches = frozenset({"regions"})

    @staticmethod
    def of(case: Case, region_ids: Iterable[str]) -> "RemoveRegions":
        """Return the edit that takes these regions out of ``case``."""
        gone = set(region_ids)
        placed = [(place, one) for place, one in enumerate(case.regions) if one.id in gone]
        return RemoveRegions(tuple(one for _place, one in placed), tuple(place for place, _one in placed))

    def apply(self, case: Case) -> Case:
        """Take them away."""
        gone = {one.id for one in self.regions}
        return replace(case, regions=tuple(one for one in case.regions if one.id not in gone))

    def revert(self, case: Case) -> Case:
        """Put each back in its place."""
        regions = list(case.regions)
        for place, one in zip(self.places, self.regions, strict=True):
            regions.insert(place, one)
        return replace(case, regions=tuple(regions))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data; masks are in ``blobs``."""
        return {"regions": [one.to_dict() for one in self.regions], "places": list(self.places)}

    def blobs(self) -> Blobs:
        """Masks by region id."""
        return _masks(self.regions)


@dataclass(frozen=True)
class ChangeRegion:
    """Another name or colour, shown or hidden."""

    region_id: str
    before: Appearance
    after: Appearance
    touches = frozenset({"regions"})

    @property
    def label(self) -> Message:
        """What was changed."""
        if self.before.hidden != self.after.hidden:
            return N_("Hide outline") if self.after.hidden else N_("Show outline")
        return N_("Rename outline") if self.before.name != self.after.name else N_("Change colour of outline")

    def _set(self, case: Case, appearance: Appearance) -> Case:
        region = case.region(self.region_id)
        return case if region is None else case.with_region(region.looking(appearance))

    def apply(self, case: Case) -> Case:
        """Show it the new way."""
        return self._set(case, self.after)

    def revert(self, case: Case) -> Case:
        """Show it the old way."""
        return self._set(case, self.before)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {"region_id": self.region_id, BEFORE: self.before.to_dict(), AFTER: self.after.to_dict()}

    def blobs(self) -> Blobs:
        """No masks."""
        return {}


@dataclass(frozen=True, eq=False)
class PaintRegion:
    """One stroke or command on a region: the voxels of ``bits`` are turned over, so it is its own way back."""

    region_id: str
    bits: Mask
    deed: str = "paint"  # one of DEEDS
    touches = frozenset({"regions"})

    @property
    def label(self) -> Message:
        """What was done; a deed that a newer program knows is painting."""
        return DEEDS.get(self.deed, DEEDS["paint"])

    def apply(self, case: Case) -> Case:
        """Turn the voxels over."""
        region = case.region(self.region_id)
        return case if region is None else case.with_region(region.painted(self.bits))

    def revert(self, case: Case) -> Case:
        """Turn them back."""
        return self.apply(case)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data; the bits are in ``blobs``."""
        return {"region_id": self.region_id, "deed": self.deed}

    def blobs(self) -> Blobs:
        """The voxels turned over."""
        return {BITS: self.bits.to_bytes()}


@dataclass(frozen=True, eq=False)
class ChangeFinding:
    """A finding whose outline was painted: mask, measures and status before and after."""

    before: Finding
    after: Finding
    label = N_("Edit outline of finding")
    touches = frozenset({"findings"})

    def apply(self, case: Case) -> Case:
        """Put the new finding in the place of the old one."""
        return case.with_finding(self.after)

    def revert(self, case: Case) -> Case:
        """Put the old one back."""
        return case.with_finding(self.before)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data; masks are in ``blobs``."""
        return {BEFORE: self.before.to_dict(), AFTER: self.after.to_dict()}

    def blobs(self) -> Blobs:
        """The masks before and after."""
        both = {BEFORE: self.before.mask, AFTER: self.after.mask}
        return {name: mask.to_bytes() for name, mask in both.items() if mask is not None}


RegionEdit = AddRegion | RemoveRegions | ChangeRegion | PaintRegion | ChangeFinding


def _masks(regions: Iterable[Region]) -> Blobs:
    return {one.id: one.mask.to_bytes() for one in regions if one.mask is not None}


def _mask(blobs: Blobs, name: str) -> Mask | None:
    return Mask.from_bytes(blobs[name]) if name in blobs else None


def _region(data: dict[str, Any], blobs: Blobs) -> Region:
    return Region.from_dict(data, _mask(blobs, data["id"]))


def _removed(data: dict[str, Any], blobs: Blobs) -> RemoveRegions:
    regions = tuple(_region(one, blobs) for one in data["regions"])
    return RemoveRegions(regions, tuple(int(place) for place in data["places"]))


def _changed(data: dict[str, Any], _blobs: Blobs) -> ChangeRegion:
    return ChangeRegion(data["region_id"], Appearance.from_dict(data[BEFORE]), Appearance.from_dict(data[AFTER]))


def _painted(data: dict[str, Any], blobs: Blobs) -> PaintRegion:
    return PaintRegion(data["region_id"], Mask.from_bytes(blobs[BITS]), data["deed"])


def _finding(data: dict[str, Any], blobs: Blobs) -> ChangeFinding:
    before, after = (Finding.from_dict(data[name], _mask(blobs, name)) for name in (BEFORE, AFTER))
    return ChangeFinding(before, after)


# How each kind of edit is built from what ``to_dict`` and ``blobs`` gave, for ``core.edits.from_dict``.
REGION_EDITS: dict[str, Callable[[dict[str, Any], Blobs], RegionEdit]] = {
    "AddRegion": lambda data, blobs: AddRegion(_region(data["region"], blobs)),
    "RemoveRegions": _removed,
    "ChangeRegion": _changed,
    "PaintRegion": _painted,
    "ChangeFinding": _finding,
}
