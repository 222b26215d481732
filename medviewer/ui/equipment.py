"""What every viewport is equipped with: what is drawn over its pictures, and what may be taken hold of there."""

from medviewer.ui.compare import by_hand
from medviewer.ui.explaining import candidate_paint, heat_paint
from medviewer.ui.exports.keys import star
from medviewer.ui.fusion import bar as fusion_bar
from medviewer.ui.marks import grab as mark_grab
from medviewer.ui.marks import paint as mark_paint
from medviewer.ui.planes import curves as plane_curves
from medviewer.ui.planes import oblique
from medviewer.ui.planes.oblique_lines import PlaneLines
from medviewer.ui.regions.paint import RegionPainter
from medviewer.ui.regions.view import regions_of
from medviewer.ui.viewer import Viewer


def equip(viewer: Viewer) -> None:
    """Equip the viewports of ``viewer``, from below to above."""
    viewer.equip(heat_paint.painting_of)
    viewer.equip(by_hand.painting_of, by_hand.grab)
    viewer.equip(plane_curves.painting_of, plane_curves.grab)
    viewer.equip(lambda viewport: PlaneLines(viewport).paint, oblique.grab)
    viewer.equip(RegionPainter(regions_of(viewer.view)).painting_of)
    viewer.equip(candidate_paint.painting_of)
    viewer.equip(mark_paint.painting_of, mark_grab.grab)
    viewer.equip(star)
    viewer.equip(fusion_bar.painting_of, fusion_bar.grab)
