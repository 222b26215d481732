"""Which texts stand around the image of a viewport."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from medviewer.i18n import _
from medviewer.imaging.window import PRESETS
from medviewer.ui.corners import COMPACT_BELOW_PX, Corners, Line, patient_lines, study_lines
from medviewer.ui.overlay import PLANE_COLOURS
from medviewer.ui.plane import TITLES, Plane

if TYPE_CHECKING:
    from medviewer.core.study import Series
    from medviewer.ui.viewport import Viewport

MINUS = "\u2212"
_LOSSY_SYNTAXES = (
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.93",
    "1.2.840.10008.1.2.4.203",
)


def corners_of(viewport: "Viewport", plane: Plane) -> Corners:
    """Return the texts for a viewport; fewer where it is small."""
    series = plane.volume.series
    compact = min(viewport.width(), viewport.height()) < COMPACT_BELOW_PX
    return Corners(
        top_left=(_title(viewport, plane),) if compact else patient_lines(series.first),
        top_right=() if compact else study_lines(series, lossy(series)),
        bottom_left=_place_lines(viewport, plane, compact),
        bottom_right=_look_lines(viewport, plane, compact),
        edges=edges(viewport, plane),
    )


def lossy(series: "Series") -> bool:
    """Whether the images were compressed with loss, as a check or the transfer syntax says."""
    return series.first.transfer_syntax in _LOSSY_SYNTAXES or any(check.code == "lossy" for check in series.checks)


def _place_lines(viewport: "Viewport", plane: Plane, compact: bool) -> tuple[Line, ...]:
    index = viewport.index
    if compact:
        return (Line(f"{plane.number(index)} / {plane.count}"),)
    lines = [_title(viewport, plane), Line(_("Image {n} / {count}").format(n=plane.number(index), count=plane.count))]
    if plane.volume.regular:
        geometry = plane.geometry(index)
        lines.append(Line(position(geometry.origin_lps_mm, plane.orientation), "image_dim"))
    thickness_mm = plane.volume.series.first.thickness_mm
    if thickness_mm and plane.axis == 0:
        lines.append(Line(_("Thickness {mm:g} mm").format(mm=round(thickness_mm, 2)), "image_dim"))
    return tuple(lines)


def _title(viewport: "Viewport", plane: Plane) -> Line:
    if viewport.cell.prior:
        return Line(_("Prior examination"), "caution", strong=True)
    if viewport.cell.close_up:
        return Line(_("Close-up"), strong=True)
    return Line(str(TITLES[plane.orientation]), PLANE_COLOURS[plane.orientation], strong=True)


def position(at_lps_mm: tuple[float, float, float], orientation: str) -> str:
    """Say where a plane is, as "F 123.5 mm": the patient's direction and the distance from the origin."""
    axis = {"sagittal": 0, "coronal": 1, "axial": 2}[orientation]
    letter = ("RL", "AP", "FH")[axis][at_lps_mm[axis] >= 0]
    return f"{letter} {abs(at_lps_mm[axis]):.1f} mm"


def _look_lines(viewport: "Viewport", plane: Plane, compact: bool) -> tuple[Line, ...]:
    lines = []
    value = viewport.value_under_cursor
    if value is not None:
        unit = plane.volume.unit
        lines.append(Line(f"{value:.0f} {unit}".replace("-", MINUS).strip(), strong=True))
    if compact:
        return tuple(lines)
    window = viewport.view.window
    named = [preset for preset in PRESETS if preset.window == window]
    about = f"W {window.width:.0f}  L {window.center:.0f}".replace("-", MINUS)
    lines.append(Line(f"{named[0].title}  {about}" if named else about))
    if viewport.view.inverted:
        lines.append(Line(_("Inverted"), "caution"))
    percent = 100 * viewport.placing.px_per_mm * viewport.placing.column_mm
    lines.append(Line(_("Zoom {percent:.0f} %").format(percent=percent), "image_dim"))
    return tuple(lines)


def edges(viewport: "Viewport", plane: Plane) -> dict[Qt.Edge, str]:
    """Return the letters of the patient's directions at the edges, after turns and flips; none without geometry."""
    if not plane.volume.regular:
        return {}
    letters = plane.letters
    turn = viewport.camera.turn
    where = {"left": QPointF(-1, 0), "right": QPointF(1, 0), "top": QPointF(0, -1), "bottom": QPointF(0, 1)}
    return {_edge(turn.map(way)): letters[name] for name, way in where.items()}


def _edge(way: QPointF) -> Qt.Edge:
    if abs(way.x()) > abs(way.y()):
        return Qt.Edge.RightEdge if way.x() > 0 else Qt.Edge.LeftEdge
    return Qt.Edge.BottomEdge if way.y() > 0 else Qt.Edge.TopEdge
