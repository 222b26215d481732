"""The reader's choices: one dataclass whose fields carry default, sentence and range, kept in a TOML file."""

import json
import tomllib
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, cast

from medviewer import paths
from medviewer.core.problem import Problem
from medviewer.core.whole import whole
from medviewer.i18n import LANGUAGES, N_, Message, _

THEMES = {"dark": N_("dark"), "light": N_("light")}
WHEELS = {"next": N_("next image"), "previous": N_("previous image")}
MOUSE = {"standard": N_("Standard"), "mitk": N_("Window/level on the right button")}
SCALES_PERCENT = range(100, 201)
Setting = bool | int | str
Page = Literal["general", "reading", "keys"]
PAGES: dict[Page, Message] = {
    "general": N_("General"),
    "reading": N_("Reading"),
    "keys": N_("Mouse and keys"),
}


def _setting(
    default: Setting,
    title: Message,
    sentence: Message,
    page: Page,
    *,
    choices: dict[str, Any] | None = None,
    among: range | None = None,
) -> Any:
    """A field with its ``title``, ``sentence`` and ``page`` of the dialog.

    Texts that are chosen have ``choices`` (value to title); whole numbers have the range they are ``among``.
    """
    about = {"title": title, "sentence": sentence, "page": page, "choices": choices, "among": among}
    return field(default=default, metadata=about)


@dataclass(frozen=True)
class Settings:
    """What the reader chose; the fields make the checks, the file and the dialog."""

    language: str = _setting(
        "auto",
        N_("Language"),
        N_("Language of the screen and of new reports; automatic follows the computer."),
        "general",
        choices={"auto": N_("automatic"), **LANGUAGES},
    )
    theme: str = _setting(
        "dark", N_("Theme"), N_("Colours of the window; pictures stay as they are."), "general", choices=THEMES
    )
    ui_scale: int = _setting(
        100,
        N_("Size of texts and controls"),
        N_("In percent, 100 to 200; pictures stay as they are."),
        "general",
        among=SCALES_PERCENT,
    )
    remember_studies: bool = _setting(
        True,
        N_("Remember studies"),
        N_("List what was opened in the library, with patients' names, on this computer only."),
        "general",
    )
    library_folder: str = _setting(
        "",
        N_("Library folder"),
        N_("Folder that studies are imported into; if empty, the library folder among your data."),
        "general",
    )
    reader: str = _setting("", N_("Reader"), N_("Your name as it appears in reports."), "reading")
    auto_read: bool = _setting(
        True, N_("Read automatically"), N_("Look for lung nodules as soon as a chest CT is opened."), "reading"
    )
    auto_register: bool = _setting(
        True,
        N_("Align earlier examinations"),
        N_("Lay an earlier examination over the one being read, in the background, so that both scroll together."),
        "reading",
    )
    overlay: bool = _setting(
        True, N_("Show findings"), N_("Draw boxes and outlines of findings on the images."), "reading"
    )
    mouse_profile: str = _setting(
        "standard",
        N_("Mouse buttons"),
        N_("What dragging with each button does; single buttons can be changed in the table below."),
        "keys",
        choices=MOUSE,
    )
    wheel_down: str = _setting(
        "next", N_("Wheel towards you"), N_("Which image comes when the wheel is turned down."), "keys", choices=WHEELS
    )


def describe() -> tuple[Field[Setting], ...]:
    """The fields of ``Settings``; ``metadata`` holds title and sentence (Messages) and choices (dict or None)."""
    return cast(tuple[Field[Setting], ...], fields(Settings))


def check(name: str, value: object) -> Setting:
    """Return ``value`` where setting ``name`` may have it; Problem where not, KeyError for an unknown name."""
    about = {each.name: each for each in describe()}[name]
    allowed = about.metadata["choices"] or about.metadata["among"]
    if type(value) is not type(about.default) or (allowed is not None and value not in allowed):
        raise Problem(
            _("'{value}' is not a valid value for the setting '{name}'.").format(value=value, name=name),
            _("It takes one of: {choices}.").format(choices=", ".join(_examples(about))),
        )
    return cast(Setting, value)


def _examples(about: Field[Setting]) -> tuple[str, ...]:
    among: range | None = about.metadata["among"]
    if among is not None:
        return (_("whole numbers from {least} to {most}").format(least=among[0], most=among[-1]),)
    if about.metadata["choices"]:
        return tuple(about.metadata["choices"])
    return ("true", "false") if isinstance(about.default, bool) else (_("a text in quotes"),)


def file() -> Path:
    """Where the settings are kept."""
    return paths.user_data() / "settings.toml"


def load(path: Path | None = None) -> tuple[Settings, tuple[Problem, ...]]:
    """Return the saved settings, and what was wrong with them; a wrong one has its default. Never raises.

    Names that are not known (a newer program wrote them) are left alone.
    """
    try:
        saved = tomllib.loads((path or file()).read_text("utf-8"))
    except FileNotFoundError:
        return Settings(), ()
    except (OSError, ValueError):
        text = _("The settings file could not be read; default settings are used.")
        return Settings(), (Problem(text, _("Save the settings again to replace it.")),)
    good: dict[str, Any] = {}
    wrong: list[Problem] = []
    for name in [about.name for about in describe() if about.name in saved]:
        try:
            good[name] = check(name, saved[name])
        except Problem as problem:
            wrong.append(problem)
    return replace(Settings(), **good), tuple(wrong)


def _toml(value: Setting) -> str:
    """A JSON boolean, number or string is TOML too, but for DEL, which TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def save(settings: Settings, path: Path | None = None) -> None:
    """Write the settings, whole or not at all; Problem where that is not possible or a value is not allowed."""
    lines = []
    for about in describe():
        value = check(about.name, getattr(settings, about.name))
        lines += [f"# {about.metadata['sentence'].to('en')}", f"{about.name} = {_toml(value)}", ""]
    try:
        with whole(path or file()) as draft:
            draft.write_text("\n".join(lines), "utf-8")
    except OSError as error:
        raise Problem(_("The settings could not be saved."), str(error.strerror)) from error
