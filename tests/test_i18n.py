"""Texts are translated when they are shown, and the Chinese catalogue is whole."""

import io
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from medviewer import i18n, paths
from medviewer.i18n import N_, Message

LOCALE = paths.resources() / "locale"
PACKAGE = Path(i18n.__file__).parent
KEYWORDS: dict[str, tuple[int | tuple[int, int], ...] | None] = {"_": None, "N_": None}


def _catalog() -> Catalog:
    with (LOCALE / "zh_CN" / "LC_MESSAGES" / "medviewer.po").open("rb") as file:
        return read_po(file, locale="zh_CN")


def _texts_in_code() -> set[str]:
    found = extract_from_dir(PACKAGE, [("**.py", "python")], keywords=KEYWORDS)
    return {str(message) for _file, _line, message, _comments, _context in found}


def test_every_text_of_the_program_is_in_chinese() -> None:
    catalog = _catalog()
    translated = {str(m.id) for m in catalog if m.id and m.string and not m.fuzzy}
    assert sorted(_texts_in_code() - translated) == []


def test_no_translation_is_left_of_texts_that_died() -> None:
    assert sorted({str(m.id) for m in _catalog() if m.id} - _texts_in_code()) == []


def _names(text: str) -> list[str]:
    return sorted(name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None)


def test_translations_carry_the_same_values_as_the_originals() -> None:
    for message in _catalog():
        if message.id:
            assert _names(str(message.string)) == _names(str(message.id)), message.id


def test_the_compiled_catalogue_is_the_written_one() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, _catalog())
    assert compiled.getvalue() == (LOCALE / "zh_CN" / "LC_MESSAGES" / "medviewer.mo").read_bytes(), (
        "run: pybabel compile -d resources/locale -D medviewer"
    )


def test_a_message_is_translated_when_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    age = N_("Age")
    monkeypatch.setattr(i18n, "_screen_language", "zh_CN")
    assert str(age) == age.to("zh_CN") != "Age"
    monkeypatch.setattr(i18n, "_screen_language", "en")
    assert str(age) == "Age"


def test_values_that_are_messages_are_translated_with_it() -> None:
    outer = Message("{inner}", {"inner": N_("Age")})
    assert outer.to("en") == "Age"
    assert outer.to("zh_CN") == N_("Age").to("zh_CN")


def test_an_unknown_language_falls_back_to_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_screen_language", "en")
    i18n.set_language("xx")
    assert i18n.screen_language() == "en"
    assert N_("Age").to("xx") == "Age"
