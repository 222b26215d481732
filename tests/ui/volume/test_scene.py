"""The 3-D cell as a reader handles it, with a renderer that remembers what it is asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from medviewer.app.volume.camera import SIDES
from medviewer.app.volume.messages import FULL, ROUGH, Wanted
from medviewer.app.volume.painter import Picture
from medviewer.app.volume.render import VolumeRenderer
from medviewer.core.arrangement import Cell
from medviewer.core.finding import Point
from medviewer.core.volume import Volume
from medviewer.i18n import Message
from medviewer.imaging.window import LUNG
from medviewer.ui import corners
from medviewer.ui.display import Display
from medviewer.ui.exports.picture import Wish, pixels_of, twin_of
from medviewer.ui.tool import Drag
from medviewer.ui.tools import crosshair
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from medviewer.ui.volume import figure as volume_figure
from medviewer.ui.volume import hand as volume_hand
from medviewer.ui.volume.menu import volume_menu
from medviewer.ui.volume.scene import VolumeScene
from tests.app.volumes import MIDDLE_LPS_MM, ball_volume, bright_at
from tests.ui.samples import painted

SIZE = (240, 200)


@dataclass
class Fake:
    """A renderer and its rendering; ``draw`` hands in a picture as the process would, ``grey`` everywhere."""

    asked: list[tuple[Wanted, bool]] = field(default_factory=list)
    sought: list[tuple[float, float]] = field(default_factory=list)
    picture: Picture | None = None
    problem: Message | None = None
    remark: Message | None = None
    closed: int = 0

    def open(self, _volume: Volume, changed: Callable[[], None]) -> "Fake":
        self.changed = changed
        return self

    def ask(self, wanted: Wanted, *, moving: bool) -> None:
        self.asked.append((wanted, moving))

    def find(self, _wanted: Wanted, at_px: tuple[float, float], found: Callable[[Point | None], None]) -> None:
        self.sought.append(at_px)
        found((1.0, 2.0, 3.0) if at_px[0] < 100 else None)

    def close(self) -> None:
        self.closed += 1

    def draw(self, grey: int = 90) -> None:
        wanted, moving = self.asked[-1]
        pixels = np.full((wanted.height_px, wanted.width_px, 4), grey, np.uint8)
        self.picture = Picture(len(self.asked), ROUGH if moving else FULL, wanted, pixels, 0.01)
        self.changed()


class Cell3D(Viewport):
    """A viewport that shows a volume in three dimensions."""

    scene: VolumeScene


@pytest.fixture
def body() -> Iterator[Volume]:
    made = ball_volume(20.0, 0.0, 15.0)
    yield made
    made.close()


@pytest.fixture
def fake() -> Fake:
    return Fake()


@pytest.fixture
def cell(qtbot: QtBot, body: Volume, fake: Fake, view: View) -> Iterator[Cell3D]:
    made = Cell3D(view, Cell("volume"), lambda: None)
    made.tools = {Qt.MouseButton.LeftButton: crosshair.TOOL}
    view.show_volume(body, LUNG, MIDDLE_LPS_MM)
    made.scene = VolumeScene(view.main, made, renderer=lambda: fake)  # type: ignore[arg-type,return-value]
    made.scene.changed.connect(made.update)
    made.scene.found.connect(view.move_to)
    qtbot.addWidget(made)
    made.resize(*SIZE)
    made.show()
    painted(made)
    yield made
    view.show_volume(None, LUNG, MIDDLE_LPS_MM)


def test_the_first_paint_asks_for_a_picture_and_says_so(cell: Cell3D, fake: Fake) -> None:
    wanted, moving = fake.asked[0]
    assert not moving
    assert (wanted.width_px, wanted.height_px) == SIZE
    assert wanted.camera.axes == SIDES["front"]
    assert wanted.preset.id == "ct-bone"
    assert cell.scene.status == "Preparing the 3-D picture…"


def test_a_picture_that_comes_is_painted(cell: Cell3D, fake: Fake) -> None:
    fake.draw(77)
    assert cell.scene.status == ""
    assert painted(cell)[60, 60].tolist() == [77, 77, 77]


def test_a_drag_turns_roughly_and_rest_makes_it_fine(qtbot: QtBot, cell: Cell3D, fake: Fake) -> None:
    fake.draw()
    QTest.mousePress(cell, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(100, 100))
    QTest.mouseMove(cell, QPoint(160, 100))
    QTest.mouseRelease(cell, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(160, 100))
    wanted, moving = fake.asked[-1]
    assert moving
    assert wanted.camera.axes[2][0] < -0.4  # 60 px are 30 degrees: the right side comes into view
    assert fake.sought == []
    qtbot.waitUntil(lambda: not fake.asked[-1][1])
    assert fake.asked[-1][0] == wanted


def test_a_click_goes_to_the_place_seen_there(qtbot: QtBot, cell: Cell3D, fake: Fake) -> None:
    fake.draw()
    with qtbot.waitSignal(cell.scene.found) as place:
        QTest.mouseClick(cell, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(40, 50))
    assert place.args == [(1.0, 2.0, 3.0)]
    with qtbot.assertNotEmitted(cell.scene.found):
        QTest.mouseClick(
            cell, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(140, 50)
        )  # nothing is there
    assert fake.sought == [(40.0, 50.0), (140.0, 50.0)]


def test_each_tool_does_in_3d_what_it_does_elsewhere(cell: Cell3D, fake: Fake) -> None:
    scene, step = cell.scene, Drag(QPointF(), QPointF(), QPointF(10.0, -20.0))
    before = scene.camera
    volume_hand.drag(scene, "pan", step, 1.0)
    assert scene.camera == before.panned(10.0, -20.0, *SIZE)
    volume_hand.drag(scene, "zoom", step, 1.0)
    assert scene.camera.field_mm < before.field_mm
    volume_hand.drag(scene, "window", step, 1.0)
    assert scene.tuning.shift < 0.0
    assert scene.tuning.stretch > 1.0
    near = scene.camera.field_mm
    volume_hand.wheel(scene, -1, Qt.KeyboardModifier.NoModifier)
    assert scene.camera.field_mm > near
    assert fake.asked[-1][0].tuning == scene.tuning


def test_the_menu_chooses_presets_sides_and_cuts(cell: Cell3D, fake: Fake) -> None:
    actions = {action.text(): action for action in volume_menu(cell.scene, cell).actions()}
    assert actions["Bone"].isChecked()
    actions["Lungs and airways"].trigger()
    assert fake.asked[-1][0].preset.id == "ct-lungs"
    sides = actions["Look from"].menu()
    assert isinstance(sides, QMenu)
    next(each for each in sides.actions() if each.text() == "Left").trigger()
    assert fake.asked[-1][0].camera.axes == SIDES["left"]
    actions["Cut at the sagittal plane"].trigger()
    cut = fake.asked[-1][0].cuts[0]
    assert cut.point_lps_mm == MIDDLE_LPS_MM
    assert cut.away == (1.0, 0.0, 0.0)  # what is nearer to a reader at the patient's left
    actions["Reset the 3-D view"].trigger()
    assert fake.asked[-1][0].cuts == ()
    assert fake.asked[-1][0].camera.axes == SIDES["front"]


def test_a_cut_follows_the_place_looked_at(cell: Cell3D, fake: Fake) -> None:
    cell.scene.cut("axial", True)
    cell.scene.display.point_lps_mm = (1.0, 2.0, 3.0)
    painted(cell)
    assert fake.asked[-1][0].cuts[0].point_lps_mm == (1.0, 2.0, 3.0)


def _box_handle(cell: Cell3D, face: tuple[int, int]) -> QPoint:
    assert cell.scene.grid is not None
    return QPointF(*cell.scene.to_px(cell.scene.box.handle(face, cell.scene.grid))).toPoint()


def test_a_face_of_the_box_follows_the_mouse_and_takes_away_what_is_outside(cell: Cell3D, fake: Fake) -> None:
    fake.draw()
    cell.scene.show_box(True)
    camera, at = cell.scene.camera, _box_handle(cell, (2, 1))  # the left face, on the right of the screen
    QTest.mousePress(cell, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    QTest.mouseMove(cell, at - QPoint(20, 0))
    wanted, moving = fake.asked[-1]
    assert moving
    QTest.mouseRelease(cell, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at - QPoint(20, 0))
    assert cell.scene.camera == camera  # nothing was turned
    assert _box_handle(cell, (2, 1)) == at - QPoint(20, 0)
    (cut,) = wanted.cuts
    assert cut.away == (1.0, 0.0, 0.0)
    x = MIDDLE_LPS_MM[0] + 40.0 - 20 * cell.scene.mm_per_px  # the body is 80 mm wide
    assert cut.point_lps_mm[0] == pytest.approx(x, abs=cell.scene.mm_per_px)
    assert fake.sought == []


def test_a_face_that_looks_at_the_reader_is_pushed_in_by_dragging_down(cell: Cell3D, fake: Fake) -> None:
    fake.draw()
    cell.scene.show_box(True)
    at = _box_handle(cell, (1, 0))
    QTest.mousePress(cell, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    QTest.mouseMove(cell, at + QPoint(0, 20))
    QTest.mouseRelease(cell, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at + QPoint(0, 20))
    (cut,) = fake.asked[-1][0].cuts
    assert cut.away == (0.0, -1.0, 0.0)  # the front is gone


def test_a_hidden_box_goes_on_cropping_and_is_given_back_by_the_menu(cell: Cell3D, fake: Fake) -> None:
    fake.draw()
    cell.scene.show_box(True)
    cell.scene.move_face((2, 1), -10.0)
    cell.scene.show_box(False)
    assert volume_figure.lines(cell.scene)[0].text == "cropped"
    assert volume_hand.cursor(cell.scene, QPointF(_box_handle(cell, (2, 1))), 1.0) == Qt.CursorShape.ArrowCursor
    actions = {action.text(): action for action in volume_menu(cell.scene, cell).actions()}
    actions["Undo the cropping"].trigger()
    assert fake.asked[-1][0].cuts == ()


def test_the_letters_turn_with_the_patient(cell: Cell3D) -> None:
    assert volume_figure.edges(cell.scene) == {
        Qt.Edge.LeftEdge: "R",
        Qt.Edge.RightEdge: "L",
        Qt.Edge.TopEdge: "H",
        Qt.Edge.BottomEdge: "F",
    }
    cell.scene.look_from("back")
    assert volume_figure.edges(cell.scene)[Qt.Edge.LeftEdge] == "L"


@pytest.mark.parametrize("native", [False, True])
def test_an_export_shows_what_is_on_the_screen_and_asks_for_nothing(cell: Cell3D, fake: Fake, native: bool) -> None:
    fake.draw(77)
    cell.scene.look_from("left")
    fake.draw(99)
    asked = len(fake.asked)
    with twin_of(cell, Wish(native=native, names=False), QSize(900, 900)) as twin:
        picture = pixels_of(twin.drawn())
    assert picture.shape == (SIZE[1], SIZE[0], 3)
    assert picture[60, 60].tolist() == [99, 99, 99]
    assert len(fake.asked) == asked
    assert not fake.closed


def test_a_long_title_takes_the_room_of_the_letter_below(
    cell: Cell3D, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted_with: list[corners.Corners] = []
    monkeypatch.setattr(corners, "paint", lambda _painter, _area, made: painted_with.append(made))
    fake.draw()
    cell.scene.set_preset("ct-bone")
    painted(cell)
    cell.scene.set_preset("ct-lungs")  # "3-D: Lungs and airways" in 240 px
    painted(cell)
    assert Qt.Edge.BottomEdge in painted_with[0].edges
    assert Qt.Edge.BottomEdge not in painted_with[-1].edges


def test_what_cannot_be_drawn_says_why_and_a_process_that_fails_too(cell: Cell3D, fake: Fake, body: Volume) -> None:
    fake.problem = Message("The driver is missing.")
    fake.changed()
    assert cell.scene.status == "The driver is missing."
    cell.scene.display.volume = replace(body, regular=False)
    painted(cell)
    assert "evenly spaced" in cell.scene.status
    assert fake.closed == 1


def test_a_series_still_being_read_is_waited_for(qtbot: QtBot, body: Volume, fake: Fake) -> None:
    body.state[3] = 0
    scene = VolumeScene(Display(volume=body), renderer=lambda: fake)  # type: ignore[arg-type,return-value]
    assert scene.image(*SIZE) is None
    assert "when all images have been read" in scene.status
    assert fake.asked == []
    body.state[3] = 1
    scene.image(*SIZE)
    assert len(fake.asked) == 1
    scene.close()


def test_the_real_process_draws_what_is_left_on_the_right_and_a_drag_turns_it(qtbot: QtBot, body: Volume) -> None:
    renderer = VolumeRenderer()
    scene = VolumeScene(Display(volume=body, point_lps_mm=MIDDLE_LPS_MM), renderer=lambda: renderer)
    qtbot.waitUntil(lambda: scene.image(*SIZE) is not None, timeout=60_000)
    assert bright_at(_pixels(scene))[0] > 0.1
    first = scene._image
    scene.orbit(360.0, 0.0)  # half a turn
    qtbot.waitUntil(lambda: scene._image is not first and bright_at(_pixels(scene))[0] < -0.1, timeout=60_000)
    scene.close()
    renderer.close()


def _pixels(scene: VolumeScene) -> np.ndarray:
    assert scene._pixels is not None
    return scene._pixels
