"""What is on the screen becomes a protocol that hangs the same study the same way, and others like it."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from medviewer.app.hanging.file import parse
from medviewer.app.hanging.hang import Hung, Shown, hang, own_folder, protocols
from medviewer.app.hanging.protocol import Over
from medviewer.app.hanging.save import OnScreen, save_as
from medviewer.core.arrangement import Arrangement, Cell, Slab
from medviewer.core.problem import Problem
from medviewer.core.study import Series, Study
from tests.app.hangings import SAGITTAL, film, stack, study


def again(given: Study, *priors: Study, main: Series | None = None) -> Hung:
    hung = hang(given, priors, main)
    assert hung.protocol.own, hung.why
    return hung


def test_a_layout_with_slabs_and_large_viewports_comes_back() -> None:
    given = study(stack("1.1", words="Thin"))
    cells = (
        (Cell("axial", slab=Slab(10.0, "max")), (0, 0, 2, 2)),
        (Cell("coronal"), (0, 2, 1, 1)),
        (Cell("volume"), (1, 2, 1, 1)),
    )
    wanted = Arrangement(cells, (3, 3, 2), (1, 1))
    path = save_as("  Mein  Thorax: MIP! ", given, wanted, {"main": OnScreen(given.series[0])})
    assert path == own_folder() / "mein-thorax-mip.toml"
    hung = again(given)
    assert hung.arrangement == wanted
    assert hung.protocol.title == "Mein Thorax: MIP!"
    assert hang(study(stack("2.1", "MR", study="2"), uid="2")).protocol.id == "single"


def test_the_prior_and_its_place_come_back_for_another_patient() -> None:
    given, old = study(stack("1.1", words="Thin")), study(stack("9.1", study="9", words="Old"), uid="9")
    beside = Arrangement.grid(1, 2, (Cell("axial", "prior"), Cell("axial")))
    save_as("beside", given, beside, {"main": OnScreen(given.series[0]), "prior": OnScreen(old.series[0])})
    other, before = study(stack("5.1", study="5"), uid="5"), study(stack("4.1", study="4"), uid="4")
    assert again(other, before).displays == {"main": Shown("5", "5.1"), "prior": Shown("4", "4.1", prior=True)}
    assert not hang(other).protocol.own


def test_series_of_one_kind_are_told_apart_by_words_and_then_by_number() -> None:
    given = study(*(stack(f"1.{n}", "MR", words, series_number=n) for n, words in
                    enumerate(("T1", "T2", "FLAIR", "FLAIR", "T1 sag"), 1)))  # fmt: skip
    four = {"main": 0, "2": 3, "3": 1, "4": 2}
    arrangement = Arrangement.grid(2, 2, tuple(Cell("native", name) for name in four))
    save_as("mr", given, arrangement, {name: OnScreen(given.series[n]) for name, n in four.items()})
    hung = again(given)
    assert {name: shown.series_uid for name, shown in hung.displays.items()} == {
        "main": "1.1", "2": "1.4", "3": "1.2", "4": "1.3"
    }  # fmt: skip
    words = {each.name: (each.words, each.nth) for each in hung.protocol.sets}
    assert words == {"main": ((), 1), "2": (("flair",), 2), "3": ((), 1), "4": ((), 1)}


def test_films_are_remembered_by_side_and_view() -> None:
    given = study(film("1.1", "MG", "L MLO", "R MLO"))
    arrangement = Arrangement.grid(1, 2, (Cell("native", "main"), Cell("native", "2")))
    series = given.series[0]
    save_as("mlo", given, arrangement, {"main": OnScreen(series, 1), "2": OnScreen(series, 0)})
    other = study(film("2.1", "MG", "R MLO", study="2"), film("2.2", "MG", "L MLO", study="2"), uid="2")
    assert {name: shown.series_uid for name, shown in again(other).displays.items()} == {"main": "2.1", "2": "2.2"}


def test_fusion_is_remembered_though_the_other_display_has_no_viewport() -> None:
    given = study(stack("1.1", "CT"), stack("1.2", "PT"))
    fused = Arrangement.grid(1, 1, (Cell("axial"),))
    over = Over("2", "hot-iron", 0.4)
    save_as("fused", given, fused, {"main": OnScreen(given.series[0], over=over), "2": OnScreen(given.series[1])})
    hung = again(given)
    assert hung.displays["main"].over == over
    assert hung.displays["2"].series_uid == "1.2"


def test_a_series_seen_twice_is_one_set_seen_again() -> None:
    given = study(stack("1.1", "CT"))
    arrangement = Arrangement.grid(1, 2, (Cell("axial"), Cell("axial", "2")))
    save_as("twice", given, arrangement, {name: OnScreen(given.series[0]) for name in ("main", "2")})
    assert [each.again for each in again(given).protocol.sets] == ["", "main"]


def test_another_series_than_the_usual_one_is_the_one_read() -> None:
    given = study(stack("1.1", "MR", "T1"), stack("1.2", "MR", "T2 sag", orientation=SAGITTAL))
    one = Arrangement.grid(1, 1, (Cell("native"),))
    save_as("sag", given, one, {"main": OnScreen(given.series[1])})
    assert again(given).displays["main"].series_uid == "1.2"


def test_a_body_part_is_kept_to() -> None:
    given = study(stack("1.1", body_part="HEAD"))
    save_as("head", given, Arrangement.grid(1, 1, (Cell("axial"),)), {"main": OnScreen(given.series[0])})
    assert again(given)
    assert not hang(study(stack("1.1", body_part="KNEE"))).protocol.own


def test_saving_again_replaces_and_nothing_is_left_of_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    given = study(stack("1.1"))
    one, two = (Arrangement.grid(1, n, (Cell("axial"),) * n) for n in (1, 2))
    displays = {"main": OnScreen(given.series[0])}
    save_as("mine", given, one, displays)
    save_as("Mine", given, two, displays)
    assert [p.arrangement for p in protocols() if p.own] == [two]

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Problem, match=r"could not be saved: No space left on device\."):
        save_as("mine", given, one, displays)
    assert [path.name for path in own_folder().iterdir()] == ["mine.toml"]
    assert [p.arrangement for p in protocols() if p.own] == [two]


@pytest.mark.parametrize("name", ["", "  ", "///"])
def test_a_protocol_needs_a_name(name: str) -> None:
    given = study(stack("1.1"))
    with pytest.raises(Problem, match="needs a name"):
        save_as(name, given, Arrangement.grid(1, 1, (Cell("axial"),)), {"main": OnScreen(given.series[0])})


def test_a_name_in_another_script_and_with_dots_stays_in_its_folder() -> None:
    given = study(stack("1.1"))
    for name, stem in (("../../evil", "evil"), ("胸部 CT", "胸部-ct")):
        path = save_as(name, given, Arrangement.grid(1, 1, (Cell("axial"),)), {"main": OnScreen(given.series[0])})
        assert path == own_folder() / f"{stem}.toml"
        assert path.is_file()


SOUND = {
    "title": "T", "layout": ["a"], "sets": {"main": {}}, "cells": {"a": {"kind": "axial"}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"colour": 1}, "'colour' is not known here"),
        ({"layout": ["a b", "a"]}, "not equally long"),
        ({"layout": ["a b"]}, "there is no cell 'b'"),
        ({"layout": []}, "too many viewports, or none"),
        ({"layout": ["."]}, "too many viewports, or none"),
        ({"layout": ["a . a"]}, "is no rectangle"),
        ({"widths": [0]}, "'widths' takes one whole number"),
        ({"heights": [1, 1]}, "'heights' takes one whole number"),
        ({"sets": {"2": {}}}, "there is no set 'main'"),
        ({"sets": {"main": {"again": "9"}}}, "there is no set '9'"),
        ({"sets": {"main": {"over": {"display": "9"}}}}, "there is no set '9'"),
        ({"sets": {"main": {"words": 3}}}, "'words' takes texts"),
        ({"sets": {"main": {"nth": True}}}, "'nth' cannot be 'True'"),
        ({"sets": {"main": {"nth": 0}}}, "a number that there is not"),
        ({"sets": {"main": {"plane": "upright"}}}, "a plane, a side"),
        ({"match": {"prior": "yes"}}, "'prior' cannot be 'yes'"),
        ({"cells": {"a": {"kind": "round"}}}, "no cell of kind 'round'"),
        ({"cells": {"a": {"kind": "axial", "slab_mm": float("nan")}}}, "with such a slab"),
        ({"cells": {"a": {"kind": "axial", "display": "7"}}}, "there is no set '7'"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(change: dict[str, object], reason: str) -> None:
    assert parse(SOUND, "sound").title == "T"
    with pytest.raises(ValueError, match=reason):
        parse({**SOUND, **change}, "wrong")


def test_a_file_that_is_no_toml_or_too_odd_is_a_problem(tmp_path: Path) -> None:
    from medviewer.app.hanging.file import read_protocol

    for number, text in enumerate(("title = ", "\udcff", "sets = 3", 'title="x"\nlayout=3\nsets={main={}}\ncells={}')):
        path = tmp_path / f"{number}.toml"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        with pytest.raises(Problem, match="cannot be used"):
            read_protocol(path)
    with pytest.raises(Problem, match="No such file"):
        read_protocol(tmp_path / "none.toml")


def test_what_is_written_says_only_what_is_unusual() -> None:
    from medviewer.app.hanging.file import written

    simple = replace(parse(SOUND, "x"), match=parse({**SOUND, "match": {"modality": "CT"}}, "x").match)
    assert written(simple) == (
        'title = "T"\nlayout = ["a"]\nwidths = [1]\nheights = [1]\n\n[match]\nmodality = ["CT"]\n\n[sets."main"]\n\n'
        '[cells]\na = { "kind" = "axial", "display" = "main" }\n'
    ).replace('"kind"', "kind").replace('"display"', "display")
