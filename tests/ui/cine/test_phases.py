"""The phases of one place are stepped through at the slice looked at, within the memory there is."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell
from medviewer.core.case import Case
from medviewer.core.job import Job
from medviewer.core.phases import phases_of
from medviewer.core.study import Study
from medviewer.imaging.window import LUNG
from medviewer.ui.cine import phases as module
from medviewer.ui.cine.cine import Cine
from medviewer.ui.cine.phase_bar import PhaseBar
from medviewer.ui.cine.phases import Phases
from medviewer.ui.loading import Loader
from medviewer.ui.marks.paint import drawn_in
from medviewer.ui.marks.view import marks_of
from medviewer.ui.marks.where import go_to, place_words
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from medviewer.ui.window import MainWindow
from tests.marks import on_slice


class Room(QWidget):
    """A real 4-D study on one viewport, with its bar."""

    def __init__(self, view: View, study: Study) -> None:
        super().__init__()
        self.loader = Loader(view.jobs, self)
        self.viewport = Viewport(view, Cell(), lambda: None)
        self.phases = Phases(view, self.loader, lambda: study, lambda: [self.viewport], self)
        self.bar = PhaseBar(self.phases)
        self.cine = Cine(lambda: self.viewport, self)
        self.cine.instead = self.phases.cine_steps
        column = QVBoxLayout(self)
        column.addWidget(self.viewport)
        column.addWidget(self.bar)

    @property
    def shown(self) -> str:
        assert self.viewport.plane is not None
        return str(self.viewport.plane.volume.series.label)


@pytest.fixture
def room(qtbot: QtBot, view: View, tmp_path: Path) -> Iterator[Room]:
    study = four_d(tmp_path)
    from medviewer.dicom.load import load_volume

    first = load_volume(study.series[0], Job())
    made = Room(view, study)
    qtbot.addWidget(made)
    view.show_volume(first, LUNG, (0.0, 0.0, 2.0))
    made.resize(500, 400)
    made.show()
    yield made
    made.cine.stop()
    view.show_volume(None, LUNG, (0.0, 0.0, 0.0))
    view.jobs.close()
    made.loader.close()
    first.close()


def four_d(folder: Path) -> Study:
    """Write three phases of one place, each brighter than the one before, and scan them."""
    from pydicom import dcmread
    from pydicom.uid import UID

    from medviewer.app.scanning import scan_into
    from medviewer.core.grid import Grid
    from medviewer.dicom.catalogue import Catalogue
    from medviewer.dicom.write.ct import CtSeries, write_ct

    grid = Grid((4, 16, 16), (0.0, 0.0, 0.0), (2.0, 1.0, 1.0))
    for n in range(3):
        place = folder / str(n)
        write_ct(place, np.full((4, 16, 16), 100 * n, np.int16), grid, CtSeries(study_date="20260115"))
        for k, path in enumerate(sorted(place.iterdir())):
            image = dcmread(path)
            image.StudyInstanceUID, image.SeriesInstanceUID, image.FrameOfReferenceUID = "1.2.3", "1.2.3.4", "1.2.3.5"
            image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = UID(f"1.2.3.4.{n}.{k + 1}")
            image.TemporalPositionIdentifier = n + 1
            image.save_as(path)
    catalogue = Catalogue()
    scan_into(catalogue, folder, Job())
    (study,) = catalogue.studies()
    return study


def value(room: Room) -> float | None:
    assert room.viewport.plane is not None
    return room.viewport.plane.value_at(room.viewport.display.point_lps_mm)


def test_the_slider_shows_another_phase_at_the_same_slice(qtbot: QtBot, room: Room) -> None:
    room.viewport.go_to(2)
    assert room.bar.isVisible()
    assert (room.bar.slider.maximum(), room.shown, value(room)) == (2, "phase 1 of 3", 0.0)
    room.bar.slider.setValue(2)
    qtbot.waitUntil(lambda: room.shown == "phase 3 of 3")
    qtbot.waitUntil(lambda: value(room) == 200.0)
    assert room.viewport.index == 2
    assert room.bar.name.text().startswith("phase 3 of 3")


def test_steps_go_round_and_the_camera_and_window_stay(qtbot: QtBot, room: Room, view: View) -> None:
    camera = replace(room.viewport.camera, zoom=2.0)
    room.viewport.set_camera(camera)
    room.phases.step(-1)
    qtbot.waitUntil(lambda: room.shown == "phase 3 of 3")
    room.phases.step(1)
    assert room.shown == "phase 1 of 3"
    assert (room.viewport.camera, view.window) == (camera, LUNG)


def test_the_panels_hear_of_it_once_it_rests(qtbot: QtBot, room: Room, view: View) -> None:
    room.phases.set_in_cine(True)
    qtbot.waitUntil(lambda: room.phases.ready == 3)
    with qtbot.waitSignal(view.volume_changed):
        for _n in range(4):
            room.phases.step(1)
    assert room.phases.ready == 3
    assert room.phases.in_cine


def test_the_cine_goes_through_phases_where_that_is_wanted(qtbot: QtBot, room: Room) -> None:
    assert room.phases.cine_steps(room.viewport) is None
    room.bar.cine.setChecked(True)
    qtbot.waitUntil(lambda: room.phases.ready == 3)
    index = room.viewport.index
    room.cine.start(fps=50)
    qtbot.waitUntil(lambda: room.shown == "phase 3 of 3")
    assert room.viewport.index == index


def test_phases_that_do_not_fit_into_memory_stay_out(qtbot: QtBot, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "budget_bytes", lambda: 4 * (2 * 16 * 16 + 1))
    room.phases.step(1)
    qtbot.waitUntil(lambda: room.phases.ready == 2)
    assert room.phases.left_out == 1
    assert "1 left out: not enough memory" in room.bar.name.text()


def test_other_images_end_it(qtbot: QtBot, room: Room, view: View) -> None:
    room.phases.step(1)
    qtbot.waitUntil(lambda: room.phases.ready == 3)
    view.show_volume(None, LUNG, (0.0, 0.0, 0.0))
    assert room.phases.count == 0
    assert not room.bar.isVisible()


def test_a_mark_is_seen_on_its_own_phase_alone_and_the_list_names_that(qtbot: QtBot, room: Room, view: View) -> None:
    first = view.main.volume
    assert first is not None
    mark = on_slice(first, "rectangle", [(2.5, 2.5), (9.5, 9.5)])
    mark = replace(mark, frame_of_reference_uid=first.series.first.frame_of_reference_uid)
    case = Case("1.2.3", marks=(mark,))
    view.case = lambda: case
    marks, known = marks_of(view), {one.uid: one for one in room.phases.series}
    marks.find_series = known.get
    go_to(mark, marks)
    assert [one.mark for one in drawn_in(room.viewport)] == [mark]
    assert place_words(mark, marks) == "Image 4 · phase 1 of 3"
    room.phases.show(1)
    qtbot.waitUntil(lambda: room.shown == "phase 2 of 3")
    assert drawn_in(room.viewport) == []
    assert place_words(mark, marks) == "Image 4 · phase 1 of 3"  # as it was: readers count from the head
    go_to(mark, marks)
    assert room.shown == "phase 1 of 3"
    assert [one.mark for one in drawn_in(room.viewport)] == [mark]


@pytest.mark.data
def test_a_real_4d_ct_has_nineteen_phases(shared_data: Path) -> None:
    from medviewer.app.scanning import scan_into
    from medviewer.dicom.catalogue import Catalogue

    catalogue = Catalogue()
    scan_into(catalogue, shared_data / "dicom" / "ct-4d-tiny-panimg", Job())
    (study,) = catalogue.studies()
    assert [one.uid for one in phases_of(study, study.series[3])] == [one.uid for one in study.series]
    assert len(study.series) == 19


def test_a_folder_that_is_opened_has_its_phases(
    make_window: Callable[..., MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    """The first image is on the screen before the study is known, and with it the other phases."""
    four_d(tmp_path)
    window = make_window()
    window.flow.open_path(tmp_path)
    qtbot.waitUntil(lambda: window.session.study is not None and not window.flow.busy, timeout=30_000)
    bar = window.findChild(PhaseBar)
    assert window.phases.count == 3
    assert bar is not None
    assert bar.isVisible()
