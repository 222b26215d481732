"""Work for the decode workers that answers, refuses, dies or hangs; a file of its own, so that it can be pickled."""

import os
import threading
from dataclasses import dataclass

from medviewer.core.problem import Problem
from medviewer.dicom.pixels.encapsulated import Refused
from medviewer.i18n import N_


@dataclass(frozen=True)
class Sum:
    """Answers with the sum of its numbers."""

    numbers: tuple[int, ...]

    def run(self) -> object:
        """Add."""
        return sum(self.numbers)


@dataclass(frozen=True)
class Long:
    """Answers with so many bytes."""

    count: int

    def run(self) -> object:
        """Make them."""
        return bytes(self.count)


@dataclass(frozen=True)
class Fails:
    """Ends in the way that it is told."""

    way: str

    def run(self) -> object:
        """Fail."""
        if self.way == "refused":
            raise Refused(N_("This cannot be decoded."))
        if self.way == "problem":
            raise Problem("The contours are empty.")
        if self.way == "hungry":
            raise MemoryError
        if self.way == "gone":
            raise FileNotFoundError(2, "gone")
        if self.way == "odd":
            raise ZeroDivisionError
        if self.way == "dies":
            os._exit(1)
        if self.way == "hangs":
            threading.Event().wait()
        return lambda: None  # an answer that cannot travel
