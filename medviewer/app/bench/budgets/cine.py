"""An ultrasound clip: its first frame is there before the others."""

import time

from medviewer.app.bench.budget import Budget
from medviewer.app.bench.budgets.load import first_slice_s
from medviewer.app.bench.workbench import Workbench
from medviewer.i18n import N_

_FRAMES, _ROUNDS = 87, 3


def _first_frame_s(bench: Workbench) -> float:
    """Seconds from the choice of a file of 87 JPEG frames to its first frame, decode workers not yet started."""
    from medviewer.dicom.decode import close_pool
    from medviewer.dicom.write.cine import write_cine

    folder = bench.home / "cine"
    folder.mkdir(exist_ok=True)
    write_cine(folder / "us.dcm", _FRAMES)
    spent_s = []
    for _round in range(_ROUNDS):
        close_pool()
        start_s = time.perf_counter()
        series = bench.catalogue_of(folder).studies()[0].series[0]
        known_s = time.perf_counter() - start_s
        spent_s.append(known_s + first_slice_s(series, 0))
    return min(spent_s)


FRAME = Budget("cine-first-frame", N_("First of 87 JPEG frames, decoders not started"), 0.5, "s", _first_frame_s)
