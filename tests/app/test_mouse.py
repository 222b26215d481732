"""The mouse as readers know it, in two profiles, with the reader's own changes over them."""

import pytest

from medviewer.app import mouse
from medviewer.app.mouse import CHOSEN, GESTURES, PROFILES
from medviewer.app.settings import MOUSE

TOOLS = {"pan": 1, "zoom": 2, "window": 3}


@pytest.mark.parametrize(
    ("profile", "gesture", "does"),
    [
        ("standard", ("left", ""), CHOSEN),
        ("standard", ("middle", ""), "pan"),
        ("standard", ("right", ""), "zoom"),
        ("standard", ("right", "ctrl+"), "zoom"),
        ("mitk", ("right", ""), "window"),
        ("mitk", ("right", "ctrl+"), "zoom"),
        ("mitk", ("middle", "shift+"), "pan"),
        ("mitk", ("left", ""), CHOSEN),
        ("standard", ("wheel", ""), "image"),
        ("standard", ("wheel", "ctrl+"), "zoom"),
        ("standard", ("wheel", "shift+"), "ten"),
        ("mitk", ("wheel", "alt+"), "slab"),
    ],
)
def test_a_gesture_does_what_readers_expect(profile: str, gesture: tuple[str, str], does: str) -> None:
    assert mouse.does(mouse.gestures(profile, {}, TOOLS), *gesture) == does


def test_the_readers_own_changes_lie_over_the_profile() -> None:
    table = mouse.gestures("mitk", {"right": "pan", "shift+left": "zoom", "wheel": "zoom"}, TOOLS)
    assert [mouse.does(table, *at) for at in (("right", ""), ("left", "shift+"), ("left", ""), ("wheel", ""))] == [
        "pan",
        "zoom",
        CHOSEN,
        "zoom",
    ]


@pytest.mark.parametrize("own", [{"right": "laser"}, {"fourth": "pan"}, {"wheel": "pan"}, {"right": "image"}])
def test_what_is_not_known_here_changes_nothing(own: dict[str, str]) -> None:
    assert mouse.gestures("standard", own, TOOLS) == mouse.gestures("standard", {}, TOOLS)


def test_a_button_may_do_nothing() -> None:
    assert mouse.does(mouse.gestures("standard", {"middle": ""}, TOOLS), "middle") == ""


def test_the_setting_offers_every_profile_under_its_name() -> None:
    assert {name: profile.title for name, profile in PROFILES.items()} == MOUSE


def test_every_gesture_has_words() -> None:
    assert mouse.words("ctrl+right") == "Ctrl + right drag"
    assert mouse.words("wheel") == "Wheel"
    assert len({mouse.words(gesture) for gesture in GESTURES}) == len(GESTURES) == 16
