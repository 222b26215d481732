"""What the mouse does: which tool each button has, and what the wheel does; two profiles, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from medviewer.i18n import N_, Message

CHOSEN = "chosen"  # the tool chosen in the toolbar
NOTHING = ""
WheelDoes = Literal["image", "ten", "zoom", "slab"]
WHEEL_DOES: tuple[WheelDoes, ...] = get_args(WheelDoes)
BUTTONS = {"left": N_("Left drag"), "middle": N_("Middle drag"), "right": N_("Right drag")}
HELD = {"": None, "ctrl+": N_("Ctrl"), "shift+": N_("Shift"), "alt+": N_("Alt")}
WHEEL = "wheel"


@dataclass(frozen=True)
class Profile:
    """Which tool id each gesture has, as "right" or "ctrl+right"; and what the wheel does, as "ctrl+wheel".

    A button with a key held that is not named does what it does without the key.
    """

    id: str
    title: Message
    sentence: Message
    gestures: Mapping[str, str]


_WHEEL: dict[str, str] = {"wheel": "image", "shift+wheel": "ten", "ctrl+wheel": "zoom", "alt+wheel": "slab"}

STANDARD = Profile(
    "standard",
    N_("Standard"),
    N_("Left drag uses the tool chosen, middle drag pans, right drag zooms."),
    {"left": CHOSEN, "middle": "pan", "right": "zoom", **_WHEEL},
)
MITK = Profile(
    "mitk",
    N_("Window/level on the right button"),
    N_("As in MITK's PACS mode: right drag changes window and level, Ctrl + right drag zooms, middle drag pans."),
    {"left": CHOSEN, "middle": "pan", "right": "window", "ctrl+right": "zoom", **_WHEEL},
)
PROFILES = {profile.id: profile for profile in (STANDARD, MITK)}
GESTURES: tuple[str, ...] = tuple(f"{held}{button}" for button in (*BUTTONS, WHEEL) for held in HELD)


def gestures(profile_id: str, own: Mapping[str, str], tools: Mapping[str, object]) -> dict[str, str]:
    """Return what every gesture does: a profile, the reader's ``own`` changes over it.

    Changes that name a gesture, or a tool not in ``tools``, that this program does not know are left out.
    """
    usual = PROFILES.get(profile_id, STANDARD).gestures
    known = {name: does for name, does in own.items() if name in GESTURES and _fits(name, does, tools)}
    return {**usual, **known}


def _fits(gesture: str, does: str, tools: Mapping[str, object]) -> bool:
    if gesture.endswith(WHEEL):
        return does in (*WHEEL_DOES, NOTHING)
    return does in tools or does in (CHOSEN, NOTHING)


def does(table: Mapping[str, str], button: str, held: str = "") -> str:
    """Return what a button or the wheel does while ``held`` ("", "ctrl+", "shift+", "alt+") is down."""
    return table.get(f"{held}{button}", table.get(button, NOTHING))


def words(gesture: str) -> str:
    """Return the name of a gesture, as "Ctrl + right drag", in the language of the screen."""
    held, _plus, button = gesture.rpartition("+")
    name = str(BUTTONS.get(button, N_("Wheel")))
    key = HELD.get(f"{held}+" if held else "")
    return name if key is None else f"{key} + {name[:1].lower()}{name[1:]}"


WHEEL_TITLES: dict[str, Message] = {
    "image": N_("Images"),
    "ten": N_("Ten images"),
    "zoom": N_("Zoom"),
    "slab": N_("Slab thickness"),
    NOTHING: N_("Nothing"),
}
WHEEL_WORDS: dict[str, Message] = {
    "image": N_("Previous or next image"),
    "ten": N_("Ten images at a time"),
    "zoom": N_("Zoom at the mouse"),
    "slab": N_("Thickness of the slab"),
    NOTHING: N_("Nothing"),
}
