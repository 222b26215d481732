"""The next slice in the way leafed is made beforehand, and is the one that would have been made."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell
from medviewer.core.volume import PENDING, Volume
from medviewer.imaging.window import LUNG, MEDIASTINUM
from medviewer.ui.picture import Picture
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.samples import painted

PLACE = (0.0, 0.0, 0.0)


@pytest.fixture
def viewport(view: View, qtbot: QtBot, noisy: Volume) -> Viewport:
    made = Viewport(view, Cell(), lambda: None)
    qtbot.addWidget(made)
    made.resize(400, 400)
    made.show()
    view.show_volume(noisy, MEDIASTINUM, PLACE)
    made.go_to(noisy.grid.shape_kji[0] // 2)
    painted(made)
    return made


def prepared(viewport: Viewport) -> int | None:
    """The slice made beforehand."""
    assert viewport.picture is not None
    key = viewport.picture._prepared[0]
    return int(str(key[0])) if key else None


def leaf(viewport: Viewport, qtbot: QtBot, images: int) -> None:
    viewport.step(images)
    painted(viewport)
    expected = viewport.index + images * (1 if viewport.plane is None else viewport.plane.onward)
    qtbot.waitUntil(lambda: prepared(viewport) == expected, timeout=2000)


def test_the_next_slice_is_made_in_either_direction(viewport: Viewport, qtbot: QtBot) -> None:
    leaf(viewport, qtbot, 1)
    leaf(viewport, qtbot, -1)
    leaf(viewport, qtbot, 2)


def test_what_was_made_beforehand_is_what_would_have_been_drawn(viewport: Viewport, qtbot: QtBot) -> None:
    leaf(viewport, qtbot, 1)
    assert viewport.plane is not None
    assert viewport.picture is not None
    made = viewport.picture._prepared[1]
    viewport.step(1)
    shown = painted(viewport)
    assert viewport.picture._pixels is made
    viewport.picture = Picture(viewport.plane, viewport.display)
    assert np.array_equal(painted(viewport), shown)


def test_other_greys_are_not_served_by_what_was_made_before(viewport: Viewport, qtbot: QtBot) -> None:
    leaf(viewport, qtbot, 1)
    viewport.view.set_window(LUNG)
    viewport.step(1)
    shown = painted(viewport)
    assert viewport.plane is not None
    viewport.picture = Picture(viewport.plane, viewport.display)
    assert np.array_equal(painted(viewport), shown)


def test_slices_not_read_yet_and_those_beyond_the_end_are_not_made(
    viewport: Viewport, qtbot: QtBot, noisy: Volume
) -> None:
    assert viewport.plane is not None
    following = viewport.index + 2 * viewport.plane.onward
    noisy.state[following] = PENDING
    viewport.step(1)
    painted(viewport)
    qtbot.wait(30)
    assert prepared(viewport) != following
    viewport.go_to(0)
    painted(viewport)
    qtbot.wait(30)
    assert prepared(viewport) in (None, *range(viewport.plane.count))


def test_an_enhanced_picture_is_left_alone(viewport: Viewport, qtbot: QtBot) -> None:
    viewport.view.set_enhancement(viewport.display, "smooth")
    viewport.step(1)
    painted(viewport)
    qtbot.wait(30)
    assert prepared(viewport) is None


def test_a_volume_freed_meanwhile_is_left_alone(viewport: Viewport, qtbot: QtBot, noisy: Volume) -> None:
    viewport.step(1)
    painted(viewport)
    viewport.hide()
    noisy.close()
    qtbot.wait(30)  # a fault in the timer's call would fail the test
    assert prepared(viewport) is None
