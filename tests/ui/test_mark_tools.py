"""Each measuring tool as a reader uses it: drag, click, type, Esc."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.core.mark import DEFAULT_COLOUR, KINDS
from medviewer.core.problem import Problem
from medviewer.core.volume import Volume
from medviewer.phantom import small
from medviewer.ui import theme
from medviewer.ui.marks.paint import drawn_in
from medviewer.ui.marks.place import place_at
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.marking import LEFT, MIDDLE, PLACED, TOOLS, Room, click, drag, editor, use
from tests.ui.samples import painted, volume_of
from tests.ui.test_theme import contrast

KEY = Qt.Key
MM = 1.6 / 8  # a screen pixel: 64 voxels of 1.6 mm on 512 pixels


@pytest.fixture
def shown() -> Iterator[Volume]:
    made = volume_of(**PLACED)
    yield made
    made.close()


@pytest.fixture
def room(view: View, qtbot: QtBot) -> Room:
    return Room(view, qtbot)


@pytest.fixture
def viewport(room: Room, shown: Volume) -> Viewport:
    return room.show(shown)


def value(room: Room, name: str) -> float:
    (mark,) = room.marks
    return mark.measured[name]


def test_every_kind_of_mark_has_a_tool_with_a_key_of_its_own() -> None:
    assert set(KINDS) <= set(TOOLS)
    keys = [tool.key for tool in TOOLS.values() if tool.key]
    assert len(set(keys)) == len(keys)
    assert all(TOOLS[kind].group == "measure" for kind in KINDS)


@pytest.mark.parametrize("clicks", [False, True], ids=["dragged", "clicked"])
def test_a_length_is_dragged_or_clicked(room: Room, viewport: Viewport, clicks: bool) -> None:
    use(viewport, "length")
    if clicks:
        click(viewport, 100, 100)
        click(viewport, 130, 140)
    else:
        drag(viewport, (100, 100), (120, 110), (130, 140))
    assert value(room, "length") == pytest.approx(50 * MM)
    mark = room.marks[0]
    assert mark.sop_uid == viewport.plane.volume.series.headers[viewport.index].sop_uid  # type: ignore[union-attr]
    assert mark.frame_of_reference_uid == "9.9"
    assert np.asarray(mark.points_lps_mm)[:, 2] == pytest.approx(room.view.point_lps_mm[2])
    assert viewport.draft is None
    assert room.shared.chosen_id == mark.id


def test_the_value_is_seen_while_the_line_is_dragged(room: Room, viewport: Viewport) -> None:
    use(viewport, "length")
    before = painted(viewport)
    drag(viewport, (100, 100), (120, 110), (160, 100), release=False)
    during = painted(viewport)
    assert room.marks == ()
    assert not np.array_equal(during[90:110, 165:250], before[90:110, 165:250])  # the label at its end


def test_a_click_that_leads_nowhere_leaves_nothing(room: Room, viewport: Viewport) -> None:
    for kind in ("length", "ellipse", "rectangle", "freehand", "bidirectional"):
        use(viewport, kind)
        click(viewport, 200, 200)
        QTest.keyClick(viewport, KEY.Key_Escape)
        assert viewport.draft is None
        drag(viewport, (200, 200), (201, 201))
        click(viewport, 200, 201)
        QTest.keyClick(viewport, KEY.Key_Escape)
    assert room.marks == ()
    assert room.history.done == []


def test_a_region_without_a_width_leaves_nothing(room: Room, viewport: Viewport) -> None:
    use(viewport, "rectangle")
    drag(viewport, (200, 200), (200, 230), (200, 260))
    assert room.marks == ()


def test_a_double_click_enlarges_as_everywhere_and_leaves_no_mark(room: Room, viewport: Viewport) -> None:
    use(viewport, "length")
    click(viewport, 200, 200)
    with room.qtbot.waitSignal(viewport.enlarge_wanted):
        QTest.mouseDClick(viewport, LEFT, pos=QPoint(200, 200))
    assert viewport.draft is None
    assert room.marks == ()


def test_the_second_click_of_a_double_click_that_ends_a_mark_enlarges_nothing(room: Room, viewport: Viewport) -> None:
    use(viewport, "length")
    click(viewport, 100, 100)
    click(viewport, 200, 100)
    with room.qtbot.assertNotEmitted(viewport.enlarge_wanted):
        QTest.mouseDClick(viewport, LEFT, pos=QPoint(200, 100))
    assert value(room, "length") == pytest.approx(100 * MM)


def test_esc_drops_what_was_begun(room: Room, viewport: Viewport) -> None:
    use(viewport, "length")
    drag(viewport, (100, 100), (150, 150), release=False)
    QTest.keyClick(viewport, KEY.Key_Escape)
    QTest.mouseRelease(viewport, LEFT, pos=QPoint(150, 150))
    assert (room.marks, viewport.draft) == ((), None)


def test_leafing_on_drops_what_was_begun_on_the_slice_before(room: Room, viewport: Viewport) -> None:
    use(viewport, "length")
    click(viewport, 100, 100)
    viewport.step(1)
    click(viewport, 150, 150)
    click(viewport, 150, 190)
    assert value(room, "length") == pytest.approx(40 * MM)


def test_a_bidirectional_measurement_brings_its_short_axis(room: Room, viewport: Viewport) -> None:
    use(viewport, "bidirectional")
    drag(viewport, (100, 100), (140, 130), (180, 160))
    assert value(room, "long_axis") == pytest.approx(100 * MM)
    assert value(room, "short_axis") == pytest.approx(50 * MM)


def test_an_angle_takes_three_clicks_or_a_drag_and_a_click(room: Room, viewport: Viewport) -> None:
    use(viewport, "angle")
    for place in ((200, 100), (100, 100), (100, 200)):
        click(viewport, *place)
    drag(viewport, (400, 300), (350, 300), (300, 300))
    click(viewport, 340, 340)
    assert [mark.measured["angle"] for mark in room.marks] == pytest.approx([90.0, 45.0])


def test_cobb_takes_two_lines_that_need_not_meet(room: Room, viewport: Viewport) -> None:
    use(viewport, "cobb")
    drag(viewport, (100, 100), (150, 100), (200, 100))
    assert room.marks == ()
    drag(viewport, (200, 300), (150, 320), (100, 400))  # drawn the other way round
    assert value(room, "angle") == pytest.approx(45.0)


def test_a_probe_has_the_value_of_the_voxel_clicked(room: Room, viewport: Viewport) -> None:
    use(viewport, "probe")
    row, column = 30, 45  # the middle of the sphere
    click(viewport, column * 8 + 4, row * 8 + 4)
    assert value(room, "value") == 40.0
    assert room.marks[0].unit == "HU"


@pytest.mark.parametrize("kind", ["ellipse", "rectangle"])
def test_a_region_inside_the_sphere_has_its_value(room: Room, viewport: Viewport, kind: str) -> None:
    use(viewport, kind)  # type: ignore[arg-type]
    drag(viewport, (356, 236), (364, 244), (372, 252))
    assert (value(room, "mean"), value(room, "sd")) == pytest.approx((40.0, 0.0))
    whole = (16 * MM) ** 2
    assert value(room, "area") == pytest.approx(whole if kind == "rectangle" else whole * np.pi / 4)


def test_a_region_on_a_turned_picture_lies_along_the_screen(room: Room, viewport: Viewport) -> None:
    viewport.change_camera(quarter_turns=1, flipped_h=True)
    use(viewport, "rectangle")
    drag(viewport, (200, 240), (230, 260), (260, 280))
    assert value(room, "area") == pytest.approx(60 * 40 * MM**2)
    assert abs(room.marks[0].right_lps[1]) == pytest.approx(1.0)  # the screen's right is now along the patient's back


def test_a_freehand_outline_follows_the_mouse(room: Room, viewport: Viewport) -> None:
    use(viewport, "freehand")
    turns = np.linspace(0.0, 2 * np.pi, 60)
    way = [(round(250 + 80 * np.cos(turn)), round(250 + 80 * np.sin(turn))) for turn in turns]
    drag(viewport, *way)
    assert value(room, "area") == pytest.approx(np.pi * (80 * MM) ** 2, rel=0.01)


@pytest.mark.parametrize("end", ["enter", "first corner", "double click"])
def test_a_polygon_is_closed_in_three_ways(room: Room, viewport: Viewport, end: str) -> None:
    use(viewport, "polygon")
    for place in ((100, 100), (200, 100), (200, 200)):
        click(viewport, *place)
    if end == "enter":
        click(viewport, 100, 200)
        QTest.keyClick(viewport, KEY.Key_Return)
    elif end == "first corner":
        click(viewport, 100, 200)
        click(viewport, 102, 101)
    else:
        click(viewport, 100, 200)
        QTest.mouseDClick(viewport, LEFT, pos=QPoint(100, 200))
    assert value(room, "area") == pytest.approx((100 * MM) ** 2)


def test_backspace_takes_the_last_corner_back(room: Room, viewport: Viewport) -> None:
    use(viewport, "polygon")
    for place in ((100, 100), (200, 100), (200, 200), (400, 400)):
        click(viewport, *place)
    QTest.keyClick(viewport, KEY.Key_Backspace)
    QTest.keyClick(viewport, KEY.Key_Return)
    assert value(room, "area") == pytest.approx((100 * MM) ** 2 / 2)


def test_enter_without_a_polygon_is_left_to_the_window(viewport: Viewport) -> None:
    use(viewport, "polygon")
    click(viewport, 100, 100)
    assert TOOLS["length"].key_press is not None
    QTest.keyClick(viewport, KEY.Key_Return)  # two corners are no polygon yet
    assert viewport.draft is not None


def test_a_text_is_typed_in_place(room: Room, viewport: Viewport) -> None:
    use(viewport, "text")
    click(viewport, 100, 100)
    assert room.history.done == []
    QTest.keyClicks(editor(viewport), "motion")
    QTest.keyClick(editor(viewport), KEY.Key_Return)
    assert [one.text for one in room.marks] == ["motion"]


@pytest.mark.parametrize("key", [KEY.Key_Escape, KEY.Key_Return])
def test_a_text_without_words_or_with_esc_is_none(room: Room, viewport: Viewport, key: Qt.Key) -> None:
    use(viewport, "text")
    click(viewport, 100, 100)
    if key == KEY.Key_Escape:
        QTest.keyClicks(editor(viewport), "never mind")
    QTest.keyClick(editor(viewport), key)
    assert room.marks == ()


def test_an_arrow_points_from_where_the_drag_began_and_says_something(room: Room, viewport: Viewport) -> None:
    use(viewport, "arrow")
    drag(viewport, (100, 100), (150, 150), (200, 200))
    QTest.keyClicks(editor(viewport), "spiculated")
    QTest.keyClick(editor(viewport), KEY.Key_Return)
    (mark,) = room.marks
    assert mark.text == "spiculated"
    assert mark.points_lps_mm[0] == pytest.approx(viewport.lps_at(viewport.placing.to_screen(12.0, 12.0)))


def test_marks_stay_inside_the_picture(room: Room, viewport: Viewport, shown: Volume) -> None:
    viewport.change_camera(zoom=0.5)
    use(viewport, "length")
    drag(viewport, (10, 256), (300, 256), (500, 256))
    assert value(room, "length") == pytest.approx(64 * 1.6)


def test_without_an_open_case_nothing_is_drawn_and_it_is_said(viewport: Viewport, room: Room) -> None:
    def refuse(_edit: object) -> None:
        raise Problem("No study is open.")

    room.view.do = refuse
    use(viewport, "length")
    with pytest.raises(Problem, match="No study is open"):
        drag(viewport, (100, 100), (120, 110), (130, 140))
    assert viewport.draft is None


def test_coronal_measurements_are_in_the_patient_too(room: Room, shown: Volume) -> None:
    coronal = room.show(shown, "coronal")
    use(coronal, "length")
    drag(coronal, (256, 230), (256, 250), (256, 270))
    (mark,) = room.marks
    assert mark.sop_uid == ""
    assert np.ptp(np.asarray(mark.points_lps_mm), axis=0) == pytest.approx((0.0, 0.0, 40 * MM))


def test_a_film_without_spacing_is_measured_in_pixels(room: Room, qtbot: QtBot) -> None:
    film = volume_of(regular=False, modality="DX")
    viewport = room.show(film)
    use(viewport, "length")
    drag(viewport, (100, 100), (120, 110), (180, 100))
    (mark,) = room.marks
    found = room.shared.measured(mark)
    assert str(found.quantities[0].unit) == "px"
    assert mark.frame_of_reference_uid == ""
    room.view.show_volume(None, room.view.window, room.view.point_lps_mm)
    film.close()


def test_the_phantom_is_as_large_as_the_tests_believe() -> None:
    assert small.GRID.shape_kji[1:] == (64, 64)


def test_an_ellipse_on_an_oblique_plane_is_measured_along_it(room: Room, shown: Volume) -> None:
    viewport = room.show(shown)
    turn = np.deg2rad(20.0)
    head, back = (0.0, -np.sin(turn), np.cos(turn)), (0.0, np.cos(turn), np.sin(turn))
    room.view.main.axes = np.array([head, back, (1.0, 0.0, 0.0)])
    room.view.planes_changed.emit()
    assert viewport.plane is not None
    assert viewport.plane.axis == -1
    use(viewport, "ellipse")
    middle = viewport.placing.to_screen(*viewport.plane.geometry(viewport.index).to_xy(MIDDLE).tolist())
    x, y = round(middle.x()), round(middle.y())
    drag(viewport, (x - 8, y - 6), (x, y), (x + 8, y + 6))
    assert (value(room, "mean"), value(room, "sd")) == pytest.approx((40.0, 0.0), abs=0.02)
    wide_mm = 16 / viewport.placing.px_per_mm
    assert value(room, "area") == pytest.approx(np.pi / 4 * wide_mm * wide_mm * 0.75, rel=1e-6)
    assert room.marks[0].sop_uid == ""


def test_a_curved_cell_is_measured_on_until_there_is_a_curve(room: Room, shown: Volume) -> None:
    curved = room.show(shown, "curved")
    use(curved, "length")
    drag(curved, (80, 80), (160, 80))
    assert room.marks[0].measured["length"] == pytest.approx(16.0)
    assert len(drawn_in(curved)) == 1
    room.view.set_curve(room.view.main, ((-20.0, 0.0, -100.0), (0.0, 20.0, -100.0), (20.0, 0.0, -100.0)))
    assert drawn_in(curved) == []
    with pytest.raises(Problem):
        place_at(curved, QPointF(100, 100))


def test_marks_have_a_colour_that_findings_have_not_and_that_is_read_on_dark_plates() -> None:
    hues = [colour.hsvHueF() for colour in (QColor(DEFAULT_COLOUR), theme.on_image("found"))]
    assert abs(hues[0] - hues[1]) > 0.25  # a quarter of the circle: cyan and yellow
    assert contrast(DEFAULT_COLOUR, "#000000") > 4.5
