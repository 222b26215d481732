"""The way of a study through the window: found, shown, loaded, read by the model, compared with its prior."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from medviewer.app.facts import main_series
from medviewer.app.session import Session
from medviewer.core.job import Job
from medviewer.core.study import Header, Series, Study, Unreadable
from medviewer.core.volume import Volume
from medviewer.i18n import _
from medviewer.ui.first_look import first_window, middle, prior_series, rank
from medviewer.ui.loading import Lease, Loader, Steps
from medviewer.ui.messages import Messages
from medviewer.ui.model_run import ModelRun
from medviewer.ui.scanning import Listener, Scanned, scan_folder
from medviewer.ui.thumbnails import thumbnail
from medviewer.ui.view import ReadingStatus, View


@dataclass
class _Shown:
    """What is on the screen: the series and the volumes behind it; a preview belongs to no study.

    ``loaded``: all its slices are in. ``seen_to``: the model reads it and its prior has been sent for.
    """

    series: Series | None = None
    lease: Lease | None = None
    study_uid: str = ""
    prior: Lease | None = None
    loaded: bool = False
    seen_to: bool = False


class Flow(QObject):
    """Opens things. ``studies_changed`` gets all studies; ``shown`` the series that comes to the screen."""

    studies_changed = Signal(object)
    thumbnail_made = Signal(str, object)
    shown = Signal(object)
    failed = Signal(object)  # opening came to nothing; gets the error

    def __init__(self, session: Session, view: View, messages: Messages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.view, self.messages = session, view, messages
        self.jobs = view.jobs
        self.loader = Loader(self.jobs, self)
        self.model = ModelRun(session, view)
        self._now = self._seen = _Shown()  # what is wanted on the screen, and what is there until then
        self._scan: Job | None = None
        self._pictured: set[str] = set()
        view.reading_wanted.connect(self.read_again)

    # ---- opening ----

    def open_path(self, path: Path) -> None:
        """Scan a folder or file and show its main study; what was open stays until then."""
        self._stop_scan()
        listener = Listener(
            preview=lambda header: self.jobs.post(lambda: self._preview(header)),
            studies=lambda studies: self.jobs.post(lambda: self.studies_changed.emit(studies)),
        )
        catalogue = self.session.catalogue
        self._scan = self.jobs.start(
            _("Looking through the folder"),
            lambda job: scan_folder(catalogue, path, job, listener),
            done=self._scanned,
            failed=self._fail,
        )

    def open_demo(self) -> None:
        """Make a virtual chest CT with known nodules and its prior, and open them."""
        from medviewer.ui.demo import demo_folder

        self._stop_scan()
        self._scan = self.jobs.start(
            _("Making a virtual chest CT"), demo_folder, done=self.open_path, failed=self._fail
        )

    def _stop_scan(self) -> None:
        if self._scan is not None:
            self._scan.cancel()

    def _fail(self, error: Exception) -> None:
        self.messages.error(type(error), error, error.__traceback__)
        self.failed.emit(error)

    def _preview(self, header: Header) -> None:
        """Show one image while the folder is still being looked through."""
        if self.session.study is None and self._now.series is None:
            self.show_series(Series(header.series_uid, (header,)))

    def _scanned(self, found: Scanned) -> None:
        self.studies_changed.emit(found.studies)
        if found.lost:
            first = found.lost[0]
            self.messages.problem(
                _("{n} files could not be read; images may be missing.").format(n=len(found.lost)),
                f"{Path(first.path).name}: {first.reason}",
            )
        mine = [study for study in found.studies if study.uid in found.touched]
        scan = self._scan
        self.jobs.post(lambda: self.open_study(max(mine, key=rank).uid) if scan is self._scan else None)

    def open_study(self, study_uid: str, series_uid: str = "") -> None:
        """Show a series of a study of the catalogue, the main one by default, and open the study's case."""
        study = self.session.catalogue.study(study_uid)
        series = next((s for s in study.series if s.uid == series_uid), None) or main_series(study)
        if series is None:
            return
        self.show_series(series, study_uid)
        open_now = self.session.study
        if open_now is not None and open_now.uid == study_uid:
            self.session.choose(series.uid, source=self)
            return
        if open_now is not None:
            self.session.close_study(source=self)  # one patient's images beside another's findings: never
        self.jobs.start(
            _("Opening the case"),
            lambda _job: self.session.store.warm(),
            done=lambda _nothing: self._open_case(study_uid, series.uid),
            quiet=True,
        )

    def _open_case(self, study_uid: str, series_uid: str) -> None:
        """Open the case of the study on the screen, now that the database is at hand; the images came first."""
        if self._now.study_uid != study_uid:
            return
        self.session.open_study(study_uid, source=self)
        if self.session.series is None or self.session.series.uid != series_uid:
            self.session.choose(series_uid, source=self)
        self._see_to()

    # ---- showing ----

    def show_series(self, series: Series, study_uid: str = "") -> None:
        """Load a series; its first image takes the place of what is shown."""
        lease = self.loader.load(series, len(series.headers) // 2, self._steps)
        self.model.stop()
        if self._now is not self._seen:  # it never came to the screen
            self.loader.end(self._now.lease)
        self._now = _Shown(series, lease, study_uid)
        self.view.set_reading(ReadingStatus())
        self.shown.emit(series)

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
        self.view.show_volume(volume, first_window(volume), middle(volume))
        self.loader.end(before.lease)
        self.loader.end(before.prior)

    def _not_loaded(self, lease: Lease, error: Exception) -> None:
        """Show nothing rather than the images of what was open before beside the case that is open now."""
        if lease is self._now.lease:
            before, self._now = self._seen, _Shown()
            self._seen = self._now
            self.view.show_volume(None, self.view.window, self.view.point_lps_mm)
            self.loader.end(before.lease)
            self.loader.end(before.prior)
        self.loader.end(lease)
        raise error

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
        if now.lease is not None and now.lease.volume is not None and not self.model.recall(now.lease.volume):
            self._read_by_itself(now.lease)
        self._bring_prior(study)
        self._make_thumbnails()

    def _say_bad(self, volume: Volume, bad: tuple[Unreadable, ...]) -> None:
        if bad:
            self.messages.problem(
                _("{n} of {all} images of this series could not be read.").format(
                    n=len(bad), all=len(volume.series.headers)
                ),
                bad[0].reason,
            )

    def _bring_prior(self, study: Study) -> None:
        """Load the latest earlier examination of the same patient beside this one."""
        series = prior_series(self.session.catalogue.studies(), study, self._now.series)
        if series is None:
            return
        self._now.prior = self.loader.load(
            series,
            len(series.headers) // 2,
            lambda lease: Steps(
                first=lambda volume: None if lease.ended else self.view.show_prior(volume),
                more=lambda: self._more(lease),
                done=lambda _volume, _bad: self._more(lease),
                failed=_give_back,
            ),
        )

    def _make_thumbnails(self) -> None:
        """Make the small pictures that are still missing."""
        studies = self.session.catalogue.studies()
        missing = [s for study in studies for s in study.series if s.first.rows and s.uid not in self._pictured]
        self._pictured |= {series.uid for series in missing}

        def work(job: Job) -> None:
            for series in missing:
                job.check()
                self._hand_over(series.uid, thumbnail(series, Job()))

        if missing:
            self.jobs.start(_("Thumbnails"), work, quiet=True)

    def _hand_over(self, series_uid: str, image: object) -> None:
        if image is not None:
            self.jobs.post(lambda: self.thumbnail_made.emit(series_uid, image))

    # ---- reading ----

    def read_again(self) -> None:
        """Let the model read the series shown anew."""
        if self._now.lease is not None and self._now.seen_to:
            self._read(self._now.lease)

    def _read_by_itself(self, lease: Lease) -> None:
        if self.session.settings.auto_read:
            self._read(lease)

    def _read(self, lease: Lease) -> None:
        if lease.volume is not None:
            lease.jobs.append(self.model.start(lease.volume))

    @property
    def busy(self) -> bool:
        """Whether anything is under way that a reader would wait for."""
        return bool(self.jobs.running) or (bool(self._now.study_uid) and not self._now.seen_to)

    def close(self) -> None:
        """Stop everything and free the volumes."""
        self.jobs.close()
        self.loader.close()


def _give_back(error: Exception) -> None:
    """Let an error go the way of all errors."""
    raise error
