"""Two answers to the same question: what differs, and whether they mean the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from medviewer.app.saved_reading import Data, finding_from_dict
from medviewer.core.finding import Finding
from medviewer.core.mask import Mask

# On another device sums are rounded otherwise: a score may move a little, and with it a few voxels of an outline.
SCORE, AXIS_MM, DICE, APART_MM = 0.05, 1.0, 0.9, 2.0
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Difference:
    """Two values of one field, ``at`` a path as ("nodules", "findings", 3, "score"); positions count from 1."""

    at: Place
    then: Any
    now: Any

    @property
    def difference(self) -> float | None:
        """How far two numbers are apart, None where they are none."""
        return abs(float(self.now) - float(self.then)) if _number(self.then) and _number(self.now) else None

    @property
    def share(self) -> float:
        """That in proportion to the larger of them; 0 where they are no numbers."""
        size = max(abs(float(self.then)), abs(float(self.now))) if self.difference is not None else 0.0
        return (self.difference or 0.0) / size if size else 0.0

    @property
    def where(self) -> str:
        """The path in one word: nodules.findings.3.score."""
        return ".".join(map(str, self.at))

    def to_dict(self) -> Data:
        """Return JSON-ready data."""
        return {"at": self.where, "then": self.then, "now": self.now, "difference": self.difference}


def differences(then: Any, now: Any, at: Place = ()) -> Iterator[Difference]:
    """Yield where two JSON-ready values differ, to the last bit; lists of other lengths by their lengths first."""
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for name in dict.fromkeys([*then, *now]):
            if name != "packed":  # how a mask is packed is the library's affair; its hash stands beside
                yield from differences(then.get(name), now.get(name), (*at, name))
    elif isinstance(then, list | tuple) and isinstance(now, list | tuple):
        if len(then) != len(now):
            yield Difference((*at, "number"), len(then), len(now))
        for n, (old, new) in enumerate(zip(then, now, strict=False), start=1):
            yield from differences(old, new, (*at, n))
    elif then != now:
        yield Difference(at, then, now)


def alike(then: Sequence[Data], now: Sequence[Data]) -> bool:
    """Whether two lists of findings (``finding_to_dict``) mean the same, each being in both, give or take rounding."""
    old, new = [finding_from_dict(data) for data in then], [finding_from_dict(data) for data in now]
    return len(old) == len(new) and all(any(_same(one, other) for other in new) for one in old)


def _same(one: Finding, other: Finding) -> bool:
    apart_mm = float(np.linalg.norm(np.subtract(one.center_lps_mm, other.center_lps_mm)))
    axes_mm = max(abs(one.long_axis_mm - other.long_axis_mm), abs(one.short_axis_mm - other.short_axis_mm))
    scores = abs((one.score or 0.0) - (other.score or 0.0))
    return apart_mm <= APART_MM and axes_mm <= AXIS_MM and scores <= SCORE and dice(one.mask, other.mask) >= DICE


def dice(one: Mask | None, other: Mask | None) -> float:
    """Return how well two masks of one volume cover each other, 0 to 1; two that are not there do."""
    if one is None or other is None:
        return float(one is other)
    shape = tuple(max(a.stop, b.stop) for a, b in zip(one.box, other.box, strict=True))
    start = tuple(min(a.start, b.start) for a, b in zip(one.box, other.box, strict=True))
    size = (shape[0] - start[0], shape[1] - start[1], shape[2] - start[2])

    def placed(mask: Mask) -> Any:
        k, j, i = (at - begin for at, begin in zip(mask.offset_kji, start, strict=True))
        return Mask((k, j, i), mask.voxels).full(size)

    both = int(np.count_nonzero(placed(one) & placed(other)))
    return 2.0 * both / (one.count + other.count)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
