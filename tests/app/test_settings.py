"""Settings come back as saved; a broken file never keeps the program from starting."""

from dataclasses import replace
from pathlib import Path

import pytest

from medviewer.app import settings
from medviewer.app.settings import Settings
from medviewer.core.problem import Problem


def test_without_a_file_the_defaults_hold() -> None:
    assert settings.load() == (Settings(), ())


@pytest.mark.parametrize("reader", ["Dr. Müller", 'a "quoted" \\ name', "陈医生 😀", "two\nlines\x7f\x00"])
def test_what_was_saved_comes_back(reader: str) -> None:
    mine = replace(Settings(), language="zh_CN", reader=reader, auto_read=False)
    settings.save(mine)
    assert settings.load() == (mine, ())


def test_the_file_says_what_each_setting_is_for() -> None:
    settings.save(Settings())
    text = settings.file().read_text("utf-8")
    for field in settings.describe():
        assert f"# {field.metadata['sentence'].to('en')}\n{field.name} = " in text


@pytest.mark.parametrize("content", [b"language = [", b"\xff\xfe\x00", b"= 3"])
def test_a_broken_file_gives_defaults_and_a_notice(content: bytes) -> None:
    settings.file().write_bytes(content)
    loaded, notices = settings.load()
    assert loaded == Settings()
    assert [notice.text for notice in notices] == ["The settings file could not be read; default settings are used."]


def test_a_folder_in_place_of_the_file_gives_defaults_and_a_notice() -> None:
    settings.file().mkdir()
    assert len(settings.load()[1]) == 1


def test_a_wrong_value_costs_only_itself_and_unknown_names_are_left_alone() -> None:
    settings.file().write_text('theme = "pink"\nauto_read = "yes"\nreader = "Ann"\nfrom_the_future = 3\n')
    loaded, notices = settings.load()
    assert loaded == replace(Settings(), reader="Ann")
    assert [notice.text for notice in notices] == [
        "'pink' is not a valid value for the setting 'theme'.",
        "'yes' is not a valid value for the setting 'auto_read'.",
    ]
    assert "dark, light" in notices[0].hint


def test_a_wrong_value_is_not_saved() -> None:
    with pytest.raises(Problem, match="theme"):
        settings.save(replace(Settings(), theme="pink"))
    assert not settings.file().exists()


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="could not be saved"):
        settings.save(Settings(), tmp_path / "file" / "settings.toml")


def test_a_home_that_cannot_be_made_gives_defaults_and_a_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MEDVIEWER_HOME", str(tmp_path / "file" / "home"))
    loaded, notices = settings.load()
    assert (loaded, len(notices)) == (Settings(), 1)
    with pytest.raises(Problem, match="could not be saved"):
        settings.save(Settings())


def test_every_default_is_allowed() -> None:
    for field in settings.describe():
        assert settings.check(field.name, field.default) == field.default


@pytest.mark.parametrize("value", [99, 201, 1.5, True, "150"])
def test_a_scale_out_of_range_is_refused_and_its_range_named(value: object) -> None:
    with pytest.raises(Problem, match="ui_scale") as refused:
        settings.check("ui_scale", value)
    assert "100 to 200" in refused.value.hint


def test_numbers_come_back_as_numbers() -> None:
    mine = replace(Settings(), ui_scale=150, mouse_profile="mitk", wheel_down="previous", auto_register=False)
    settings.save(mine)
    assert "ui_scale = 150\n" in settings.file().read_text("utf-8")
    assert settings.load() == (mine, ())


def test_every_setting_is_on_a_page_of_the_dialog() -> None:
    assert {field.metadata["page"] for field in settings.describe()} == set(settings.PAGES)
