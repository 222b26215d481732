"""The most memory a process needs to scan and load a CT."""

import os
import subprocess
import sys

from medviewer.app.bench.budget import Budget
from medviewer.app.bench.workbench import Workbench
from medviewer.core.problem import Problem
from medviewer.i18n import N_, _

_EXTRA_MB = 250.0
# A process of its own, as the peak of this one holds everything measured before. Linux hands ru_maxrss of the
# parent on to its children, so the peak is read from where it is counted afresh.
_CHILD = """
import os, resource, sys
from pathlib import Path
from medviewer.app.scanning import scan_into
from medviewer.core.job import Job
from medviewer.dicom.catalogue import Catalogue
from medviewer.dicom.load import load_volume
catalogue = Catalogue()
scan_into(catalogue, Path(sys.argv[1]), Job())
volume = load_volume(catalogue.studies()[0].series[0], Job())
volume.voxels.max()  # shared memory counts for a process once the process has looked at it
if os.path.exists("/proc/self/status"):
    lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
    print(int(lines["VmHWM"].split()[0]) * 1024)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
volume.close()
"""


def _share(bench: Workbench) -> float:
    if os.name == "nt":
        raise Problem(_("Peak memory is not measured on Windows."))
    command = [sys.executable, "-c", _CHILD, str(bench.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Problem(_("A second process could not load the CT."))
    peak_mb = int(done.stdout) / 1e6
    volume_mb = bench.volume.voxels.nbytes / 1e6
    return peak_mb / (1.3 * volume_mb + _EXTRA_MB)


PEAK = Budget("memory-peak", N_("Peak memory of a CT, share of 1.3 x the volume + 250 MB"), 1.0, "x", _share)
