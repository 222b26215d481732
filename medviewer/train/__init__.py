"""The exact recipes of the bundled models, one file each, and how their answers are judged."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medviewer.core.discover import discover
from medviewer.core.job import Job


@dataclass(frozen=True)
class Recipe:
    """How one bundled model is made and judged; ``id`` is the model's.

    ``train(data, out, job)`` reads the training data in folder ``data``, writes a bundle into ``out`` and returns that
    folder; a run that was cut off continues from the checkpoint in ``out``. ``evaluate(folder, data, split, job)``
    judges the bundle in ``folder``: JSON-ready metrics with 95 % intervals by patient. Both raise Problem where the
    data is not there.
    """

    id: str
    train: Callable[[Path, Path, Job], Path]
    evaluate: Callable[[Path, Path, str, Job], dict[str, Any]]


def recipes() -> dict[str, Recipe]:
    """Return every recipe by the id of its model."""
    return discover(sys.modules[__name__], Recipe)
