"""Films, frames and colours in memory, as the window shows them."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.shared import SharedArray
from medviewer.core.study import Header, Series
from medviewer.core.volume import READY, Volume

UID = "8.8"


def film(voxels: NDArray[Any], *each: dict[str, Any], grid: Grid | None = None, **said: Any) -> Volume:
    """Return voxels (k, j, i) as films that lie nowhere, or on ``grid``; ``each`` adds to the header of one image."""
    count, rows, columns = voxels.shape
    volume_parts = {"slope": said.pop("slope", 1.0), "unit": said.pop("unit", "")}
    common: dict[str, Any] = {"modality": "DX", "rows": rows, "columns": columns, **said}
    headers = [Header("", f"{UID}.{k}", "", "1.2.3", UID, **common) for k in range(count)]
    for k, more in enumerate(each):
        headers[k] = replace(headers[k], **more)
    block, state = SharedArray.make(voxels.shape, "int16"), SharedArray.make((count,), "uint8")
    block.array[...], state.array[...] = voxels, READY
    series = Series(UID, tuple(headers), (), grid)
    where = grid or Grid(voxels.shape)
    return Volume(series, where, block, state, regular=grid is not None, **volume_parts)


def coloured(rgb: NDArray[np.uint8], **said: Any) -> Volume:
    """Return RGB pixels (k, j, i, 3) as a colour volume."""
    grey = film(rgb.mean(axis=-1).astype(np.int16), modality="US", samples=3, photometric="RGB", **said)
    block = SharedArray.make(rgb.shape, "uint8")
    block.array[...] = rgb
    return replace(grey, colours_block=block)


def ramp(count: int = 1, rows: int = 20, columns: int = 30) -> NDArray[np.int16]:
    """Return values that differ in every pixel."""
    return np.arange(count * rows * columns, dtype=np.int16).reshape(count, rows, columns)
