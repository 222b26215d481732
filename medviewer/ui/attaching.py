"""What is no image, brought to the reader: segments and contours over their images, presentation states, pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from medviewer.core.job import Job
from medviewer.core.layers import Layer
from medviewer.core.presentation import Presentation
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Series, Study
from medviewer.core.volume import Volume
from medviewer.dicom.objects.document import Document
from medviewer.i18n import Message, _
from medviewer.ui.jobs import Jobs
from medviewer.ui.messages import Messages
from medviewer.ui.view import View

MOST_PAGES = 200


@dataclass(frozen=True)
class Pages:
    """The documents of a series, one a file, and the SOP UIDs of the images that they can lead to."""

    series: Series
    documents: tuple[Document, ...]
    known: frozenset[str]


@dataclass(frozen=True)
class _Waiting:
    """Something to be put over the images of ``target`` as soon as they are on the screen."""

    target_uid: str
    drawing: Series | None = None
    state: Presentation | None = None


class Attaching(QObject):
    """Shows objects of a study; asks for the images they belong to where those are not on the screen.

    ``images_wanted`` gets study and series UID; ``pages_read`` the Pages to be shown in place of images;
    ``layers_placed`` fires when segments or contours are over their images; ``states`` are the presentation states
    of the study that fit the images shown, and ``states_changed`` tells of others.
    """

    images_wanted = Signal(str, str)
    pages_read = Signal(object)
    layers_placed = Signal()
    states_changed = Signal()

    def __init__(self, view: View, messages: Messages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._messages = view, messages
        self._jobs: Jobs = view.jobs
        self.states: tuple[Presentation, ...] = ()
        self._of_study: tuple[str, tuple[Presentation, ...]] = ("", ())
        self._looks_at = ""  # UID of the study whose states are wanted
        self._waiting: _Waiting | None = None
        self._placing: Job | None = None
        self._asked: Job | None = None  # reads what was chosen last, unless something else was chosen since
        view.volume_changed.connect(self._take_volume)

    # ---- showing one ----

    def show(self, study: Study, series: Series) -> None:
        """Bring an object of ``study`` to the screen, over its images or as a page."""
        self._waiting = None
        if series.kind in ("segmentation", "contours"):
            work, draw = partial(_beneath, study, series), partial(self._draw, study, series)
            self._start(series, work, draw)
        elif series.kind == "presentation":
            self._start(series, lambda _job: _state_of(study, series), lambda found: self._present(study, *found))
        else:
            self._start(series, lambda job: _read_pages(study, series, job), self.pages_read.emit)

    def _start(self, series: Series, work: Callable[[Job], Any], done: Callable[[Any], None]) -> None:
        self.stop()
        title = _("Opening the report") if series.kind == "report" else _("Opening the object")
        self._asked = job = self._jobs.start(
            title, work, done=lambda found: done(found) if job is self._asked else None
        )

    def stop(self) -> None:
        """Something else is being opened: what is still being read must not come over it, maybe another patient."""
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None

    def _draw(self, study: Study, series: Series, found: str | Pages) -> None:
        """Put a drawing over its images; where they are not here say so, and what the drawing is."""
        if isinstance(found, Pages):
            self.pages_read.emit(found)
            raise _not_here()
        self._await(study, _Waiting(found, drawing=series))

    def _present(self, study: Study, target_uid: str, state: Presentation) -> None:
        self._await(study, _Waiting(target_uid, state=state))

    def _await(self, study: Study, waiting: _Waiting) -> None:
        self._waiting = waiting
        volume = self._view.volume
        if volume is not None and volume.series.uid == waiting.target_uid:
            self._view.show_page(None)
            self._take_volume()
        else:
            self.images_wanted.emit(study.uid, waiting.target_uid)

    def _take_volume(self) -> None:
        """Other images are on the screen: put over them what waits for them, offer what fits them."""
        volume, waiting = self._view.volume, self._waiting
        self._offer()
        if volume is None or waiting is None or volume.series.uid != waiting.target_uid:
            return
        self._waiting = None
        if waiting.state is not None:
            self._view.set_presentation(waiting.state)
        if waiting.drawing is not None:
            self._place(waiting.drawing, volume)

    def _place(self, drawing: Series, volume: Volume) -> None:
        if self._placing is not None:
            self._placing.cancel()
        self._placing = self._jobs.start(
            _("Reading the segments"),
            lambda job: _load(drawing, volume, job),
            done=lambda found: self._placed(volume, *found),
        )

    def _placed(self, volume: Volume, layers: tuple[Layer, ...], told: tuple[Message, ...]) -> None:
        if volume is not self._view.volume:
            return
        for message in dict.fromkeys(map(str, told)):
            self._messages.problem(message, passing=True)
        if layers:
            self._view.layers.add(volume, layers)
            self.layers_placed.emit()

    # ---- presentation states of the study ----

    def look_for_states(self, study: Study) -> None:
        """Read the presentation states of ``study``, beside the work; ``states`` has those that fit."""
        self._looks_at = study.uid
        if any(series.kind == "presentation" for series in study.series) and self._of_study[0] != study.uid:
            self._jobs.start(
                _("Reading the presentation states"),
                lambda job: _states(study, job),
                done=lambda found: self._take_states(study.uid, found),
                quiet=True,
            )

    def _take_states(self, study_uid: str, found: tuple[Presentation, ...]) -> None:
        if study_uid == self._looks_at:  # else they come too late, and would take the place of others
            self._of_study = study_uid, found
            self._offer()

    def _offer(self) -> None:
        volume = self._view.volume
        fitting = () if volume is None else tuple(s for s in self._of_study[1] if s.fits(volume.series))
        if fitting != self.states:
            self.states = fitting
            self.states_changed.emit()


def _beneath(study: Study, series: Series, job: Job) -> str | Pages:
    """Return the UID of the images that something was drawn on; what is known of it where they are not here."""
    from medviewer.dicom.objects import target

    found = target(study, series)
    return _read_pages(study, series, job) if found is None else found.uid


def _not_here() -> Problem:
    from medviewer.dicom.objects import NOT_HERE

    return Problem(str(NOT_HERE), _("Open the folder with the images too."))


def _state_of(study: Study, series: Series) -> tuple[str, Presentation]:
    """Return the images that the series' first presentation state is for, and the state."""
    from medviewer.dicom.looks.presentation import read_state

    state = read_state(series.first)
    for images in study.series:
        if images.kind == "image" and state.fits(images):
            return images.uid, state
    raise Problem(_("The images of this presentation state are not in this study."))


def _read_pages(study: Study, series: Series, job: Job) -> Pages:
    from medviewer.dicom.objects.document import read_document

    documents = []
    for number, header in enumerate(series.headers[:MOST_PAGES]):
        job.step(number / len(series.headers))
        documents.append(read_document(header))
    return Pages(series, tuple(documents), frozenset(header.sop_uid for header in _images(study.series)))


def _images(series: Sequence[Series]) -> list[Header]:
    return [header for one in series if one.kind == "image" for header in one.headers]


def _load(drawing: Series, volume: Volume, job: Job) -> tuple[tuple[Layer, ...], tuple[Message, ...]]:
    from medviewer.dicom.objects import load_layers

    return load_layers(drawing, volume, job)


def _states(study: Study, job: Job) -> tuple[Presentation, ...]:
    from medviewer.dicom.looks.presentation import states_of

    return states_of(study, job)
