"""The models' window: what there is, adding with a use that is asked for, faults as sentences, removing."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from medviewer import paths
from medviewer.ai.foreign import trial
from medviewer.core.job import Job
from medviewer.ui.dialogs.model_form import ModelForm, labels, numbers
from medviewer.ui.dialogs.models import ModelsDialog
from medviewer.ui.window import MainWindow
from tests.ai.foreign.nets import RANGE, Threshold, monai_bundle, write


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials run in this process."""

    def ask(folder: Path, write_answer: bool, _job: Job) -> dict[str, Any]:
        return {"difference": trial.attempt(folder, write_answer)}

    monkeypatch.setattr(trial, "_ask", ask)
    monkeypatch.setattr("medviewer.ai.worker.give_way", lambda: None)


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> ModelsDialog:
    """The models' window, its list filled."""
    window.actions_by_id["models"].trigger()
    shown = next(one for one in window.children() if isinstance(one, ModelsDialog))
    qtbot.waitUntil(lambda: shown.list.count() > 0, timeout=30_000)
    return shown


def form_of(dialog: ModelsDialog, qtbot: QtBot, path: Path) -> ModelForm:
    """Bring ``path`` and return what is asked."""
    dialog.bring(path)
    qtbot.waitUntil(lambda: any(isinstance(one, ModelForm) for one in dialog.children()), timeout=30_000)
    return next(one for one in dialog.children() if isinstance(one, ModelForm))


def ids(dialog: ModelsDialog) -> list[str]:
    return [entry.id for entry in dialog.entries]


def test_bundled_models_are_listed_with_their_card_and_cannot_be_removed(dialog: ModelsDialog) -> None:
    assert "nodule-detection" in ids(dialog)
    dialog.list.setCurrentRow(ids(dialog).index("nodule-detection"))
    assert dialog.card.toPlainText()
    assert not dialog.buttons["remove"].isEnabled()


def test_a_model_is_added_once_its_use_is_said_and_removed_again(
    dialog: ModelsDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    form = form_of(dialog, qtbot, monai_bundle(tmp_path / "tissue", Threshold()))
    assert form.lines["spacing_mm"].text() == "2 2 2.5"
    assert form.lines["labels"].text() == "1 tissue"
    assert not form.add.isEnabled()
    form.texts["intended"].setPlainText("Tests.")
    assert not form.add.isEnabled()
    form.texts["not_for"].setPlainText("Patients.")
    form.add.click()
    qtbot.waitUntil(lambda: "tissue" in ids(dialog), timeout=60_000)
    assert dialog.chosen is not None
    assert dialog.chosen.id == "tissue"
    assert "Not for: Patients." in dialog.card.toPlainText()
    dialog.buttons["remove"].click()
    box = next(one for one in dialog.children() if isinstance(one, QMessageBox))
    next(button for button in box.buttons() if button.text() == "Remove").click()
    qtbot.waitUntil(lambda: "tissue" not in ids(dialog), timeout=30_000)
    assert not any(paths.user_models().iterdir())


def test_what_cannot_be_added_is_one_sentence_in_the_dialog(dialog: ModelsDialog, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "model.pt"
    file.write_bytes(b"\x80\x04pickle")
    dialog.bring(file)
    qtbot.waitUntil(lambda: "checkpoint written with pickle" in dialog.note.text(), timeout=30_000)
    assert dialog.note.isVisible()
    assert dialog.buttons["file"].isEnabled()


def test_a_file_without_a_description_is_added_by_what_the_form_says(
    dialog: ModelsDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    form = form_of(dialog, qtbot, write(Threshold(), tmp_path / "net.ts"))
    said = {"patch": "16 16 16", "spacing_mm": "2, 2, 2.5", "range": "-1000 400 0 1", "labels": "tissue", "axes": "ras"}
    for name, text in said.items():
        form.lines[name].setText(text)
    given = form.given()
    assert given["input"]["intensity"] == {name: value for name, value in RANGE.items() if name != "clip"}
    for text_box in form.texts.values():
        text_box.setPlainText("Tests.")
    form.add.click()
    qtbot.waitUntil(lambda: "net" in ids(dialog), timeout=60_000)


def test_a_wrong_line_is_one_sentence_in_the_dialog(dialog: ModelsDialog, qtbot: QtBot, tmp_path: Path) -> None:
    form = form_of(dialog, qtbot, monai_bundle(tmp_path / "tissue", Threshold()))
    form.lines["patch"].setText("sixteen")
    for text_box in form.texts.values():
        text_box.setPlainText("Tests.")
    form.add.click()
    qtbot.waitUntil(lambda: "nobody says its input.patch" in dialog.note.text(), timeout=30_000)


def test_a_broken_model_is_listed_with_what_is_wrong_and_can_be_removed(dialog: ModelsDialog, qtbot: QtBot) -> None:
    folder = paths.user_models() / "broken"
    folder.mkdir(parents=True)
    (folder / "model.toml").write_text("id = 1", "utf-8")
    dialog.refresh("broken")
    qtbot.waitUntil(lambda: "broken" in ids(dialog), timeout=30_000)
    assert "cannot be used" in dialog.card.toPlainText()
    dialog.remove("broken")
    qtbot.waitUntil(lambda: "broken" not in ids(dialog), timeout=30_000)


def test_a_window_closed_while_work_is_under_way_hears_nothing_more(dialog: ModelsDialog, qtbot: QtBot) -> None:
    dialog.refresh()
    dialog.close()
    qtbot.waitUntil(lambda: not dialog._jobs.running, timeout=30_000)


@pytest.mark.parametrize(("text", "found"), [("", []), ("96, 96 48.5", [96.0, 96.0, 48.5]), ("many", [])])
def test_numbers_are_read_from_a_line(text: str, found: list[float]) -> None:
    assert numbers(text) == found


def test_labels_are_read_from_a_line() -> None:
    assert labels("1 liver, 3 left kidney, spleen,") == [
        {"channel": 1, "name": "liver"},
        {"channel": 3, "name": "left kidney"},
        {"channel": 4, "name": "spleen"},
    ]
