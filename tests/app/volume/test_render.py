"""Pictures come from processes of their own, which may die and never take the program with them."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from medviewer.app.volume import painter as volume_painter
from medviewer.app.volume import render as volume_render
from medviewer.app.volume import worker as volume_worker
from medviewer.app.volume.camera import VolumeCamera
from medviewer.app.volume.messages import FULL, ROUGH, SMOOTH, Wanted
from medviewer.app.volume.presets import presets_for
from medviewer.app.volume.render import Rendering, VolumeRenderer, why_not
from medviewer.core.finding import Point
from medviewer.core.volume import Volume
from tests.app.volumes import MIDDLE_LPS_MM, ball_volume, bright_at, dies_of_the_driver

PATIENCE_S = 60.0
WANTED = Wanted(VolumeCamera(MIDDLE_LPS_MM, field_mm=100.0), presets_for("CT")[0], 200, 160)


class Watched:
    """A rendering, and a way to wait until something is true of it."""

    def __init__(self, renderer: VolumeRenderer, volume: Volume) -> None:
        self._news = threading.Condition()
        self.levels: list[int] = []
        self.rendering: Rendering = renderer.open(volume, self._hear)

    def _hear(self) -> None:
        with self._news:
            if self.rendering.picture is not None:
                self.levels.append(self.rendering.picture.level)
            self._news.notify_all()

    def until(self, ready: Callable[[Rendering], bool]) -> Rendering:
        with self._news:
            assert self._news.wait_for(lambda: ready(self.rendering), PATIENCE_S)
        return self.rendering


@pytest.fixture(scope="module")
def renderer() -> Iterator[VolumeRenderer]:
    made = VolumeRenderer()
    yield made
    made.close()


@pytest.fixture
def volume() -> Iterator[Volume]:
    made = ball_volume(20.0, 10.0, 15.0)
    yield made
    made.close()


def shown(level: int) -> Callable[[Rendering], bool]:
    return lambda rendering: rendering.picture is not None and rendering.picture.level == level


def test_what_stands_still_becomes_finer_and_what_moves_is_small(renderer: VolumeRenderer, volume: Volume) -> None:
    watched = Watched(renderer, volume)
    watched.rendering.ask(WANTED, moving=False)
    full = watched.until(shown(FULL)).picture
    assert full is not None
    assert full.pixels.shape == (160, 200, 4)
    x, y = bright_at(full.pixels)
    assert (x, y) == pytest.approx((0.2 * 160 / 200, -0.15), abs=0.015)  # 100 mm are across the shorter side
    watched.rendering.ask(replace(WANTED, width_px=1000, height_px=800), moving=True)
    rough = watched.until(shown(ROUGH)).picture
    assert rough is not None
    assert max(rough.pixels.shape) == volume_render.ROUGH_PX
    assert watched.levels[0] == SMOOTH
    watched.rendering.close()


def test_only_the_latest_of_many_movements_is_sure_to_be_drawn(renderer: VolumeRenderer, volume: Volume) -> None:
    watched = Watched(renderer, volume)
    for step in range(50):
        watched.rendering.ask(replace(WANTED, camera=WANTED.camera.orbited(step, 0)), moving=True)
    last = WANTED.camera.orbited(49, 0)
    watched.until(lambda rendering: rendering.picture is not None and rendering.picture.wanted.camera == last)
    assert len(watched.levels) < 50
    watched.rendering.close()


def test_a_process_that_dies_is_one_sentence_and_the_next_picture_comes_from_another(
    renderer: VolumeRenderer, volume: Volume, caplog: pytest.LogCaptureFixture
) -> None:
    watched = Watched(renderer, volume)
    watched.rendering.ask(WANTED, moving=True)
    watched.until(shown(ROUGH))
    first = renderer.quick.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)  # so that it dies while it draws
    watched.rendering.ask(WANTED, moving=True)
    os.kill(first, signal.SIGKILL)
    problem = watched.until(lambda rendering: rendering.problem is not None).problem
    assert str(problem) == "Drawing the 3-D picture failed and was started anew."
    assert "ended with -9" in caplog.text
    watched.rendering.ask(WANTED, moving=True)
    watched.until(lambda rendering: rendering.problem is None)
    assert renderer.quick.pid not in (None, first)
    watched.rendering.close()


def test_two_volumes_share_the_processes(renderer: VolumeRenderer, volume: Volume) -> None:
    other = ball_volume(-20.0, 10.0, 15.0)
    left, right = Watched(renderer, volume), Watched(renderer, other)
    for watched in (left, right):
        watched.rendering.ask(WANTED, moving=False)
    for watched, x in ((left, 0.16), (right, -0.16)):
        picture = watched.until(shown(FULL)).picture
        assert picture is not None
        assert bright_at(picture.pixels)[0] == pytest.approx(x, abs=0.015)
        watched.rendering.close()
    other.close()


def test_a_third_volume_takes_the_place_of_the_one_longest_unused(renderer: VolumeRenderer) -> None:
    volumes = [ball_volume(dx) for dx in (-20.0, 0.0, 20.0)]
    watched = [Watched(renderer, volume) for volume in volumes]
    for each in (*watched, watched[0]):
        before = len(each.levels)
        each.rendering.ask(WANTED, moving=True)
        each.until(lambda _rendering, each=each, before=before: len(each.levels) > before)  # type: ignore[misc]
        assert each.rendering.problem is None
    for each, volume in zip(watched, volumes, strict=True):
        each.rendering.close()
        volume.close()


def test_a_place_is_found_under_a_pixel(renderer: VolumeRenderer, volume: Volume) -> None:
    found: list[Point | None] = []
    told = threading.Event()
    rendering = renderer.open(volume, lambda: None)
    rendering.find(WANTED, (100 + 0.2 * 160, 80 - 0.15 * 160), lambda point: (found.append(point), told.set()))  # type: ignore[func-returns-value,arg-type]
    assert told.wait(PATIENCE_S)
    assert found[0] is not None
    assert found[0][0] == pytest.approx(MIDDLE_LPS_MM[0] + 20.0, abs=1.0)
    assert found[0][2] == pytest.approx(MIDDLE_LPS_MM[2] + 15.0, abs=1.0)
    rendering.close()


def test_a_computer_that_cannot_draw_says_so_once(volume: Volume, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(_hidden_vtk(os.environ["MEDVIEWER_HOME"]))  # a spawned process takes the path over
    renderer = VolumeRenderer()
    watched = Watched(renderer, volume)
    watched.rendering.ask(WANTED, moving=True)
    problem = watched.until(lambda rendering: rendering.problem is not None).problem
    assert str(problem) == str(volume_worker.CANNOT_START)
    assert renderer.quick.pid is None
    renderer.close()


def _hidden_vtk(home: str) -> str:
    """Return a folder that hides VTK from a process whose path begins with it."""
    folder = os.path.join(home, "hiding")
    os.makedirs(os.path.join(folder, "vtkmodules"), exist_ok=True)
    with open(os.path.join(folder, "vtkmodules", "__init__.py"), "w", encoding="ascii") as file:
        file.write("raise ImportError('hidden')\n")
    return folder


def test_a_driver_that_ends_the_process_is_done_without(volume: Volume, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volume_worker, "main", dies_of_the_driver)
    renderer = VolumeRenderer()
    watched = Watched(renderer, volume)
    watched.rendering.ask(WANTED, moving=True)
    assert watched.until(shown(ROUGH)).problem is None
    assert not renderer.quick.gpu
    renderer.close()


def test_close_ends_the_processes(volume: Volume) -> None:
    renderer = VolumeRenderer()
    watched = Watched(renderer, volume)
    watched.rendering.ask(WANTED, moving=False)
    watched.until(shown(FULL))
    children = [painter._child for painter in renderer.started]
    renderer.close()
    assert [child.exitcode for child in children if child is not None] == [-signal.SIGKILL] * 2
    assert renderer.started == ()


def test_the_next_movement_is_drawn_smaller_where_one_took_long(renderer: VolumeRenderer, volume: Volume) -> None:
    rendering = renderer.open(volume, lambda: None)
    pixels = np.zeros((1, 1, 4), np.uint8)
    slow, quick = (volume_painter.Picture(1, ROUGH, WANTED, pixels, spent_s) for spent_s in (1.0, 0.001))
    for _picture in range(100):
        rendering._adapt(slow)
    assert rendering._rough_px == volume_render.LEAST_ROUGH_PX
    for _picture in range(100):
        rendering._adapt(quick)
    assert rendering._rough_px == volume_render.MOST_ROUGH_PX
    rendering.close()


def test_what_cannot_be_drawn_has_a_reason(volume: Volume) -> None:
    assert why_not(volume) is None
    assert "evenly spaced" in str(why_not(replace(volume, regular=False)))
    assert "grey" in str(why_not(replace(volume, colours_block=volume.state_block)))


def test_the_program_has_one_renderer() -> None:
    volume_render.close_renderer()
    assert volume_render.default() is volume_render.default()
    assert volume_render.default().started == ()
