"""Two volumes brought into one space: what is known from their files, else registration in a process of its own."""

import hashlib
from contextlib import suppress

from medviewer.core.body_parts import apart
from medviewer.core.case import Case
from medviewer.core.job import Job
from medviewer.core.pair_edits import alignment
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.registration import Registration, of_frame
from medviewer.core.shared import SharedArray
from medviewer.core.study import Header, Series
from medviewer.core.volume import Volume
from medviewer.dicom.decode import Answer, DecodePool
from medviewer.i18n import _
from medviewer.imaging.register import Fit, Registering, Seen

LIMIT_S = 300.0
LOOK_EVERY_S = 0.05


def same_frame(one: Header, other: Header) -> bool:
    """Whether the files of both say that their patient spaces are the same: one study, one frame of reference."""
    frame = one.frame_of_reference_uid
    return bool(frame) and frame == other.frame_of_reference_uid and one.study_uid == other.study_uid


def known(fixed: Series, moving: Series) -> Registration | None:
    """Return the relation that the files alone tell; None where the images have to be compared."""
    return of_frame(moving.uid, fixed.uid) if same_frame(fixed.first, moving.first) else None


def made_of(fixed: Series, moving: Series) -> str:
    """Return which images a computed relation comes from: another text where either series has other images."""
    images = "|".join(",".join(f"{h.sop_uid}:{h.frame}" for h in series.headers) for series in (moving, fixed))
    return hashlib.sha256(images.encode()).hexdigest()[:16]


def kept(case: Case, fixed: Series, moving: Series) -> Registration | None:
    """Return the alignment in the case; a computed one counts for the images it was computed from only."""
    found = alignment(case, moving.uid, fixed.uid)
    stale = found is not None and found.method == "rigid" and found.made_of != made_of(fixed, moving)
    return None if stale else found


def refuse(fixed: Volume, moving: Volume) -> None:
    """Raise Problem with one sentence where the two volumes cannot be registered."""
    for volume in (fixed, moving):
        if not volume.complete:
            raise Problem(_("The images are still being read."), _("Try again when all of them are in."))
        if not volume.regular or volume.grid.shape_kji[0] < 2 or volume.colours is not None:
            title = volume.series.title
            raise Problem(
                _("'{series}' is no volume of evenly spaced slices; it cannot be registered.").format(series=title),
                _("Choose another series, or align it by hand."),
            )
    if apart(fixed.series.first, moving.series.first):
        raise _nothing_in_common()


def register(fixed: Volume, moving: Volume, job: Job) -> Registration:
    """Return how ``moving`` lies to ``fixed``: as the files say, else by rigid registration of the voxels.

    It takes seconds, in a process of its own that ends with it. Problem with one sentence where the two have nothing
    in common, Cancelled within a moment of a cancel. Both volumes must stay open until then.
    """
    told = known(fixed.series, moving.series)
    if told is not None:
        return told
    refuse(fixed, moving)
    fit = _fit(fixed, moving, job)
    if fit is None:
        raise _nothing_in_common()
    return Registration(
        moving.series.uid,
        fixed.series.uid,
        fit.matrix,
        fit.similarity,
        fit.similarity_before,
        fit.overlap,
        fit.displacement_mm,
        fit.verdict,
        made_of=made_of(fixed.series, moving.series),
    )


def _nothing_in_common() -> Problem:
    return Problem(
        _("The two series do not show the same part of the body; they cannot be registered."),
        _("Choose another series, or align them by hand."),
    )


def _fit(fixed: Volume, moving: Volume, job: Job) -> Fit | None:
    job.step(0.0, _("Registering"))
    progress = SharedArray.make((1,), "float32")
    pool = DecodePool(1, LIMIT_S)
    try:
        work = Registering(Seen.of(fixed), Seen.of(moving), progress.handle)
        return _awaited(pool.submit(work), progress, job)
    finally:
        pool.close()  # ends the process, whatever it is at
        progress.close()


def _awaited(answer: Answer, progress: SharedArray, job: Job) -> Fit | None:
    while True:
        with suppress(TimeoutError):
            given = answer.result(timeout=LOOK_EVERY_S)
            break
        try:
            job.step(0.99 * float(progress.array[0]))
        except Cancelled:
            answer.give_up()
            raise
    if given is None or isinstance(given, Fit):
        return given
    raise Problem(_("The two series could not be registered."), _("Align them by hand."))
