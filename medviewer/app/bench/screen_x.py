"""A screen of its own, and eyes and hands on it: Xvfb, pixels grabbed and clicks made through libX11 and libXtst."""

import ctypes
import ctypes.util
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.problem import Problem
from medviewer.i18n import _

WIDE, HIGH = 1600, 1000
UP, DOWN = 4, 5  # the wheel's buttons
_START_S = 10.0
_Z_PIXMAP, _ALL_PLANES = 2, ctypes.c_ulong(0xFFFFFFFF)


class _XImage(ctypes.Structure):
    """The head of an XImage; what follows is not looked at."""

    _fields_ = (
        ("width", ctypes.c_int), ("height", ctypes.c_int), ("xoffset", ctypes.c_int), ("format", ctypes.c_int),
        ("data", ctypes.POINTER(ctypes.c_uint8)), ("byte_order", ctypes.c_int), ("bitmap_unit", ctypes.c_int),
        ("bitmap_bit_order", ctypes.c_int), ("bitmap_pad", ctypes.c_int), ("depth", ctypes.c_int),
        ("bytes_per_line", ctypes.c_int), ("bits_per_pixel", ctypes.c_int),
    )  # fmt: skip


@dataclass(frozen=True)
class Area:
    """A rectangle of the screen in pixels."""

    left: int
    top: int
    wide: int
    high: int


@contextmanager
def own_screen() -> Iterator[str]:
    """Start a screen that nobody sees and give its name, as ":7"; Problem where that cannot be."""
    if os.name == "nt" or shutil.which("Xvfb") is None:
        raise Problem(
            _("The screen cannot be measured: Xvfb is missing."), _("Install it, on Debian with 'apt install xvfb'.")
        )
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{WIDE}x{HIGH}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(
        command, pass_fds=(writing,), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(writing)
    try:
        yield f":{_number(reading, server)}"
    finally:
        os.close(reading)
        server.terminate()
        server.wait()


def _number(reading: int, server: "subprocess.Popen[bytes]") -> int:
    """Wait until the server says which display it is."""
    os.set_blocking(reading, False)
    said, until_s = b"", time.monotonic() + _START_S
    while not said.endswith(b"\n"):
        if server.poll() is not None or time.monotonic() > until_s:
            raise Problem(_("The screen cannot be measured: Xvfb did not start."))
        try:
            said += os.read(reading, 16)
        except BlockingIOError:
            time.sleep(0.005)
    return int(said)


class Eyes:
    """A connection to a screen: what is on it, and the mouse over it."""

    def __init__(self, name: str) -> None:
        self._x11, self._xtst = _library("X11"), _library("Xtst")
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._x11.XGetImage.restype = ctypes.POINTER(_XImage)
        self._x11.XDefaultRootWindow.restype = ctypes.c_ulong
        display = self._x11.XOpenDisplay(name.encode())
        if not display:
            raise Problem(_("The screen cannot be measured: it does not answer."))
        self._display = ctypes.c_void_p(display)
        self._root = ctypes.c_ulong(self._x11.XDefaultRootWindow(self._display))

    def see(self, area: Area) -> NDArray[np.uint8]:
        """Return the pixels of a part of the screen, uint8 (rows, columns, 4), blue, green, red, nothing."""
        size = ctypes.c_uint(area.wide), ctypes.c_uint(area.high)
        seen = self._x11.XGetImage(self._display, self._root, area.left, area.top, *size, _ALL_PLANES, _Z_PIXMAP)
        if not seen:
            raise Problem(_("The screen cannot be measured: it does not answer."))
        image = seen.contents
        raw = ctypes.string_at(image.data, image.bytes_per_line * image.height)
        self._x11.XDestroyImage(seen)
        rows = np.frombuffer(raw, np.uint8).reshape(area.high, image.bytes_per_line)
        return rows[:, : 4 * area.wide].reshape(area.high, area.wide, 4)

    def point(self, x: int, y: int) -> None:
        """Move the mouse there."""
        self._xtst.XTestFakeMotionEvent(self._display, -1, x, y, ctypes.c_ulong(0))
        self._x11.XSync(self._display, 0)

    def enlarge(self) -> None:
        """Make every window as large as the screen: there is nobody else here who would."""
        root, parent, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_uint()
        windows = ctypes.POINTER(ctypes.c_ulong)()
        found = ctypes.byref(root), ctypes.byref(parent), ctypes.byref(windows), ctypes.byref(count)
        if self._x11.XQueryTree(self._display, self._root, *found):
            for window in windows[: count.value]:
                self._x11.XMoveResizeWindow(self._display, ctypes.c_ulong(window), 0, 0, WIDE, HIGH)
        if windows:
            self._x11.XFree(windows)
        self._x11.XSync(self._display, 0)

    def click(self, button: int) -> None:
        """Press and release a button; returns as soon as that is on its way."""
        for down in (1, 0):
            self._xtst.XTestFakeButtonEvent(self._display, ctypes.c_uint(button), down, ctypes.c_ulong(0))
        self._x11.XFlush(self._display)

    def close(self) -> None:
        """Leave the screen."""
        self._x11.XCloseDisplay(self._display)


def _library(name: str) -> Any:
    found = ctypes.util.find_library(name)
    if found is None:
        raise Problem(
            _("The screen cannot be measured: lib{name} is missing.").format(name=name),
            _("Install it, on Debian with 'apt install libx11-6 libxtst6'."),
        )
    return ctypes.CDLL(found)
