"""What is drawn, in this very process: the room where VTK works, asked as the window would ask it."""

from collections.abc import Iterator
from multiprocessing import Pipe

import numpy as np
import pytest

from medviewer.app.volume.camera import Side, VolumeCamera
from medviewer.app.volume.messages import (
    FULL,
    SMOOTH,
    Cut,
    Draw,
    Drawn,
    Failed,
    Find,
    Forget,
    Found,
    Open,
    Opened,
    Wanted,
)
from medviewer.app.volume.presets import presets_for
from medviewer.app.volume.worker import Room
from medviewer.core.shared import Handle, SharedArray
from medviewer.core.volume import Volume
from tests.app.volumes import ASKEW, MIDDLE_LPS_MM, UPRIGHT, ball_volume, ball_voxels, bright_at, grid_of, volume_with

PX = 120
CAMERA = VolumeCamera(MIDDLE_LPS_MM, field_mm=100.0)
BONE = presets_for("CT")[0]
MIP = next(preset for preset in presets_for("CT") if preset.id == "ct-mip")


@pytest.fixture
def room() -> Iterator[Room]:
    ours, theirs = Pipe()
    yield Room(theirs, gpu=False)
    ours.close()


@pytest.fixture
def into() -> Iterator[SharedArray]:
    block = SharedArray.make((PX * PX * 4,), "uint8")
    yield block
    block.close()


def opened(room: Room, volume: Volume, *, full: bool = True) -> Opened:
    asked = Open(1, volume.voxels_block.handle, volume.grid, 1.0, 0.0, volume.unit == "HU", full)
    answer = room.answer(asked)
    assert isinstance(answer, Opened), answer
    return answer


def drawn(room: Room, into: SharedArray, wanted: Wanted, level: int = FULL) -> np.ndarray:
    answer = room.answer(Draw(1, 1, level, wanted, into.handle))
    assert isinstance(answer, Drawn), answer
    assert answer.whole
    return into.array.reshape(PX, PX, 4).copy()


@pytest.mark.parametrize("axes", [UPRIGHT, ASKEW], ids=["upright", "left-handed and askew"])
@pytest.mark.parametrize(
    ("side", "x", "y"),
    [
        # The ball is 20 mm to the left, 10 to the back, 15 to the head; 100 mm are across the picture.
        ("front", 0.20, -0.15),
        ("back", -0.20, -0.15),
        ("left", 0.10, -0.15),
        ("right", -0.10, -0.15),
        ("feet", 0.20, 0.10),
        ("head", -0.20, 0.10),
    ],
)
def test_what_is_on_the_patients_left_appears_on_the_right_side(
    room: Room, into: SharedArray, axes: tuple[tuple[float, float, float], ...], side: Side, x: float, y: float
) -> None:
    grid = grid_of(axes)
    center = tuple(np.add(MIDDLE_LPS_MM, (20.0, 10.0, 15.0)))
    volume = volume_with(ball_voxels(grid, center), grid)
    opened(room, volume)
    picture = drawn(room, into, Wanted(CAMERA.seen_from(side), BONE, PX, PX))
    assert bright_at(picture) == pytest.approx((x, y), abs=0.015)
    room.answer(Forget(1))
    volume.close()


def test_a_coarse_copy_shows_the_same_place(room: Room, into: SharedArray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medviewer.app.volume.copy.MOST_COARSE", 7000)
    volume = ball_volume(20.0, 0.0, 15.0)
    assert opened(room, volume, full=False).detail == 2
    assert bright_at(drawn(room, into, Wanted(CAMERA, BONE, PX, PX), SMOOTH)) == pytest.approx((0.2, -0.15), abs=0.02)
    volume.close()


def test_the_picture_is_lit_bone_on_black(room: Room, into: SharedArray) -> None:
    volume = ball_volume(0.0)
    opened(room, volume)
    picture = drawn(room, into, Wanted(CAMERA, BONE, PX, PX))
    blue, green, red, last = (int(part) for part in picture[PX // 2, PX // 2])
    assert red >= green >= blue > 100
    assert last == 255
    assert picture[2, 2].tolist() == [0, 0, 0, 255]
    volume.close()


def test_the_brightest_of_a_dark_background_preset_on_white_is_dark(room: Room, into: SharedArray) -> None:
    grid = grid_of()
    voxels = ((ball_voxels(grid, MIDDLE_LPS_MM, 20.0) > 0) * 1000).astype(np.int16)
    volume = volume_with(voxels, grid, "PT")
    opened(room, volume)
    picture = drawn(room, into, Wanted(CAMERA, presets_for("PT")[0], PX, PX))
    assert picture[PX // 2, PX // 2, :3].max() < 10
    assert picture[2, 2].tolist() == [255, 255, 255, 255]
    volume.close()


def test_a_cut_takes_away_what_lies_before_the_place(room: Room, into: SharedArray) -> None:
    volume = ball_volume(0.0, -20.0)  # towards the front
    opened(room, volume)
    away = (0.0, -1.0, 0.0)
    kept = drawn(room, into, Wanted(CAMERA, BONE, PX, PX, cuts=(Cut((0.0, -60.0, 0.0), away),)))
    assert kept[..., :3].max() > 100
    gone = drawn(room, into, Wanted(CAMERA, BONE, PX, PX, cuts=(Cut(MIDDLE_LPS_MM, away),)))
    assert gone[..., :3].max() == 0
    assert drawn(room, into, Wanted(CAMERA, BONE, PX, PX))[..., :3].max() > 100  # given back
    volume.close()


@pytest.mark.parametrize("preset", [BONE, MIP], ids=["layers", "brightest"])
def test_a_place_looked_for_is_on_the_balls_near_side_or_in_it(room: Room, preset: object) -> None:
    volume = ball_volume(0.0, 10.0, 0.0)
    opened(room, volume)
    wanted = Wanted(CAMERA, preset, PX, PX)  # type: ignore[arg-type]
    answer = room.answer(Find(1, 5, wanted, PX / 2, PX / 2))
    assert isinstance(answer, Found)
    assert answer.point_lps_mm is not None
    x, y, z = np.subtract(answer.point_lps_mm, MIDDLE_LPS_MM)
    assert (x, z) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert y == pytest.approx(10.0 - 8.0, abs=2.5)  # the ball's radius before its middle, within a voxel
    assert room.answer(Find(1, 6, wanted, 3.0, 3.0)) == Found(1, 6, None)
    volume.close()


def test_a_volume_that_is_gone_is_one_sentence(room: Room) -> None:
    gone = Open(3, Handle("no-such-block", (2, 2, 2), "int16"), grid_of(), 1.0, 0.0, True, True)
    answer = room.answer(gone)
    assert isinstance(answer, Failed)
    assert str(answer.text) == "The series was closed."
    assert isinstance(room.answer(Draw(9, 1, FULL, Wanted(CAMERA, BONE, PX, PX), gone.voxels)), Failed)


def test_a_careful_picture_gives_way_to_what_comes_through_the_pipe(into: SharedArray) -> None:
    ours, theirs = Pipe()
    room, volume = Room(theirs, gpu=False), ball_volume()
    opened(room, volume)
    ours.send("something newer")
    answer = room.answer(Draw(1, 1, FULL, Wanted(CAMERA, BONE, PX, PX), into.handle))
    assert isinstance(answer, Drawn)
    assert not answer.whole
    assert into.array.max() == 0
    volume.close()
