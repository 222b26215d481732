"""Headers of a folder, and the first image while the folder is still being scanned."""

import time

from medviewer.app.bench.budget import Budget
from medviewer.app.bench.budgets.load import first_slice_s
from medviewer.app.bench.workbench import Workbench, best_s
from medviewer.core.job import Job
from medviewer.core.study import Header
from medviewer.core.volume import READY
from medviewer.i18n import N_

_ROUNDS = 60  # of some 15 ms: longer than the moments in which other machines on the same host take the processor


def _files_per_s(bench: Workbench) -> float:
    from medviewer.dicom.scan import scan

    count = len(bench.series.headers)
    return count / best_s(lambda: list(scan(bench.folder, Job())), _ROUNDS)


def _first_image_s(bench: Workbench) -> float:
    from medviewer.dicom.catalogue import Catalogue
    from medviewer.dicom.load import allocate, fill
    from medviewer.dicom.scan import scan

    assert bench.folder
    start_s = time.perf_counter()
    found = next(each for each in scan(bench.folder, Job()) if isinstance(each, Header))
    catalogue = Catalogue()
    catalogue.add([found])
    volume = allocate(catalogue.series(found.series_uid))
    try:
        fill(volume, Job())
        assert volume.state[0] == READY
        return time.perf_counter() - start_s
    finally:
        volume.close()


def _clicked_s(bench: Workbench) -> float:
    return first_slice_s(bench.series, len(bench.series.headers) // 2)


SCAN = Budget("header-scan", N_("Header scan, warm"), 15_000, "files/s", _files_per_s, at_least=True)
FIRST = Budget("first-image", N_("Folder chosen until its first image, without the window"), 0.3, "s", _first_image_s)
CLICKED = Budget("series-clicked", N_("Series clicked until its image, without the window"), 0.1, "s", _clicked_s)
