"""Headers of images that need no files, for tests of stacks and checks."""

from dataclasses import replace
from typing import Any

from medviewer.core.study import Header, Series, Unreadable
from medviewer.dicom.catalogue import Catalogue

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
CT, EXPLICIT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1"


def slice_at(z_mm: float, number: int = 0, **other: Any) -> Header:
    """Return an axial CT slice at ``z_mm``; ``other`` replaces fields."""
    uid = f"1.2.3.4.{number}.{round(z_mm * 100) + 100000}"
    return replace(
        Header(f"/ct/{uid}", uid, CT, "1.2.3", "1.2.3.4", "CT", EXPLICIT),
        **{
            "instance_number": number, "rows": 48, "columns": 40, "bits_allocated": 16, "bits_stored": 16,
            "signed": True, "intercept": 0.0, "position_lps_mm": (-10.0, -20.0, z_mm), "orientation": AXIAL,
            "pixel_spacing_mm": (0.8, 0.7), "thickness_mm": 2.0, "pixels_at": 1000, "pixels_bytes": 48 * 40 * 2,
            "file_bytes": 1000 + 48 * 40 * 2, **other,
        },
    )  # fmt: skip


def stack(n: int = 10, step_mm: float = 2.0, **other: Any) -> list[Header]:
    """Return ``n`` axial slices ``step_mm`` apart, numbered from 1."""
    return [slice_at(step_mm * k, k + 1, **other) for k in range(n)]


def frames(n: int = 20, **other: Any) -> list[Header]:
    """Return the frames of one file that does not say where they lie."""
    said = {"position_lps_mm": None, "orientation": None, "pixels_bytes": n * 48 * 40 * 2, "file_bytes": 0, **other}
    return [slice_at(0, 1, frames=n, frame=k, **said) for k in range(n)]


def catalogue(*headers: Header | Unreadable) -> Catalogue:
    """Return a catalogue of these headers."""
    found = Catalogue()
    found.add(headers)
    return found


def series(*headers: Header) -> Series:
    """Return the main series of these headers."""
    return catalogue(*headers).series("1.2.3.4")


def said(found: Series) -> dict[str, tuple[str, str]]:
    """Return severity and English text by code of the checks of a series."""
    return {check.code: (check.severity, check.text.to("en")) for check in found.checks}
