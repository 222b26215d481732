"""A model that needs no torch: everything above -500 HU is one nodule."""

from dataclasses import dataclass

import numpy as np
import pytest

from medviewer.ai import bundle as bundles
from medviewer.ai import engine
from medviewer.ai.protocol import Reading
from medviewer.core.finding import NODULE, Finding, ModelRef
from medviewer.core.job import Job
from medviewer.core.mask import Mask
from medviewer.core.study import Check, Series
from medviewer.core.volume import Volume
from medviewer.i18n import N_
from medviewer.imaging.measure import measure


@dataclass(frozen=True)
class FakeBundle:
    """What the review needs to know of a bundle."""

    id: str = "bright"
    version: str = "1"
    all_sha256: str = "00"
    part_of: str = ""


def fits(_bundle: FakeBundle, series: Series) -> tuple[Check, ...]:
    """CT only, nothing with a stop."""
    if series.modality != "CT":
        return (Check("model-modality", "stop", N_("'Bright' reads CT only; this series is MR.")),)
    return tuple(Check(f"model-{c.code}", "stop", c.text) for c in series.stopped)


def run(bundle: FakeBundle, volume: Volume, job: Job) -> Reading:
    """Find the bright part."""
    job.step(0.5)
    bright = volume.voxels > -500
    if not bright.any():
        return Reading(())
    mask = Mask.cut(bright)
    at = measure(volume.voxels, volume.grid, mask)
    middle = volume.series.headers[mask.box[0].start].sop_uid
    found = Finding(
        "bright-1",
        "Nodule",
        NODULE,
        volume.series.uid,
        middle,
        at.center_lps_mm,
        at.box_lps_mm,
        at.long_axis_mm,
        at.short_axis_mm,
        at.volume_mm3,
        at.mean_hu,
        score=float(np.float32(0.9)),
        attributes={"nodule_type": "solid"},
        model=ModelRef(bundle.id, bundle.version, "00"),
        mask=mask,
    )
    return Reading((found,), {"reading": 0.1}, "CPU")


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put this model in the place of the bundled ones."""
    monkeypatch.setattr(bundles, "bundles", lambda: {"bright": FakeBundle()})
    monkeypatch.setattr(bundles, "fits", fits)
    monkeypatch.setattr(engine, "run", run)


def install_counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Put the model in the place of the engine; return the series it read, in their order, as they are read."""
    install(monkeypatch)
    read: list[str] = []

    def counted(bundle: FakeBundle, volume: Volume, job: Job) -> Reading:
        read.append(volume.series.uid)
        return run(bundle, volume, job)

    monkeypatch.setattr(engine, "run", counted)
    return read
