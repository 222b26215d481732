"""Findings and their earlier selves: by place and side, one to one, as the reader says first."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from medviewer.app.pairing import compare, matched, placed, saved, tolerance_mm
from medviewer.app.store import Store
from medviewer.core.case import Case
from medviewer.core.compared import Compared, Examined
from medviewer.core.edits import AddFindings
from medviewer.core.finding import Finding
from medviewer.core.grid import Grid, triple
from medviewer.core.pair import Pair
from medviewer.core.registration import Registration, by_hand, rows_of
from medviewer.core.study import Header, Series, Study
from medviewer.phantom.thorax import make
from tests.cases import finding

GRID = Grid((100, 200, 200), (-100.0, -100.0, -50.0))


def series(uid: str = "1.2.3", date: str = "20260115", grid: Grid | None = GRID, **said: object) -> Series:
    header = Header("", uid + ".1", "", uid.rpartition(".")[0], uid, "CT", study_date=date, **said)  # type: ignore[arg-type]
    return Series(uid, (header,), grid=grid)


def at(
    finding_id: str, place: tuple[float, float, float], mm: float = 8.0, mm3: float = 268.0, side: str = "right"
) -> Finding:
    made = finding(finding_id, long_axis_mm=mm, side=side)
    return replace(made, center_lps_mm=place, volume_mm3=mm3)


def shift(x: float, y: float, z: float) -> Registration:
    matrix = np.eye(4)
    matrix[:3, 3] = x, y, z
    return by_hand("1.9.3", "1.2.3", matrix)


def compared(
    mine: list[Finding], theirs: list[Finding], *, case: Case | None = None, date: str = "20250115", **how: object
) -> Compared:
    now = Examined("1.2", series(), tuple(mine))
    other = Examined("1.9", series("1.9.3", date), tuple(theirs))
    other = replace(other, **how)  # type: ignore[arg-type]
    return compare(case or Case("1.2", findings=tuple(mine)), now, other, shift(10.0, 0.0, 0.0))


def courses(of: Compared) -> list[tuple[str, str, str]]:
    return [(row.now.id if row.now else "", row.other.id if row.other else "", row.course) for row in of.rows]


def test_a_finding_is_paired_with_what_lies_at_its_place() -> None:
    mine = [at("a", (20.0, 0.0, 0.0), 10.0, 536.0), at("b", (50.0, 30.0, 10.0))]
    theirs = [at("x", (41.0, 30.0, 10.0)), at("y", (10.0, 1.0, 0.0))]
    found = compared(mine, theirs)
    assert courses(found) == [("a", "y", "grown"), ("b", "x", "unchanged")]
    first = found.rows[0]
    assert first.apart_mm == pytest.approx(1.0)  # after the shift of 10 mm
    assert first.growth is not None
    assert first.growth.doubling_days == pytest.approx(365.0)
    assert found.days == 365


def test_each_is_in_one_pair_and_the_nearest_come_first() -> None:
    mine, theirs = [at("a", (0.0, 0, 0)), at("b", (6.0, 0, 0))], [at("x", (5.0, 0, 0))]
    assert [(m.id, t.id) for m, t in matched(mine, theirs, np.eye(4))] == [("b", "x")]


def test_the_tolerance_grows_with_the_size() -> None:
    small, large = at("a", (0.0, 0, 0), 6.0), at("x", (0.0, 0, 0), 30.0)
    assert tolerance_mm(small, small) == 13.0
    assert tolerance_mm(small, large) == 25.0
    assert not matched([small], [at("x", (13.1, 0, 0), 6.0)], np.eye(4))
    assert matched([small], [at("x", (13.0, 0, 0), 6.0)], np.eye(4))


def test_two_sides_are_never_one_finding() -> None:
    assert not matched([at("a", (0.0, 0, 0))], [at("x", (0.0, 0, 0), side="left")], np.eye(4))
    assert matched([at("a", (0.0, 0, 0), side="")], [at("x", (0.0, 0, 0), side="left")], np.eye(4))


def test_what_only_one_has_is_new_or_no_longer_seen() -> None:
    found = compared([at("a", (0.0, 0, 0))], [at("x", (60.0, 0, 0))])
    assert courses(found) == [("a", "", "new"), ("", "x", "gone")]


def test_of_a_later_examination_it_is_the_other_way_round() -> None:
    mine, theirs = (
        [at("a", (0.0, 0, 0)), at("b", (40.0, 0, 0))],
        [at("x", (60.0, 0, 0)), at("y", (30.0, 0, 0), 9.0, 536.0)],
    )
    found = compared(mine, theirs, date="20260301")
    assert found.is_later
    assert courses(found) == [("a", "", "gone"), ("b", "y", "grown"), ("", "x", "new")]
    growth = found.rows[1].growth
    assert growth is not None
    assert growth.doubling_days == pytest.approx(45.0)


def test_images_that_do_not_show_the_place_say_nothing() -> None:
    low = series("1.9.3", "20250115", replace(GRID, origin_lps_mm=(-100.0, -100.0, -200.0)))
    found = compared([at("a", (0.0, 0, 20.0))], [at("x", (0.0, 0, -180.0))], series=low)
    assert courses(found) == [("a", "", "outside"), ("", "x", "outside")]


def test_images_that_nobody_read_say_nothing_either() -> None:
    assert courses(compared([at("a", (0.0, 0, 0))], [], was_read=False)) == [("a", "", "unread")]


def test_the_reader_knows_better() -> None:
    mine, theirs = [at("a", (0.0, 0, 0)), at("b", (40.0, 0, 0))], [at("x", (-10.0, 0, 0)), at("y", (80.0, 0, 0))]
    case = Case("1.2", findings=tuple(mine), pairs=(Pair("a", "1.9", "y"), Pair("b", "1.8", "x")))
    found = compared(mine, theirs, case=case)
    assert courses(found) == [("a", "y", "unchanged"), ("b", "", "new"), ("", "x", "gone")]
    assert [row.by_reader for row in found.rows] == [True, False, False]


def test_a_parted_finding_stays_alone_and_a_pair_with_nothing_left_is_forgotten() -> None:
    mine, theirs = [at("a", (0.0, 0, 0))], [at("x", (-10.0, 0, 0))]
    parted = Case("1.2", findings=tuple(mine), pairs=(Pair("a", "1.9"),))
    assert courses(compared(mine, theirs, case=parted)) == [("a", "", "new"), ("", "x", "gone")]
    stale = Case("1.2", findings=tuple(mine), pairs=(Pair("a", "1.9", "no longer there"),))
    assert courses(compared(mine, theirs, case=stale)) == [("a", "x", "unchanged")]


def test_thick_slices_are_a_caution() -> None:
    thick = series("1.9.3", "20250115", thickness_mm=5.0)
    now = Examined("1.2", series(thickness_mm=1.0), (at("a", (0.0, 0, 0)),))
    found = compare(Case("1.2"), now, Examined("1.9", thick, (at("x", (0.0, 0, 0), mm3=90.0),)), shift(0, 0, 0))
    growth = found.rows[0].growth
    assert growth is not None
    assert growth.course == "unchanged"
    assert "5 and 1 mm" in str(growth.cautions[0])


def test_only_findings_of_the_same_space_are_placed() -> None:
    one, soft, other = (
        series("1.9.3", frame_of_reference_uid="f"), series("1.9.4", frame_of_reference_uid="f"), series("1.9.5")
    )  # fmt: skip
    study = Study("1.9", (one, soft, other))
    said = [replace(at(uid, (0.0, 0, 0)), series_uid=uid) for uid in ("1.9.3", "1.9.4", "1.9.5")]
    rejected = replace(said[0], id="r", status="rejected")
    assert [found.id for found in placed([*said, rejected], study, one)] == ["1.9.3", "1.9.4"]


def test_the_prior_s_case_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    store = Store(tmp_path / "cases.sqlite")
    mine = series("1.9.3")
    kept = replace(at("x", (0.0, 0, 0)), series_uid="1.9.3")
    assert not saved(store, Study("1.9", (mine,)), mine).was_read
    store.append("1.9", 1, "do", AddFindings((kept,)))
    other = saved(store, Study("1.9", (mine,)), mine)
    assert [found.id for found in other.findings] == ["x"]
    assert other.was_read
    assert store.replay(Case("1.9"))[1] == 1
    store.close()


def test_the_phantom_s_nodules_find_themselves_a_year_earlier() -> None:
    """All five by their true places; those that truly grew are said to have grown, with their true doubling time."""
    now = make(1, shape_kji=(8, 16, 16))
    before = make(1, prior=True, shape_kji=(8, 16, 16))

    def findings(of: object) -> tuple[Finding, ...]:
        return tuple(
            replace(
                finding(n.id, long_axis_mm=n.long_axis_mm, short_axis_mm=n.short_axis_mm, side=n.side, lobe=n.lobe),
                center_lps_mm=triple(n.center_lps_mm),
                volume_mm3=n.volume_mm3,
            )
            for n in of.truth  # type: ignore[attr-defined]
        )

    matrix = np.eye(4)
    matrix[:3, 3] = np.negative(before.shift_lps_mm)
    relation = Registration("1.9.3", "1.2.3", rows_of(matrix))
    mine = Examined("1.2", series(grid=now.grid), findings(now))
    other = Examined("1.9", series("1.9.3", "20250115", before.grid), findings(before))
    rows = compare(Case("1.2"), mine, other, relation).rows
    assert [(row.now.id, row.other.id) for row in rows if row.now and row.other] == [(n.id, n.id) for n in now.truth]
    grown = {n.id for n in now.truth if n.grew and n.volume_mm3 >= 1.25 * (n.prior_volume_mm3 or 0)}
    assert {row.now.id for row in rows if row.now and row.course == "grown"} == grown
    assert len(grown) == 2
    for row, truth in zip(rows, now.truth, strict=True):
        if row.course == "grown" and row.growth and truth.prior_volume_mm3:
            ratio = truth.volume_mm3 / truth.prior_volume_mm3
            assert row.growth.doubling_days == pytest.approx(365 * np.log(2) / np.log(ratio))
