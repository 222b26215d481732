"""Every command, as people and programs call it: 0 done, 1 one sentence, 2 wrong usage."""

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from medviewer import __version__, paths
from medviewer.cli import app
from tests.app import fake
from tests.app.files import SERIES, small_ct

COMMANDS = (
    "open", "demo", "scan", "review", "models", "evaluate", "train", "risk", "advise", "phantom", "bench", "check",
)  # fmt: skip


def medviewer(*arguments: object) -> tuple[int, str, str]:
    """Run a command in this process; exit code, stdout, stderr."""
    result = CliRunner().invoke(app, [str(each) for each in arguments], prog_name="medviewer")
    return result.exit_code, result.stdout, result.stderr


def process(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a program of its own."""
    command = [sys.executable, "-m", "medviewer", *(str(each) for each in arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})


def one_sentence(outcome: tuple[int, str, str]) -> str:
    """The sentence of a Problem: exit 1, one line on stderr, no traceback."""
    code, _out, err = outcome
    assert code == 1, outcome
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    return err


def test_help_names_every_command() -> None:
    code, out, _err = medviewer("--help")
    assert code == 0
    for command in COMMANDS:
        assert f"  {command} " in out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    code, out, _err = medviewer(command, "--help")
    assert code == 0
    assert "Usage: medviewer" in out


def test_the_version_is_told() -> None:
    assert medviewer("--version") == (0, f"medviewer {__version__}\n", "")


@pytest.mark.parametrize("usage", [("scan",), ("review", "/x"), ("phantom",), ("risk", "--nosuch"), ("scan", "a", "b")])
def test_wrong_usage_is_2(usage: tuple[str, ...]) -> None:
    assert medviewer(*usage)[0] == 2


def test_what_is_no_command_is_a_path_to_open() -> None:
    assert "There is no file or folder '/no/such/disc'" in one_sentence(medviewer("/no/such/disc"))
    assert "There is no file or folder" in one_sentence(medviewer("open", "/no/such/disc"))


def test_without_anything_the_window_opens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from medviewer.ui import window

    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    calls: list[tuple[object, ...]] = []

    def run(path: Path | None, *, screenshot: Path | None = None, demo: bool = False) -> int:
        calls.append((path, screenshot, demo))
        return 0

    monkeypatch.setattr(window, "run", run)
    shot = tmp_path / "shot.png"
    for arguments in ((), (tmp_path,), (tmp_path, "--screenshot", shot), ("demo",), ("demo", "--screenshot", shot)):
        assert medviewer(*arguments)[0] == 0
    assert calls == [
        (None, None, False),
        (tmp_path, None, False),
        (tmp_path, shot, False),
        (None, None, True),
        (None, shot, True),
    ]


def test_without_a_screen_only_a_picture_can_be_drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from medviewer.ui import window

    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.setenv(name, "")
    drawn_on: list[str] = []

    def run(*_arguments: object, **_options: object) -> int:
        drawn_on.append(os.environ["QT_QPA_PLATFORM"])
        return 1

    monkeypatch.setattr(window, "run", run)
    assert "There is no screen here" in one_sentence(medviewer("demo"))
    assert medviewer("demo", "--screenshot", tmp_path / "shot.png")[0] == 1
    assert drawn_on == ["offscreen"]


def test_help_is_there_at_once_because_nothing_heavy_is_imported() -> None:
    heavy = {"torch", "PySide6", "pydicom", "highdicom", "SimpleITK", "scipy", "numba", "sqlalchemy"}
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom medviewer.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_broken_settings_file_is_told_and_keeps_nobody_out(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("language = [")
    done = process("risk", MEDVIEWER_HOME=str(tmp_path))
    assert done.returncode == 0
    assert "default settings are used" in done.stderr


def test_a_home_that_cannot_be_written_keeps_nobody_from_the_pictures(tmp_path: Path) -> None:
    small_ct(tmp_path / "disc")
    (tmp_path / "file").write_text("")
    done = process("scan", tmp_path / "disc", MEDVIEWER_HOME=str(tmp_path / "file" / "home"))
    assert done.returncode == 0
    assert SERIES in done.stdout
    assert "Traceback" not in done.stderr


def test_a_question_of_the_wrong_type_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(json.dumps({"age_years": "sixty"}))
    for command, identity in (("risk", "brock_full"), ("advise", "fleischner_2017")):
        assert "'sixty' is not a valid value" in one_sentence(
            medviewer(command, identity, "--input", tmp_path / "in.json")
        )
    (tmp_path / "in.json").write_text("[]")
    assert "JSON object" in one_sentence(medviewer("risk", "brock_full", "--input", tmp_path / "in.json"))


def test_risk_answers_a_program_on_stdin_and_stdout() -> None:
    command = [sys.executable, "-m", "medviewer", "risk", "brock_full", "--input", "-", "--json", "-"]
    done = subprocess.run(command, input='{"age_years": 62}', capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert answer["value"] is None
    assert "female" in answer["missing"]


def test_ctrl_c_ends_quietly_with_130(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "in.json")
    command = [sys.executable, "-m", "medviewer", "risk", "brock_full", "--input", str(tmp_path / "in.json")]
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # tests run in the background inherit deaf ears
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=heed)
    with child, (tmp_path / "in.json").open("w"):  # opens once the program does, which then waits for a text
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
    assert (child.returncode, out, err) == (130, b"", b"")


@pytest.fixture
def bright(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that finds what is bright, without torch."""
    fake.install(monkeypatch)


FILES = {"findings.seg.dcm", "findings.sr.dcm", "replay.json", "report.html", "report.pdf", "result.json"}


def written(out: Path) -> set[str]:
    """The files in a folder that may not be there."""
    return {path.name for path in out.glob("*")}


def test_scan_lists_for_people_and_for_programs(tmp_path: Path) -> None:
    small_ct(tmp_path / "disc")
    code, out, err = medviewer("scan", tmp_path / "disc")
    assert (code, err) == (0, "")
    assert SERIES in out
    code, out, _err = medviewer("scan", tmp_path / "disc", "--json", "-")
    assert json.loads(out)["studies"][0]["series"][0]["images"] == 12
    assert medviewer("scan", tmp_path / "disc", "--json", tmp_path / "scan.json")[0] == code == 0
    assert json.loads((tmp_path / "scan.json").read_text()) == json.loads(out)


def test_review_writes_its_files_and_prints_the_findings(tmp_path: Path, bright: None) -> None:
    small_ct(tmp_path / "disc")
    (tmp_path / "clinical.json").write_text('{"emphysema": true}')
    out = tmp_path / "out"
    code, shown, err = medviewer("review", tmp_path / "disc", "--out", out, "--clinical", tmp_path / "clinical.json")
    assert (code, err) == (0, "")
    assert "Nodule" in shown
    assert written(out) == FILES
    result = json.loads((out / "result.json").read_text())
    assert all(risk["inputs"]["emphysema"] is True for risk in result["risks"])


def test_a_folder_without_images_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    for command in (("scan",), ("review", "--out", tmp_path / "out")):
        assert "There is no DICOM image" in one_sentence(medviewer(*command, tmp_path))
    assert not written(tmp_path / "out")


def test_an_unreadable_file_among_good_ones_costs_only_itself(tmp_path: Path, bright: None) -> None:
    small_ct(tmp_path / "disc")
    (tmp_path / "disc" / "bad.dcm").write_bytes(b"no image")
    code, out, err = medviewer("scan", tmp_path / "disc")
    assert "bad.dcm: This is not a DICOM file." in one_sentence((code, out, err))
    assert SERIES in out
    one_sentence(medviewer("review", tmp_path / "disc", "--out", tmp_path / "out"))
    assert written(tmp_path / "out") == FILES


def test_a_truncated_file_is_told_and_the_rest_is_reviewed(tmp_path: Path, bright: None) -> None:
    paths = small_ct(tmp_path / "disc")
    paths[1].write_bytes(paths[1].read_bytes()[:-3000])
    said = one_sentence(medviewer("review", tmp_path / "disc", "--out", tmp_path / "out"))
    assert "1 images of this series could not be read" in said
    assert written(tmp_path / "out") == FILES


def test_a_file_cut_off_in_its_header_is_told_and_the_rest_is_listed(tmp_path: Path) -> None:
    paths = small_ct(tmp_path)
    paths[-1].write_bytes(paths[-1].read_bytes()[:300])
    code, out, err = medviewer("scan", tmp_path)
    assert paths[-1].name in one_sentence((code, out, err))
    assert SERIES in out


def test_a_missing_slice_is_refused_by_the_real_model_with_its_place(tmp_path: Path) -> None:
    small_ct(tmp_path / "disc")[5].unlink()
    assert "One slice is missing" in medviewer("scan", tmp_path / "disc")[1].replace("\n", " ")
    done = process("review", tmp_path / "disc", "--out", tmp_path / "out")
    said = one_sentence((done.returncode, done.stdout, done.stderr))
    assert "One slice is missing, between the slices 5/6" in said
    assert not written(tmp_path / "out")


def test_a_series_that_is_no_ct_is_refused_by_the_real_model(tmp_path: Path) -> None:
    small_ct(tmp_path / "disc", modality="MR")
    said = one_sentence(
        medviewer("review", tmp_path / "disc", "--out", tmp_path / "out", "--model", "nodule-detection")
    )
    assert "reads CT only; this series is MR" in said
    assert not written(tmp_path / "out")


def test_no_permission_for_the_output_is_told_before_the_work(tmp_path: Path) -> None:
    small_ct(tmp_path / "disc")
    (tmp_path / "file").write_text("")
    for command in (
        ("review", tmp_path / "disc", "--out", tmp_path / "file" / "out"),
        ("phantom", "--out", tmp_path / "file" / "out"),
        ("train", "nodule-detection", "--data", tmp_path, "--out", tmp_path / "file" / "out"),
    ):
        assert str(tmp_path / "file") in one_sentence(medviewer(*command))
    said = one_sentence(medviewer("scan", tmp_path / "disc", "--json", tmp_path / "file" / "out.json"))
    assert "cannot be written" in said


@pytest.mark.parametrize("content", ['{"age_years": "old"}', '{"shoe_size": 44}', "[1]", "{"])
def test_a_wrong_clinical_file_is_one_sentence(tmp_path: Path, bright: None, content: str) -> None:
    small_ct(tmp_path / "disc")
    (tmp_path / "clinical.json").write_text(content)
    command = ("review", tmp_path / "disc", "--out", tmp_path / "out", "--clinical", tmp_path / "clinical.json")
    one_sentence(medviewer(*command))
    assert not written(tmp_path / "out")


def test_unknown_names_are_one_sentence_with_the_known_ones(tmp_path: Path) -> None:
    for command in (
        ("models", "nosuch"),
        ("evaluate", "nosuch", "--data", tmp_path, "--split", "val"),
        ("train", "nosuch", "--data", tmp_path, "--out", tmp_path / "out"),
    ):
        said = one_sentence(medviewer(*command))
        assert "There are: " in said
        assert "nodule-detection" in said
    assert "header-scan" in one_sentence(medviewer("bench", "nosuch"))


def test_data_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    one_sentence(medviewer("evaluate", "nodule-detection", "--data", tmp_path, "--split", "val"))
    one_sentence(medviewer("train", "nodule-detection", "--data", tmp_path, "--out", tmp_path / "out"))


def test_the_bundled_models_are_listed_with_their_cards() -> None:
    code, out, _err = medviewer("models", "--json", "-")
    assert code == 0
    listed = {each["id"]: each for each in json.loads(out)}
    assert set(listed) == {f"nodule-{what}" for what in ("detection", "reducer", "segmentation", "characterisation")}
    for name, model in listed.items():
        code, out, _err = medviewer("models", name, "--json", "-")
        result = json.loads(out)
        assert (code, result["ok"], result["reason"]) == (0, True, "")
        assert result["card"].startswith("#")
        assert result["sha256"] == model["sha256"]


def test_the_check_fails_where_a_part_does(monkeypatch: pytest.MonkeyPatch) -> None:
    from medviewer.app import check

    monkeypatch.setattr(check, "PARTS", [part for part in check.PARTS if part.id == "database"])
    assert medviewer("check")[0] == 0
    (paths.user_data() / "medviewer.sqlite").write_bytes(b"no database" * 300)
    code, out, _err = medviewer("check", "--json", "-")
    assert code == 1
    assert json.loads(out)[0]["text"].startswith("The case database is damaged.")


def test_a_budget_that_is_not_kept_is_1(monkeypatch: pytest.MonkeyPatch) -> None:
    from medviewer.app.bench import table
    from medviewer.app.bench.budget import Budget
    from medviewer.i18n import N_

    slow = Budget("slow", N_("Slow"), 1.0, "s", lambda _bench: 2.0)
    monkeypatch.setattr(table, "budgets", lambda: {"slow": slow})
    code, out, _err = medviewer("bench", "slow", "--json", "-")
    assert (code, json.loads(out)[0]["ok"]) == (1, False)
