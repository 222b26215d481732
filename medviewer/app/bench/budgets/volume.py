"""A 3-D picture while it is turned, by the process that draws it."""

import threading
import time

from medviewer.app.bench.budget import Budget
from medviewer.app.bench.workbench import Workbench
from medviewer.core.problem import Problem
from medviewer.i18n import N_, _

_SIZE_PX, _STEP_PX, _FRAMES, _WARM, _LIMIT_S = (900, 900), 6.0, 60, 15, 120.0


def _frames_per_s(bench: Workbench) -> float:
    """Pictures a second while bone is turned by the hand, after the size has settled; the window's drawing excluded."""
    from medviewer.app.volume.camera import VolumeCamera
    from medviewer.app.volume.messages import Wanted
    from medviewer.app.volume.presets import presets_for
    from medviewer.app.volume.render import VolumeRenderer

    renderer, drawn = VolumeRenderer(), threading.Event()
    rendering = renderer.open(bench.volume, drawn.set)
    camera = VolumeCamera.around(bench.volume.grid)
    start_s = time.perf_counter()
    try:
        for frame in range(_WARM + _FRAMES):
            if frame == _WARM:
                start_s = time.perf_counter()
            camera = camera.orbited(_STEP_PX, 0.0)
            drawn.clear()
            rendering.ask(Wanted(camera, presets_for("CT")[0], *_SIZE_PX), moving=True)
            if not drawn.wait(_LIMIT_S) or rendering.problem is not None:
                raise Problem(str(rendering.problem or _("The 3-D picture did not come.")))
        return _FRAMES / (time.perf_counter() - start_s)
    finally:
        rendering.close()
        renderer.close()


DRAGGING = Budget("volume-dragging", N_("3-D picture turned by the hand"), 10.0, "/s", _frames_per_s, at_least=True)
