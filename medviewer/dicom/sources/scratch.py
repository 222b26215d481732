"""A private place on the disk for what is unpacked, gone when the program ends, swept after programs that were killed.

The place is below the reader's own data: the system's temporary folder may be small, in memory, or open to others. It
stands in only where those data may not be written to.
"""

import atexit
import contextlib
import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import IO

from medviewer import paths

_LOCK = ".lock"
_guard = threading.Lock()
_home: Path | None = None
_held: IO[bytes] | None = None


def folder(name: str) -> Path:
    """Return the private folder ``name`` (a name of our own, no one else's), made when missing."""
    made = _own_home() / name
    made.mkdir(mode=0o700, exist_ok=True)
    return made


def free_bytes() -> int:
    """Return how many bytes are free where things are unpacked."""
    return shutil.disk_usage(_own_home()).free


def close() -> None:
    """Take away everything that was unpacked by this program."""
    global _home, _held
    with _guard:
        home, _home = _home, None
        held, _held = _held, None
        if home is not None:
            shutil.rmtree(home, ignore_errors=True)
        if held is not None and home is not None:
            held.close()
            home.with_suffix(_LOCK).unlink(missing_ok=True)


def sweep() -> None:
    """Take away what killed programs left; folders of programs that still run stay."""
    for left in _place().glob("run-*/"):
        lock_name = left.with_suffix(_LOCK)
        try:
            with lock_name.open("r+b") as lock:
                abandoned = _lock(lock)
        except OSError:  # no lock at all: its program was killed while it took the folder away
            abandoned = not lock_name.exists()
        if abandoned:
            shutil.rmtree(left, ignore_errors=True)
            lock_name.unlink(missing_ok=True)


def _own_home() -> Path:
    global _home, _held
    with _guard:
        if _home is None or not _home.is_dir():
            try:
                sweep()
                _held, _home = _made(_place(), "run-")
            except OSError:  # the reader's own data may only be read, or not be there at all
                _held, _home = _made(Path(tempfile.gettempdir()), "medviewer-")
        return _home


def _made(place: Path, prefix: str) -> tuple[IO[bytes], Path]:
    """Make a new private folder in ``place`` and return its lock and itself."""
    descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=_LOCK, dir=place)
    held = os.fdopen(descriptor, "r+b")
    _lock(held)  # before there is a folder that another program could sweep
    home = Path(name).with_suffix("")
    home.mkdir(mode=0o700)
    return held, home


def _place() -> Path:
    """Return the folder below which every program has its own, made when missing."""
    homes = paths.user_data() / "unpacked"
    homes.mkdir(mode=0o700, exist_ok=True)
    with contextlib.suppress(OSError):
        homes.chmod(0o700)
    return homes


def _lock(file: IO[bytes]) -> bool:
    """Take the lock; False where another program holds it. It goes with the program, however that ends."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


atexit.register(close)
