"""The reader's choices: one dataclass whose fields carry default, sentence and range, kept in a TOML file."""

import json
import tomllib
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, cast

from medviewer import paths
from medviewer.core.problem import Problem
from medviewer.core.whole import whole
from medviewer.i18n import LANGUAGES, N_, Message, _

THEMES = {"dark": N_("dark"), "light": N_("light")}
Setting = bool | str


def _setting(default: Setting, title: Message, sentence: Message, choices: dict[str, Any] | None = None) -> Any:
    """A field with its ``title``, ``sentence`` and, for texts with a range, its ``choices`` (value to title)."""
    about = {"title": title, "sentence": sentence, "choices": choices}
    return field(default=default, metadata=about)


@dataclass(frozen=True)
class Settings:
    """What the reader chose; the fields make the checks, the file and the dialog."""

    language: str = _setting(
        "auto",
        N_("Language"),
        N_("Language of the screen and of new reports; automatic follows the computer."),
        {"auto": N_("automatic"), **LANGUAGES},
    )
    reader: str = _setting("", N_("Reader"), N_("Your name as it appears in reports."))
    theme: str = _setting("dark", N_("Theme"), N_("Colours of the window; pictures stay as they are."), THEMES)
    auto_read: bool = _setting(True, N_("Read by itself"), N_("Look for lung nodules as soon as a chest CT is opened."))
    overlay: bool = _setting(True, N_("Show findings"), N_("Draw boxes and outlines of findings on the images."))
    remember_studies: bool = _setting(
        True,
        N_("Remember studies"),
        N_("List what was opened in the library, with patients' names, on this computer only."),
    )
    library_folder: str = _setting(
        "",
        N_("Library folder"),
        N_("Folder that studies are imported into; if empty, the library folder among your data."),
    )


def describe() -> tuple[Field[Setting], ...]:
    """The fields of ``Settings``; ``metadata`` holds title and sentence (Messages) and choices (dict or None)."""
    return cast(tuple[Field[Setting], ...], fields(Settings))


def check(name: str, value: object) -> Setting:
    """Return ``value`` where setting ``name`` may have it; Problem where not, KeyError for an unknown name."""
    about = {each.name: each for each in describe()}[name]
    choices = about.metadata["choices"]
    if type(value) is not type(about.default) or (choices is not None and value not in choices):
        raise Problem(
            _("'{value}' is not a valid value for the setting '{name}'.").format(value=value, name=name),
            _("It takes one of: {choices}.").format(choices=", ".join(choices or _examples(about.default))),
        )
    return cast(Setting, value)


def _examples(default: object) -> tuple[str, ...]:
    return ("true", "false") if isinstance(default, bool) else (_("a text in quotes"),)


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
    """A JSON boolean or string is TOML too, but for DEL, which TOML wants escaped."""
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
