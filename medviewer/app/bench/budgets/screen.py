"""What a reader sees of the program, beside what the peers showed on the same images, measured the same way."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from medviewer import paths
from medviewer.app.bench.budget import Budget
from medviewer.app.bench.screen import Seen, peer_clicks_ms, watch
from medviewer.app.bench.workbench import Workbench
from medviewer.core.problem import Problem
from medviewer.i18n import N_, _

# The CT that the peers were measured on; a virtual one of the same size where it is not at hand.
REAL, SHAPE_KJI, SEED = "chest-ct-1mm-LIDC-IDRI-0314-jls", (275, 512, 512), 1
VOLUME_BYTES = 275 * 512 * 512 * 2


@dataclass(frozen=True)
class Peer:
    """What another program showed: seconds, milliseconds from wheel to pixel, memory in int16 volumes."""

    name: str
    start_s: float
    first_s: float
    all_s: float
    median_ms: float
    p95_ms: float
    volumes: float


PEERS = (
    Peer("OHIF 3.13 (Chromium)", 2.2, 3.2, 6.6, 139.0, 163.0, 9.7),
    Peer("napari 0.9.2", 2.0, 1.45, 1.45, 42.7, 53.5, 6.2),
    Peer("InVesalius 3.1", 1.55, 6.1, 6.5, 90.0, 111.0, 5.0),
    Peer("Aeskulap 0.2.2", 0.3, 0.8, 1.8, 7.4, 9.4, 1.3),
)
FASTEST = "aeskulap"
_seen: "WeakKeyDictionary[Workbench, Seen | Problem]" = WeakKeyDictionary()


def seen(bench: Workbench) -> Seen:
    """Return what was seen on the screen, measured once; Problem where it cannot be measured here."""
    if bench not in _seen:
        try:
            watch(_folder(bench), clicks=20)  # files and libraries are then in memory, as they were for the peers
            _seen[bench] = watch(_folder(bench))
        except Problem as problem:
            _seen[bench] = problem
    found = _seen[bench]
    if isinstance(found, Problem):
        raise found
    return found


def again(bench: Workbench) -> Seen:
    """Measure anew where the processor was busy with something else the last time."""
    _seen.pop(bench, None)
    return seen(bench)


def beside_fastest(bench: Workbench) -> float:
    """Return the median wheel as a multiple of the fastest peer's, both measured here and now."""
    program = shutil.which(FASTEST)
    if program is None:
        raise Problem(
            _("The fastest peer, {name}, is not installed here.").format(name=FASTEST),
            _("Install it, on Debian with 'apt install {name}'.").format(name=FASTEST),
        )
    return seen(bench).median_ms / float(np.median(peer_clicks_ms(program, _folder(bench))))


def _folder(bench: Workbench) -> Path:
    """Return the CT as uncompressed files."""
    from medviewer.dicom.write.raw import decompress
    from medviewer.phantom.write import write

    home = bench.home / "screen"
    if home.exists():
        return home / "current"
    shared = paths.shared_data()
    if shared is None or not (shared / "dicom" / REAL).is_dir():
        write(home, SEED, shape_kji=SHAPE_KJI)
        return home / "current"
    (home / "current").mkdir(parents=True)
    for path in sorted((shared / "dicom" / REAL).rglob("*.dcm")):
        decompress(path, home / "current" / path.name)
    return home / "current"


MEDIAN = Budget(
    "screen-wheel", N_("Wheel click to first changed pixel, median"), 6.0, "ms", lambda b: again(b).median_ms
)
P95 = Budget("screen-wheel-p95", N_("Wheel click to first changed pixel, p95"), 9.0, "ms", lambda b: seen(b).p95_ms)
START = Budget("screen-start", N_("Command to window on the screen"), 2.0, "s", lambda b: seen(b).start_s)
FIRST = Budget("screen-first-image", N_("Command to first image on the screen"), 2.0, "s", lambda b: seen(b).first_s)
ALL = Budget("screen-all-slices", N_("Command to last change of the screen"), 3.0, "s", lambda b: seen(b).all_s)
MEMORY = Budget(
    "screen-memory", N_("Memory of all processes, times the int16 volume"), 5.0, "x",
    lambda b: seen(b).memory_bytes / VOLUME_BYTES,
)  # fmt: skip
GRAB = Budget(
    "screen-grab", N_("One look at the pixels, to be taken off the wheel"), 1.0, "ms", lambda b: seen(b).grab_ms
)
BESIDE = Budget(
    "screen-wheel-beside", N_("Wheel, median, times that of the fastest peer here and now"), 1.0, "x", beside_fastest
)
