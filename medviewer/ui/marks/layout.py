"""Where marks are seen: their lines on the slice they lie in, faded on the next, cut by planes across."""

from collections.abc import Callable, Container, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from medviewer.core.mark import Mark
from medviewer.imaging.marks.place import image_plane
from medviewer.ui.marks.labels import Room, with_label
from medviewer.ui.marks.slice import Drawn, Points, Shape, Slice, shape_of

PARALLEL = 0.9999  # cosine: 0.8 degrees
NEXT_SLICES = 1.0  # as many slices further a mark is still seen, faded


def laid_out(
    marks: Sequence[Mark],
    shown: Slice,
    texts_of: Callable[[Mark], tuple[str, ...]],
    chosen_id: str | None = None,
    carried: Container[str] = (),
    *,
    findings: Sequence[QRectF] = (),
) -> list[Drawn]:
    """Return the marks that a slice shows, the chosen one last, with labels that keep clear of lines and each other.

    Labels keep clear of ``findings``, boxes in the viewport's pixels, where there is room. Marks whose ids are
    ``carried`` come from a registered series, mapped into the space of this one.
    """
    found = [one for mark in marks if (one := seen(mark, shown, carried=mark.id in carried)) is not None]
    if not found:
        return []
    found.sort(key=lambda one: one.mark.id == chosen_id)
    room = Room(shown, np.concatenate([one.trace for one in found]), findings)
    labelled: dict[str, Drawn] = {}
    for one in reversed(found):  # the chosen one has the first choice
        says = not one.faded and (one.flat or one.mark.id == chosen_id or one.mark.kind in ("probe", "text"))
        texts = texts_of(one.mark) if says else ()
        labelled[one.mark.id] = with_label(one, texts, room) if texts else one
    return [labelled[one.mark.id] for one in found]


def seen(mark: Mark, shown: Slice, *, carried: bool = False) -> Drawn | None:
    """Return a mark as one slice shows it, without its label; None where it is hidden or not there."""
    if mark.hidden:
        return None
    if carried:
        there = _seen(mark, shown)
        return None if there is None else replace(there, carried=True)
    volume = shown.plane.volume
    mine = mark.series_uid == volume.series.uid
    header = volume.series.headers[shown.index if shown.plane.axis == 0 else 0]  # for planes across, any one's space
    if not mine and (not mark.frame_of_reference_uid or mark.frame_of_reference_uid != header.frame_of_reference_uid):
        return None
    here = mine and shown.plane.axis == 0 and (header.sop_uid, header.frame) == (mark.sop_uid, mark.frame)
    if not volume.regular and not here and (mine or not _placed(shown)):
        return None
    return _seen(mark, shown, here)


def _seen(mark: Mark, shown: Slice, here: bool = False) -> Drawn | None:
    """Return a mark of this space as a slice shows it; ``here`` says that it was drawn on this very image."""
    shape = shape_of(mark)
    reach_mm = shape.radius_mm + shown.half_mm * (1.0 + 2.0 * NEXT_SLICES)
    if not here and abs(shown.depth_mm(shape.center_lps_mm)) > reach_mm:
        return None
    along = sum(one * other for one, other in zip(mark.normal_lps, shown.normal_lps, strict=True))
    if here or abs(along) >= PARALLEL:
        return _flat(shape, shown, here)
    return _cut(shape, shown)


def _placed(shown: Slice) -> bool:
    """Whether it is known where an image of an irregular series lies, so that it can show marks of others."""
    return shown.plane.axis == 0 and image_plane(shown.plane.volume, shown.index) is not None


def _flat(shape: Shape, shown: Slice, here: bool) -> Drawn | None:
    """Return a mark that lies along the slice: in it, or faded on the next one."""
    mark = shape.mark
    away_mm = max(abs(shown.depth_mm(point)) for point in mark.points_lps_mm[:4])
    faded = not here and away_mm > shown.half_mm
    if faded and away_mm > shown.half_mm * (1.0 + 2.0 * NEXT_SLICES):
        return None
    lines = tuple(shown.to_screen(line) for line in shape.lines)
    crosses = shown.to_screen(np.asarray(mark.points_lps_mm)) if mark.kind in ("probe", "text") else ()
    handles = () if faded else shown.to_screen(shape.handles)
    return Drawn(mark, lines, crosses, handles, faded, flat=not faded)


def _cut(shape: Shape, shown: Slice) -> Drawn | None:
    """Return where a slice cuts a mark that stands across it: lines through regions, crosses elsewhere."""
    mark = shape.mark
    if mark.kind in ("probe", "text"):
        there = abs(shown.depth_mm(mark.points_lps_mm[0])) <= shown.half_mm
        return Drawn(mark, crosses=shown.to_screen(np.asarray(mark.points_lps_mm)), flat=False) if there else None
    lines: list[tuple[QPointF, ...]] = []
    crosses: list[QPointF] = []
    for row in shape.lines:
        depth_mm = shown.depths_mm(row)
        if bool(np.all(np.abs(depth_mm) <= shown.half_mm)):
            lines.append(shown.to_screen(row))
            continue
        through = _crossings(row, depth_mm)
        if mark.is_region and len(through) >= 2:
            lines += [shown.to_screen(through[n : n + 2]) for n in range(0, len(through) - 1, 2)]
        elif len(through):
            crosses += shown.to_screen(through)
    return Drawn(mark, tuple(lines), tuple(crosses), flat=False) if lines or crosses else None


def _crossings(line: Points, depth_mm: Points) -> Points:
    """Return where a line (n, 3) goes through the plane, in order along the cut of the two planes."""
    behind = depth_mm >= 0.0
    at = np.flatnonzero(behind[1:] != behind[:-1])
    share = depth_mm[at] / (depth_mm[at] - depth_mm[at + 1])
    points = line[at] + share[:, None] * (line[at + 1] - line[at])
    if len(points) < 2:
        return points
    spread = points - points.mean(axis=0)
    along = spread[np.argmax(np.linalg.norm(spread, axis=1))]
    ordered: Points = points[np.argsort(spread @ along)]
    return ordered
