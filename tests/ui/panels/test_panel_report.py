"""The report panel: the draft, the reader's words, and saving in the background."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from medviewer.core.edits import SetStatus, SetText
from medviewer.core.problem import Problem
from medviewer.ui.panels.report import PANEL, ReportPanel
from tests.cases import case, finding
from tests.ui.panels.desk import Desk


@pytest.fixture
def panel(desk: Desk, qtbot: QtBot) -> ReportPanel:
    made = PANEL.make(desk.session, desk.view)
    assert isinstance(made, ReportPanel)
    qtbot.addWidget(made)
    made.resize(460, 900)
    made.show()
    return made


def choose(path: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the file dialog answer ``path``; None is a cancelled dialog."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(path) if path else "", ""))


def test_without_a_study_it_says_what_to_do(panel: ReportPanel) -> None:
    assert panel.message.isVisible()


def test_the_draft_is_shown_by_section(desk: Desk, panel: ReportPanel) -> None:
    desk.open(case(finding("a")))
    assert "Solid nodule, right upper zone" in panel.editors["findings"].text.toPlainText()
    assert "estimated" not in panel.editors["risk"].text.toPlainText()
    assert "1 table(s)" in panel.editors["risk"].more.text()


def test_it_follows_the_case(desk: Desk, panel: ReportPanel) -> None:
    desk.open(case(finding("a"), finding("b", status="unreviewed")))
    assert panel.warning.text() == "1 finding(s) are not yet reviewed; the report marks them."
    desk.session.do(SetStatus("b", "unreviewed", "rejected"))
    assert panel.warning.text() == "1 finding(s) were rejected and are left out."


def test_words_of_the_reader_become_an_edit_when_the_field_is_left(
    desk: Desk, panel: ReportPanel, qtbot: QtBot
) -> None:
    desk.open(case(finding("a")))
    editor = panel.editors["impression"]
    editor.text.setFocus()
    editor.text.selectAll()
    QTest.keyClicks(editor.text, "Benign.")
    assert desk.session.case.texts == {}
    panel.editors["models"].text.setFocus()
    assert desk.session.case.texts == {"impression": "Benign."}
    assert editor.state.text() == "your words"
    QTest.mouseClick(editor.back, Qt.MouseButton.LeftButton)
    assert desk.session.case.texts == {}
    assert "Solid nodule" in editor.text.toPlainText()


def test_a_field_left_unchanged_makes_no_edit(desk: Desk, panel: ReportPanel) -> None:
    desk.open(case(finding("a")))
    panel.editors["impression"].text.setFocus()
    panel.editors["models"].text.setFocus()
    assert desk.session.undo_label is None


def test_what_is_being_written_is_not_lost_to_a_change_elsewhere(desk: Desk, panel: ReportPanel, qtbot: QtBot) -> None:
    desk.open(case(finding("a")))
    editor = panel.editors["findings"]
    editor.text.setFocus()
    editor.text.selectAll()
    QTest.keyClicks(editor.text, "Half a sen")
    desk.session.do(SetText("comparison", None, "None."))
    assert editor.text.toPlainText() == "Half a sen"
    assert panel.editors["comparison"].text.toPlainText() == "None."


def test_what_is_being_written_is_kept_when_the_panel_is_hidden(desk: Desk, panel: ReportPanel, qtbot: QtBot) -> None:
    desk.open(case(finding("a")))
    panel.editors["findings"].text.setPlainText("Mine.")
    panel.hide()
    assert desk.session.case.texts == {"findings": "Mine."}


@pytest.mark.parametrize(("button", "start"), [("pdf", b"%PDF"), ("html", b"<!DOCTYPE html>")])
def test_saving_writes_the_file_in_the_background(
    desk: Desk,
    panel: ReportPanel,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    button: str,
    start: bytes,
) -> None:
    desk.open(case(finding("a")))
    path = tmp_path / f"mine.{button}"
    choose(tmp_path / "mine", monkeypatch)  # the suffix is added
    QTest.mouseClick(panel.buttons[button], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.saved.text() == f"Saved as {path}")
    assert path.read_bytes().startswith(start)


def test_the_reader_s_words_are_in_the_file_even_while_being_written(
    desk: Desk, panel: ReportPanel, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.open(case(finding("a")))
    panel.editors["impression"].text.setPlainText("Surely benign.")
    choose(tmp_path / "mine.html", monkeypatch)
    panel.save("html")
    qtbot.waitUntil(lambda: bool(panel.saved.text()))
    assert "Surely benign." in (tmp_path / "mine.html").read_text(encoding="utf-8")


def test_a_cancelled_dialog_saves_nothing(
    desk: Desk, panel: ReportPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.open(case(finding("a")))
    choose(None, monkeypatch)
    QTest.mouseClick(panel.buttons["pdf"], Qt.MouseButton.LeftButton)
    assert desk.view.jobs.running == []


def test_a_file_that_cannot_be_written_is_told_in_a_sentence(
    desk: Desk, panel: ReportPanel, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[BaseException] = []
    monkeypatch.setattr("sys.excepthook", lambda _kind, error, _trace: told.append(error))
    desk.open(case(finding("a")))
    choose(tmp_path / "nowhere" / "mine.pdf", monkeypatch)
    QTest.mouseClick(panel.buttons["pdf"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(told))
    assert isinstance(told[0], Problem)
    assert "folder does not exist" in told[0].text
    assert panel.saved.text() == ""


def test_the_language_of_the_report_can_be_chosen(
    desk: Desk, panel: ReportPanel, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.open(case(finding("a")))
    panel.language.setFocus()
    QTest.keyClick(panel.language, Qt.Key.Key_Down)
    assert panel.language.currentData() == "zh_CN"
    choose(tmp_path / "mine.html", monkeypatch)
    panel.save("html")
    qtbot.waitUntil(lambda: bool(panel.saved.text()))
    assert '<html lang="zh-CN">' in (tmp_path / "mine.html").read_text(encoding="utf-8")
