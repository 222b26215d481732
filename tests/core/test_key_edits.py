"""Key images are kept, dropped and noted step by step, and every step can be written down and taken back."""

import json
from dataclasses import replace

import pytest

from medviewer.core.case import Case
from medviewer.core.edits import Edit, from_dict
from medviewer.core.key_edits import DropKey, KeepKey, NoteKey, toggled
from medviewer.core.key_image import KeyImage
from medviewer.core.look import Window

KEY = KeyImage("k1", "1.2", "1.2.7", 0, "native", (1.0, 2.0, 3.5), window=Window(40.0, 400.0), picture=b"\x89PNG")
CORONAL = replace(KEY, id="k2", kind="coronal", window=None, picture=b"")


def again(edit: Edit) -> Edit:
    return from_dict(type(edit).__name__, json.loads(json.dumps(edit.to_dict())), edit.blobs())


def test_marking_an_image_twice_keeps_it_and_drops_it() -> None:
    case = Case("1")
    keep = toggled(case, KEY)
    case = keep.apply(case)
    assert case.keys == (KEY,)
    drop = toggled(case, replace(KEY, id="other", point_lps_mm=(9.0, 9.0, 9.0)))  # the same image, another place in it
    assert isinstance(drop, DropKey)
    assert drop.apply(case).keys == ()
    assert drop.revert(drop.apply(case)).keys == (KEY,)


def test_a_dropped_one_comes_back_to_its_place() -> None:
    case = Case("1", keys=(KEY, CORONAL, replace(KEY, id="k3", sop_uid="1.2.8")))
    drop = toggled(case, CORONAL)
    assert [key.id for key in drop.apply(case).keys] == ["k1", "k3"]
    assert drop.revert(drop.apply(case)).keys == case.keys


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (KEY, replace(KEY, frame=1), False),
        (KEY, replace(KEY, series_uid="1.3"), False),
        (KEY, CORONAL, False),
        (CORONAL, replace(CORONAL, point_lps_mm=(50.0, 2.05, -9.0)), True),
        (CORONAL, replace(CORONAL, point_lps_mm=(1.0, 2.5, 3.5)), False),
        (replace(CORONAL, oblique=True), replace(CORONAL, oblique=True, point_lps_mm=(50.0, 2.0, 3.5)), False),
        (CORONAL, replace(CORONAL, oblique=True), False),
        (replace(KEY, kind="sagittal"), replace(KEY, kind="sagittal", point_lps_mm=(1.0, 0.0, 0.0)), True),
    ],
)
def test_what_counts_as_the_same_picture(one: KeyImage, other: KeyImage, same: bool) -> None:
    assert one.is_same_image(other) is same
    assert other.is_same_image(one) is same


@pytest.mark.parametrize("edit", [KeepKey(KEY, 0), DropKey(CORONAL, 3), NoteKey("k1", "", "hilar mass")])
def test_every_step_can_be_written_down(edit: Edit) -> None:
    assert again(edit) == edit
    assert edit.touches == {"keys"}


def test_a_note_is_written_and_taken_back() -> None:
    case = Case("1", keys=(KEY, CORONAL))
    note = NoteKey("k2", "", "see here")
    assert [key.note for key in note.apply(case).keys] == ["", "see here"]
    assert note.revert(note.apply(case)).keys == case.keys


def test_a_plane_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no such plane"):
        KeyImage.from_dict({**KEY.to_dict(), "kind": "round"})
