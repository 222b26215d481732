"""Languages: ``_()`` for the screen, ``N_()`` for texts that data carries until somebody shows them."""

import gettext
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from medviewer import paths

LANGUAGES = {"en": "English", "zh_CN": "简体中文"}
_screen_language = "en"


@cache
def translator(language: str) -> gettext.NullTranslations:
    """Return the catalogue of ``language``; English (the texts in the code) where there is none."""
    locale = paths.resources() / "locale"
    return gettext.translation("medviewer", str(locale), languages=[language], fallback=True)


def set_language(language: str) -> None:
    """Choose the language of the screen, one of ``LANGUAGES``."""
    global _screen_language  # noqa: PLW0603 - one screen, one language
    _screen_language = language if language in LANGUAGES else "en"


def screen_language() -> str:
    """Return the language of the screen."""
    return _screen_language


def system_language() -> str:
    """Return the best of ``LANGUAGES`` for this computer, from ``MEDVIEWER_LANGUAGE`` or the locale."""
    wanted = os.environ.get("MEDVIEWER_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return "zh_CN" if wanted.lower().startswith("zh") else "en"


def _(text: str) -> str:
    """Translate ``text`` for the screen."""
    return translator(_screen_language).gettext(text)


@dataclass(frozen=True)
class Message:
    """A text not yet translated, with its values; ``str()`` gives it in the language of the screen."""

    msgid: str
    values: Mapping[str, object] = field(default_factory=dict)

    def to(self, language: str) -> str:
        """Return the text in ``language``, values filled in."""
        text = translator(language).gettext(self.msgid)
        if not self.values:
            return text
        values = {k: v.to(language) if isinstance(v, Message) else v for k, v in self.values.items()}
        return text.format(**values)

    def __str__(self) -> str:
        return self.to(_screen_language)


def N_(text: str, **values: object) -> Message:  # noqa: N802 - gettext's own name for it
    """Mark ``text`` for translation and keep it with its ``values`` until it is shown."""
    return Message(text, values)
