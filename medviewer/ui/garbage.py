"""Python's garbage is collected in the window's thread alone.

Collected wherever memory happens to be asked for, as in a thread that loads images, the pieces of closed windows would
be taken apart outside their own thread, which ends the program.
"""

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1000
MOST_YOUNG, MOST_ROUNDS = 700, 10  # as Python itself has them


class Garbage(QObject):
    """Collects now and then for as long as it lives; ``close`` gives the work back to Python."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(collect)
        self._timer.start()

    def wait(self) -> None:
        """Collect nothing until ``settle``: while the program begins, next to nothing of it is garbage."""
        self._timer.stop()

    def settle(self) -> None:
        """Look no more through what lives as long as the program: libraries, and the window as it was made.

        To look through all of that would block the window for 150 ms. Call it while no study is open.
        """
        if not gc.isenabled():  # not closed meanwhile
            gc.freeze()
            self._timer.start()

    def close(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()


def collect() -> int:
    """Collect the oldest generation that is due, and return which that was; -1 where none is."""
    young, middle, old = gc.get_count()
    due = 2 if old > MOST_ROUNDS else 1 if middle > MOST_ROUNDS else 0 if young > MOST_YOUNG else -1
    if due >= 0:
        gc.collect(due)
    return due
