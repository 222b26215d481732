"""The one place that tells what went wrong."""

import logging
import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from medviewer.core.problem import Problem
from medviewer.ui.messages import Hooks, Messages


@pytest.fixture
def bar(qtbot: QtBot) -> Messages:
    made = Messages()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def hooks(bar: Messages) -> Iterator[Hooks]:
    made = Hooks(bar)
    yield made
    made.remove()


def test_nothing_to_say_takes_no_room(bar: Messages) -> None:
    assert bar.isHidden()


def test_a_problem_is_told_with_what_to_do(bar: Messages) -> None:
    bar.error(Problem, Problem("The disc is gone.", "Put it back."), None)
    assert bar.isVisible()
    assert bar._text.text() == "The disc is gone."
    assert bar._hint.text() == "Put it back."
    assert bar._details.isHidden()


def test_a_fault_is_one_sentence_with_details_and_no_patient_in_the_log(
    bar: Messages, caplog: pytest.LogCaptureFixture
) -> None:
    place = "/".join(["", "home", "DOE" + "^JANE", "1.dcm"])  # the log shows lines of code, so not written out here
    try:
        raise KeyError(place)
    except KeyError as error:
        with caplog.at_level(logging.ERROR):
            bar.error(KeyError, error, error.__traceback__)
    assert "Something went wrong inside MedViewer." in bar._text.text()
    assert not bar._details.isHidden()
    assert place in bar.said[-1].details
    assert "KeyError" in caplog.text
    assert "test_messages.py" in caplog.text
    assert place not in caplog.text


def test_the_details_open_in_a_window_of_their_own(bar: Messages, qtbot: QtBot) -> None:
    bar.problem("Odd.", details="line 1\nline 2")
    bar._details.click()
    box = bar.findChild(QMessageBox)
    assert box is not None
    assert box.detailedText() == "line 1\nline 2"
    box.close()


def test_messages_wait_their_turn(bar: Messages) -> None:
    bar.problem("First.")
    bar.problem("Second.")
    assert (bar._text.text(), bar._more.text()) == ("Second.", "1 more")
    bar.dismiss()
    assert bar._text.text() == "First."
    bar.dismiss()
    assert bar.isHidden()


def test_the_same_thing_is_not_said_twice(bar: Messages) -> None:
    bar.problem("The disc is gone.")
    bar.problem("The disc is gone.")
    assert len(bar.said) == 1


def test_errors_of_any_thread_arrive(bar: Messages, hooks: Hooks, qtbot: QtBot) -> None:
    def fail() -> None:
        raise Problem("In a thread.")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(bar.isVisible)
    sys.excepthook(Problem, Problem("In the window."), None)
    assert [said.text for said in bar.said] == ["In a thread.", "In the window."]


def test_ctrl_c_is_no_message(bar: Messages, hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    passed_on: list[type[BaseException]] = []
    monkeypatch.setattr(hooks, "_before", (lambda kind, *_rest: passed_on.append(kind), threading.excepthook))
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert passed_on == [KeyboardInterrupt]
    assert bar.said == []


def test_the_hooks_leave_as_they_came(bar: Messages) -> None:
    before = sys.excepthook
    made = Hooks(bar)
    assert sys.excepthook != before
    made.remove()
    assert sys.excepthook == before


def test_a_text_is_never_read_as_html(bar: Messages) -> None:
    bar.problem("<img src=x>")
    assert bar._text.textFormat().name == "PlainText"


def test_what_was_said_of_other_images_goes_with_them(bar: Messages) -> None:
    bar.problem("The disk is full.")
    bar.problem("Two images could not be read.", passing=True)
    bar.forget_passing()
    assert [said.text for said in bar.said] == ["The disk is full."]
    assert bar.isVisible()
