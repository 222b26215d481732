"""What ITK says of a NIfTI, NRRD or MetaImage file; called in the decode workers only, after a look of our own."""

from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.dicom.pixels.encapsulated import Refused
from medviewer.dicom.pixels.values import HIGH, LOW
from medviewer.dicom.sources.foreign_axes import Axis, Looked, triple
from medviewer.dicom.sources.foreign_layout import Layout
from medviewer.i18n import N_

Reader = Any  # SimpleITK.ImageFileReader, which has no types

MOST_BYTES = 2 << 30  # of voxels as ITK holds them in a worker
TOO_LARGE = N_("This image is too large to be read.")
NOT_GREY = N_("The voxels of this file are vectors or complex numbers, which are no image to show.")
SKEWED = N_("The axes of this image are not at right angles; it cannot be shown as it lies in the patient.")
UNREADABLE = N_("This file is damaged or of a kind that MedViewer does not read.")


def reader_of(path: str, layout: Layout) -> Reader:
    """Return ITK's reader of that format, and of no other, with the file's information read."""
    sitk = _sitk()
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    reader = sitk.ImageFileReader()
    reader.SetImageIO(layout.reader)
    reader.SetFileName(path)
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise Refused(SKEWED if "orthonormal" in str(error) else UNREADABLE) from error
    return reader


SMALL = ("int8", "uint8", "int16", "uint16")  # types whose every value fits a voxel
_TYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64")


def pixels_of(reader: Reader) -> str:
    """Return numpy's name of the type of a component; Refused for complex numbers and labels in runs."""
    sitk = _sitk()
    names = ("Int8", "UInt8", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float32", "Float64")
    for name, numpy_name in zip(names, _TYPES, strict=True):
        if reader.GetPixelID() in (getattr(sitk, f"sitk{name}"), getattr(sitk, f"sitkVector{name}")):
            return numpy_name
    raise Refused(NOT_GREY)


def claimed_bytes(reader: Reader) -> int:
    """Return how many bytes the voxels take as ITK holds them; Refused where they are no numbers to show."""
    voxels: int = prod(reader.GetSize())
    return voxels * int(reader.GetNumberOfComponents()) * np.dtype(pixels_of(reader)).itemsize


def looked_of(reader: Reader, layout: Layout) -> Looked:
    """Return what ITK's information says, checked against the file, with nothing read or allocated yet."""
    dimension, kind = reader.GetDimension(), pixels_of(reader)
    if not 2 <= dimension <= 4:
        raise Refused(N_("This file has {n} dimensions; MedViewer shows 2, 3 or 4.", n=dimension))
    colour = reader.GetNumberOfComponents() in (3, 4) and kind == "uint8"
    if reader.GetNumberOfComponents() != 1 and not colour:
        raise Refused(NOT_GREY)
    claimed = claimed_bytes(reader)
    layout.believe(claimed)
    if claimed > MOST_BYTES:
        raise Refused(TOO_LARGE)
    size, spacing, origin = ([*v, 1, 1][:4] for v in (reader.GetSize(), reader.GetSpacing(), reader.GetOrigin()))
    directions = np.eye(4)
    directions[:dimension, :dimension] = np.reshape(reader.GetDirection(), (dimension, dimension))
    finite = np.isfinite([*spacing, *origin]).all() and np.isfinite(directions).all()
    if not finite or min(spacing[:3]) <= 0:
        raise Refused(UNREADABLE)
    i, j, k = (Axis(int(size[n]), float(spacing[n]), triple(directions[:3, n])) for n in range(3))
    return Looked(
        axes=(i, j, k),
        origin_lps_mm=triple(origin[:3]),
        phases=int(size[3]),
        placed=layout.placed and dimension > 2 and bool(np.allclose(directions[:3, 3], 0)),
        colour=colour,
        bits=8 if colour else min(np.dtype(kind).itemsize * 8, 16),
        signed=kind.startswith(("int", "float")),
    )


def image_of(reader: Reader) -> Any:
    """Read all voxels into ITK's image; Refused where that fails."""
    try:
        return reader.Execute()
    except RuntimeError as error:
        raise Refused(TOO_LARGE if "memory" in str(error) or "bad_alloc" in str(error) else UNREADABLE) from error


def planes_of(image: Any, looked: Looked) -> NDArray[Any]:
    """Look at the voxels as a row of slices as the file has them, (frame, j, i, ...), as long as ``image`` lives."""
    i, j, k = looked.axes
    voxels: NDArray[Any] = _sitk().GetArrayViewFromImage(image)
    return voxels.reshape(k.size * looked.phases, j.size, i.size, *((-1,) if looked.colour else ()))


def scaled(looked: Looked, planes: NDArray[Any]) -> Looked:
    """Choose how real values fit 16 bits: whole numbers as they are where they fit, else as finely as they do."""
    low, high, whole = np.inf, -np.inf, True
    for plane in planes:  # one by one, so that nothing large is copied
        finite = plane[np.isfinite(plane)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
            whole = whole and bool(np.all(finite == np.rint(finite)))
    if low > high or (whole and low >= LOW and high <= HIGH):
        return replace(looked, bits=16, signed=True)
    if whole and high - low <= HIGH - LOW:
        return replace(looked, bits=16, signed=True, intercept=low - LOW)
    slope = (high - low) / (HIGH - LOW) or 1.0
    return replace(looked, bits=16, signed=True, slope=slope, intercept=low - LOW * slope)


def _sitk() -> Any:
    """Import ITK when it is needed: it takes a while."""
    import SimpleITK

    return SimpleITK
