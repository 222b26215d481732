"""How long a stroke of the brush takes to reach the screen, for the bench."""

import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from medviewer.core.volume import Volume
    from medviewer.ui.viewport import Viewport

SIDE_PX, MOVES, BRUSH_MM = 512, 120, 30.0


def stroke_ms(volume: "Volume") -> float:
    """Return the p95 of the milliseconds from a move of the mouse to the painted picture, at 512 x 512.

    A brush of 30 mm with a gate goes round and round on the middle slice of ``volume``; a QApplication must be there.
    """
    from PySide6.QtCore import QPointF
    from PySide6.QtWidgets import QApplication

    from medviewer.ui.regions import stroke as region_stroke
    from medviewer.ui.tool import Drag

    viewport = _viewport(volume)
    middle = QPointF(viewport.rect().center())
    place, spent_ms = middle, []
    region_stroke.press(viewport, place, erases=False)
    try:
        for move in range(MOVES):
            before, angle = place, move * 0.15
            place = middle + QPointF(np.cos(angle), np.sin(angle)) * (SIDE_PX * 0.3 * move / MOVES)
            started_s = time.perf_counter()
            region_stroke.drag(viewport, Drag(middle, before, place))
            while viewport.painted_s < started_s:
                QApplication.processEvents()
            spent_ms.append((time.perf_counter() - started_s) * 1000.0)
    finally:
        region_stroke.cancel(viewport)
        viewport.close()
        viewport.deleteLater()
    return float(np.percentile(spent_ms[5:], 95))


def _viewport(volume: "Volume") -> "Viewport":
    """Return a viewport of 512 x 512 pixels on the middle of ``volume``, with a brush, on a case of nothing."""
    from dataclasses import replace

    from PySide6.QtWidgets import QApplication

    from medviewer.core.arrangement import Cell
    from medviewer.core.case import Case
    from medviewer.core.region_gate import Gate
    from medviewer.imaging.window import LUNG
    from medviewer.ui.first_look import middle
    from medviewer.ui.jobs import Jobs
    from medviewer.ui.regions.paint import RegionPainter
    from medviewer.ui.regions.view import regions_of
    from medviewer.ui.view import View
    from medviewer.ui.viewport import Viewport

    view, case = View(Jobs()), Case("")
    view.case = lambda: case
    viewport = Viewport(view, Cell(), lambda: case)
    viewport.paintings.append(RegionPainter(regions_of(view)).painting_of(viewport))
    viewport.resize(SIDE_PX, SIDE_PX)
    viewport.show()
    view.show_volume(volume, LUNG, middle(volume))
    regions = regions_of(view)
    regions.set_brush(replace(regions.brush, diameter_mm=BRUSH_MM, gate=Gate(-1000.0, 3000.0), gated=True))
    QApplication.processEvents()
    return viewport
