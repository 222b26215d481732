"""Long work that reports its progress and can be cancelled."""

import threading
import time
from collections.abc import Callable

from medviewer.core.problem import Cancelled

REPORT_EVERY_S = 0.1
Report = Callable[["Job"], None]


class Job:
    """Progress and cancel of one long piece of work; safe to use from any thread."""

    def __init__(self, title: str = "", report: Report | None = None) -> None:
        self.title = title
        self.text = ""
        self.share = 0.0
        self._report = report
        self._cancel = threading.Event()
        self._started_s = time.monotonic()
        self._reported_s = 0.0

    def step(self, share: float, text: str = "") -> None:
        """Tell that ``share`` (0 to 1) is done; raises Cancelled where the reader cancelled."""
        self.check()
        self.share = min(max(share, 0.0), 1.0)
        self.text = text or self.text
        now_s = time.monotonic()
        if self._report and (now_s - self._reported_s >= REPORT_EVERY_S or share >= 1.0):
            self._reported_s = now_s
            self._report(self)

    def check(self) -> None:
        """Raise Cancelled where the reader cancelled."""
        if self.cancelled:
            raise Cancelled

    def cancel(self) -> None:
        """Ask the work to stop at its next step."""
        self._cancel.set()

    @property
    def cancelled(self) -> bool:
        """Whether cancel was asked for."""
        return self._cancel.is_set()

    @property
    def remaining_s(self) -> float | None:
        """Seconds left at the pace so far; None before anything is done."""
        spent_s = time.monotonic() - self._started_s
        return spent_s / self.share * (1.0 - self.share) if self.share > 0.0 else None

    def part(self, start: float, stop: float) -> "Job":
        """Return a job whose 0..1 is ``start``..``stop`` of this one, cancelled with it."""
        return _Part(self, start, stop)


class _Part(Job):
    def __init__(self, whole: Job, start: float, stop: float) -> None:
        super().__init__(whole.title)
        self._whole, self._start, self._stop = whole, start, stop
        self._cancel = whole._cancel

    def step(self, share: float, text: str = "") -> None:
        self.share = min(max(share, 0.0), 1.0)
        self._whole.step(self._start + self.share * (self._stop - self._start), text)
