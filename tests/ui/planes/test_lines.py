"""Lines across series: where the plane that another display shows cuts this one, and as far as it reaches."""

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell
from medviewer.core.look import Window
from medviewer.core.volume import Volume
from medviewer.ui.planes import oblique
from medviewer.ui.planes.lines import lines_of
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.planes.room import USUAL, centred, volume_on

AXIAL = centred((40, 100, 100), (2.0, 1.0, 1.0), USUAL)  # 80 mm high, 100 mm wide
CORONAL = centred((30, 50, 50), (1.0, 0.6, 0.6), np.array([[0.0, 1, 0], [0, 0, -1], [1, 0, 0]]))  # 30 mm wide


@pytest.fixture
def both(qtbot: QtBot, view: View) -> Iterator[tuple[Viewport, Viewport]]:
    main, second = volume_on(AXIAL), volume_on(CORONAL, uid="1.2.10")
    view.show_volume(main, Window(40, 400), (0.0, 0.0, 0.0))
    view.show_in("2", second, Window(40, 400), (0.0, 4.0, 0.0))
    viewports = Viewport(view, Cell("axial"), lambda: None), Viewport(view, Cell("native", "2"), lambda: None)
    for viewport in viewports:
        qtbot.addWidget(viewport)
        viewport.resize(500, 500)
        viewport.show()
    viewports[0].references, viewports[1].references = (viewports[1],), (viewports[0],)
    view.set_link("scroll", False)
    view.display("2").point_lps_mm = (0.0, 4.0, 0.0)
    yield viewports
    close(main, second)


def close(*volumes: Volume) -> None:
    for volume in volumes:
        volume.close()


def test_the_line_is_where_the_other_series_shown_slice_is(view: View, both: tuple[Viewport, Viewport]) -> None:
    view.relate(view.display("2"), np.eye(4))
    view.display("2").point_lps_mm = (0.0, 4.0, 0.0)
    (line,) = lines_of(both[0])
    ends = np.array([both[0].lps_at(end) for end in (line.ends_px.p1(), line.ends_px.p2())])
    shown = both[1].plane.geometry(both[1].index).origin_lps_mm[1]  # type: ignore[union-attr]
    assert ends[:, 1] == pytest.approx([shown, shown], abs=0.01)
    assert np.ptp(ends[:, 0]) == pytest.approx(50 * 0.6, abs=0.01)  # no longer than the other picture is wide
    assert not line.own


def test_another_series_line_cannot_be_dragged(view: View, both: tuple[Viewport, Viewport]) -> None:
    view.relate(view.display("2"), np.eye(4))
    (line,) = lines_of(both[0])
    assert oblique.handles_of(both[0], line) == []
    assert oblique.grab(both[0], line.center_px + line.along * 40) is None


def test_a_registered_series_is_drawn_where_it_was_brought_to(view: View, both: tuple[Viewport, Viewport]) -> None:
    shift = np.eye(4)
    shift[:3, 3] = (0.0, 10.0, 0.0)
    view.relate(view.display("2"), shift)
    view.display("2").point_lps_mm = (0.0, 4.0, 0.0)
    (line,) = lines_of(both[0])
    shown = both[1].plane.geometry(both[1].index).origin_lps_mm[1]  # type: ignore[union-attr]
    assert both[0].lps_at(line.ends_px.p1())[1] == pytest.approx(shown + 10.0, abs=0.01)


def test_series_without_a_relation_have_no_line(view: View, both: tuple[Viewport, Viewport]) -> None:
    view.relate(view.display("2"), None)
    assert lines_of(both[0]) == []


def test_parallel_planes_have_no_line(qtbot: QtBot, view: View, both: tuple[Viewport, Viewport]) -> None:
    twin = Viewport(view, Cell("axial"), lambda: None)
    qtbot.addWidget(twin)
    twin.references = (both[0],)
    assert lines_of(twin) == []
