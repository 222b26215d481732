"""Which texts stand around the image of a viewport."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from medviewer.core.ages import age_words
from medviewer.core.arrangement import PRIOR
from medviewer.core.lengths import length_label, length_note, spacing_kind
from medviewer.core.look import Chain, Lut, Tone, Window
from medviewer.dicom.headers.loss import may_lose
from medviewer.i18n import Message, _
from medviewer.imaging.window import EIGHT_BITS, PRESETS
from medviewer.ui import theme
from medviewer.ui.corners import COMPACT_BELOW_PX, Corners, Line, patient_lines, study_lines
from medviewer.ui.enhance import enhancing as enhance
from medviewer.ui.fusion import fusing as fusion
from medviewer.ui.planes.oblique_lines import PLANE_COLOURS
from medviewer.ui.planes.plane import Plane
from medviewer.ui.planes.slab import slab_words
from medviewer.ui.value_words import MINUS, number, value_words

if TYPE_CHECKING:
    from medviewer.core.study import Series
    from medviewer.ui.viewport import Viewport

_OPPOSITE = str.maketrans("LRAPHF", "RLPAFH")


def corners_of(viewport: "Viewport", plane: Plane) -> Corners:
    """Return the texts for a viewport; fewer where it is small."""
    series = plane.volume.series
    compact = is_compact(viewport)
    titled = compact or not viewport.speaks
    title: tuple[Line, ...] = (_title(viewport, plane), *enhance.caption_lines(viewport))
    if compact and viewport.speaks:
        title = (*patient_lines(series.first)[:1], *title)  # however small it is, it says whose images these are
    return Corners(
        top_left=title if titled else patient_lines(series.first),
        top_right=() if titled else (*study_lines(series, lossy(series)), *_state_lines(viewport)),
        bottom_left=place_lines(viewport, plane, viewport.index, compact),
        bottom_right=_look_lines(viewport, plane, compact),
        edges=edges(viewport, plane),
    )


def is_compact(viewport: "Viewport") -> bool:
    """Whether a viewport is so small that it has few texts."""
    return min(viewport.width(), viewport.height()) < theme.px(COMPACT_BELOW_PX)


def lossy(series: "Series") -> bool:
    """Whether the images were compressed with loss, as the file, a check or the transfer syntax says."""
    first = series.first
    said = first.lossy or may_lose(first.transfer_syntax)
    return said or any(check.code == "lossy" for check in series.checks)


def _state_lines(viewport: "Viewport") -> tuple[Line, ...]:
    """Say that a presentation state is applied, for it may hide or turn what the image holds."""
    state, enhanced = viewport.display.presentation, enhance.caption_lines(viewport)
    if state is None or viewport.presented is None:
        return enhanced
    said = _("As presented: {label}").format(label=state.label or state.description or "–")
    return (Line(said, "caution"), *enhanced)


def place_lines(viewport: "Viewport", plane: Plane, index: int, compact: bool) -> tuple[Line, ...]:
    """Return what is said of slice ``index`` in the lower left corner."""
    header = plane.volume.series.headers[index if plane.axis == 0 else 0]
    thick = (Line(slab_words(viewport.slab), "caution"),) if plane.layers > 1 else ()
    if compact:
        return (*thick, Line(f"{plane.number(index)} / {plane.count}"))
    run = _("Frame {n} / {count}") if _is_run(plane) else _("Image {n} / {count}")
    title = [_title(viewport, plane)] if viewport.speaks else []
    lines = [*title, Line(run.format(n=plane.number(index), count=plane.count))]
    lines.extend(thick)
    if plane.volume.regular and plane.axis >= 0:
        geometry = plane.geometry(index)
        lines.append(Line(position(geometry.origin_lps_mm, plane.orientation), "image_dim"))
    if header.thickness_mm and plane.axis == 0 and plane.layers == 1:
        lines.append(Line(_("Thickness {mm:g} mm").format(mm=round(header.thickness_mm, 2)), "image_dim"))
    note = length_note(header) if plane.axis == 0 else None
    if note is not None:
        lines.append(Line(str(note), "image_dim"))
    return tuple(lines)


def _is_run(plane: Plane) -> bool:
    """Whether the images are the frames of a moving picture rather than slices."""
    return plane.volume.series.first.frames > 1 and not plane.volume.regular


def scale_unit(viewport: "Viewport", plane: Plane) -> str:
    """Return the unit of the scale bar, with what it is measured at; empty where no millimetre is known."""
    header = viewport.header
    if header is None or plane.axis != 0 or not spacing_kind(header):
        return _("mm") if plane.volume.regular else ""
    return str(length_label(header))


def _title(viewport: "Viewport", plane: Plane) -> Line:
    other = _examination(viewport, plane)
    if other:
        return Line(other, "caution", strong=True)
    if viewport.cell.close_up:
        return Line(_("Close-up"), strong=True)
    if not has_direction(plane):
        return Line(plane.volume.series.modality or _("Image"), strong=True)
    return Line(str(plane.title), PLANE_COLOURS[plane.orientation], strong=True)


def _examination(viewport: "Viewport", plane: Plane) -> str:
    """Say that a viewport shows another examination than the one read, and how long before; empty for that one."""
    main, prior = viewport.view.volume, viewport.cell.display == PRIOR
    if main is None:
        return _("Prior examination") if prior else ""
    now, then = main.series.first, plane.volume.series.first
    if not prior and now.study_uid == then.study_uid:
        return ""
    earlier = (then.study_date, then.study_time) <= (now.study_date, now.study_time)
    title = _("Prior examination") if prior or earlier else _("Later examination")
    return f"{title} · {age_words((then.study_date, then.study_time), (now.study_date, now.study_time))}"


def has_direction(plane: Plane) -> bool:
    """Whether it is known how the images lie in the patient."""
    return plane.volume.regular or plane.volume.series.first.orientation is not None


def position(at_lps_mm: tuple[float, float, float], orientation: str) -> str:
    """Say where a plane is, as "F 123.5 mm": the patient's direction and the distance from the origin."""
    axis = {"sagittal": 0, "coronal": 1, "axial": 2}[orientation]
    letter = ("RL", "AP", "FH")[axis][at_lps_mm[axis] >= 0]
    return f"{letter} {abs(at_lps_mm[axis]):.1f} mm"


def _look_lines(viewport: "Viewport", plane: Plane, compact: bool) -> tuple[Line, ...]:
    at_lps_mm = viewport.under_cursor
    words = "" if at_lps_mm is None else value_words(plane, at_lps_mm)
    fused = "" if at_lps_mm is None else fusion.fused_words(viewport, at_lps_mm)
    lines = [Line(said, strong=True) for said in (fused, words) if said]
    if compact:
        return tuple(lines)
    lines.extend(fusion.caption_lines(viewport))
    about = tone_words(viewport.greys.tone, plane.volume.unit, _names(viewport))
    if plane.volume.colours is None or viewport.display.window != EIGHT_BITS:
        lines.append(Line(about))
    if viewport.display.inverted != viewport.display.default_inverted:
        lines.append(Line(_("Inverted"), "caution"))
    percent = 100 * viewport.placing.px_per_mm * viewport.placing.column_mm
    lines.append(Line(_("Zoom {percent:.0f} %").format(percent=percent), "image_dim"))
    return tuple(lines)


def _names(viewport: "Viewport") -> dict[Tone, str]:
    """The names that the file of the image gives its windows and tables."""
    return {named.tone: named.title for named in viewport.look.tones if named.title}


def tone_words(tone: Tone, unit: str, names: dict[Tone, str]) -> str:
    """Say how values are shown: "Lung  W 1500  L −600"; readers' presets are named for HU alone."""
    if isinstance(tone, Chain):
        return tone_words(tone.voi, "", {})
    if isinstance(tone, Lut):
        return _("Table of the file (VOI LUT)") + (f": {tone.title}" if tone.title else "")
    about = f"W {_round(tone.width)}  L {_round(tone.center)}".replace("-", MINUS)
    shape = f" {tone.function}" if tone.function == "SIGMOID" else ""
    name = _preset_title(tone) if unit == "HU" else None
    title = names.get(tone, "") if name is None else str(name)
    return f"{title}  {about}{shape}" if title else about + shape


def _preset_title(window: Window) -> Message | None:
    return next((preset.title for preset in PRESETS if preset.window == window), None)


def _round(value: float) -> str:
    """Write a window's number as whole as its size allows."""
    return number(value, 1.0 if abs(value) >= 20.0 or value == round(value) else 0.01)


def edges(viewport: "Viewport", plane: Plane) -> dict[Qt.Edge, str]:
    """Return the letters of the patient's directions at the edges, after turns and flips; none where unknown."""
    letters = plane.letters if has_direction(plane) else _film_letters(viewport)
    turn = viewport.camera.turn
    where = {"left": QPointF(-1, 0), "right": QPointF(1, 0), "top": QPointF(0, -1), "bottom": QPointF(0, 1)}
    return {_edge(turn.map(way)): letters[name] for name, way in where.items() if letters}


def _film_letters(viewport: "Viewport") -> dict[str, str]:
    """Return the letters of a film, as its file gives them."""
    right, bottom = viewport.look.directions
    if not right or not bottom:
        return {}
    return {"left": opposite(right), "right": right, "top": opposite(bottom), "bottom": bottom}


def opposite(letters: str) -> str:
    """Return the letters of the other end: "RH" for "LF"."""
    return letters.translate(_OPPOSITE)


def _edge(way: QPointF) -> Qt.Edge:
    if abs(way.x()) > abs(way.y()):
        return Qt.Edge.RightEdge if way.x() > 0 else Qt.Edge.LeftEdge
    return Qt.Edge.BottomEdge if way.y() > 0 else Qt.Edge.TopEdge
