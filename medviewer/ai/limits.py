"""What a model was trained on, as the table ``input`` of its model.toml says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from medviewer.core.making import ImageKind, KernelClass
from medviewer.core.study import Severity

Span = tuple[float, float]
AXES = {"sagittal": 0, "coronal": 1, "axial": 2}
ANY = "any"  # orientation of a model that turns a volume as it needs it
CONTRAST = ("with", "without")
_KERNELS = {*get_args(KernelClass), "unknown"} - {""}
_KINDS = {*get_args(ImageKind)} - {""}
REFUSABLE = frozenset({
    "body_parts", "pixel_mm", "slice_mm", "gap_mm", "field_mm", "min_extent_mm", "age_years", "kernels", "contrast",
    "image_types", "lossless", "patients_only",
})  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """What a model was trained on; None or 0 where that is not said, and then not looked at.

    ``pixel_mm`` and ``slice_mm`` (distance and thickness alike) are (low, high) in mm, ``field_mm`` the width of the
    picture, ``gap_mm`` how much of the body may lie unseen between two slices. ``refuse`` names the keys outside of
    which a model must not read, where it otherwise only warns.
    """

    title: str
    modality: str
    body_parts: tuple[str, ...]
    orientation: str
    pixel_mm: Span
    slice_mm: Span
    gap_mm: float | None = None
    field_mm: Span | None = None
    min_slices: int = 0
    min_extent_mm: float = 0.0
    age_years: Span | None = None
    kernels: frozenset[str] | None = None
    contrast: frozenset[str] | None = None
    image_types: frozenset[str] | None = None
    lossless: bool = False
    patients_only: bool = False
    refuse: frozenset[str] = frozenset()

    @staticmethod
    def of(title: str, table: Mapping[str, Any]) -> "Limits":
        """Read the limits from the table ``input`` of a model.toml; KeyError or ValueError where they are wrong."""
        if table["orientation"] not in (*AXES, ANY):
            raise ValueError(f"orientation {table['orientation']}")
        return Limits(
            title,
            table["modality"],
            tuple(part.upper() for part in table["body_parts"]),
            table["orientation"],
            _span(table["pixel_mm"]),
            _span(table["slice_mm"]),
            gap_mm=None if "gap_mm" not in table else float(table["gap_mm"]),
            field_mm=_span(table["field_mm"]) if "field_mm" in table else None,
            min_slices=int(table.get("min_slices", 0)),
            min_extent_mm=float(table.get("min_extent_mm", 0.0)),
            age_years=_span(table["age_years"]) if "age_years" in table else None,
            kernels=_names(table, "kernels", _KERNELS),
            contrast=_names(table, "contrast", CONTRAST),
            image_types=_names(table, "image_types", _KINDS),
            lossless=_yes(table, "lossless"),
            patients_only=_yes(table, "patients_only"),
            refuse=_names(table, "refuse", REFUSABLE) or frozenset(),
        )

    def severity(self, key: str) -> Severity:
        """Return how grave it is to lie outside of what ``key`` says."""
        return "stop" if key in self.refuse else "warning"


def _span(values: Any) -> Span:
    low, high = (float(value) for value in values)
    if not 0.0 <= low <= high:
        raise ValueError(f"{low:g} to {high:g}")
    return low, high


def _names(table: Mapping[str, Any], key: str, known: Any) -> frozenset[str] | None:
    """Return the list of names under ``key``; ValueError for one that nothing is known of, as it would do nothing."""
    if key not in table:
        return None
    named = frozenset(table[key])
    for name in sorted(named.difference(known)):
        raise ValueError(f"{key}: {name}")
    return named


def _yes(table: Mapping[str, Any], key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(key)
    return value
