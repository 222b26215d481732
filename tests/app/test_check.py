"""The self-check names what is broken and goes on with the rest."""

from pathlib import Path

import pytest

from medviewer import paths
from medviewer.app import check
from medviewer.app.check import Outcome, Part, check_all, show_check
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.i18n import N_


def part(name: str) -> Part:
    """A part of the real check."""
    return next(each for each in check.PARTS if each.id == name)


def outcome(name: str) -> Outcome:
    """What the check says of one part."""
    return check._check(part(name), Job())


def broken(_job: Job) -> str:
    raise Problem("It is broken.", "Mend it.")


def faulty(_job: Job) -> str:
    raise ImportError("no module named x")


def test_one_broken_part_does_not_end_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = [Part("a", N_("First"), broken), Part("b", N_("Second"), faulty), Part("c", N_("Third"), lambda _j: "fine")]
    monkeypatch.setattr(check, "PARTS", parts)
    outcomes = check_all(Job())
    assert [(o.id, o.ok, o.text) for o in outcomes] == [
        ("a", False, "It is broken. Mend it."),
        ("b", False, "ImportError: no module named x"),
        ("c", True, "fine"),
    ]
    show_check(outcomes)
    shown = capsys.readouterr().out
    assert "failed" in shown
    assert "fine" in shown


@pytest.mark.parametrize("name", ["versions", "memory", "database", "display"])
def test_this_installation_is_whole(name: str) -> None:
    assert outcome(name).ok, outcome(name).text


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.metadata

    def gone(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", gone)
    assert outcome("versions").text.startswith("'torch' is not installed.")


def test_a_damaged_database_is_named() -> None:
    (paths.user_data() / "medviewer.sqlite").write_bytes(b"no database at all" * 200)
    assert outcome("database").text.startswith("The case database is damaged.")


def test_missing_resources_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> Path:
        raise FileNotFoundError("MedViewer's folder 'resources' is missing")

    monkeypatch.setattr(paths, "resources", gone)
    assert not outcome("resources").ok


def test_without_a_screen_it_says_how_to_draw_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert "--screenshot" in outcome("display").text
