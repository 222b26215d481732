"""What a reader should know of a series before trusting its pictures and measures, in words."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import Check, Header, Kind, Series
from medviewer.dicom.header import FOREIGN, STAND_IN
from medviewer.dicom.kinds import SLIDE, title_of
from medviewer.dicom.stacks.pixel_checks import pixel_checks
from medviewer.dicom.stacks.stack import Stack
from medviewer.i18n import N_, Message

VARIES_SLIGHTLY, VARIES = 0.02, 0.10  # share of the median slice distance
ROUNDED_MM = 0.1  # positions written with one decimal are that far from even steps at most
SECTIONAL = ("CT", "MR", "PT", "NM")
NAMED_AT_MOST = 5
# Checks about where the slices are: with one of these that stops, there is no volume to cut or to look at from outside.
_STILL_SEEN = N_("The images can be looked at one by one; there are no other planes, no volume and no reading by AI.")


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
    """Return everything odd about a stack, the gravest first; ``stop``: it must not be measured or read by AI."""
    told = [check for look in _LOOKS for check in look(found)]
    told += pixel_checks(found.stack.headers)
    return tuple(sorted(told, key=lambda check: ("stop", "warning", "info").index(check.severity)))


def object_checks(objects: Sequence[Header], kind: Kind, copies: int = 0, shared_uids: int = 0) -> tuple[Check, ...]:
    """Return what is odd about files that are no images."""
    told = [*_copies(copies, shared_uids), *_nameless(objects[0])]
    if kind == "other":
        text = N_("These files hold no images: {what}.", what=title_of(objects[0]))
        told.append(Check("no-image", "info", text, N_("MedViewer lists them and does not show them.")))
    return tuple(told)


def against_volume(series: Series) -> tuple[Check, ...]:
    """Return the checks that forbid planes in other directions and a look at the volume; empty where both are sound."""
    told = series.misplaced
    if told or series.grid is not None:
        return told
    return (Check("no-volume", "stop", N_("The series is no stack of parallel slices."), _STILL_SEEN),)


def one_of(n: int) -> Check:
    """Return the check of a series that is one of ``n`` of the same place and name."""
    text = N_("This is one of {n} series of the same place and name, most likely phases of one examination.", n=n)
    return Check("phases", "info", text, N_("They are numbered in the order in which the images were taken."))


def counted(n: int, one: Message, many: Message) -> Message:
    """Return the sentence for one or for several."""
    return one if n == 1 else Message(many.msgid, {"n": n, **many.values})


def _files(found: Found) -> Iterator[Check]:
    if n := found.elsewhere:
        one = N_("One image of another size, orientation or kind is listed as a series of its own.")
        many = N_("{n} images of another size, orientation or kind are listed as series of their own.")
        why = N_("A stack holds parallel images of one size only; none of them is lost.")
        yield Check("mixed-orientation", "info", counted(n, one, many), why)
    yield from _repeated(found)
    yield from _copies(found.copies, found.shared_uids)
    yield from _nameless(found.first)


def _repeated(found: Found) -> Iterator[Check]:
    stack = found.stack
    if n := stack.phases if stack.phases > 1 else 0:
        text = N_("The series holds {n} sets of images of the same place; each is listed by itself.", n=n)
        sure = N_("They are told apart by what the images say of their time, echo or weighting.")
        guess = N_("Only the numbers of the images tell them apart: the sets may be mixed up.")
        yield Check("phases", "warning", text, guess) if stack.guessed else Check("phases", "info", text, sure)
    if n := found.same_place:
        one = N_("One image lies where another already is; it is listed separately.")
        many = N_("{n} images lie where others already are; they are listed separately.")
        why = N_("A slice may have been repeated or sent twice. Look at both before measuring.")
        yield Check("duplicate-position", "warning", counted(n, one, many), why)


def _copies(copies: int, shared_uids: int) -> Iterator[Check]:
    if n := copies:
        one = N_("One file is a copy of another and counts once.")
        many = N_("{n} files are copies of others and count once.")
        yield Check(
            "duplicate-file", "info", counted(n, one, many), N_("Nothing is missing and nothing is shown twice.")
        )
    if n := shared_uids:
        one = N_("One image carries the number (UID) of another image.")
        many = N_("{n} images carry the numbers (UIDs) of other images.")
        why = N_("Findings and reports refer to images by that number: a reference may lead to the wrong one.")
        yield Check("duplicate-uid", "warning", counted(n, one, many), why)


def _nameless(first: Header) -> Iterator[Check]:
    if first.series_uid.startswith(STAND_IN) and first.transfer_syntax != FOREIGN:
        text = N_("The files do not say which study or series they belong to; they were grouped by folder.")
        why = N_("Images of different series may stand in one. Reports written here refer to numbers made here.")
        yield Check("no-uid", "warning", text, why)


def _order(found: Found) -> Iterator[Check]:
    """Where instance numbers run another way than the slices lie."""
    headers = found.stack.headers
    if len(headers) < 3 or not found.stack.steps_mm:
        return
    numbers = np.array([(header.instance_number, header.frame) for header in headers])
    runs = np.diff(numbers[:, 0]) if len(set(numbers[:, 0].tolist())) > 1 else np.diff(numbers[:, 1])
    if runs.any() and not (np.all(runs >= 0) or np.all(runs <= 0)):
        text = N_("The numbers of the images run in another order than the slices lie.")
        yield Check("slice-order", "info", text, N_("The slices are shown in the order of their place in the body."))


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
        yield _missing(np.flatnonzero(holes).tolist(), int(np.sum(wholes[holes] - 1)))
        off = np.where(holes, 0.0, off)
    worst = float(off.max(initial=0.0))
    if worst > VARIES_SLIGHTLY and (holes.any() or not _rounded(steps_mm)):
        at = int(off.argmax())
        text = N_(
            "The distance between slices varies from {low:.2f} to {high:.2f} mm, most between the slices {place}.",
            low=float(steps_mm.min()), high=float(steps_mm.max()), place=f"{at + 1}/{at + 2}",
        )  # fmt: skip
        slight = N_("Lengths and volumes across slices are wrong in proportion; within a slice they are right.")
        if worst > VARIES:
            yield Check("spacing-varies", "stop", text, _STILL_SEEN)
        else:
            yield Check("spacing-varies", "warning", text, slight)


def _rounded(steps_mm: NDArray[np.float64]) -> bool:
    """Whether steps differ only as much as positions that were rounded make them differ."""
    mean_mm = float(steps_mm.mean())
    beside_mm = np.cumsum(steps_mm) - mean_mm * np.arange(1, len(steps_mm) + 1)
    return float(np.abs(beside_mm).max()) <= min(ROUNDED_MM, mean_mm / 3)


def _missing(places: list[int], missing: int) -> Check:
    named = ", ".join(f"{k + 1}/{k + 2}" for k in places[:NAMED_AT_MOST]) + " …" * (len(places) > NAMED_AT_MOST)
    one = N_("One slice is missing, between the slices {places}.", places=named)
    many = N_("{n} slices are missing, between the slices {places}.", places=named)
    why = N_(
        "Something may lie in the gap that nobody sees. Fetch the missing images; until then the slices that are there "
        "can be looked at and measured one by one, and there are no other planes, no volume and no reading by AI."
    )
    return Check("missing-slices", "stop", counted(missing, one, many), why)


def _tilt(found: Found) -> Iterator[Check]:
    stack = found.stack
    if stack.tilt_deg:
        text = N_("The gantry was tilted by {deg:.1f}°: only the original slices are undistorted.", deg=stack.tilt_deg)
        why = N_("The series can be straightened; then there are all planes and the volume, but no AI reading.")
        yield Check("gantry-tilt", "stop", text, why)
    if stack.grid is not None and stack.sideways_mm > max(0.5, min(stack.grid.spacing_kji_mm[1:])):
        text = N_("The slices are shifted sideways against each other by up to {mm:.1f} mm.", mm=stack.sideways_mm)
        yield Check("slices-shifted", "stop", text, _STILL_SEEN)


def _place(found: Found) -> Iterator[Check]:
    stack, first = found.stack, found.first
    n = len(stack.headers)
    if first.sop_class == SLIDE or first.modality == "SM":
        text = counted(n, N_("This is one frame of a whole slide."), N_("These are {n} frames of a whole slide."))
        yield Check("whole-slide", "stop", text, N_("They are shown one by one as plain images, not put together."))
    elif stack.turning:
        text = N_("Every image lies in a direction of its own; they are in the order of their numbers.")
        yield Check("turning", "stop", text, _STILL_SEEN)
    elif stack.one_place:
        text = N_("All {n} images are at the same place; they are in the order of their numbers.", n=n)
        yield Check("one-place", "stop", text, _STILL_SEEN)
    elif first.frames > 1 and not stack.steps_mm:
        text = N_("The file holds {n} frames and does not say where they lie; they are shown like a film.", n=n)
        yield Check("cine", "stop", text, _STILL_SEEN)
    elif n == 1 and first.modality in SECTIONAL:
        text = N_("The series has a single image: there is no volume to read.")
        yield Check("single-image", "stop", text, N_("It can be looked at, and measured within its plane."))
    elif n > 1 and not stack.steps_mm:
        text = N_("The files do not say where the slices are: they are in the order of their numbers.")
        yield Check("no-position", "stop", text, _STILL_SEEN)
        if first.thickness_mm:
            text = N_("The slice thickness stands in for the distance between slices.")
            why = N_("Slices may overlap or leave gaps: what is measured across them is not to be relied on.")
            yield Check("thickness-used", "stop", text, why)


def _frame_of_reference(found: Found) -> Iterator[Check]:
    headers = found.stack.headers
    named = len({header.frame_of_reference_uid for header in headers})
    if named < 2 or not found.stack.steps_mm:
        return
    text = N_("The images name {n} different frames of reference.", n=named)
    if named == len(headers):
        why = N_("Each image has its own, as some anonymising programs write it; the positions still fit together.")
        yield Check("frame-of-reference", "info", text, why)
    else:
        why = N_(
            "The patient may have moved between them: positions may not match. Compare the slices where they meet."
        )
        yield Check("frame-of-reference", "warning", text, why)


def _foreign(found: Found) -> Iterator[Check]:
    if found.first.transfer_syntax == FOREIGN:
        text = N_("This is no DICOM file: it names no patient, no examination and no device.")
        why = N_("Left and right are as the file says, and nothing else confirms them.")
        yield Check("foreign", "warning", text, why)


_LOOKS: tuple[Callable[[Found], Iterator[Check]], ...] = (
    _files, _order, _gaps, _tilt, _place, _frame_of_reference, _foreign,
)  # fmt: skip
