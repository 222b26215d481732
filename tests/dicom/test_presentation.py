"""Presentation states, made by highdicom, as plain data."""

from pathlib import Path

import pytest
from pydicom import Dataset, dcmread

from medviewer.core.job import Job
from medviewer.core.look import Lut, Rescale, Window
from medviewer.core.presentation import Presented
from medviewer.core.problem import Cancelled
from medviewer.dicom.looks.presentation import fitting, states_of
from tests.dicom.shown import changed, header_for, image_file, overlay_tags, state_file, study_of, voi_lut
from tests.dicom.test_looks import BOX


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    return [image_file(tmp_path / f"{k}.dcm", k=k) for k in range(2)]


def presented(tmp_path: Path, images: list[Path], k: int = 0, **changes: object) -> Presented:
    path = state_file(tmp_path / "state.dcm", [dcmread(image) for image in images])
    changed(path, **changes)
    (state,) = states_of(study_of(images, [path]))
    found = state.of(header_for(images[k]))
    assert found is not None
    return found


def test_a_state_names_itself_and_the_images_it_is_for(tmp_path: Path, images: list[Path]) -> None:
    path = state_file(tmp_path / "state.dcm", [dcmread(images[0])])
    study = study_of(images, [path])
    (state,) = states_of(study)
    assert (state.label, state.description) == ("TEACHING", "What to look at")
    assert len(state.date) == 14
    assert state.of(header_for(images[0])) is not None
    assert state.of(header_for(images[1])) is None
    assert fitting([state], study.series[0]) == (state,)
    assert fitting([state], study.series[1]) == ()


def test_greys_are_read_in_the_order_of_the_standard(tmp_path: Path, images: list[Path]) -> None:
    shown = presented(tmp_path, images)
    assert (shown.modality, shown.voi, shown.table, shown.inverse) == (
        Rescale(1.0, -1024.0), Window(40.0, 80.0), None, False,
    )  # fmt: skip


def test_a_voi_table_takes_the_place_of_a_window(tmp_path: Path, images: list[Path]) -> None:
    path = state_file(tmp_path / "state.dcm", [dcmread(images[0])], voi_lut_transformations=[voi_lut([0, 10, 20], 5)])
    (state,) = states_of(study_of(images, [path]))
    table = state.of(header_for(images[0])).voi  # type: ignore[union-attr]
    assert isinstance(table, Lut)
    assert (table.first, table.values.tolist()) == (5.0, [0, 10, 20])


def test_each_image_has_the_window_that_is_meant_for_it(tmp_path: Path, images: list[Path]) -> None:
    data = [dcmread(image) for image in images]
    from highdicom.content import ReferencedImageSequence
    from highdicom.pr import SoftcopyVOILUTTransformation

    windows = [
        SoftcopyVOILUTTransformation(
            window_center=float(n), window_width=50.0, referenced_images=ReferencedImageSequence([one])
        )
        for n, one in enumerate(data)
    ]
    path = state_file(tmp_path / "state.dcm", data, voi_lut_transformations=windows)
    (state,) = states_of(study_of(images, [path]))
    found = [state.of(header_for(image)) for image in images]
    assert [one.voi for one in found if one is not None] == [Window(0.0, 50.0), Window(1.0, 50.0)]


def test_shapes_and_texts_are_read_with_their_units(tmp_path: Path, images: list[Path]) -> None:
    (layer,) = presented(tmp_path, images).layers
    circle, line = layer.graphics
    assert (layer.name, layer.order) == ("MARKS", 1)
    assert (circle.kind, circle.points, circle.units) == ("CIRCLE", ((6.0, 4.0), (8.0, 4.0)), "PIXEL")
    assert (line.kind, line.units) == ("POLYLINE", "DISPLAY")
    here, note = layer.texts
    assert (here.text, here.anchor, here.anchor_shown, here.top_left) == ("here", (6.0, 4.0), True, None)
    assert (note.text, note.box_units, note.anchor) == ("note", "DISPLAY", None)
    assert note.top_left == pytest.approx((0.1, 0.2))


def test_turns_flips_and_the_displayed_area(tmp_path: Path, images: list[Path]) -> None:
    area = Dataset()
    area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = [10, 2], [3, 6]
    area.PresentationSizeMode, area.PresentationPixelMagnificationRatio = "MAGNIFY", 3.0
    shown = presented(
        tmp_path, images, ImageRotation=270, ImageHorizontalFlip="Y", DisplayedAreaSelectionSequence=[area]
    )
    assert (shown.quarter_turns, shown.flipped) == (3, True)
    assert shown.area is not None
    assert (shown.area.box, shown.area.mode, shown.area.magnification) == ((2.0, 1.0, 10.0, 6.0), "MAGNIFY", 3.0)


def test_shutter_and_inverse_shape_are_read(tmp_path: Path, images: list[Path]) -> None:
    shown = presented(
        tmp_path, images, ShutterShape="CIRCULAR", CenterOfCircularShutter=[4, 6], RadiusOfCircularShutter=2,
        PresentationLUTShape="INVERSE",
    )  # fmt: skip
    assert shown.shutter.circle == (5.5, 3.5, 2.0)
    assert shown.inverse


def test_overlays_are_the_states_own_or_the_images_that_it_turns_on(tmp_path: Path, images: list[Path]) -> None:
    path = state_file(tmp_path / "state.dcm", [dcmread(images[0])])
    data = dcmread(path)
    for key, (vr, value) in overlay_tags(BOX, 0x6002, x1001=("CS", "MARKS")).items():
        data.add_new(int(key[1:], 16), vr, value)
    data.add_new(0x60041001, "CS", "MARKS")
    data.save_as(path)
    shown = states_of(study_of(images, [path]))[0].of(header_for(images[0]))
    assert shown is not None
    assert [overlay.group for overlay in shown.overlays] == [0x6002]
    assert shown.image_overlays == {0x6004}


def test_frames_named_one_by_one_are_told_apart(tmp_path: Path, images: list[Path]) -> None:
    path = state_file(tmp_path / "state.dcm", [dcmread(images[0])])
    data = dcmread(path)
    for item in (
        data.ReferencedSeriesSequence[0].ReferencedImageSequence,
        data.GraphicAnnotationSequence[0].ReferencedImageSequence,
    ):
        item[0].ReferencedFrameNumber = [2, 4]
    data.save_as(path)
    (state,) = states_of(study_of(images, [path]))
    told = [state.of(header_for(images[0], frames=5, frame=n)) is not None for n in range(5)]
    assert told == [False, True, False, True, False]


def test_damaged_states_and_other_objects_are_left_out(tmp_path: Path, images: list[Path]) -> None:
    good = state_file(tmp_path / "state.dcm", [dcmread(images[0])])
    study = study_of(images, [good, good])
    (tmp_path / "state.dcm").write_bytes(b"no longer DICOM at all")
    assert states_of(study) == ()
    assert states_of(study_of(images, [images[1]])) == ()


def test_damaged_values_do_not_end_the_reading(tmp_path: Path, images: list[Path]) -> None:
    shown = presented(tmp_path, images, ImageRotation=77, DisplayedAreaSelectionSequence=[Dataset()])
    assert (shown.quarter_turns, shown.area) == (0, None)


def test_reading_can_be_cancelled(tmp_path: Path, images: list[Path]) -> None:
    path, job = state_file(tmp_path / "state.dcm", [dcmread(images[0])]), Job()
    job.cancel()
    with pytest.raises(Cancelled):
        states_of(study_of(images, [path]), job)
