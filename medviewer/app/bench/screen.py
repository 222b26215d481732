"""The program as a reader has it: started by its command, looked at and clicked on from outside, on its own screen.

What is measured is what is seen: from a click of the wheel until the first pixel of the image changes. Nothing in the
program knows that it is measured.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from medviewer.app.bench.screen_x import DOWN, HIGH, UP, WIDE, Area, Eyes, own_screen
from medviewer.app.bench.workbench import with_bytecode
from medviewer.core.problem import Problem
from medviewer.i18n import _

CLICKS, ONE_WAY = 150, 50
_WAIT_S, _STILL_S, _SETTLE_S, _HAND_S = 60.0, 1.0, 0.05, 0.03
_LOOK_S, _BLINK_S = 0.004, 0.0002
# Where a window of the whole screen has its images, whatever the layout: between the lists, above the strip.
_MIDDLE = Area(int(0.22 * WIDE), int(0.12 * HIGH), int(0.40 * WIDE), int(0.76 * HIGH))
_SPOT_PX, _STRIP_PX, _GREYS = 48, 30, 24
_SAID = "said"  # what the program wrote to the terminal


@dataclass(frozen=True)
class Seen:
    """What one run of the program showed.

    Attributes:
        start_s, first_s, all_s: from the command to a window, to the first image, until no more of it changes.
        clicks_ms: from each click of the wheel to the first changed pixel.
        grab_ms: how long one look at those pixels takes: the wheel is at most that much faster than it was measured.
        memory_bytes: of the program and all its processes at the end, shared pages counted once.
    """

    start_s: float
    first_s: float
    all_s: float
    clicks_ms: tuple[float, ...]
    grab_ms: float
    memory_bytes: int

    @property
    def median_ms(self) -> float:
        """The usual time from a click to a pixel."""
        return float(np.median(self.clicks_ms))

    @property
    def p95_ms(self) -> float:
        """The time that one click in twenty takes longer than."""
        return float(np.percentile(self.clicks_ms, 95))


def watch(folder: Path, clicks: int = CLICKS) -> Seen:
    """Open ``folder`` in the program on a screen of its own and measure what is seen; Problem where it cannot be."""
    with own_screen() as screen, tempfile.TemporaryDirectory(prefix="medviewer-screen-") as home:
        eyes = Eyes(screen)
        try:
            _settle_in(Path(home))
            began_s = time.perf_counter()
            with _program(folder, screen, home, with_bytecode(folder.parent)) as child:
                return _look(eyes, child, began_s, clicks)
        except Problem as problem:
            said = (Path(home) / _SAID).read_text("utf-8", "replace").strip().splitlines()
            raise Problem(problem.text, problem.hint or " ".join(said[-1:])) from problem
        finally:
            eyes.close()


def peer_clicks_ms(program: str, folder: Path, clicks: int = CLICKS) -> tuple[float, ...]:
    """Return from each click of the wheel to the first changed pixel in another ``program``, given all files.

    Its window is as large as the screen; Problem where it cannot be measured.
    """
    with own_screen() as screen, tempfile.TemporaryDirectory(prefix="medviewer-screen-") as home:
        eyes = Eyes(screen)
        command = [program, *map(str, sorted(folder.iterdir()))]
        here = {**os.environ, "DISPLAY": screen, "HOME": home}
        quiet = subprocess.DEVNULL
        child = subprocess.Popen(command, env=here, stdin=quiet, stdout=quiet, stderr=quiet)
        try:
            until_s = time.perf_counter() + _WAIT_S
            while not _is_image(eyes.see(_MIDDLE)):
                if child.poll() is not None or time.perf_counter() > until_s:
                    raise Problem(
                        _("The screen cannot be measured: {what} did not come.").format(what=_("the first image"))
                    )
                eyes.enlarge()
                time.sleep(_STILL_S)
            _last_change_s(eyes, time.perf_counter())
            return _clicks(eyes, clicks)[0]
        finally:
            child.kill()
            child.wait()
            eyes.close()


def _settle_in(home: Path) -> None:
    """Be a reader who knows notice and tour and starts the model himself, so that only images move on the screen."""
    (home / "settings.toml").write_text('language = "en"\nauto_read = false\n', "utf-8")
    for mark in ("notice-read", "tour-seen"):
        (home / mark).touch()


@contextmanager
def _program(folder: Path, screen: str, home: str, extra: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    here = {
        **os.environ,
        **extra,
        "DISPLAY": screen,
        "MEDVIEWER_HOME": home,
        "QT_QPA_PLATFORM": "xcb",
        "QT_SCALE_FACTOR": "1",
    }
    here.pop("WAYLAND_DISPLAY", None)
    command = [sys.executable, "-m", "medviewer", "open", str(folder)]
    with open(Path(home) / _SAID, "wb") as said:
        child = subprocess.Popen(command, env=here, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said)
    try:
        yield child
    finally:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(5)
        child.kill()
        child.wait()


def _look(eyes: Eyes, child: "subprocess.Popen[bytes]", began_s: float, clicks: int) -> Seen:
    empty = eyes.see(Area(0, 0, WIDE, HIGH)).copy()

    def wait(until: Callable[[], bool], what: str) -> float:
        while not until():
            if child.poll() is not None or time.perf_counter() - began_s > _WAIT_S:
                raise Problem(_("The screen cannot be measured: {what} did not come.").format(what=what))
            time.sleep(_LOOK_S)
        return time.perf_counter() - began_s

    start_s = wait(lambda: bool((eyes.see(_MIDDLE) != _part(empty, _MIDDLE)).any()), _("the window"))
    first_s = wait(lambda: _is_image(eyes.see(_MIDDLE)), _("the first image"))
    all_s = _last_change_s(eyes, began_s)
    clicks_ms, grab_ms = _clicks(eyes, clicks)
    return Seen(start_s, first_s, all_s, clicks_ms, grab_ms, memory_bytes(child.pid))


def _part(whole: np.ndarray, area: Area) -> np.ndarray:
    return whole[area.top : area.top + area.high, area.left : area.left + area.wide]


def _is_image(seen: np.ndarray) -> bool:
    """Whether there is more than a page of text: many different greys in the middle."""
    middle = _part(seen, Area(_MIDDLE.wide // 4, _MIDDLE.high // 4, _MIDDLE.wide // 2, _MIDDLE.high // 2))[..., :3]
    grey = (middle.max(axis=2).astype(int) - middle.min(axis=2)) == 0
    return bool(grey.mean() > 0.9) and len(np.unique(middle[grey])) > _GREYS


def _last_change_s(eyes: Eyes, began_s: float) -> float:
    """Wait until images, panels and the strip, which tells of loading, have not changed for a second.

    Returns when they last did. The list of series is left out: its thumbnails are made at leisure.
    """
    areas = (
        Area(_MIDDLE.left, _MIDDLE.top, WIDE - _MIDDLE.left, _MIDDLE.high),
        Area(0, HIGH - _STRIP_PX, WIDE, _STRIP_PX),
    )
    before, changed_s = [eyes.see(area).tobytes() for area in areas], time.perf_counter()
    while time.perf_counter() - changed_s < _STILL_S and time.perf_counter() - began_s < _WAIT_S:
        time.sleep(_LOOK_S)
        now = [eyes.see(area).tobytes() for area in areas]
        if now != before:
            before, changed_s = now, time.perf_counter()
    return changed_s - began_s


def _clicks(eyes: Eyes, count: int) -> tuple[tuple[float, ...], float]:
    """Turn the wheel over the middle, to and fro; the first clicks, which fill caches, are not counted."""
    x, y = _MIDDLE.left + _MIDDLE.wide // 2, _MIDDLE.top + _MIDDLE.high // 2
    spot = Area(x - _SPOT_PX // 2, y - _SPOT_PX // 2, _SPOT_PX, _SPOT_PX)
    eyes.point(x, y)
    spent_ms: list[float] = []
    for n in range(count + 5):
        before = _still(eyes, spot)
        clicked_s = time.perf_counter()
        eyes.click(DOWN if (n // ONE_WAY) % 2 == 0 else UP)
        if (changed_s := _changed_s(eyes, spot, before, clicked_s)) is not None:
            spent_ms.append((changed_s - clicked_s) * 1000.0)
        time.sleep(_HAND_S)
    if len(spent_ms) < count // 2:
        raise Problem(_("The screen cannot be measured: the image does not follow the wheel."))
    return tuple(spent_ms[5:]), _grab_ms(eyes, spot)


def _still(eyes: Eyes, spot: Area) -> bytes:
    """Return what the spot shows, once it has not changed for a while."""
    seen, since_s = eyes.see(spot).tobytes(), time.perf_counter()
    while time.perf_counter() - since_s < _SETTLE_S:
        now = eyes.see(spot).tobytes()
        if now != seen:
            seen, since_s = now, time.perf_counter()
        time.sleep(_LOOK_S)
    return seen


def _changed_s(eyes: Eyes, spot: Area, before: bytes, clicked_s: float) -> float | None:
    """Return when the first pixel of the spot was seen to change; None where none did within a second."""
    while time.perf_counter() - clicked_s < _STILL_S:
        if eyes.see(spot).tobytes() != before:
            return time.perf_counter()
        time.sleep(_BLINK_S)  # eyes that never close would take a core from the program and the screen
    return None


def _grab_ms(eyes: Eyes, spot: Area) -> float:
    spent_s = []
    for _n in range(100):
        start_s = time.perf_counter()
        eyes.see(spot).tobytes()
        spent_s.append(time.perf_counter() - start_s)
    return float(np.median(spent_s)) * 1000.0


def memory_bytes(pid: int) -> int:
    """Return the memory of a process and all that it started, pages they share counted once (Linux: PSS)."""
    total = 0
    for each in _family(pid):
        with suppress(OSError, ValueError):
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
    return total


def _family(pid: int) -> list[int]:
    """Return a process and all below it."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError, IndexError):
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for known in found:
        found += [child for child, parent in parents.items() if parent == known]
    return found
