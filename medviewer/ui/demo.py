"""The virtual patient of the demo, made once and kept."""

import shutil
from pathlib import Path

from medviewer import __version__, paths
from medviewer.core.job import Job

SEED = 1


def demo_folder(job: Job) -> Path:
    """Return the folder of the demo's DICOM files (CT and prior), made where it is missing or of another version."""
    from medviewer.phantom.write import write

    home = paths.user_data() / "demo"
    folder = home / f"{__version__}-{SEED}"
    if folder.is_dir():
        return folder
    shutil.rmtree(home, ignore_errors=True)
    part = home / "part"
    part.mkdir(parents=True)
    try:
        write(part, SEED, prior=True, job=job)
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise
    part.rename(folder)
    return folder
