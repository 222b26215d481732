"""Series chosen in the list, dropped on viewports, brought into a grid."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from pytestqt.qtbot import QtBot

from medviewer.core.problem import Problem
from medviewer.core.study import Patient
from medviewer.dicom.write.ct import CtSeries, write_ct
from medviewer.phantom import small
from medviewer.ui import placing_series
from medviewer.ui.series_drag import carried, series_of
from medviewer.ui.viewport import Viewport
from medviewer.ui.window import MainWindow
from tests.ui.samples import PATIENT


@pytest.fixture
def study(make_window: Callable[..., MainWindow], qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """A window on a study of three series, the first one shown."""
    window, made = make_window(), small.make()
    for number in range(3):
        said = CtSeries(patient=PATIENT, study_date="20260115", study_uid="1.2.826.5", series_number=number + 1)
        write_ct(tmp_path / "study" / str(number), made.voxels, made.grid, said)
    window.flow.open_path(tmp_path / "study")
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    return window


def settled(window: MainWindow) -> bool:
    return not window.flow.busy and not window.jobs.quiet and window.view.volume is not None


def uids(window: MainWindow) -> list[tuple[str, str]]:
    assert window.session.study is not None
    return [(window.session.study.uid, series.uid) for series in window.session.study.series]


def shown(window: MainWindow) -> list[str]:
    return ["" if v.volume is None else v.volume.series.uid for v in window.viewer.viewports]


def drop(viewport: Viewport, data: QMimeData) -> bool:
    at, copy, left = QPointF(20, 20), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    entering = QDragEnterEvent(QPoint(20, 20), copy, data, left, Qt.KeyboardModifier.NoModifier)
    viewport.dragEnterEvent(entering)
    if entering.isAccepted():
        viewport.dropEvent(QDropEvent(at, copy, data, left, Qt.KeyboardModifier.NoModifier))
    return entering.isAccepted()


def test_a_grid_is_filled_with_the_series_of_the_study(study: MainWindow, qtbot: QtBot) -> None:
    study.set_grid(2, 2)
    qtbot.waitUntil(lambda: settled(study) and all(shown(study)[:3]))
    assert sorted(shown(study)[:3]) == sorted(uid for _study, uid in uids(study))
    assert shown(study)[3] == ""


def test_a_series_dropped_on_a_viewport_is_shown_there(study: MainWindow, qtbot: QtBot) -> None:
    study.viewer.set_grid(1, 2)
    first = shown(study)[0]
    other = next(pair for pair in uids(study) if pair[1] != first)
    assert drop(study.viewer.viewports[1], carried(*other))
    qtbot.waitUntil(lambda: settled(study) and shown(study) == [first, other[1]])


def test_a_series_dropped_on_one_of_two_alike_leaves_the_other(study: MainWindow, qtbot: QtBot) -> None:
    study.viewer.set_layout("compare")
    first = shown(study)[0]
    other = next(pair for pair in uids(study) if pair[1] != first)
    drop(study.viewer.viewports[1], carried(*other))
    qtbot.waitUntil(lambda: settled(study) and shown(study) == [first, other[1]])
    assert study.view.volume is not None
    assert study.view.volume.series.uid == first


def test_alone_a_dropped_series_takes_the_place_of_the_main_one(study: MainWindow, qtbot: QtBot) -> None:
    study.viewer.set_layout("single")
    other = next(pair for pair in uids(study) if pair[1] != shown(study)[0])
    drop(study.viewer.viewports[0], carried(*other))
    qtbot.waitUntil(lambda: settled(study) and shown(study) == [other[1]])
    assert study.session.series is not None
    assert study.session.series.uid == other[1]


def test_a_click_in_the_list_goes_to_the_active_viewport(study: MainWindow, qtbot: QtBot) -> None:
    study.viewer.set_grid(1, 2)
    first = shown(study)[0]
    other = next(pair for pair in uids(study) if pair[1] != first)
    study.viewer.activate(study.viewer.viewports[1])
    placing_series.choose(study, *other)
    qtbot.waitUntil(lambda: settled(study) and shown(study) == [first, other[1]])


def test_two_patients_never_stand_side_by_side(study: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    stranger, made = Patient("Q-1", "Roe^Richard"), small.make()
    write_ct(tmp_path / "s", made.voxels, made.grid, CtSeries(patient=stranger, study_date="20260115"))
    shown_now = study.session.study
    assert shown_now is not None
    from medviewer.dicom.header import read_header

    headers = [read_header(path) for path in sorted((tmp_path / "s").iterdir())]
    study.session.catalogue.add(headers)
    theirs = headers[0].study_uid, headers[0].series_uid
    study.viewer.set_grid(1, 2)
    with pytest.raises(Problem, match="another patient"):
        placing_series.drop(study, study.viewer.viewports[1], *theirs)
    assert study.session.study is shown_now


def test_a_series_that_is_taken_away_gives_its_memory_back(study: MainWindow, qtbot: QtBot) -> None:
    study.set_grid(1, 2)
    qtbot.waitUntil(lambda: settled(study) and all(shown(study)))
    volume = study.view.display("2").volume
    assert volume is not None
    study.flow.others.clear(("2",))
    qtbot.waitUntil(lambda: volume.voxels.size == 0)
    assert study.view.display("2").volume is None


def test_files_are_no_series() -> None:
    text = QMimeData()
    text.setText("/some/file")
    assert series_of(text) is None
    assert series_of(carried("1", "2")) == ("1", "2")


def test_another_series_of_the_study_is_shown_at_the_place_looked_at(study: MainWindow, qtbot: QtBot) -> None:
    volume = study.view.volume
    assert volume is not None
    lowest = study.viewer.active
    lowest.go_to(2)
    place = study.view.point_lps_mm
    other = next(pair for pair in uids(study) if pair[1] != volume.series.uid)
    study.flow.open_study(*other)
    qtbot.waitUntil(lambda: settled(study) and shown(study)[0] == other[1])
    same = bool(volume.series.first.frame_of_reference_uid) and replace(volume.series.first) is not None
    assert same
    assert study.view.point_lps_mm == pytest.approx(place)
