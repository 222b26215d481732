"""Segments of a SEG file as layers over a volume."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.job import Job
from medviewer.core.layers import Fractions, FractionType, Layer, center_of
from medviewer.core.problem import Problem
from medviewer.core.study import Header
from medviewer.core.volume import Volume
from medviewer.dicom.objects.frames import Frame, frames_of, spacing_between_mm
from medviewer.dicom.objects.pieces import MOST_BYTES, Pieces
from medviewer.dicom.objects.pixels import read_frames
from medviewer.dicom.objects.placing import Place, Slices, within
from medviewer.dicom.objects.reading import Data, read, sequence, text, whole
from medviewer.dicom.objects.resampling import MOST_BYTES as MOST_STACKED_BYTES
from medviewer.dicom.objects.resampling import Stacked, alike
from medviewer.dicom.objects.segments import Segment, segments_of
from medviewer.i18n import N_, Message, _

NAMED = 8  # names in a sentence, at most
Values = NDArray[Any]
Read = tuple[tuple[Layer, ...], tuple[Message, ...]]


def read_segments(header: Header, volume: Volume, job: Job) -> Read:
    """Return the segments of a SEG file over ``volume``, and in sentences what could not be placed and why.

    Binary and label-map segments have masks, fractional ones values. Problem where the file cannot be read at all;
    Cancelled where the reader cancelled.
    """
    job.step(0.0, _("Reading the segments"))
    data = read(header.path, header.transfer_syntax)
    return _Reading(header, data, Slices(volume), job).run()


@dataclass
class _Reading:
    """One run of ``read_segments``."""

    header: Header
    data: Data
    slices: Slices
    job: Job
    pieces: dict[int, Pieces] = field(default_factory=lambda: defaultdict(Pieces))
    told: list[Message] = field(default_factory=list)
    unreadable: Counter[str] = field(default_factory=Counter)
    undescribed: set[int] = field(default_factory=set)
    done: int = 0
    held_bytes: int = 0
    given_up: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        kind = text(self.data, "SegmentationType").upper()
        self.is_labels, self.is_fractional = kind == "LABELMAP", kind == "FRACTIONAL"
        self.segments = {segment.number: segment for segment in segments_of(self.data)}
        known = {whole(item, "SegmentNumber") for item in sequence(self.data, "SegmentSequence")}
        self.nothing = (known - set(self.segments)) | {0, whole(self.data, "PixelPaddingValue")}
        self.step_mm = spacing_between_mm(self.data)

    def run(self) -> Read:
        """Read all frames: those that lie pixel on pixel first, then the others."""
        if not self.segments:
            raise Problem(_("This segmentation describes no segment."))
        frames = self._frames()
        shape = (self.header.rows, self.header.columns)
        placed = [(frame, self.slices.place(frame, shape, self.step_mm)) for frame in frames]
        direct = {frame.index: (frame, place) for frame, place in placed if place is not None}
        for index, values in self._values(list(direct), len(frames)):
            self._lay(*direct[index], values)
        self._lay_others([frame for frame, place in placed if place is None], len(frames))
        return tuple(self._layers()), (*self.told, *self._messages(len(frames)))

    def _frames(self) -> tuple[Frame, ...]:
        """Return the frames; their planes are forgotten where they count from another origin than the images do."""
        frames = frames_of(self.data)
        return tuple(replace(frame, plane=None) for frame in frames) if self._is_elsewhere else frames

    @property
    def _is_elsewhere(self) -> bool:
        """Whether it counts from another origin than the images do."""
        mine, theirs = text(self.data, "FrameOfReferenceUID"), self.slices.headers[0].frame_of_reference_uid
        return bool(mine and theirs) and mine != theirs

    def _values(self, indices: Sequence[int], count: int) -> Iterator[tuple[int, Values]]:
        """Yield the frames that can be read, with their values."""
        for index, values in read_frames(self.header, indices, self.job):
            self.done += 1
            self.job.step(self.done / (count + 1))
            if isinstance(values, Message):
                self.unreadable[str(values)] += 1
            else:
                yield index, values

    def _lay(self, frame: Frame, place: Place, values: Values) -> None:
        """Lay a frame onto its slice, pixel on pixel."""
        turned = place.turn(values)
        _k, high, wide = self.slices.volume.grid.shape_kji
        rows, columns = within(turned.shape[0], place.at_ji[0], high), within(turned.shape[1], place.at_ji[1], wide)
        at_ji = place.at_ji[0] + rows.start, place.at_ji[1] + columns.start
        self._keep(frame.segment, place.k, at_ji, turned[rows, columns])

    def _keep(self, segment: int | None, k: int, at_ji: tuple[int, int], values: Values) -> None:
        """Keep part of a slice under the numbers of its segments."""
        if not self.is_labels:
            if segment is not None and segment in self.segments:
                self._add(segment, k, at_ji, values if self.is_fractional else values != 0)
            elif segment not in self.nothing:
                self.undescribed.add(segment or 0)
            return
        for number in np.flatnonzero(np.bincount(values.ravel())).tolist():
            if number in self.nothing:
                continue
            if number in self.segments:
                self._add(number, k, at_ji, values == number)
            else:
                self.undescribed.add(number)

    def _add(self, number: int, k: int, at_ji: tuple[int, int], values: Values) -> None:
        """Keep a piece of a segment; one that takes too much, as frames on frames of one place do, is given up."""
        if number in self.given_up:
            return
        self.held_bytes += self.pieces[number].add(k, at_ji, values)
        if self.held_bytes > MOST_BYTES:
            self.given_up.add(number)
            self.held_bytes -= sum(piece.values.nbytes for piece in self.pieces.pop(number).found)

    def _lay_others(self, frames: Sequence[Frame], count: int) -> None:
        """Lay frames of another grid onto the nearest voxels, segment by segment."""
        nowhere = [frame for frame in frames if frame.plane is None]
        if nowhere and self._is_elsewhere:
            self.told.append(N_("These segments have another frame of reference than these images: they do not fit."))
        elif nowhere:
            self.told.append(
                N_("{n} of {all} frames do not say where they belong on these images.", n=len(nowhere), all=count)
            )
        groups: dict[int | None, list[Frame]] = defaultdict(list)
        for frame in frames:
            if frame.plane is not None:
                groups[frame.segment].append(frame)
        if groups and not self.slices.volume.regular:
            self.told.append(N_("These images are no regular stack; segments drawn on another grid are not shown."))
            return
        for segment, group in groups.items():
            self._resample(segment, group, count)
        if groups and self.pieces:
            self.told.append(N_("Segments drawn on another grid are shown at the nearest voxels of these images."))

    def _resample(self, segment: int | None, frames: Sequence[Frame], count: int) -> None:
        if not alike(frames):
            self.told.append(N_("{n} frames lie in planes of several directions and are not shown.", n=len(frames)))
            return
        if len(frames) * self.header.rows * self.header.columns > MOST_STACKED_BYTES:
            self.told.append(N_("{n} frames of another grid are too large to be shown.", n=len(frames)))
            return
        read = dict(self._values([frame.index for frame in frames], count))
        here = [(frame, read[frame.index]) for frame in frames if frame.index in read]
        if here:
            stacked = Stacked(here, self.step_mm, self.slices.step_mm)
            for k, at_ji, values in stacked.slices(self.slices.volume.grid, self.job):
                self._keep(segment, k, at_ji, values)

    def _layers(self) -> Iterator[Layer]:
        """Yield the segments that have voxels, as long as there is memory for them."""
        taken, left_out, empty = 0, list[str](), list[str]()
        for number, segment in self.segments.items():
            pieces = self.pieces.pop(number, Pieces())
            taken += pieces.bytes
            if taken > MOST_BYTES or number in self.given_up:
                left_out.append(segment.title)
            elif pieces.found:
                yield self._layer(segment, pieces)
            else:
                empty.append(segment.title)
        if left_out:
            self.told.append(N_("There is no memory to show these segments: {names}.", names=listed(left_out)))
        if empty:
            self.told.append(N_("These segments do not touch these images: {names}.", names=listed(empty)))

    def _layer(self, segment: Segment, pieces: Pieces) -> Layer:
        fractions = self._fractions(pieces) if self.is_fractional else None
        mask = None if fractions else pieces.mask()
        inside = mask or (fractions and fractions.half) or pieces.mask()
        return Layer(
            id=f"{self.header.sop_uid}/{segment.number}",
            title=segment.title,
            colour_rgb=segment.colour_rgb,
            meaning=segment.meaning,
            algorithm=segment.algorithm,
            mask=mask,
            fractions=fractions,
            center_lps_mm=center_of(inside, self.slices.volume.grid),
        )

    def _fractions(self, pieces: Pieces) -> Fractions:
        offset, values = pieces.values()
        maximum = min(max(whole(self.data, "MaximumFractionalValue") or 255, 1), 255)
        occupancy = text(self.data, "SegmentationFractionalType").upper() == "OCCUPANCY"
        kind: FractionType = "occupancy" if occupancy else "probability"
        return Fractions(offset, np.minimum(values, np.uint8(maximum)), maximum, kind)

    def _messages(self, count: int) -> Iterator[Message]:
        """Yield what could not be read."""
        for reason, times in self.unreadable.items():
            yield N_("{n} of {all} frames could not be read: {reason}", n=times, all=count, reason=reason)
        if self.undescribed:
            numbers = listed([str(number) for number in sorted(self.undescribed)])
            yield N_("The file holds segments that it does not describe; they are not shown: {names}.", names=numbers)


def listed(names: Sequence[str]) -> str:
    """Join names, the first ones where there are many."""
    return ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
