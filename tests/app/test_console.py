"""Commands end with the promised codes and say one sentence, and JSON is fit for other programs."""

import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import typer

from medviewer.app.console import (
    as_json,
    ask_password,
    emit,
    log_file,
    progress,
    read_object,
    start_log,
    told,
    write_text,
)
from medviewer.core.problem import Cancelled, Problem


def ending(error: BaseException) -> int:
    """How a command ends that meets ``error``."""

    @told
    def command() -> None:
        raise error

    with pytest.raises(typer.Exit) as end:
        command()
    return int(end.value.exit_code)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The log file of this test alone."""
    own = logging.getLogger("medviewer")
    monkeypatch.setattr(own, "handlers", [])
    start_log()
    start_log()
    (handler,) = own.handlers
    yield
    handler.close()


def test_a_problem_is_one_line_without_markup_and_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(Problem("No [red]images[/red] here.", "Choose another.")) == 1
    assert capsys.readouterr() == ("", "No [red]images[/red] here. Choose another.\n")


def test_a_long_problem_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    ending(Problem("word " * 100, "hint"))
    assert capsys.readouterr().err.count("\n") == 1


def test_a_fault_is_one_line_and_logged_without_what_it_says(capsys: pytest.CaptureFixture[str], logged: None) -> None:
    assert ending(ValueError("Mrs Example, /discs/example")) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "Something went wrong inside MedViewer (ValueError)" in err
    noted = log_file().read_text()
    assert "test_console.py" in noted
    assert "Example" not in noted


def test_what_libraries_say_of_patients_is_neither_logged_nor_printed(
    capsys: pytest.CaptureFixture[str], logged: None
) -> None:
    logging.getLogger("pydicom").warning("invalid value Example^Jane")
    logging.getLogger("medviewer.app").warning("our own warning")
    warnings.warn("Example^Jane is unlikely to be a name", UserWarning, stacklevel=1)
    noted = log_file().read_text()
    assert "our own warning" in noted
    assert "Example" not in noted + capsys.readouterr().err


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), Cancelled()])
def test_ctrl_c_is_quiet_and_130(stop: BaseException, capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(stop) == 130
    assert capsys.readouterr() == ("", "")


def test_an_exit_keeps_its_code() -> None:
    assert ending(typer.Exit(3)) == 3


def test_json_has_no_numbers_that_are_none_and_takes_numpys() -> None:
    data = {"a": float("nan"), "b": [np.float32(0.5), np.int64(3)], "c": np.array([1.0, np.inf]), "d": (True, "é")}
    text = as_json(data)
    assert json.loads(text) == {"a": None, "b": [0.5, 3], "c": [1.0, None], "d": [True, "é"]}


def test_a_dash_gives_json_alone_and_a_file_gives_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    emit({"a": 1}, "-", lambda: print("for people"))
    assert json.loads(capsys.readouterr().out) == {"a": 1}
    emit({"a": 1}, str(tmp_path / "a.json"), lambda: print("for people"))
    assert capsys.readouterr().out == "for people\n"
    assert json.loads((tmp_path / "a.json").read_text()) == {"a": 1}


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot be written"):
        write_text(tmp_path / "nowhere" / "a.json", "{}")


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"{", "not valid JSON"), (b"[1]", "JSON object"), (b"\xff", "not valid JSON")]
)
def test_an_input_file_must_hold_an_object(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "in.json").write_bytes(content)
    with pytest.raises(Problem, match=sentence):
        read_object(tmp_path / "in.json")


def test_a_missing_input_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot be read"):
        read_object(tmp_path / "in.json")


def test_progress_is_not_in_the_way_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("Work") as job:
        job.step(0.5, "half")
        job.step(1.0)
    assert capsys.readouterr() == ("", "")


def test_a_password_is_asked_for_only_where_somebody_can_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(question: str, stream: object) -> str:
        asked.append(question)
        return "secret" if len(asked) > 1 else ""

    monkeypatch.setattr("medviewer.app.console.getpass", answer)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert ask_password("scan.zip", False) is None
    assert asked == []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert ask_password("scan.zip", False) is None
    assert ask_password("scan.zip", True) == "secret"
    assert asked == ["Password of 'scan.zip': ", "That is not the password of 'scan.zip'. Try another: "]
