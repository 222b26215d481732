"""NIfTI, NRRD and MetaImage files as series: one header a slice, in LPS, upright as readers expect them.

ITK reads them, in the decode workers only. What the files cannot say (who, when, which unit) stays empty.
"""

import hashlib
import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.shared import Handle, SharedArray
from medviewer.core.study import Header
from medviewer.dicom.header import FOREIGN, STAND_IN, why_not
from medviewer.dicom.pixels.encapsulated import Refused
from medviewer.dicom.pixels.values import HIGH, LOW
from medviewer.dicom.sources import foreign_itk as itk
from medviewer.dicom.sources.files import as_text, foreign_suffix
from medviewer.dicom.sources.foreign_axes import Looked, triple
from medviewer.dicom.sources.foreign_layout import layout_of
from medviewer.i18n import N_

LIMIT_S = 120.0  # for a look at all voxels of a file
CHANGED = N_("This file has changed since it was found.")


def headers_of(path: str, job: Job | None = None, title: str = "") -> tuple[Header, ...]:
    """Return one header per slice, phase after phase; Problem with one sentence where the file cannot be shown.

    The look is taken in a decode worker; ``title`` stands for the file's name. Cancelled where ``job`` is.
    """
    from medviewer.dicom.decode import default_pool

    if job is not None:
        job.check()
    try:
        size = os.path.getsize(path)
    except OSError as error:
        raise Problem(why_not(error)) from error
    looked = default_pool().ask(Look(path), job, limit_s=LIMIT_S)
    if not isinstance(looked, Looked):
        raise Problem(str(itk.UNREADABLE))
    name = os.path.basename(path)
    title = as_text(title or name[: len(name) - len(foreign_suffix(name))])
    series = _series(path, size, title, looked)
    return tuple(_slice(series, looked, frame) for frame in range(series.frames))


@dataclass(frozen=True)
class Look:
    """Work for a decode worker: what a file is; voxels are read only where their range must be known."""

    path: str

    def run(self) -> Looked:
        """Return what the file is; Refused with the reason where it cannot be shown."""
        layout = layout_of(self.path)
        reader = itk.reader_of(self.path, layout)
        looked = itk.looked_of(reader, layout)
        if looked.colour or itk.pixels_of(reader) in itk.SMALL:
            return looked
        image = itk.image_of(reader)
        return itk.scaled(looked, itk.planes_of(image, looked))


@dataclass(frozen=True)
class Whole:
    """Work for a decode worker: all slices of a series in one go, as a packed file cannot be read slice by slice.

    ``block`` is int16 (k, rows, columns), voxel = (real value - intercept) / slope; ``colours`` is uint8 (k, rows,
    columns, 3) for colour images. Slice k is frame ``headers[k].frame`` of the file.
    """

    headers: tuple[Header, ...]
    block: Handle
    colours: Handle | None
    slope: float
    intercept: float

    def run(self) -> None:
        """Write the slices; Refused with the reason where they are not to be had whole."""
        first = self.headers[0]
        layout = layout_of(first.path)
        reader = itk.reader_of(first.path, layout)
        looked = itk.looked_of(reader, layout)
        turned = looked.upright
        shape = (looked.axes[turned.down].size, looked.axes[turned.right].size, looked.axes[2].size * looked.phases)
        if shape != (first.rows, first.columns, first.frames) or looked.colour != (self.colours is not None):
            raise Refused(CHANGED)
        layout.verify(itk.claimed_bytes(reader))
        image = itk.image_of(reader)
        planes = itk.planes_of(image, looked)
        block = SharedArray.see(self.block)
        colours = SharedArray.see(self.colours) if self.colours is not None else None
        try:
            for k, header in enumerate(self.headers):
                self._put(k, turned.plane(planes[header.frame]), block, colours)
        finally:
            block.close()
            if colours is not None:
                colours.close()

    def _put(self, k: int, plane: NDArray[Any], block: SharedArray, colours: SharedArray | None) -> None:
        block.claim(k)
        if colours is not None:
            from medviewer.dicom.pixels.colour import brightness

            rgb = np.ascontiguousarray(plane[..., :3])
            colours.claim(k)
            colours.array[k] = rgb
            plane = brightness(rgb)
        if plane.dtype.kind in "iu" and self.slope == 1.0 and self.intercept == int(self.intercept):
            np.clip(plane.astype(np.int64) - int(self.intercept), LOW, HIGH, out=block.array[k], casting="unsafe")
            return
        stored = np.rint((plane.astype(np.float64) - self.intercept) / self.slope)
        np.nan_to_num(stored, copy=False, nan=LOW, posinf=HIGH, neginf=LOW)
        np.clip(stored, LOW, HIGH, out=block.array[k], casting="unsafe")


def _series(path: str, size: int, title: str, looked: Looked) -> Header:
    """Return what the slices of a file have in common."""
    turned = looked.upright
    right, down, across = looked.axes[turned.right], looked.axes[turned.down], looked.axes[2]
    along = np.asarray(right.direction) * (-1.0 if turned.turn_right else 1.0)
    below = np.asarray(down.direction) * (-1.0 if turned.turn_down else 1.0)
    return Header(
        path=path,
        sop_uid=_stand_in("image", path, size),
        sop_class="",
        study_uid=_stand_in("study", path, size),
        series_uid=_stand_in("series", path, size),
        modality="OT",
        transfer_syntax=FOREIGN,
        study_description=title,
        series_description=title,
        frame_of_reference_uid=_stand_in("frame of reference", path, size) if looked.placed else "",
        rows=down.size,
        columns=right.size,
        frames=across.size * looked.phases,
        samples=3 if looked.colour else 1,
        photometric="RGB" if looked.colour else "MONOCHROME2",
        bits_allocated=8 if looked.bits <= 8 else 16,
        bits_stored=looked.bits,
        signed=looked.signed,
        orientation=(*triple(along), *triple(below)) if looked.placed else None,
        pixel_spacing_mm=(down.spacing_mm, right.spacing_mm),
        spacing_kind="plane" if looked.placed else "nominal",
        thickness_mm=across.spacing_mm if looked.placed or across.size > 1 else None,
        slope=looked.slope,
        intercept=looked.intercept,
        file_bytes=size,
        pixels_bytes=-1,
    )


def _slice(series: Header, looked: Looked, frame: int) -> Header:
    """Return the header of one slice: its place in the patient and its phase."""
    phase, k = divmod(frame, looked.axes[2].size)
    position = looked.corner_lps_mm + k * looked.axes[2].spacing_mm * np.asarray(looked.axes[2].direction)
    return replace(
        series,
        frame=frame,
        instance_number=frame + 1,
        temporal_position=phase + 1 if looked.phases > 1 else 0,
        position_lps_mm=triple(position) if looked.placed else None,
    )


def _stand_in(what: str, path: str, size: int) -> str:
    """Return a UID, always the same for the same file; these files have none of their own."""
    says = f"foreign {what}\0{os.path.realpath(path)}\0{size}"
    digest = hashlib.sha256(says.encode("utf-8", "surrogateescape")).digest()
    return STAND_IN + str(int.from_bytes(digest[:14], "big"))
