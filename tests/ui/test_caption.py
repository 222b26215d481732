"""The texts around the image."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell
from medviewer.core.look import Look, Lut, Window
from medviewer.core.presentation import Presentation, Presented
from medviewer.core.study import Check
from medviewer.core.volume import Volume
from medviewer.i18n import N_
from medviewer.imaging.window import EIGHT_BITS, LUNG, MEDIASTINUM
from medviewer.phantom import small
from medviewer.ui import caption, corners, theme
from medviewer.ui.corners import Corners
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.films import coloured, film, ramp
from tests.ui.samples import noted, volume_of

NODULE = small.make().truth[0].center_lps_mm


def shown(view: View, qtbot: QtBot, volume: Volume, cell: Cell | None = None, side_px: int = 600) -> Viewport:
    viewport = Viewport(view, cell or Cell(), lambda: None)
    qtbot.addWidget(viewport)
    viewport.resize(side_px, side_px)
    viewport.show()
    view.show_volume(volume, LUNG, NODULE)
    return viewport


def around(viewport: Viewport) -> Corners:
    assert viewport.plane is not None
    return caption.corners_of(viewport, viewport.plane)


def words(lines: tuple[corners.Line, ...]) -> list[str]:
    return [line.text for line in lines]


def test_patient_and_study_are_named(view: View, qtbot: QtBot, volume: Volume) -> None:
    texts = around(shown(view, qtbot, volume))
    assert words(texts.top_left) == ["Doe Jane", "P-7", "F  61 y  1965-01-02"]
    assert words(texts.top_right) == ["2026-01-15", "CT chest", "2: Lung 2.5"]


def test_the_place_is_told_as_image_position_and_thickness(view: View, qtbot: QtBot, volume: Volume) -> None:
    texts = around(shown(view, qtbot, volume))
    assert words(texts.bottom_left) == ["Axial", "Image 11 / 24", "F 87.5 mm", "Thickness 2.5 mm"]


def test_the_window_is_named_where_it_is_a_preset(view: View, qtbot: QtBot, volume: Volume) -> None:
    viewport = shown(view, qtbot, volume)
    assert words(around(viewport).bottom_right)[0] == "Lung  W 1500  L −600"
    view.set_window(MEDIASTINUM.moved(1.0, 0.0))
    assert words(around(viewport).bottom_right)[0] == "W 400  L 41"


def test_the_value_under_the_mouse_is_told_in_hu(view: View, qtbot: QtBot, volume: Volume) -> None:
    viewport = shown(view, qtbot, volume)
    x, y = viewport.plane.geometry(viewport.index).to_xy(NODULE).tolist()  # type: ignore[union-attr]
    QTest.mouseMove(viewport, viewport.placing.to_screen(x, y).toPoint())
    assert words(around(viewport).bottom_right)[0] == "40 HU"
    viewport.leaveEvent(None)
    assert "HU" not in words(around(viewport).bottom_right)[0]


def test_a_small_viewport_says_only_what_fits(view: View, qtbot: QtBot, volume: Volume) -> None:
    texts = around(shown(view, qtbot, volume, Cell("coronal"), side_px=240))
    assert words(texts.top_left) == ["Doe Jane", "Coronal"]
    assert (texts.top_right, words(texts.bottom_left), texts.bottom_right) == ((), ["31 / 64"], ())


def test_letters_stand_at_the_edges(view: View, qtbot: QtBot, volume: Volume) -> None:
    edges = around(shown(view, qtbot, volume)).edges
    assert [edges[side] for side in (Qt.Edge.LeftEdge, Qt.Edge.RightEdge)] == ["R", "L"]
    assert [edges[side] for side in (Qt.Edge.TopEdge, Qt.Edge.BottomEdge)] == ["A", "P"]


def test_letters_go_with_turns_and_flips(view: View, qtbot: QtBot, volume: Volume) -> None:
    viewport = shown(view, qtbot, volume)
    viewport.set_camera(viewport.camera.turned())
    assert around(viewport).edges[Qt.Edge.RightEdge] == "A"
    viewport.change_camera(flipped_h=True)
    assert around(viewport).edges[Qt.Edge.RightEdge] == "P"
    assert around(viewport).edges[Qt.Edge.TopEdge] == "R"


def test_images_without_geometry_have_no_letters_and_no_position(view: View, qtbot: QtBot) -> None:
    loose = volume_of(regular=False)
    texts = around(shown(view, qtbot, loose))
    assert texts.edges == {}
    assert not [text for text in words(texts.bottom_left) if text.startswith(("F ", "H "))]
    view.show_volume(None, LUNG, NODULE)
    loose.close()


def test_lossy_compression_and_checks_are_marked_with_a_sign(view: View, qtbot: QtBot) -> None:
    gap = Check("missing-slices", "warning", N_("2 slices are missing."))
    told = noted(volume_of(transfer_syntax="1.2.840.10008.1.2.4.50"), gap)
    lines = around(shown(view, qtbot, told)).top_right
    assert words(lines)[-2:] == ["⚠ compressed, lossy", "⚠ 2 slices are missing."]
    view.show_volume(None, LUNG, NODULE)
    told.close()


def test_several_checks_are_counted_and_a_stop_is_red() -> None:
    volume = volume_of()
    checks = (
        Check("gantry-tilt", "stop", N_("Tilted.")),
        Check("x", "warning", N_("Odd.")),
        Check("y", "info", N_("Note.")),
    )
    last = corners.study_lines(noted(volume, *checks).series, lossy=False)[-1]
    assert (last.text, last.colour) == ("⚠ 2 remarks", "danger")
    volume.close()


@pytest.mark.parametrize(
    ("name", "said"),
    [("Doe^Jane^^Dr", "Doe Jane Dr"), ("Wang^XiaoDong=王^小东", "Wang XiaoDong / 王 小东"), ("", "")],
)
def test_a_name_is_written_as_people_do(name: str, said: str) -> None:
    assert corners.person(name) == said


def test_a_date_that_is_none_is_shown_as_it_is() -> None:
    assert corners.day("20260115") == "2026-01-15"
    assert corners.day("1994.11.05") == "1994-11-05"
    assert corners.day("2026") == "2026"


def test_the_scale_bar_is_round_and_never_too_long() -> None:
    assert corners.scale_mm(2.0, 1000.0) == 100
    assert corners.scale_mm(20.0, 600.0) == 5
    assert corners.scale_mm(500.0, 300.0) == 0.1


def test_the_position_names_the_patients_direction() -> None:
    assert caption.position((0.0, 0.0, 12.34), "axial") == "H 12.3 mm"
    assert caption.position((-4.0, 0.0, 0.0), "sagittal") == "R 4.0 mm"


def test_the_edge_of_a_direction_is_the_one_it_points_to() -> None:
    assert caption._edge(QPointF(0.1, -1.0)) == Qt.Edge.TopEdge


def of_film(view: View, qtbot: QtBot, volume: Volume) -> Viewport:
    viewport = Viewport(view, Cell(), lambda: None)
    qtbot.addWidget(viewport)
    viewport.resize(600, 600)
    viewport.show()
    view.show_volume(volume, Window(300.0, 600.0), (0.0, 0.0, 0.0))
    return viewport


def test_a_film_is_no_axial_slice_and_its_lengths_are_at_the_detector(view: View, qtbot: QtBot) -> None:
    plain = film(ramp(), pixel_spacing_mm=(0.2, 0.2), spacing_kind="detector", magnification=1.25)
    viewport = of_film(view, qtbot, plain)
    texts = around(viewport)
    assert words(texts.bottom_left) == [
        "DX",
        "Image 1 / 1",
        "Lengths are at the detector; divide by 1.25 (magnification).",
    ]
    assert caption.scale_unit(viewport, viewport.plane) == "mm at the detector"  # type: ignore[arg-type]
    assert texts.edges == {}
    viewport.hide()
    plain.close()


def test_a_film_that_says_how_it_lies_has_letters(view: View, qtbot: QtBot) -> None:
    plain = film(ramp())
    viewport = of_film(view, qtbot, plain)
    view.looks._known[("", 0)] = Look(directions=("L", "FP"))
    edges = around(viewport).edges
    assert [edges[e] for e in (Qt.Edge.LeftEdge, Qt.Edge.RightEdge, Qt.Edge.TopEdge)] == ["R", "L", "HA"]
    viewport.hide()
    plain.close()


def test_without_spacing_there_is_no_scale(view: View, qtbot: QtBot) -> None:
    plain = film(ramp())
    viewport = of_film(view, qtbot, plain)
    assert caption.scale_unit(viewport, viewport.plane) == ""  # type: ignore[arg-type]
    viewport.hide()
    plain.close()


def test_frames_of_a_run_are_counted_as_frames_and_colours_have_no_window(view: View, qtbot: QtBot) -> None:
    run = coloured(np.zeros((4, 6, 6, 3), np.uint8), frames=4)
    viewport = of_film(view, qtbot, run)
    view.set_window(EIGHT_BITS)
    texts = around(viewport)
    assert words(texts.bottom_left)[:2] == ["US", "Frame 1 / 4"]
    assert [text for text in words(texts.bottom_right) if text.startswith("W ")] == []
    viewport.hide()
    run.close()


def test_a_presentation_state_is_said_to_be_applied(view: View, qtbot: QtBot, volume: Volume) -> None:
    viewport = shown(view, qtbot, volume)
    header = volume.series.headers[viewport.index]
    view.set_presentation(Presentation("1", "TEACHING", pictures={(header.sop_uid, -1): Presented()}))
    assert words(around(viewport).top_right)[-1] == "As presented: TEACHING"
    viewport.step(1)
    assert words(around(viewport).top_right)[-1] == "2: Lung 2.5"


def test_the_stack_is_named_and_straightened_images_are_said_to_be_computed() -> None:
    volume = volume_of()
    told = replace(noted(volume, Check("straightened", "info", N_("Straightened."))).series, label=N_("Phase 3 of 10"))
    lines = words(corners.study_lines(told, lossy=False))
    assert lines[-2:] == ["Phase 3 of 10", "⚠ straightened: computed, not scanned"]
    volume.close()


def test_readers_windows_are_named_for_hu_alone_and_the_files_own_by_its_words() -> None:
    lung = Window(-600.0, 1500.0)
    assert caption.tone_words(lung, "HU", {}) == "Lung  W 1500  L −600"
    assert caption.tone_words(lung, "", {}) == "W 1500  L −600"
    assert caption.tone_words(lung, "", {lung: "CHEST"}) == "CHEST  W 1500  L −600"
    assert caption.tone_words(Window(0.5, 0.25, "SIGMOID"), "", {}) == "W 0.25  L 0.50 SIGMOID"
    assert caption.tone_words(Lut(0.0, np.arange(3, dtype=np.uint16), 8, "SOFT"), "", {}).endswith("SOFT")


def test_a_text_lies_on_a_dark_plate_where_the_image_is_bright(qtbot: QtBot) -> None:
    bright = QPixmap(200, 40)
    bright.fill(QColor("white"))
    painter = QPainter(bright)
    corners.write(painter, QRectF(0, 0, 200, 40), corners.Line("PET 1 of 2"))
    corners.write(painter, QRectF(150, 0, 50, 40), corners.Line(""))
    painter.end()
    drawn = bright.toImage()
    assert drawn.pixelColor(round(corners.width_px(corners.Line("PET 1 of 2"))), 20).lightness() < 100
    assert drawn.pixelColor(151, 20).lightness() == 255  # no plate without a text
    assert theme.on_image("image").alpha() == 255


def of_another_study(volume: Volume) -> Volume:
    headers = tuple(replace(header, study_uid="other") for header in volume.series.headers)
    return replace(volume, series=replace(volume.series, headers=headers))


def test_every_viewport_with_another_examination_says_so(view: View, qtbot: QtBot, volume: Volume) -> None:
    """Dropped from the list onto any viewport, not only where the hanging protocol puts the prior."""
    earlier, later = (of_another_study(volume_of(study_date=date)) for date in ("20241215", "20260315"))
    viewport = shown(view, qtbot, volume, Cell("native", "2"))
    for other, said in ((earlier, "Prior examination · 13 months before"), (later, "Later examination · ")):
        view.show_in("2", other, LUNG, NODULE)
        assert words(around(viewport).bottom_left)[0].startswith(said)
    view.show_in("2", volume, LUNG, NODULE)
    assert words(around(viewport).bottom_left)[0] == "Axial"
    view.show_in("2", None, LUNG, NODULE)
    earlier.close()
    later.close()
