"""The harness that looks at the screen sees what is there, counts right, and says where it cannot look."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from medviewer.app.bench import screen, screen_x, table
from medviewer.app.bench.budget import Measured
from medviewer.app.bench.budgets import screen as budgets
from medviewer.app.bench.screen import Seen
from medviewer.app.bench.screen_x import Area
from medviewer.core.job import Job
from medviewer.core.problem import Problem

SEEN = Seen(1.0, 1.25, 2.0, tuple(float(n) for n in range(1, 102)), 0.04, 3 * budgets.VOLUME_BYTES)


class Stage(screen_x.Eyes):
    """A screen whose pixels are made up: ``shows(n)`` is the picture at the n-th look."""

    def __init__(self, *pictures: np.ndarray) -> None:
        self.pictures, self.looks = pictures, 0
        self.clicked: list[int] = []

    def see(self, area: Area) -> np.ndarray:
        shown = self.pictures[min(self.looks, len(self.pictures) - 1)]
        self.looks += 1
        return shown[area.top : area.top + area.high, area.left : area.left + area.wide]

    def click(self, button: int) -> None:
        self.clicked.append(button)


def blank(grey: int = 20) -> np.ndarray:
    return np.full((screen_x.HIGH, screen_x.WIDE, 4), grey, np.uint8)


def test_median_and_p95_are_those_of_the_clicks() -> None:
    assert SEEN.median_ms == 51.0
    assert SEEN.p95_ms == 96.0


def test_a_page_of_text_is_no_image_and_a_ct_is() -> None:
    page = blank()
    page[400:420, 500:900] = 200
    area = page[screen._MIDDLE.top :, screen._MIDDLE.left :]
    assert not screen._is_image(area)
    noise = np.random.default_rng(1).integers(0, 255, page.shape[:2], np.uint8)
    ct = np.repeat(noise[..., None], 4, 2)
    assert screen._is_image(ct[screen._MIDDLE.top :, screen._MIDDLE.left :])
    coloured = ct.copy()
    coloured[..., 0] = 0
    assert not screen._is_image(coloured[screen._MIDDLE.top :, screen._MIDDLE.left :])


def test_a_change_is_seen_when_one_pixel_changes_and_no_sooner() -> None:
    before, after = blank(), blank()
    spot = Area(100, 100, 8, 8)
    after[103, 104, 1] = 21
    stage = Stage(before, before, before, after)
    import time

    assert screen._changed_s(stage, spot, before[100:108, 100:108].tobytes(), time.perf_counter()) is not None
    assert stage.looks == 4


def test_memory_counts_the_children(tmp_path: Path) -> None:
    code = "import sys; held = b'x' * 60_000_000; print('ready', flush=True); sys.stdin.read()"
    parent = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdin=subprocess.PIPE, "
        "stdout=subprocess.PIPE, text=True); child.stdout.readline(); print('ready', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", parent, code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    assert 60e6 < screen.memory_bytes(process.pid) < 200e6
    process.communicate("")


def test_without_xvfb_that_is_said_and_the_table_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(budgets, "_folder", lambda bench: bench.home)
    results = table.measure({each.id: each for each in (budgets.MEDIAN, budgets.MEMORY)}, None, Job())
    assert [result.value for result in results] == [None, None]
    assert "Xvfb is missing" in results[0].note
    table.show_bench(results)
    assert "OHIF" not in capsys.readouterr().out


def test_one_run_serves_all_lines_and_the_peers_stand_beside_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs: list[Path] = []

    def watched(folder: Path, clicks: int = 150) -> Seen:
        runs.append(folder)
        return SEEN

    monkeypatch.setattr(budgets, "watch", watched)
    monkeypatch.setattr(budgets, "peer_clicks_ms", lambda _program, _folder: (80.0, 102.0, 300.0))
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(budgets, "_folder", lambda bench: bench.home)
    known = {name: each for name, each in table.budgets().items() if name.startswith("screen")}
    monkeypatch.setattr("medviewer.app.bench.workbench.Workbench.slowed", lambda _bench: False)
    results = {result.budget.id: result for result in table.measure(known, "screen", Job())}
    assert len(runs) == 2  # to warm up, and to count
    assert results["screen-wheel"].value == 51.0
    assert results["screen-memory"].value == 3.0
    assert results["screen-wheel-beside"].value == 0.5
    assert results["screen-first-image"].ok
    table.show_bench([*results.values()])
    shown = capsys.readouterr().out
    for word in ("MedViewer", "OHIF 3.13", "napari", "Aeskulap", "139", "7.4"):
        assert word in shown


def test_without_the_peer_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(Problem, match="aeskulap, is not installed") as told:
        budgets.beside_fastest(None)  # type: ignore[arg-type]
    assert "apt install aeskulap" in told.value.hint


PEER = """
import sys, tkinter
window, level = tkinter.Tk(), [0]
picture = tkinter.Canvas(window, highlightthickness=0, background="black")
picture.pack(fill="both", expand=True)
def draw(_event=None):
    picture.delete("all")
    for n in range(320):
        grey = f"{(3 * n + 40 * level[0]) % 256:02x}"
        picture.create_rectangle(5 * n, 0, 5 * n + 5, 1000, outline="", fill=f"#{grey}{grey}{grey}")
def turned(by):
    level[0] += by
    draw()
picture.bind("<Configure>", draw)
window.bind("<Button-4>", lambda _event: turned(1))
window.bind("<Button-5>", lambda _event: turned(-1))
window.mainloop()
"""


def test_another_program_is_enlarged_and_its_clicks_are_timed(tmp_path: Path) -> None:
    """A window of 200 pixels that draws greys and changes them by the wheel stands for the peer."""
    pytest.importorskip("tkinter", reason="needs tkinter for a program to look at")
    if shutil.which("Xvfb") is None or os.name == "nt":
        pytest.skip("needs Xvfb")
    program = tmp_path / "peer"
    program.write_text(f"#!{sys.executable}\n{PEER}", "utf-8")
    program.chmod(0o755)
    (tmp_path / "images").mkdir()
    spent_ms = screen.peer_clicks_ms(str(program), tmp_path / "images", clicks=6)
    assert len(spent_ms) >= 3
    assert all(0.0 < each < 1000.0 for each in spent_ms)


def test_the_limits_are_those_of_the_goal() -> None:
    assert (budgets.MEDIAN.limit, budgets.P95.limit) == (6.0, 9.0)
    line = Measured(budgets.MEDIAN, 5.0, True).to_dict()
    assert (line["id"], line["unit"]) == ("screen-wheel", "ms")


def test_a_real_screen_is_seen_and_pointed_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Xvfb is installed; elsewhere that is said in a sentence."""
    if shutil.which("Xvfb") is None or os.name == "nt":
        with pytest.raises(Problem, match="Xvfb"), screen_x.own_screen():
            pass
        return
    with screen_x.own_screen() as name:
        eyes = screen_x.Eyes(name)
        seen = eyes.see(Area(10, 20, 30, 40))
        assert seen.shape == (40, 30, 4)
        assert not seen[..., :3].any()  # an empty X screen is black
        eyes.point(50, 50)
        eyes.click(screen_x.DOWN)
        eyes.close()
    with pytest.raises(Problem, match="does not answer"):
        screen_x.Eyes(name)
