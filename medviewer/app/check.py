"""The self-check of an installation: one line per part, in the order in which the parts build on each other."""

import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from medviewer import __version__, paths
from medviewer.app.console import has_screen, table
from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.volume import Volume
from medviewer.i18n import LANGUAGES, N_, Message, _, translator

_COARSE_KJI = (60, 192, 192)


@dataclass(frozen=True)
class Outcome:
    """What one check found, in words; not ``ok`` means that part of the program will not work."""

    id: str
    title: Message
    ok: bool
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {"id": self.id, "title": self.title.to("en"), "ok": self.ok, "text": self.text}


@dataclass(frozen=True)
class Part:
    """Something to check: ``look(job)`` says what it found, or raises."""

    id: str
    title: Message
    look: Callable[[Job], str]


def check_all(job: Job) -> list[Outcome]:
    """Check every part; a fault in one is that part's outcome and does not end the check."""
    outcomes = []
    for number, part in enumerate(PARTS):
        job.step(number / len(PARTS), str(part.title))
        outcomes.append(_check(part, job.part(number / len(PARTS), (number + 1) / len(PARTS))))
    return outcomes


def _check(part: Part, job: Job) -> Outcome:
    try:
        return Outcome(part.id, part.title, True, part.look(job))
    except Problem as problem:
        return Outcome(part.id, part.title, False, str(problem))
    except Exception as fault:  # a broken installation breaks in any way; every way is an answer here
        return Outcome(part.id, part.title, False, f"{type(fault).__name__}: {fault}")


def show_check(outcomes: Sequence[Outcome]) -> None:
    """Print the table."""
    rows = [(o.title, _("ok") if o.ok else _("failed"), o.text) for o in outcomes]
    table((_("part"), "", _("found")), rows)


def _versions(_job: Job) -> str:
    from importlib.metadata import PackageNotFoundError, version

    named = ("torch", "PySide6_Essentials", "numpy", "pydicom", "highdicom", "SimpleITK", "SQLAlchemy")
    found = [f"Python {platform.python_version()}"]
    for name in named:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            if not hasattr(sys, "_MEIPASS"):  # a frozen program carries no package records
                raise Problem(_("'{name}' is not installed.").format(name=name), "pip install medviewer") from None
    return f"medviewer {__version__}, " + ", ".join(found)


def _resources(_job: Job) -> str:
    folder = paths.resources()
    lost = [code for code in LANGUAGES if code != "en" and translator(code).gettext("Reader") == "Reader"]
    if lost:
        raise Problem(_("The translation {names} is missing.").format(names=", ".join(lost)))
    return _("{count} files").format(count=sum(1 for path in folder.rglob("*") if path.is_file()))


def _models(_job: Job) -> str:
    from medviewer.ai.bundle import bundles, survey
    from medviewer.ai.selftest import self_test

    known = bundles()
    if not known:
        raise Problem(_("No model is installed."), _("Install MedViewer again."))
    for bundle in known.values():
        self_test(bundle)
    for problem in survey().broken.values():
        raise problem
    return ", ".join(f"{bundle.id} {bundle.version}" for bundle in known.values())


def _decoders(_job: Job) -> str:
    """Write a slice, compress it, and let a decode worker read it back."""
    from medviewer.dicom.write.compress import compress
    from medviewer.dicom.write.ct import write_ct

    drawn = np.arange(-1024, 2048, 12, dtype=np.int16).reshape(1, 16, 16)
    with tempfile.TemporaryDirectory() as home:
        (plain,) = write_ct(Path(home) / "plain", drawn, Grid(drawn.shape))
        coded = compress(plain, Path(home) / "coded.dcm")
        volume = _load(coded)
        same = np.array_equal(volume.voxels, drawn)
        volume.close()
    if not same:
        raise Problem(_("A decode worker gives other values than were written."))
    return _("a JPEG-LS image came back as it was")


def _engine(job: Job) -> str:
    """Let the engine read a virtual patient drawn in coarse voxels."""
    from medviewer.ai.bundle import readers
    from medviewer.ai.engine import run
    from medviewer.phantom.write import write

    with tempfile.TemporaryDirectory() as home:
        write(Path(home), 1, shape_kji=_COARSE_KJI, job=job.part(0.0, 0.5))
        volume = _load(Path(home) / "current")
    try:
        shipped = [bundle for bundle in readers().values() if not bundle.added]
        readings = [run(bundle, volume, job.part(0.5, 1.0)) for bundle in shipped]
    finally:
        volume.close()
    return ", ".join(sorted({reading.device for reading in readings}))


def _load(path: Path) -> Volume:
    from medviewer.app.scanning import scan_into
    from medviewer.dicom.catalogue import Catalogue
    from medviewer.dicom.load import load_volume

    catalogue = Catalogue()
    scan_into(catalogue, path, Job())
    return load_volume(catalogue.studies()[0].series[0], Job())


def _database(_job: Job) -> str:
    from medviewer.app.store import Store

    store = Store()
    try:
        store.audit("check")
        broken = store.verify_audit()
    finally:
        store.close()
    if broken is not None:
        raise Problem(_("The audit trail was changed at row {row}.").format(row=broken))
    return store.url


def _memory(_job: Job) -> str:
    from medviewer.core.shared import SharedArray

    block = SharedArray.make((300, 512, 512), "int16")
    block.close()
    free_gb = shutil.disk_usage(paths.user_data()).free / 1e9
    return _("a CT fits into shared memory; {gb:.0f} GB free on the disk of the cases").format(gb=free_gb)


def _display(_job: Job) -> str:
    from importlib.util import find_spec

    if find_spec("PySide6") is None:
        raise Problem(_("Qt is not installed."))
    if not has_screen():
        return _("no screen here: 'medviewer demo --screenshot FILE' draws without one")
    return _("a window can be opened")


PARTS = (
    Part("versions", N_("Program and libraries"), _versions),
    Part("resources", N_("Texts and translations"), _resources),
    Part("memory", N_("Memory and disk"), _memory),
    Part("database", N_("Case database"), _database),
    Part("decoders", N_("Decode workers"), _decoders),
    Part("models", N_("Models: hash and example"), _models),
    Part("engine", N_("Engine"), _engine),
    Part("display", N_("Screen"), _display),
)
