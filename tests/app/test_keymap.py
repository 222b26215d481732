"""The reader's keys lie over the usual ones; no key does two things; a broken file never stops the start."""

from pathlib import Path

import pytest

from medviewer.app import keymap
from medviewer.app.keymap import Conflict, Keymap, canonical
from medviewer.core.problem import Problem

USUAL = {"undo": ("Ctrl+Z",), "redo": ("Ctrl+Y", "Ctrl+Shift+Z"), "cine": ("C",), "demo": ()}


def test_without_a_file_the_usual_keys_hold() -> None:
    assert keymap.load() == (Keymap(), ())
    assert Keymap().resolved(USUAL) == USUAL


def test_what_was_saved_comes_back() -> None:
    mine = Keymap({"undo": ("Alt+Backspace", 'Ctrl+"', "Ctrl+\\"), "cine": ()}, {"ctrl+right": "window", "left": "pan"})
    keymap.save(mine)
    assert keymap.load() == (mine, ())


@pytest.mark.parametrize(
    "content",
    [
        b"[keys",
        b"\xff\xfe",
        b"keys = 3",
        b"[keys]\nundo = 'Z'",
        b"[keys]\nundo = [3]",
        b"[keys]\nundo = ['']",
        b"[mouse]\nright = 1",
    ],
)
def test_a_broken_file_gives_the_usual_keys_and_one_sentence(content: bytes) -> None:
    keymap.file().write_bytes(content)
    loaded, notices = keymap.load()
    assert loaded == Keymap()
    assert [notice.text for notice in notices] == ["The file of keys could not be read; the usual keys are used."]


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="could not be saved"):
        keymap.save(Keymap(), tmp_path / "file" / "keys.toml")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ctrl+Shift+Z", "shift+ctrl+z"), ("Return", "Enter"), ("PgDown", "PageDown"), ("Ctrl++", "ctrl++"), ("+", "+")],
)
def test_one_key_has_many_spellings(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


def test_keys_that_differ_are_not_taken_for_one() -> None:
    keys = ["Z", "Ctrl+Z", "Ctrl+Shift+Z", "+", "Ctrl++", "Ctrl+-", "Return", "F1", "?"]
    assert len({canonical(key) for key in keys}) == len(keys)


def test_unknown_actions_are_left_alone_and_kept() -> None:
    mine = Keymap({"from-the-future": ("C",)})
    assert mine.resolved(USUAL) == USUAL
    keymap.save(mine.with_keys("demo", ("D",), USUAL))
    assert keymap.load()[0].keys == {"from-the-future": ("C",), "demo": ("D",)}


def test_a_chosen_key_is_taken_from_whoever_had_it() -> None:
    mine = Keymap().with_keys("cine", ("ctrl+z",), USUAL)
    assert mine.resolved(USUAL) == {**USUAL, "cine": ("ctrl+z",), "undo": ()}
    assert mine.conflicts(USUAL) == ()


def test_a_file_with_conflicts_gives_each_key_to_one_action_and_names_them() -> None:
    mine = Keymap({"cine": ("Ctrl+Z",), "demo": ("Ctrl+Z", "D")})
    assert mine.conflicts(USUAL) == (Conflict("Ctrl+Z", "cine", "demo"), Conflict("Ctrl+Z", "cine", "undo"))
    assert mine.resolved(USUAL) == {**USUAL, "cine": ("Ctrl+Z",), "demo": ("D",), "undo": ()}


def test_a_new_usual_key_gives_way_to_the_readers_own() -> None:
    mine = Keymap({"demo": ("C",)})
    assert mine.resolved(USUAL)["cine"] == ()
    assert mine.resolved(USUAL)["demo"] == ("C",)


def test_reset_takes_the_usual_keys_back_from_whoever_has_them() -> None:
    mine = Keymap().with_keys("demo", ("C",), USUAL)
    assert mine.resolved(USUAL)["cine"] == ()
    assert mine.without("cine", USUAL).resolved(USUAL) == {**USUAL, "demo": ()}
    assert mine.without("demo", USUAL).without("cine", USUAL) == Keymap()


def test_what_is_as_usual_is_not_kept() -> None:
    assert Keymap().with_keys("cine", ("M",), USUAL).with_keys("cine", ("C",), USUAL) == Keymap()


@pytest.mark.parametrize("key", ["Esc", "Escape", "Tab", "Shift+Tab"])
def test_the_keys_the_window_needs_are_given_to_nothing(key: str) -> None:
    assert Keymap({"demo": (key,)}).resolved(USUAL)["demo"] == ()


def test_an_action_may_have_no_key() -> None:
    mine = Keymap().with_keys("cine", (), USUAL)
    assert mine.keys_of("cine", ("C",)) == ()
    assert mine.keys_of("undo", ("Ctrl+Z",)) == ("Ctrl+Z",)
