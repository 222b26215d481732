"""Outlines are on disk as they are painted, stroke by stroke, and come back as they were."""

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from medviewer.app.store import Store
from medviewer.core.case import Case
from medviewer.core.edits import Edit
from medviewer.core.history import History
from medviewer.core.mask import Mask
from medviewer.core.problem import Problem
from medviewer.core.region import Region
from medviewer.core.region_edits import AddRegion, ChangeFinding, ChangeRegion, PaintRegion, RemoveRegions
from tests.app.samples import STUDY, finding, two

SHAPE = (6, 40, 40)


def mask(*box: slice) -> Mask:
    full = np.zeros(SHAPE, np.bool_)
    full[box] = True
    return Mask.cut(full)


FIRST = Region("r1", "Leber", "1.2.3", (1, 2, 3), mask(slice(1, 4), slice(3, 30), slice(4, 30)))
STROKE = PaintRegion("r1", mask(slice(2, 3), slice(20, 38), slice(20, 24)))


def saved(path: Path) -> History:
    """What a program started anew finds."""
    store = Store(path)
    history, _seq = store.replay(Case(STUDY))
    store.close()
    return history


def append(store: Store, *edits: Edit) -> None:
    for seq, edit in enumerate(edits, start=1):
        store.append(STUDY, seq, "do", edit)


def test_every_edit_of_outlines_comes_back_from_the_store(store: Store, path: Path) -> None:
    second = Region("r2", "Zyste", "1.2.3")
    look = FIRST.appearance
    edits: list[Edit] = [
        AddRegion(FIRST),
        AddRegion(second),
        STROKE,
        ChangeRegion("r1", look, type(look)("Liver", (9, 8, 7), hidden=True)),
        RemoveRegions((second,), (1,)),
    ]
    append(store, *edits)
    (region,) = saved(path).case.regions
    assert (region.name, region.colour_rgb, region.hidden, region.series_uid) == ("Liver", (9, 8, 7), True, "1.2.3")
    assert region.mask is not None
    assert FIRST.mask is not None
    assert np.array_equal(region.mask.full(SHAPE), FIRST.mask.full(SHAPE) ^ STROKE.bits.full(SHAPE))


def test_strokes_taken_back_are_taken_back_after_a_restart_too(store: Store, path: Path) -> None:
    append(store, AddRegion(FIRST), STROKE)
    store.append(STUDY, 3, "undo", STROKE)
    history = saved(path)
    (region,) = history.case.regions
    assert region.mask is not None
    assert FIRST.mask is not None
    assert np.array_equal(region.mask.full(SHAPE), FIRST.mask.full(SHAPE))
    assert len(history.undone) == 1
    history.redo()
    (region,) = history.case.regions
    assert region.mask is not None
    assert region.mask.full(SHAPE)[2, 36, 22]


def test_a_finding_whose_outline_was_painted_comes_back_with_both(store: Store, path: Path) -> None:
    before, painted = finding("f1"), mask(slice(0, 2), slice(0, 9), slice(0, 9))
    after = finding("f1", status="edited", volume_mm3=162.0, mask=painted)
    append(store, two(), ChangeFinding(before, after))
    history = saved(path)
    changed = history.case.finding("f1")
    assert changed is not None
    assert changed.mask is not None
    assert (changed.status, changed.volume_mm3, changed.mask.count) == ("edited", 162.0, 162)
    history.undo()
    again = history.case.finding("f1")
    assert again is not None
    assert again.to_dict() == before.to_dict()


@pytest.mark.parametrize("number", ["1e999", "-1", "null", '"x"', "[]", "1" + "0" * 30])
def test_a_damaged_place_or_colour_is_one_sentence(number: str, store: Store, path: Path) -> None:
    append(store, AddRegion(FIRST), RemoveRegions((FIRST,), (0,)))
    with sqlite3.connect(path) as raw:
        raw.execute("update journal set data = replace(data, '[0]', ?)", (f"[{number}]",))
        raw.execute("update journal set data = replace(data, '[1,2,3]', ?)", (f"[{number},2,3]",))
    with pytest.raises(Problem, match="Step 1 of the saved case cannot be read"):
        saved(path)


def test_a_mask_that_cannot_be_unpacked_is_one_sentence(store: Store, path: Path) -> None:
    append(store, AddRegion(FIRST))
    with sqlite3.connect(path) as raw:
        ((packed,),) = raw.execute("select data from blobs")
        broken = packed[:-1] + bytes([packed[-1] ^ 255])
        told = hashlib.sha256(broken).hexdigest()  # whoever damaged it did so before it was stored
        raw.execute("update journal set data = replace(data, (select sha256 from blobs), ?)", (told,))
        raw.execute("update blobs set data = ?, sha256 = ?", (broken, told))
    with pytest.raises(Problem, match="Step 1 of the saved case cannot be read"):
        saved(path)


def test_a_stroke_on_a_large_outline_takes_little_room(store: Store, path: Path) -> None:
    large = Mask((0, 0, 0), np.random.default_rng(1).random((60, 100, 100)) > 0.5)
    append(store, AddRegion(Region("r1", "Large", "1.2.3", mask=large)), STROKE)
    with sqlite3.connect(path) as raw:
        sizes = sorted(row[0] for row in raw.execute("select length(data) from blobs"))
    assert sizes[0] < 100 < 50_000 < sizes[1]


# ---- a program killed while it is painted ----


def strokes(count: int) -> list[PaintRegion]:
    """The same strokes whoever asks: each turns over other voxels of the first outline, some of them again."""
    chance = np.random.default_rng(5)
    return [PaintRegion("r1", Mask((1, 3, 4), chance.random((3, 20, 20)) > 0.7)) for _n in range(count)]


def after(count: int) -> bytes:
    """The outline after that many strokes, worked out on plain arrays."""
    assert FIRST.mask is not None
    full = FIRST.mask.full(SHAPE)
    for one in strokes(count):
        full ^= one.bits.full(SHAPE)
    return full.tobytes()


PAINTING = """
import os, signal, sys
from medviewer.app import audit
from medviewer.app.session import Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.core.region_edits import AddRegion
from tests.app.samples import STUDY
from tests.app.test_region_store import FIRST, strokes
from tests.app.test_session import header
session = Session(Store(sys.argv[1]), Settings())
session.catalogue.add(header(n) for n in range(3))
session.open_study(STUDY)
session.do(AddRegion(FIRST))
written = audit.append
def dies(*given, **named):
    written(*given, **named)
    os.kill(os.getpid(), signal.SIGKILL)
for number, stroke in enumerate(strokes(400), start=1):
    if number == int(sys.argv[2]):
        audit.append = dies  # the stroke's row, its voxels and its audit row are written, but not committed
    session.do(stroke)
    print(number, flush=True)
"""


def painter(path: Path, dies_at: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PAINTING, str(path), str(dies_at)], stdout=subprocess.PIPE)


def strokes_saved(path: Path) -> int:
    """How many strokes are there after a restart; all of them as they were painted, none half, and none stray."""
    store = Store(path)
    history, seq = store.replay(Case(STUDY))
    assert store.verify_audit() is None
    store.close()
    (region,) = history.case.regions
    assert region.mask is not None
    assert region.mask.full(SHAPE).tobytes() == after(seq - 1)
    for step in reversed(range(seq - 1)):
        history.undo()
        (region,) = history.case.regions
        assert region.mask is not None
        assert region.mask.full(SHAPE).tobytes() == after(step)
    return seq - 1


def test_a_program_killed_while_it_saves_a_stroke_has_every_stroke_before(path: Path) -> None:
    with painter(path, dies_at=6) as child:
        told, _errors = child.communicate(timeout=60)
    assert (child.returncode, told.split()) == (-signal.SIGKILL, [b"1", b"2", b"3", b"4", b"5"])
    assert strokes_saved(path) == 5
    session_goes_on(path)


def test_a_program_killed_at_any_moment_of_painting_has_every_stroke_that_was_shown(path: Path) -> None:
    with painter(path, dies_at=0) as child:
        assert child.stdout is not None
        for _stroke in range(7):
            shown = int(child.stdout.readline())
        os.kill(child.pid, signal.SIGKILL)
        shown = int(([b"%d" % shown, *child.stdout.read().split()])[-1])
    assert child.returncode == -signal.SIGKILL
    assert strokes_saved(path) in (shown, shown + 1)  # one may be saved and not yet shown
    session_goes_on(path)


def session_goes_on(path: Path) -> None:
    """A program started anew can paint on."""
    store = Store(path)
    _history, seq = store.replay(Case(STUDY))
    store.append(STUDY, seq + 1, "do", STROKE)
    store.close()
    assert len(saved(path).done) == seq + 1
