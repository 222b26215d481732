"""Whole scans through the engine process with the shipped network: the virtual chest, and the real one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike

from medviewer import paths
from medviewer.ai.bundle import load
from medviewer.ai.engine import Engine
from medviewer.ai.protocol import Reading
from medviewer.core.finding import Finding
from medviewer.core.job import Job
from medviewer.core.shared import SharedArray
from medviewer.core.study import Header, Series
from medviewer.core.volume import READY, Volume
from medviewer.dicom.catalogue import Catalogue
from medviewer.dicom.load import load_volume
from medviewer.dicom.scan import scan
from medviewer.phantom import thorax
from medviewer.phantom.virtual import VirtualCT

BUNDLE = "nodule-detection"
REAL = "chest-ct-1mm-LIDC-IDRI-0314-jls"
SHOWN = slice(110, 215)  # the slices around the real nodule; the whole scan is for `medviewer review`
NODULE_KJI = (160, 243, 183)  # middle of its crop in nodules.csv: crop_row0 179, crop_col0 119, 128 pixels


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def read(engine: Engine, volume: Volume) -> Reading:
    return engine.run(load(paths.models() / BUNDLE), volume, Job())


def as_volume(ct: VirtualCT) -> Volume:
    header = Header("", "1.9.1", "1.2.840.10008.5.1.4.1.1.2", "1.8", "1.9", "CT", thickness_mm=2.0)
    headers = tuple(replace(header, sop_uid=f"1.9.{k + 1}") for k in range(len(ct.voxels)))
    voxels = SharedArray.make(ct.voxels.shape, "int16")
    voxels.array[...] = ct.voxels
    state = SharedArray.make((len(headers),), "uint8")
    state.array[...] = READY
    return Volume(Series("1.9", headers, (), ct.grid), ct.grid, voxels, state, unit="HU")


def nearest(found: tuple[Finding, ...], lps_mm: ArrayLike) -> tuple[float, Finding]:
    return min(
        ((float(np.linalg.norm(np.subtract(f.center_lps_mm, lps_mm))), f) for f in found), key=lambda pair: pair[0]
    )


@pytest.fixture(scope="module")
def drawn(engine: Engine) -> Iterator[tuple[VirtualCT, Reading]]:
    ct = thorax.make(1)
    volume = as_volume(ct)
    yield ct, read(engine, volume)
    volume.close()


def test_the_solid_nodules_of_the_virtual_chest_are_found_and_outlined(drawn: tuple[VirtualCT, Reading]) -> None:
    ct, reading = drawn
    solid = [n for n in ct.truth if n.type == "solid" and n.long_axis_mm >= 8 and not n.on_pleura]
    assert len(solid) >= 2
    for nodule in solid:
        away_mm, finding = nearest(reading.findings, nodule.center_lps_mm)
        assert away_mm < 3.0, nodule.id
        assert finding.long_axis_mm == pytest.approx(nodule.long_axis_mm, abs=3.0), nodule.id
        assert finding.attributes["side"] == nodule.side, nodule.id


def test_the_crossing_vessels_of_the_virtual_chest_are_not_taken_for_nodules(drawn: tuple[VirtualCT, Reading]) -> None:
    ct, reading = drawn
    assert ct.traps
    for trap in ct.traps:
        assert nearest(reading.findings, trap.center_lps_mm)[0] > 5.0


def test_false_alarms_in_the_virtual_chest_stay_within_what_the_card_says(drawn: tuple[VirtualCT, Reading]) -> None:
    ct, reading = drawn
    true = sum(nearest(reading.findings, nodule.center_lps_mm)[0] < 4.0 for nodule in ct.truth)
    assert len(reading.findings) - true <= 12


@pytest.mark.data
def test_the_nodule_of_a_real_chest_ct_is_the_surest_finding(engine: Engine, shared_data: Path) -> None:
    catalogue = Catalogue()
    catalogue.add(list(scan(shared_data / "dicom" / REAL, Job())))
    (study,) = catalogue.studies()
    whole = study.series[0]
    assert whole.grid is not None
    grid = replace(
        whole.grid,
        shape_kji=(SHOWN.stop - SHOWN.start, *whole.grid.shape_kji[1:]),
        origin_lps_mm=tuple(whole.grid.to_lps((SHOWN.start, 0, 0)).tolist()),
    )
    volume = load_volume(replace(whole, headers=whole.headers[SHOWN], grid=grid), Job())
    found = read(engine, volume).findings
    volume.close()
    surest = max(found, key=lambda finding: finding.score or 0.0)
    assert np.linalg.norm(np.subtract(surest.center_lps_mm, whole.grid.to_lps(NODULE_KJI))) < 5.0
    assert surest.attributes["side"] == "right"
    assert surest.long_axis_mm == pytest.approx(22.0, abs=4.0)
