"""Memory for series: what one needs, what the computer has, and what to do where that is too little."""

import ctypes
import math
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from medviewer.core.problem import Problem
from medviewer.core.study import Check, Series
from medviewer.i18n import N_, _

SHARE = 0.6  # of the free memory that one series may take; the rest is for the models and for others
_VOXEL_BYTES, _COLOUR_BYTES = 2, 3
_MEMINFO, _SHARED = Path("/proc/meminfo"), Path("/dev/shm")


class TooLarge(Problem):
    """A series that needs more memory than it may take; ``every``: one slice in so many would fit."""

    def __init__(self, needed_bytes: int, budget_bytes: int) -> None:
        self.needed_bytes, self.budget_bytes = needed_bytes, budget_bytes
        self.every = max(2, math.ceil(needed_bytes / max(budget_bytes, 1)))
        super().__init__(
            _("This series needs {needed} of memory, and {budget} may be used for it.").format(
                needed=size_text(needed_bytes), budget=size_text(budget_bytes)
            ),
            _("Close other studies or programs, or open only some of its slices."),
        )


def needed_bytes(series: Series) -> int:
    """Return the bytes that the volume of a series takes: int16 voxels, and RGB beside them where it has colours."""
    first = series.first
    each = _VOXEL_BYTES + (_COLOUR_BYTES if series.is_colour else 0)
    return len(series.headers) * (first.rows * first.columns * each + 1)


def free_bytes() -> int:
    """Return the bytes of memory that volumes could take now, without swapping."""
    if sys.platform == "win32":
        return _free_on_windows()
    if sys.platform == "darwin":
        return _free_on_macos()
    known = [shutil.disk_usage(_SHARED).free] if _SHARED.is_dir() else []
    if _MEMINFO.exists():
        lines = dict(line.split(":", 1) for line in _MEMINFO.read_text().splitlines() if ":" in line)
        if "MemAvailable" in lines:
            return min(*known, int(lines["MemAvailable"].split()[0]) * 1024, sys.maxsize)
    return min(*known, os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), sys.maxsize)


def _free_on_windows() -> int:
    class Status(ctypes.Structure):
        """MEMORYSTATUSEX of the Windows API."""

        _fields_ = (
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            *((name, ctypes.c_uint64) for name in ("total", "free", "t_page", "f_page", "t_own", "f_own", "f_more")),
        )

    status = Status(length=ctypes.sizeof(Status))
    ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined,unused-ignore]
    return int(status.free)


def _free_on_macos() -> int:
    """Pages that are free, or hold files that can be read again."""
    told = subprocess.run(["/usr/bin/vm_stat"], capture_output=True, text=True, check=False).stdout
    pages = 0
    for line in told.splitlines():
        name, _colon, count = line.partition(":")
        if name in ("Pages free", "Pages inactive", "Pages speculative"):
            pages += int(count.strip(" ."))
    return pages * os.sysconf("SC_PAGE_SIZE")


def budget_bytes(wanted: int | None = None) -> int:
    """Return the bytes that one series may take: what the reader wants, else a share of what is free now."""
    return wanted if wanted is not None else int(free_bytes() * SHARE)


def check_room(series: Series, budget: int | None = None) -> None:
    """Raise TooLarge where the volume of ``series`` takes more than ``budget`` bytes, by default ``budget_bytes()``."""
    needed, allowed = needed_bytes(series), budget_bytes(budget)
    if needed > allowed:
        raise TooLarge(needed, allowed)


def thinned(series: Series, every: int) -> Series:
    """Return a series of every ``every``-th slice, from the first, with its geometry and a check that says so."""
    if every < 2:
        return series
    headers, grid = series.headers[::every], series.grid
    if grid is not None:
        step_mm, row_mm, column_mm = grid.spacing_kji_mm
        shape = (len(headers), *grid.shape_kji[1:])
        grid = replace(grid, shape_kji=shape, spacing_kji_mm=(step_mm * every, row_mm, column_mm))
    check = Check(
        "thinned",
        "warning",
        N_("To save memory only one slice in {n} was opened.", n=every),
        N_("What lies between the slices shown was not read; open the whole series before you rule anything out."),
    )
    return replace(series, headers=headers, grid=grid, checks=(*series.checks, check))


def size_text(count_bytes: int) -> str:
    """Return a size as people say it: 6.2 GB, 340 MB."""
    return f"{count_bytes / 1e9:.1f} GB" if count_bytes >= 1e9 else f"{math.ceil(count_bytes / 1e6)} MB"
