"""Series of a chest CT to offer to models."""

from typing import Any

from medviewer.core.grid import Grid
from medviewer.core.study import Check, Header, Series

CHEST = Grid((40, 512, 512), spacing_kji_mm=(2.0, 0.7, 0.7))


def series(
    grid: Grid | None = CHEST,
    checks: tuple[Check, ...] = (),
    modality: str = "CT",
    sop_class: str = "",
    images: int = 40,
    **header: Any,
) -> Series:
    """Return a chest CT that fits, but for what is asked otherwise."""
    told: dict[str, Any] = {"body_part": "CHEST", "thickness_mm": 2.0, "modality": modality} | header
    headers = tuple(Header("", f"1.2.{k}", sop_class, "1", "1.9", **told) for k in range(images))
    return Series("1.9", headers, checks, grid)
