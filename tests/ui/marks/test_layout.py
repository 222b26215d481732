"""Where marks are seen: on their slice, faded on the next, cut by other planes, in other series of the same space."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell, Slab
from medviewer.core.edits import AddFindings
from medviewer.core.grid import triple
from medviewer.core.mark import Mark, MarkKind
from medviewer.core.mark_edits import AddMark
from medviewer.core.volume import Volume
from medviewer.imaging.window import MEDIASTINUM
from medviewer.ui import theme
from medviewer.ui.marks.grab import grab
from medviewer.ui.marks.paint import drawn_in
from medviewer.ui.marks.slice import Drawn
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.cases import finding
from tests.marks import on_slice
from tests.ui.marking import MIDDLE, PLACED, Room
from tests.ui.samples import painted, volume_of

K = 13  # the slice looked at


@pytest.fixture
def shown() -> Iterator[Volume]:
    made = volume_of(**PLACED)
    yield made
    made.close()


@pytest.fixture
def room(view: View, qtbot: QtBot) -> Room:
    return Room(view, qtbot)


def put(
    room: Room, volume: Volume, kind: MarkKind, *points_ji: tuple[float, float], k: int = K, **more: object
) -> Mark:
    number = len(room.marks)
    made = on_slice(volume, kind, points_ji, k=k, id=f"m{number}", **more)
    room.do(AddMark(made))
    return made


def only(viewport: Viewport) -> Drawn:
    (one,) = drawn_in(viewport)
    return one


def test_a_mark_is_seen_on_its_slice_faded_on_the_next_and_then_no_more(room: Room, shown: Volume) -> None:
    axial = room.show(shown)
    put(room, shown, "length", (10, 10), (10, 20))
    assert (only(axial).faded, only(axial).texts) == (False, ("16.0 mm",))
    axial.step(1)
    assert (only(axial).faded, only(axial).texts, only(axial).handles) == (True, (), ())
    axial.step(1)
    assert drawn_in(axial) == []


def test_a_thick_slab_holds_the_marks_of_all_its_slices(room: Room, shown: Volume) -> None:
    axial = room.show(shown)
    put(room, shown, "length", (10, 10), (10, 20), k=K + 3)
    assert drawn_in(axial) == []
    axial.set_slab(Slab(20.0, "max"))
    assert only(axial).faded is False


def test_a_region_is_a_line_where_another_plane_cuts_it(room: Room, shown: Volume) -> None:
    room.show(shown)
    coronal = room.viewport("coronal")
    put(room, shown, "ellipse", (20, 40), (40, 50))  # its middle is at row 30, the plane looked at
    one = only(coronal)
    assert one.flat is False
    ((left, right),) = one.lines
    assert coronal.plane is not None
    wanted = [coronal.plane.geometry(coronal.index).to_xy(shown.grid.to_lps((K, 30.0, i))) for i in (40.0, 50.0)]
    seen = sorted([coronal.placing.to_image(left), coronal.placing.to_image(right)])
    assert np.asarray(seen) == pytest.approx(np.asarray(wanted), abs=0.05)


def test_a_line_is_a_cross_where_another_plane_cuts_it(room: Room, shown: Volume) -> None:
    room.show(shown)
    coronal = room.viewport("coronal")
    put(room, shown, "length", (20, 40), (40, 44))
    one = only(coronal)
    (cross,) = one.crosses
    assert coronal.placing.to_image(cross)[0] == pytest.approx(42.0)
    assert one.lines == ()


def test_a_line_that_lies_in_another_plane_is_seen_there_whole(room: Room, shown: Volume) -> None:
    room.show(shown)
    coronal = room.viewport("coronal")
    put(room, shown, "length", (30, 40), (30, 50))
    (line,) = only(coronal).lines
    assert abs(line[1].x() - line[0].x()) == pytest.approx(80.0)


def test_a_plane_that_misses_a_mark_shows_nothing_of_it(room: Room, shown: Volume) -> None:
    room.show(shown)
    coronal = room.viewport("coronal")
    put(room, shown, "ellipse", (5, 40), (15, 50))
    put(room, shown, "probe", (10, 40))
    assert drawn_in(coronal) == []


def test_a_probe_is_seen_in_every_plane_through_it(room: Room, shown: Volume) -> None:
    axial = room.show(shown)
    planes = [axial, room.viewport("coronal"), room.viewport("sagittal")]
    put(room, shown, "probe", (30, 45))
    assert [len(only(plane).crosses) for plane in planes] == [1, 1, 1]
    assert all(only(plane).texts == ("40 HU",) for plane in planes)


def test_another_series_of_the_same_space_shows_it_too(room: Room, shown: Volume) -> None:
    axial = room.show(shown)
    other = volume_of(uid="7.7", **PLACED)
    put(room, shown, "length", (10, 10), (10, 20))
    room.view.show_volume(other, MEDIASTINUM, MIDDLE)
    assert len(drawn_in(axial)) == 1
    stranger = volume_of(uid="8.8", **{**PLACED, "frame_of_reference_uid": "5.5"})
    room.view.show_volume(stranger, MEDIASTINUM, MIDDLE)
    assert drawn_in(axial) == []
    room.view.show_volume(None, MEDIASTINUM, MIDDLE)
    other.close()
    stranger.close()


def test_a_registered_series_shows_it_where_it_lies_there(room: Room, shown: Volume) -> None:
    axial = room.show(shown)
    made = put(room, shown, "length", (10, 10), (10, 20))
    prior = volume_of(uid="8.8", **{**PLACED, "frame_of_reference_uid": "5.5"})
    room.view.show_prior(prior)
    there = Viewport(room.view, Cell("axial", "prior"), room.view.case)
    room.qtbot.addWidget(there)
    there.resize(512, 512)
    assert drawn_in(there) == []  # only taken to lie alike: nothing to measure by
    shift = np.eye(4)
    shift[:3, 3] = 16.0, 0.0, 0.0  # a place of the prior is 16 mm further to the left in the main series
    room.view.relate(room.view.display("prior"), shift)
    one, own = only(there), only(axial)
    assert (one.carried, own.carried, one.texts) == (True, False, ("16.0 mm",))
    assert own.lines[0][0].x() - one.lines[0][0].x() == pytest.approx(80.0)  # 10 voxels of 8 pixels
    assert grab(there, one.lines[0][0]) is None  # it is dragged where it was drawn
    room.shared.change(made, replace(made, hidden=True))
    assert drawn_in(there) == []
    room.view.show_volume(None, MEDIASTINUM, MIDDLE)
    prior.close()


def test_images_that_lie_nowhere_show_only_their_own_marks(room: Room, qtbot: QtBot) -> None:
    film = volume_of(regular=False, modality="DX")
    axial = room.show(film)
    put(room, film, "length", (10, 10), (10, 20), k=axial.index, frame_of_reference_uid="")
    assert only(axial).texts == ("16.0 px",)  # the space of these images has 1.6 mm a pixel, and nobody knows that
    axial.step(1)
    assert drawn_in(axial) == []
    room.view.show_volume(None, MEDIASTINUM, MIDDLE)
    film.close()


def test_images_that_do_not_say_where_they_lie_show_no_marks_of_others(room: Room, shown: Volume) -> None:
    axial = room.show(shown)
    put(room, shown, "length", (10, 10), (10, 20))
    film = volume_of(uid="7.7", regular=False, **PLACED)
    room.shared.find_series = lambda _uid: shown.series
    room.view.show_volume(film, MEDIASTINUM, MIDDLE)
    assert drawn_in(axial) == []
    said = (replace(h, position_lps_mm=(-52.0, -40.0, -120.0 + 2.5 * k), orientation=(1, 0, 0, 0, 1, 0))
            for k, h in enumerate(film.series.headers))  # fmt: skip
    placed = replace(film, series=replace(film.series, headers=tuple(said)))
    room.view.show_volume(placed, MEDIASTINUM, MIDDLE)
    assert only(axial).texts == ("16.0 mm",)
    room.view.show_volume(None, MEDIASTINUM, MIDDLE)
    film.close()


def test_hidden_marks_and_hidden_texts_are_not_drawn(room: Room, shown: Volume) -> None:
    axial = room.show(shown)
    plain = painted(axial)
    made = put(room, shown, "length", (10, 10), (10, 20))
    assert not np.array_equal(painted(axial), plain)
    room.view.toggle_texts()
    assert drawn_in(axial) == []
    room.view.toggle_texts()
    room.shared.change(made, replace(made, hidden=True))
    assert np.array_equal(painted(axial), plain)


def test_the_line_is_drawn_where_the_mark_is(room: Room, shown: Volume) -> None:
    axial = room.show(shown)
    before = painted(axial).astype(int)
    put(room, shown, "length", (10, 10), (10, 40))
    after = painted(axial).astype(int)
    changed = np.abs(after - before).sum(axis=2) > 60
    assert changed[84, 100:300].all()  # row 10.5 of 8 pixels
    red, green, blue = after[83:86, 200].max(axis=0)
    assert min(green, blue) > 180 > red  # cyan: green and blue, less red
    assert not changed[120:, :300].any()


def test_labels_keep_clear_of_each_other_and_inside_the_viewport(room: Room, shown: Volume) -> None:
    axial = room.show(shown)
    for number in range(5):
        put(room, shown, "length", (20 + number, 30), (20 + number, 60))
    labels = [one.label for one in drawn_in(axial)]
    inside = QRectF(axial.rect())
    assert all(label is not None and inside.contains(label) for label in labels)
    pairs = [(a, b) for n, a in enumerate(labels) for b in labels[n + 1 :]]
    assert not any(a.intersects(b) for a, b in pairs if a is not None and b is not None)


def test_a_label_keeps_clear_of_a_finding_s_box_and_of_its_name(room: Room, shown: Volume) -> None:
    axial = room.show(shown)
    put(room, shown, "length", (30, 20), (34, 24))
    beside = only(axial).label
    assert beside is not None
    at = axial.placing.to_image(beside.center())
    assert axial.plane is not None
    z, y, x = shown.grid.to_kji(axial.plane.geometry(axial.index).to_lps(np.asarray([at]))[0])
    low, high = shown.grid.to_lps([(z - 1.0, y - 3.0, x - 3.0), (z + 1.0, y + 3.0, x + 3.0)])
    box_lps_mm = triple(np.minimum(low, high)), triple(np.maximum(low, high))
    room.do(AddFindings((replace(finding("f"), series_uid=shown.series.uid, box_lps_mm=box_lps_mm),)))
    moved, (box, name) = only(axial).label, boxes(axial)
    assert box.intersects(beside)
    assert moved is not None
    assert not moved.intersects(box)
    assert not moved.intersects(name)


def boxes(viewport: Viewport) -> list[QRectF]:
    case = viewport.case_of()
    assert viewport.overlay is not None
    assert case is not None
    return viewport.overlay.taken(viewport.placing, viewport.index, case, viewport.view.finding_id)


def test_labels_are_laid_out_anew_at_another_size_of_texts(room: Room, shown: Volume, qapp: QApplication) -> None:
    axial = room.show(shown)
    put(room, shown, "length", (30, 20), (34, 24))
    before = only(axial).label
    theme.apply(qapp, "dark", 200)
    after = only(axial).label
    theme.apply(qapp)
    assert before is not None
    assert after is not None
    assert after.width() > 1.8 * before.width()


def test_labels_keep_clear_of_what_the_viewport_writes_itself(room: Room, shown: Volume) -> None:
    axial = room.show(shown)
    put(room, shown, "length", (31, 40), (31, 58))  # beside it, at the edge, is the letter L
    letter = QRectF(axial.width() - 24, axial.height() / 2 - 12, 24, 24)
    label = only(axial).label
    assert label is not None
    assert not label.intersects(letter)


def test_a_label_put_somewhere_stays_there_in_the_patient(room: Room, shown: Volume) -> None:
    axial = room.show(shown)
    where = triple(shown.grid.to_lps((K, 50, 20)))
    put(room, shown, "length", (10, 10), (10, 20), label_lps_mm=where)
    for zoom in (1.0, 1.5):
        axial.change_camera(zoom=zoom)
        label = only(axial).label
        assert label is not None
        wanted = axial.placing.to_screen(20, 50)
        assert (label.center().x(), label.center().y()) == pytest.approx((wanted.x(), wanted.y()), abs=0.01)


def test_the_name_stands_above_the_value(room: Room, shown: Volume) -> None:
    axial = room.show(shown)
    put(room, shown, "rectangle", (28.5, 43.5), (31.5, 46.5), name="target")
    assert only(axial).texts == ("target", "Mean 40.0 ± 0.0 HU", "Min 40  Max 40", "23.0 mm²")


@pytest.mark.parametrize("kind", ["length", "bidirectional", "angle", "cobb", "arrow", "freehand", "text", "probe"])
def test_every_kind_can_be_drawn_anywhere(room: Room, shown: Volume, kind: MarkKind) -> None:
    axial = room.show(shown)
    points = [(20.0, 20.0), (25.0, 40.0), (40.0, 30.0), (35.0, 22.0)]
    count = {"length": 2, "arrow": 2, "angle": 3, "text": 1, "probe": 1}.get(kind, 4)
    made = put(room, shown, kind, *points[:count], text="words")
    for chosen in (None, made.id):
        room.shared.choose(chosen)
        for viewport in (axial, room.viewport("sagittal")):
            painted(viewport)
    assert only(axial).mark is made
