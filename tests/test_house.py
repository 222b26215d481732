"""The house keeps its own rules: floors, style, types, sizes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter import cli as linter

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "medviewer").rglob("*.py"))


@pytest.fixture(autouse=True)
def _the_linter_leaves_our_loggers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logging.config.dictConfig", lambda _config: None)  # it would switch all others off


def test_packages_import_only_from_the_floors_below(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert linter.lint_imports(config_filename="pyproject.toml", no_cache=True) == linter.EXIT_STATUS_SUCCESS


def test_the_floor_check_sees_a_violation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "house_with_a_hole"
    for room in ("upper", "lower"):
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    (package / "lower" / "__init__.py").write_text("import house_with_a_hole.upper\n")
    (tmp_path / "pyproject.toml").write_text(
        "[tool.importlinter]\nroot_package='house_with_a_hole'\n[[tool.importlinter.contracts]]\nname='floors'\n"
        "type='layers'\nlayers=['house_with_a_hole.upper','house_with_a_hole.lower']\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert linter.lint_imports(config_filename="pyproject.toml", no_cache=True) == linter.EXIT_STATUS_ERROR


@pytest.mark.parametrize("command", [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]], ids=" ".join)
def test_the_code_is_clean_by(command: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {str(path.relative_to(ROOT)): n for path in SOURCES if (n := len(path.read_text().splitlines())) > 400}
    assert long == {}


def test_colours_and_fonts_are_set_in_the_theme_alone() -> None:
    elsewhere = [str(p.relative_to(ROOT)) for p in SOURCES if "setStyleSheet" in p.read_text() and p.name != "theme.py"]
    assert elsewhere == []


def test_nothing_is_left_unfinished() -> None:
    words = re.compile(r"TODO|FIXME|raise NotImplementedError|XXX")
    assert [str(path) for path in SOURCES if words.search(path.read_text())] == []


def test_the_top_level_holds_only_what_the_design_names() -> None:
    listed = subprocess.run(["git", "ls-tree", "--name-only", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    allowed = {"pyproject.toml", "medviewer", "resources", "models", "tests", "packaging", "README.md"}
    assert set(listed.stdout.split()) <= allowed | {"LICENSE", ".ci", ".gitignore"}
