"""The range of values of images whose numbers do not fit into 16 bits: measured once, in a decode worker."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from medviewer.core.problem import Problem
from medviewer.core.study import Header
from medviewer.dicom.decode import DecodePool, default_pool
from medviewer.dicom.pixels.encapsulated import Refused
from medviewer.dicom.pixels.values import is_deep, line_of, unit_of

_MOST_PIXELS = 1 << 26  # looked at; of longer series every second, third … image
_LIMIT_S = 60.0


@dataclass(frozen=True)
class Extent:
    """Work for a decode worker: the lowest and highest real value of images, in ``unit``."""

    headers: tuple[Header, ...]
    unit: str

    def run(self) -> tuple[float, float] | None:
        """Return the range; images that cannot be read are left out, None where none is left."""
        ends = [end for header in self.headers for end in self._ends(header)]
        return (min(ends), max(ends)) if ends else None

    def _ends(self, header: Header) -> tuple[float, ...]:
        from medviewer.dicom.pixels.codecs import decode

        try:
            stored = decode(header).stored
        except (Refused, OSError):
            return ()
        values = stored[np.isfinite(stored)]
        slope, intercept = line_of(header, self.unit)
        return tuple(float(end) * slope + intercept for end in (values.min(), values.max())) if values.size else ()


def extent_of(headers: Sequence[Header], pool: DecodePool | None = None) -> tuple[float, float] | None:
    """Return the lowest and highest real value of a series that needs it for its scale, else None.

    None, too, where no image can be read. Of very large series only a share is looked at: values beyond its range
    are cut there.
    """
    if not any(is_deep(header) and header.transfer_syntax for header in headers):
        return None
    step = 1 + sum(header.rows * header.columns for header in headers) // _MOST_PIXELS
    try:
        given = (pool or default_pool()).ask(Extent(tuple(headers[::step]), unit_of(headers)), limit_s=_LIMIT_S)
    except Problem:
        return None
    return given if isinstance(given, tuple) else None
