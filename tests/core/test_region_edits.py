"""Outlines change only through edits, each exact both ways and small."""

import json
from dataclasses import replace

import numpy as np
import pytest

from medviewer.core import edits
from medviewer.core.case import Case
from medviewer.core.finding import Finding
from medviewer.core.history import History
from medviewer.core.mask import Mask
from medviewer.core.region import COLOURS, Region, difference, flipped, free_colour, trimmed
from medviewer.core.region_canvas import Canvas
from medviewer.core.region_edits import AddRegion, ChangeFinding, ChangeRegion, PaintRegion, RemoveRegions
from medviewer.core.region_gate import Gate

SHAPE = (9, 10, 11)


def mask(*box: slice) -> Mask:
    full = np.zeros(SHAPE, np.bool_)
    full[box] = True
    return Mask.cut(full)


CUBE = mask(slice(2, 5), slice(3, 6), slice(4, 8))
FIRST = Region("r1", "Liver", "1.2.3.4", COLOURS[0], CUBE)
SECOND = Region("r2", "Cyst", "1.2.3.4", COLOURS[1])
THIRD = Region("r3", "Rib", "1.2.3.4", COLOURS[2], mask(slice(0, 1), slice(0, 1), slice(0, 9)))


@pytest.fixture
def drawn() -> Case:
    return Case("1", regions=(FIRST, SECOND, THIRD))


def full(one: Mask | None) -> bytes:
    return b"" if one is None else one.full(SHAPE).tobytes()


def state(case: Case) -> object:
    regions = [(one.to_dict(), full(one.mask)) for one in case.regions]
    return regions, [(found.to_dict(), full(found.mask)) for found in case.findings]


def every_edit(case: Case, finding: Finding) -> list[edits.Edit]:
    after = replace(finding, mask=CUBE, status="edited", volume_mm3=36.0)
    return [
        AddRegion(Region("r4", "New", "1.2.3.4", mask=CUBE)),
        AddRegion(Region("r5", "Empty", "1.2.3.4")),
        RemoveRegions.of(case, ["r1", "r3"]),
        ChangeRegion("r2", SECOND.appearance, replace(SECOND.appearance, name="Zyste", hidden=True)),
        PaintRegion("r1", mask(slice(4, 8), slice(1, 9), slice(5, 6))),
        PaintRegion("r1", CUBE, "erase"),
        PaintRegion("r2", mask(slice(0, 9), slice(0, 10), slice(0, 11)), "grow"),
        ChangeFinding(finding, after),
    ]


def test_every_edit_of_outlines_is_undone_and_redone_exactly(drawn: Case, finding: Finding) -> None:
    start = replace(drawn, findings=(finding,))
    for edit in every_edit(drawn, finding):
        history = History(start)
        history.do(edit)
        after = state(history.case)
        assert after != state(start), edit
        history.undo()
        assert state(history.case) == state(start), edit
        history.redo()
        assert state(history.case) == after, edit


def test_every_edit_of_outlines_survives_being_written_as_json(drawn: Case, finding: Finding) -> None:
    start = replace(drawn, findings=(finding,))
    for edit in every_edit(drawn, finding):
        data = json.loads(json.dumps(edit.to_dict()))
        again = edits.from_dict(type(edit).__name__, data, edit.blobs())
        assert state(again.apply(start)) == state(edit.apply(start)), edit
        assert state(again.revert(again.apply(start))) == state(start), edit
        assert str(again.label) == str(edit.label)
        assert again.touches == edit.touches


def test_a_stroke_keeps_only_what_it_changed() -> None:
    large = Mask((0, 0, 0), np.ones((40, 200, 200), np.bool_))
    stroke = Mask((10, 50, 60), np.ones((1, 12, 12), np.bool_))
    assert len(PaintRegion("r1", stroke).blobs()["bits"]) < 60
    after = flipped(large, stroke)
    assert after is not None
    assert after.count == large.count - 144


def test_regions_that_were_deleted_come_back_in_their_places(drawn: Case) -> None:
    edit = RemoveRegions.of(drawn, ["r3", "r1"])
    assert [one.id for one in edit.apply(drawn).regions] == ["r2"]
    assert [one.id for one in edit.revert(edit.apply(drawn)).regions] == ["r1", "r2", "r3"]


def test_painting_on_a_region_that_is_gone_changes_nothing(drawn: Case) -> None:
    assert PaintRegion("nobody", CUBE).apply(drawn) is drawn


def test_the_undo_menu_names_what_was_done() -> None:
    look = SECOND.appearance
    names = [
        str(ChangeRegion("r2", look, replace(look, hidden=True)).label),
        str(ChangeRegion("r2", look, replace(look, name="x")).label),
        str(ChangeRegion("r2", look, replace(look, colour_rgb=(1, 2, 3))).label),
        str(PaintRegion("r1", CUBE, "smooth").label),
        str(PaintRegion("r1", CUBE, "a deed of next year").label),
    ]
    assert names == ["Hide outline", "Rename outline", "Change colour of outline", "Smooth outline", "Paint outline"]


def test_turning_over_twice_gives_back_the_mask_in_its_smallest_box() -> None:
    rng = np.random.default_rng(3)
    for _n in range(20):
        one = Mask.cut(rng.random(SHAPE) > 0.9)
        bits = Mask.cut(rng.random(SHAPE) > 0.97)
        after = flipped(one, bits)
        assert after is not None
        assert np.array_equal(after.full(SHAPE), one.full(SHAPE) ^ bits.full(SHAPE))
        assert (after.offset_kji, after.voxels.shape) == (
            Mask.cut(after.full(SHAPE)).offset_kji,
            Mask.cut(after.full(SHAPE)).voxels.shape,
        )
        back = flipped(after, bits)
        assert back is not None
        assert (back.offset_kji, back.voxels.tolist()) == (one.offset_kji, one.voxels.tolist())


def test_nothing_is_left_of_a_mask_turned_over_with_itself() -> None:
    assert flipped(CUBE, CUBE) is None
    assert difference(CUBE, CUBE) is None
    assert difference(None, CUBE) is CUBE
    assert trimmed(Mask((1, 1, 1), np.zeros((2, 2, 2), np.bool_))) is None


def test_a_canvas_tells_what_was_changed_and_nothing_else() -> None:
    canvas = Canvas(SHAPE, CUBE)
    assert canvas.changes() is None
    more = np.ones((1, 3, 4), np.bool_)
    canvas.put((slice(4, 5), slice(5, 8), slice(3, 7)), more, on=True)
    changed = canvas.changes()
    assert changed is not None
    assert changed.count == 12 - 3  # the row at j 5 was inside from i 4 to 6
    after = flipped(CUBE, changed)
    assert after is not None
    assert after.count == 36 + 9
    canvas.put((slice(4, 5), slice(5, 8), slice(3, 7)), more, on=False)
    erased = canvas.changes()
    assert erased is not None
    assert erased.full(SHAPE)[4, 5, 4:7].all()
    assert erased.count == 3


def test_a_canvas_is_cut_like_a_mask() -> None:
    canvas = Canvas(SHAPE, CUBE)
    for axis, index in ((0, 3), (1, 4), (2, 7), (0, 8)):
        cut, expected = canvas.plane(axis, index), CUBE.plane(axis, index)
        assert (cut is None) == (expected is None)
        assert cut is None or np.array_equal(cut, expected)  # type: ignore[arg-type]
    assert canvas.offset_kji == CUBE.offset_kji
    assert Canvas(SHAPE).plane(0, 3) is None


def test_a_new_region_gets_the_colour_least_used() -> None:
    assert free_colour([]) == COLOURS[0]
    assert free_colour(COLOURS) == COLOURS[0]
    assert free_colour([COLOURS[0], COLOURS[1], COLOURS[3]]) == COLOURS[2]


def test_a_gate_in_real_values_holds_whole_voxel_values() -> None:
    assert Gate(-450.0, 400.0).stored(1.0, -1024.0) == (574, 1424)
    assert Gate(0.9, 2.1).stored(0.5, 0.0) == (2, 4)
    assert Gate(0.0, 10.0).stored(-1.0, 0.0) == (-10, 0)
    assert Gate(-1e9, 1e9).stored(1.0, 0.0) == (-32768, 32767)
    assert Gate(0.0, 100.0).widened(2.0) == Gate(-50.0, 150.0)
