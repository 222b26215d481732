"""What a reader should know of a series before trusting its pictures and measures, in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from medviewer.core.study import Check, Header
from medviewer.dicom.header import STAND_IN
from medviewer.dicom.stack import Stack
from medviewer.i18n import N_

VARIES_SLIGHTLY, VARIES = 0.02, 0.10  # share of the median slice distance
SECTIONAL = ("CT", "MR", "PT", "NM")
NAMED_AT_MOST = 5


@dataclass(frozen=True)
class Found:
    """A stack and what became of the other files of its series."""

    stack: Stack
    elsewhere: int = 0
    same_place: int = 0
    copies: int = 0
    shared_uids: int = 0

    @property
    def first(self) -> Header:
        """The header that speaks for the stack."""
        return self.stack.headers[0]


def checks(found: Found) -> tuple[Check, ...]:
    """Return everything odd about a stack; ``stop`` where it must not be measured or read by AI."""
    if not found.first.rows:
        return (Check("no-image", "info", N_("These files hold no images.")),)
    return tuple(check for look in _LOOKS for check in look(found))


def _files(found: Found) -> Iterator[Check]:
    if n := found.elsewhere:
        one = N_("One image of another size, orientation or kind is listed as a series of its own.")
        many = N_("{n} images of another size, orientation or kind are listed as series of their own.", n=n)
        yield Check("mixed-orientation", "info", one if n == 1 else many)
    if n := found.same_place:
        one = N_("One image lies where another already is; it is listed separately.")
        many = N_("{n} images lie where others already are; they are listed separately.", n=n)
        yield Check("duplicate-position", "warning", one if n == 1 else many)
    if n := found.copies:
        one = N_("One file is a copy of another and counts once.")
        yield Check(
            "duplicate-file", "info", one if n == 1 else N_("{n} files are copies of others and count once.", n=n)
        )
    if n := found.shared_uids:
        one = N_("One image carries the number (UID) of another image.")
        many = N_("{n} images carry the numbers (UIDs) of other images.", n=n)
        yield Check("duplicate-uid", "warning", one if n == 1 else many)
    if found.first.series_uid.startswith(STAND_IN):
        text = N_("The files do not say which study or series they belong to; they were grouped by folder.")
        yield Check("no-uid", "warning", text)


def _gaps(found: Found) -> Iterator[Check]:
    """Holes of whole slices and steps that are no whole multiple of the median."""
    steps_mm = np.asarray(found.stack.steps_mm)
    if len(steps_mm) < 2:
        return
    median_mm = float(np.median(steps_mm))
    off = np.abs(steps_mm - median_mm) / median_mm
    wholes = np.rint(steps_mm / median_mm)
    holes = (wholes >= 2) & (np.abs(steps_mm - wholes * median_mm) <= VARIES * median_mm)
    if holes.any() and holes.sum() <= len(steps_mm) // 2:
        places = np.flatnonzero(holes)
        named = ", ".join(f"{k + 1}/{k + 2}" for k in places[:NAMED_AT_MOST]) + " …" * (len(places) > NAMED_AT_MOST)
        missing = int(np.sum(wholes[holes] - 1))
        text = N_("{n} slices are missing, between the slices {places}.", n=missing, places=named)
        if missing == 1:
            text = N_("One slice is missing, between the slices {places}.", places=named)
        yield Check("missing-slices", "stop", text)
        off = off[~holes]
    worst = float(off.max(initial=0.0))
    if worst > VARIES_SLIGHTLY:
        text = N_(
            "The distance between slices varies from {low:.2f} to {high:.2f} mm.",
            low=float(steps_mm.min()),
            high=float(steps_mm.max()),
        )
        yield Check("spacing-varies", "stop" if worst > VARIES else "warning", text)


def _tilt(found: Found) -> Iterator[Check]:
    stack = found.stack
    if stack.tilt_deg:
        text = N_("The gantry was tilted by {deg:.1f}°: only the original slices are undistorted.", deg=stack.tilt_deg)
        yield Check("gantry-tilt", "stop", text)
    if stack.grid is not None and stack.sideways_mm > max(0.5, min(stack.grid.spacing_kji_mm[1:])):
        text = N_("The slices are shifted sideways against each other by up to {mm:.1f} mm.", mm=stack.sideways_mm)
        yield Check("slices-shifted", "stop", text)


def _place(found: Found) -> Iterator[Check]:
    stack, first = found.stack, found.first
    if first.frames > 1:
        text = N_(
            "The file holds {n} frames; they are shown one by one, without their place in the body.", n=first.frames
        )
        yield Check("multi-frame", "stop", text)
    elif len(stack.headers) == 1 and first.modality in SECTIONAL:
        yield Check("single-image", "stop", N_("The series has a single image: there is no volume to read."))
    elif len(stack.headers) > 1 and not stack.steps_mm:
        text = N_("The files do not say where the slices are: they are in the order of their numbers.")
        yield Check("no-position", "stop", text)
        yield Check("thickness-used", "stop", N_("The slice thickness stands in for the distance between slices."))
    if first.pixel_spacing_mm is None:
        yield Check(
            "no-spacing", "stop", N_("The files do not say how large a pixel is: nothing can be measured in mm.")
        )


def _pixels(found: Found) -> Iterator[Check]:
    headers, first = found.stack.headers, found.first
    lossy = sum(header.lossy for header in headers)
    if lossy:
        yield Check(
            "lossy", "warning", N_("The images were compressed with loss ({n} of {all}).", n=lossy, all=len(headers))
        )
    if first.samples > 1 or first.photometric == "PALETTE COLOR":
        yield Check("colour", "stop", N_("Colour images are shown in grey."))
    if first.bits_allocated > 16:
        yield Check("coarse", "warning", N_("The values have more than 16 bits; they are shown in coarser steps."))


_LOOKS: tuple[Callable[[Found], Iterator[Check]], ...] = (_files, _gaps, _tilt, _place, _pixels)
