"""The way of a study through the window: found, shown, loaded, read by the model, compared with its prior."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from medviewer.app.facts import main_series
from medviewer.app.session import Recalled, Session
from medviewer.core.arrangement import PRIOR
from medviewer.core.finding import Point
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Series, Study, Unreadable
from medviewer.core.volume import Volume
from medviewer.dicom.room import TooLarge, thinned
from medviewer.i18n import _
from medviewer.imaging.straighten import straightened
from medviewer.ui.attaching import Attaching
from medviewer.ui.dialogs.too_large import TooLargeQuestion
from medviewer.ui.first_look import center, first_slice, first_window, middle, rank
from medviewer.ui.library.shelf import Shelf
from medviewer.ui.loading import Lease, Loader, Steps, Wanted
from medviewer.ui.messages import Messages
from medviewer.ui.model_run import ModelRun
from medviewer.ui.opening import Opening
from medviewer.ui.others import Others
from medviewer.ui.scanning import Scanned
from medviewer.ui.thumbnails import Thumbnails
from medviewer.ui.view import ReadingStatus, View


@dataclass
class _Shown:
    """What is on the screen: the series and the volumes behind it; a preview belongs to no study.

    ``loaded``: all its slices are in. ``seen_to``: the model reads it and its prior has been sent for.
    """

    series: Series | None = None
    lease: Lease | None = None
    study_uid: str = ""
    loaded: bool = False
    seen_to: bool = False


class Flow(QObject):
    """Opens things. ``studies_changed`` gets all studies; ``shown`` the series that comes to the screen."""

    studies_changed = Signal(object)
    shown = Signal(object)
    failed = Signal(object)  # opening came to nothing; gets the error
    prior_due = Signal(object, object)  # the study and series read are all there: time for what is compared with them

    def __init__(self, session: Session, view: View, messages: Messages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.view, self.messages = session, view, messages
        self.jobs = view.jobs
        self.loader = Loader(self.jobs, self)
        view.hold = self.loader.hold
        self.others = Others(view, self.loader, self._say_bad, self)
        self.model = ModelRun(session, view)
        self._now = self._seen = _Shown()  # what is wanted on the screen, and what is there until then
        self._go_to = ("", 0)  # series UID and slice that a link led to
        self._object: Series | None = None  # the last thing chosen that is no image
        # Study and series whose case waits for their first image, and the case.
        self._case_due: tuple[str, str, Recalled | None] | None = None
        self._case_job: Job | None = None  # reads the case of the study shown
        self.opening = Opening(session, self.jobs, self)
        self.opening.studies_changed.connect(self.studies_changed)
        self.opening.previewed.connect(self._preview)
        self.opening.found.connect(self._found)
        self.opening.failed.connect(self._fail)
        self.attaching = Attaching(view, messages, self)
        self.attaching.images_wanted.connect(self._open_beneath)
        self.shelf = Shelf(session, self.jobs, messages, self)
        self.thumbnails = Thumbnails(self.shelf, self.jobs, self)
        self.shelf.study_ready.connect(self.open_study)
        self.shelf.paths_wanted.connect(self.open_paths)
        view.reading_wanted.connect(self.read_again)
        view.straighten_wanted.connect(self.straighten)

    # ---- opening ----

    def open_path(self, path: Path) -> None:
        """Scan a folder or file and show its main study; what was open stays until then."""
        self.open_paths([path])

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Scan folders, files, archives and discs and show the main study found; what was open stays until then."""
        self.opening.open_paths(paths)

    def open_demo(self) -> None:
        """Make a virtual chest CT with known nodules and its prior, and open them."""
        self.opening.open_demo()

    def _fail(self, error: Exception) -> None:
        self.messages.error(type(error), error, error.__traceback__)
        self.failed.emit(error)

    def _preview(self, header: Header) -> None:
        """Show one image while the folder is still being looked through."""
        if self.session.study is None and self._now.series is None:
            self.show_series(Series(header.series_uid, (header,)))

    @property
    def previews(self) -> bool:
        """Whether what comes to the screen is one image of a folder that is still being looked through."""
        return self._now.series is not None and not self._now.study_uid

    def _found(self, found: Scanned) -> None:
        if found.lost:
            first = found.lost[0]
            self.messages.problem(
                _("{n} files could not be read; images may be missing.").format(n=len(found.lost)),
                f"{Path(first.path).name}: {first.reason}",
                _each(found.lost),
            )
        self.shelf.remember(found.headers)
        touched = found.touched
        self.open_study(max((study for study in found.studies if study.uid in touched), key=rank).uid)

    def open_study(self, study_uid: str, series_uid: str = "") -> None:
        """Show a series of a study of the catalogue, the main one by default, and open the study's case."""
        study = self.session.catalogue.study(study_uid)
        series = next((s for s in study.series if s.uid == series_uid), None) or main_series(study)
        if series is None:
            return
        if series.kind == "image":
            self.show_series(series, study_uid)
        else:
            self._show_object(study, series)
        self._turn_to_case(study_uid, series)

    def _turn_to_case(self, study_uid: str, series: Series) -> None:
        """Open the case of the study that comes to the screen, unless it is open."""
        open_now = self.session.study
        if open_now is not None and open_now.uid == study_uid:
            self.session.refresh(source=self)  # another folder may have brought more series of it
            if series.kind == "image":
                self.session.choose(series.uid, source=self)
            return
        if open_now is not None:
            self.session.close_study(source=self)  # one patient's images beside another's findings: never
        series_uid = series.uid if series.kind == "image" else ""
        self._case_job = job = self.jobs.start(
            _("Opening the case"),
            lambda _job: self.session.recall(study_uid),
            done=lambda found: self._open_case(study_uid, series_uid, found) if job is self._case_job else None,
            quiet=True,
        )

    def _show_object(self, study: Study, series: Series) -> None:
        """Show what is no image; images of another study go from the screen first."""
        if self._now.study_uid != study.uid:
            before, self._now = self._now, _Shown(study_uid=study.uid, loaded=True)
            self.model.leave()
            self.view.set_reading(ReadingStatus())
            self._clear(before)
        self._object = series
        self.shown.emit(series)
        self.attaching.show(study, series)

    def _open_beneath(self, study_uid: str, series_uid: str) -> None:
        """Open the images that an object is drawn over; the object stays the one chosen, so keys go on from it."""
        self.open_study(study_uid, series_uid)
        if self._object is not None:
            self.shown.emit(self._object)

    def _clear(self, before: _Shown) -> None:
        """Take images from the screen."""
        seen, self._seen = self._seen, self._now
        self.view.show_volume(None, self.view.window, self.view.point_lps_mm)
        self.others.clear()
        for old in (before, seen):
            self.loader.end(old.lease)

    def _open_case(self, study_uid: str, series_uid: str, recalled: Recalled | None) -> None:
        """Open the case of the study on the screen, now that it has been read.

        While the images of another study are still to be seen it waits: a mark drawn on them would go into this case.
        """
        if self._now.study_uid != study_uid:
            return
        seen = self.view.volume
        if seen is not None and self._now is not self._seen and seen.series.first.study_uid != study_uid:
            self._case_due = study_uid, series_uid, recalled
            return
        self.session.open_study(study_uid, source=self, recalled=recalled)
        if series_uid and (self.session.series is None or self.session.series.uid != series_uid):
            self.session.choose(series_uid, source=self)
        self.shelf.opened(study_uid)
        self._see_to()

    # ---- showing ----

    def show_series(self, series: Series, study_uid: str = "", budget_bytes: int | None = None) -> None:
        """Load a series; its first image takes the place of what is shown.

        Where it needs more memory than ``budget_bytes`` (by default a share of what is free) the reader is asked.
        """
        wanted = Wanted(series, first_slice(series), self._slice_looked_at, budget_bytes)
        lease = self.loader.load(wanted, self._steps)
        self.model.leave()
        self.attaching.stop()
        if self._now is not self._seen:  # it never came to the screen
            self.loader.end(self._now.lease)
        self._now = _Shown(series, lease, study_uid)
        self.view.set_reading(ReadingStatus())
        self.shown.emit(series)

    def show_image(self, sop_uid: str, frame: int | None) -> None:
        """Go to an image of the open study, from a link in a document."""
        study = self.session.study
        if study is not None and (found := _image_of(study, sop_uid, frame or 0)) is not None:
            self._go_to = found
            self.open_study(study.uid, found[0])

    def _slice_looked_at(self, volume: Volume) -> int:
        """Return the slice of ``volume`` that the reader looks at; called in the loading thread."""
        if self.view.volume is not volume:
            return first_slice(volume.series)
        return round(float(volume.grid.to_kji(self.view.point_lps_mm)[0]))

    def _steps(self, lease: Lease) -> Steps:
        return Steps(
            first=lambda volume: self._first(lease, volume),
            more=lambda: self._more(lease),
            done=lambda volume, bad: self._loaded(lease, volume, bad),
            failed=lambda error: self._not_loaded(lease, error),
        )

    def _first(self, lease: Lease, volume: Volume) -> None:
        if lease is not self._now.lease:
            return
        before, self._seen = self._seen, self._now
        self.view.show_volume(volume, first_window(volume), self._place_in(volume))
        same = before.study_uid == self._now.study_uid
        self.others.clear((PRIOR,) if same else None)  # one patient's images beside another's: never
        self.loader.end(before.lease)
        self._open_case_due()

    def _open_case_due(self) -> None:
        """Open the case that waited until nothing of another study is on the screen."""
        due, self._case_due = self._case_due, None
        if due is not None:
            self._open_case(*due)

    def _place_in(self, volume: Volume) -> Point:
        """Return the place to begin at: the image that a link led to, the place looked at before, else the middle."""
        (uid, k), self._go_to = self._go_to, ("", 0)
        if uid == volume.series.uid:
            return center(volume, k)
        return self.view.point_lps_mm if _shares_place(self.view, volume) else middle(volume)

    def _not_loaded(self, lease: Lease, error: Exception) -> None:
        """Show nothing rather than the images of what was open before beside the case that is open now."""
        wanted = self._now
        if lease is wanted.lease:
            self._now = _Shown(study_uid=wanted.study_uid, seen_to=True)
            self._clear(wanted)
            self._open_case_due()
            if isinstance(error, TooLarge) and wanted.series is not None:
                self._ask_how_much(wanted.series, wanted.study_uid, error)
                return
        self.loader.end(lease)
        raise error

    def _ask_how_much(self, series: Series, study_uid: str, error: TooLarge) -> None:
        """Let the reader decide about a series that needs more memory than it may take."""

        def load(every: int) -> None:
            self.show_series(thinned(series, every), study_uid, sys.maxsize)
            if study_uid:
                self._turn_to_case(study_uid, series)

        self.question = TooLargeQuestion(error, load, self.messages.window())
        self.question.open()

    def _more(self, lease: Lease) -> None:
        if not lease.ended:
            self.view.slices_changed.emit()

    def _loaded(self, lease: Lease, volume: Volume, bad: tuple[Unreadable, ...]) -> None:
        """All slices are in: say what is missing."""
        if lease is not self._now.lease:
            return
        self._now.loaded = True
        self.view.slices_changed.emit()
        self._say_bad(volume, bad)
        self._see_to()

    def _see_to(self) -> None:
        """Once, when the images are in and the case is open: let the model read, bring the prior."""
        now, study = self._now, self.session.study
        if study is None or study.uid != now.study_uid or not now.loaded or now.seen_to:
            return
        now.seen_to = True
        self.attaching.look_for_states(study)
        if now.lease is not None and now.lease.volume is not None and not self.model.recall(now.lease.volume):
            self._read_by_itself(now.lease)
        if now.series is not None:
            self.prior_due.emit(study, now.series)
        self.thumbnails.make(self.session.catalogue.studies())

    def _say_bad(self, volume: Volume, bad: tuple[Unreadable, ...]) -> None:
        if bad:
            self.messages.problem(
                _("{n} of {all} images of this series could not be read.").format(
                    n=len(bad), all=len(volume.series.headers)
                ),
                bad[0].reason,
                _each(bad),
                passing=True,
            )

    def straighten(self) -> None:
        """Show the tilted series on the screen as an upright volume, made anew from its slices."""
        now = self._now
        if now.lease is None or now.lease.volume is None or not now.loaded:
            raise Problem(_("The images are still being read."), _("Try again when all of them are in."))
        tilted = now.lease.volume
        job = self.jobs.start(
            _("Straightening the images"),
            lambda job: straightened(tilted, job),
            done=lambda volume: self._show_straightened(now, volume),
        )
        now.lease.jobs.append(job)

    def _show_straightened(self, tilted: _Shown, volume: Volume) -> None:
        lease = self.loader.adopt(volume)
        if self._now is not tilted or tilted.series is None:
            self.loader.end(lease)
            return
        self.model.leave()
        self._now = _Shown(volume.series, lease, tilted.study_uid, loaded=True, seen_to=True)
        self.view.set_reading(ReadingStatus())
        self.shown.emit(volume.series)
        self._first(lease, volume)
        self._read_by_itself(lease)  # no model does; the panel says why

    # ---- reading ----

    def read_again(self) -> None:
        """Let the model read the series shown anew."""
        if self._now.lease is not None and self._now.seen_to:
            self._read(self._now.lease, asked=True)

    def _read_by_itself(self, lease: Lease) -> None:
        if self.session.settings.auto_read:
            self._read(lease, asked=False)

    def _read(self, lease: Lease, *, asked: bool) -> None:
        if lease.volume is not None:
            lease.readers.append(self.model.start(lease.volume, asked=asked))

    @property
    def busy(self) -> bool:
        """Whether anything is under way that a reader would wait for."""
        to_see_to = bool(self._now.study_uid) and not self._now.seen_to
        return bool(self.jobs.running) or self.jobs.has_posted or to_see_to

    def close(self) -> None:
        """Stop everything and free the volumes."""
        self.jobs.close()
        self.loader.close()


def _each(lost: Sequence[Unreadable]) -> str:
    """Return name and reason of each file, for those who ask; empty where a single one was told already."""
    return "\n".join(f"{Path(one.path).name}: {one.reason}" for one in lost) if len(lost) > 1 else ""


def _shares_place(view: View, volume: Volume) -> bool:
    """Whether the place looked at is in ``volume`` too: another series of the same examination."""
    before = view.volume
    if before is None or not (before.regular and volume.regular):
        return False
    old, new = before.series.first, volume.series.first
    same = bool(old.frame_of_reference_uid) and old.frame_of_reference_uid == new.frame_of_reference_uid
    return same and old.study_uid == new.study_uid and volume.grid.contains(volume.grid.to_kji(view.point_lps_mm))


def _image_of(study: Study, sop_uid: str, frame: int) -> tuple[str, int] | None:
    """Return the series UID and slice of an image; None where the study does not have it."""
    for series in study.series:
        for k, header in enumerate(series.headers):
            if (header.sop_uid, header.frame) == (sop_uid, frame) and series.kind == "image":
                return series.uid, k
    return None
