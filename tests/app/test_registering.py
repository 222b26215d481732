"""Registration in a process of its own: what comes back, what is refused, how it is cancelled."""

import multiprocessing
import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from medviewer.app import registering
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.shared import SharedArray
from medviewer.core.study import Series
from medviewer.core.volume import READY, Volume
from medviewer.phantom import small
from tests.ui.samples import volume_of

FINE = replace(small.GRID, shape_kji=(32, 64, 64), spacing_kji_mm=(4.0, 4.0, 4.0))


@pytest.fixture
def pair() -> Iterator[tuple[Volume, Volume]]:
    """A chest, and the same one lying 30 mm to the left and 400 mm higher in another scanner."""
    lies = replace(FINE, origin_lps_mm=tuple(np.add(FINE.origin_lps_mm, (30.0, 0.0, 400.0))))
    volumes = tuple(
        volume_of(small.make(30.0, grid=grid, center_kji=(17.0, 30.0, 45.0), noise_hu=20.0), uid=uid, study_date=date)
        for grid, uid, date in ((FINE, "1.2.3.4", "20260115"), (lies, "1.2.9.4", "20250115"))
    )
    yield volumes[0], volumes[1]
    for volume in volumes:
        volume.close()


def said(volume: Volume, **header: object) -> Volume:
    headers = tuple(replace(each, **header) for each in volume.series.headers)  # type: ignore[arg-type]
    return replace(volume, series=replace(volume.series, headers=headers))


def test_it_comes_back_from_the_other_process(pair: tuple[Volume, Volume]) -> None:
    job = Job()
    found = registering.register(*pair, job)
    assert (found.from_series_uid, found.to_series_uid) == ("1.2.9.4", "1.2.3.4")
    expected = np.eye(4)
    expected[:3, 3] = -30.0, 0.0, -400.0
    assert np.abs(found.array - expected)[:3, 3].max() < 1.0
    assert (found.method, found.verdict) == ("rigid", "good")
    assert job.share > 0.0


def test_one_frame_of_reference_needs_no_look_at_the_voxels(pair: tuple[Volume, Volume]) -> None:
    one, other = (said(volume, study_uid="1.2", frame_of_reference_uid="5.5") for volume in pair)
    found = registering.register(one, other, Job())
    assert found.method == "frame"
    assert np.array_equal(found.array, np.eye(4))


def test_it_says_which_images_it_was_computed_from(pair: tuple[Volume, Volume]) -> None:
    one, other = pair[0].series, pair[1].series
    fewer = replace(other, headers=other.headers[:-1])
    assert registering.made_of(one, other) == registering.made_of(one, replace(other, checks=()))
    assert len({registering.made_of(one, other), registering.made_of(other, one), registering.made_of(one, fewer)}) == 3
    assert registering.register(*pair, Job()).made_of == registering.made_of(one, other)


def test_another_study_of_the_same_frame_uid_is_looked_at(pair: tuple[Volume, Volume]) -> None:
    one, other = said(pair[0], frame_of_reference_uid="5.5"), said(pair[1], frame_of_reference_uid="5.5", study_uid="9")
    assert registering.known(one.series, other.series) is None


def test_other_parts_of_the_body_are_refused_in_one_sentence(pair: tuple[Volume, Volume]) -> None:
    with pytest.raises(Problem, match="do not show the same part of the body"):
        registering.register(said(pair[0], body_part="CHEST"), said(pair[1], body_part="KNEE"), Job())


def test_volumes_that_have_nothing_in_common_are_refused(pair: tuple[Volume, Volume]) -> None:
    pair[1].voxels[...] = -1000
    with pytest.raises(Problem, match="do not show the same part of the body"):
        registering.register(*pair, Job())


def test_films_and_half_read_series_are_refused(pair: tuple[Volume, Volume]) -> None:
    with pytest.raises(Problem, match="no volume of evenly spaced slices"):
        registering.register(pair[0], replace(pair[1], regular=False), Job())
    pair[1].state[3] = 0
    with pytest.raises(Problem, match="still being read"):
        registering.register(*pair, Job())


def test_a_cancel_ends_the_process_it_runs_in(pair: tuple[Volume, Volume]) -> None:
    job = Job(report=lambda job: job.cancel() if job.share > 0.0 else None)
    with pytest.raises(Cancelled):
        registering.register(*pair, job)
    assert not [child for child in multiprocessing.active_children() if child.name == "decode"]
    assert not [thread for thread in threading.enumerate() if thread.name == "decode-watcher"]


def test_a_prior_of_another_orientation_is_registered_all_the_same(pair: tuple[Volume, Volume]) -> None:
    now, before = pair
    grid = before.grid
    axes, spacing = grid.axes_kji_lps, grid.spacing_kji_mm
    turned = replace(
        grid,
        shape_kji=(grid.shape_kji[1], grid.shape_kji[0], grid.shape_kji[2]),
        spacing_kji_mm=(spacing[1], spacing[0], spacing[2]),
        axes_kji_lps=(axes[1], axes[0], axes[2]),
    )
    voxels, state = SharedArray.make(turned.shape_kji, "int16"), SharedArray.make((turned.shape_kji[0],), "uint8")
    voxels.array[...] = before.voxels.transpose(1, 0, 2)
    state.array[...] = READY
    headers = tuple(replace(before.series.headers[0], sop_uid=f"9.{k}") for k in range(turned.shape_kji[0]))
    coronal = Volume(Series("9", headers, (), turned), turned, voxels, state, unit="HU")
    try:
        found = registering.register(now, coronal, Job())
    finally:
        coronal.close()
    assert np.abs(found.array[:3, 3] - (-30.0, 0.0, -400.0)).max() < 1.5
    assert found.verdict == "good"
