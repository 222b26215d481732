"""What is being looked at."""

from pytestqt.qtbot import QtBot

from medviewer.core.volume import Volume
from medviewer.imaging.window import LUNG, MEDIASTINUM
from medviewer.ui.view import ReadingStatus, View
from tests.ui.samples import sphere


def test_choosing_a_finding_goes_there(view: View, qtbot: QtBot, volume: Volume) -> None:
    finding = sphere(volume)
    with qtbot.waitSignals([view.moved, view.finding_changed]):
        view.select(finding)
    assert view.point_lps_mm == finding.center_lps_mm
    view.select(None)
    assert view.finding_id is None
    assert view.point_lps_mm == finding.center_lps_mm


def test_another_volume_starts_afresh(view: View, volume: Volume) -> None:
    view.select(sphere(volume))
    view.invert()
    view.show_prior(volume)
    view.show_volume(volume, MEDIASTINUM, (1.0, 2.0, 3.0))
    assert (view.finding_id, view.prior, view.inverted) == (None, None, False)
    assert (view.window, view.default_window) == (MEDIASTINUM, MEDIASTINUM)


def test_the_first_window_is_remembered(view: View, volume: Volume) -> None:
    view.show_volume(volume, LUNG, (0.0, 0.0, 0.0))
    view.set_window(MEDIASTINUM)
    assert view.default_window == LUNG


def test_nothing_is_told_where_nothing_moved(view: View, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(view.moved):
        view.move_to(view.point_lps_mm)


def test_progress_of_the_reading_is_told(view: View, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.reading_changed):
        view.set_reading(ReadingStatus("running", share=0.4))
    assert view.reading.share == 0.4
