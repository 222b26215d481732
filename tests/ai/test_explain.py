"""The heat map of a finding in a volume: where the finding is, whichever way the volume lies, by the engine."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.ai.bundle import Bundle, readers
from medviewer.ai.engine import Engine
from medviewer.ai.explain import explain
from medviewer.ai.protocol import Meta, Report
from medviewer.core.finding import NODULE, Finding
from medviewer.core.grid import Grid, triple
from medviewer.core.heat import MOST, Heat
from medviewer.core.job import Job
from medviewer.core.mask import Mask
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.shared import SharedArray
from medviewer.core.study import Header, Series
from medviewer.core.volume import READY, Volume
from medviewer.phantom import small

GRID = Grid((8, 160, 160), (-56.0, -56.0, 0.0), (2.5, 0.7, 0.7))
CENTER_KJI, DIAMETER_MM = (4.0, 70.0, 90.0), 9.0


def chest() -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """Noisy lung between two walls with a round nodule, HU (k, j, i), and where that is."""
    voxels = np.random.default_rng(0).normal(-850.0, 25.0, GRID.shape_kji)
    voxels[:, :, :15] = voxels[:, :, -15:] = 40.0
    share = small.sphere_share(GRID, CENTER_KJI, DIAMETER_MM)
    voxels += share * (30.0 - voxels)
    return np.rint(voxels).astype(np.int16), share >= 0.5


def of_mask(mask: Mask | None, center_lps_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Finding:
    box = (center_lps_mm, center_lps_mm)
    return Finding("f", "Nodule", NODULE, "1.9", "", center_lps_mm, box, 9.0, 9.0, 380.0, 0.0, mask=mask)


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """The reader that comes with the program."""
    return next(iter(readers().values()))


@pytest.fixture(scope="module")
def heat(bundle: Bundle) -> Heat:
    """The map of the nodule."""
    voxels, inside = chest()
    return explain(bundle, voxels, GRID, Meta("1.9"), Report(), finding=of_mask(Mask.cut(inside)))


def in_volume(heat: Heat, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    made = np.zeros(shape, np.uint8)
    part = tuple(slice(at, at + n) for at, n in zip(heat.offset_kji, heat.values.shape, strict=True))
    made[part] = heat.values
    return made


def test_the_map_is_hottest_in_the_nodule_and_says_by_which_network(heat: Heat, bundle: Bundle) -> None:
    _voxels, inside = chest()
    values = in_volume(heat, inside.shape).astype(np.float64)
    assert values.max() == MOST
    assert values[inside].sum() / values.sum() > 10.0 * inside.mean()
    assert (heat.finding_id, heat.series_uid, heat.method) == ("f", "1.9", "Grad-CAM")
    assert heat.model == bundle.parts.get("outline", bundle).ref


def test_it_covers_the_slices_of_the_outline_and_no_others(heat: Heat) -> None:
    _voxels, inside = chest()
    slices = np.flatnonzero(inside.any(axis=(1, 2)))
    assert heat.offset_kji[0] == slices[0]
    assert len(heat.values) == len(slices)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)], ids=str)
def test_a_volume_stored_another_way_round_has_the_same_map(
    order: tuple[int, int, int], heat: Heat, bundle: Bundle
) -> None:
    voxels, inside = chest()
    flipped = tuple(slice(None, None, -1 if n == 1 else 1) for n in range(3))

    def stored(array: NDArray[np.generic]) -> NDArray[np.generic]:
        return np.ascontiguousarray(array.transpose(order)[flipped])

    axes = [np.asarray(GRID.axes_kji_lps[n]) * (-1.0 if at == 1 else 1.0) for at, n in enumerate(order)]
    corner = np.zeros(3)
    corner[order[1]] = GRID.shape_kji[order[1]] - 1
    grid = Grid(
        tuple(stored(voxels).shape),
        triple(GRID.to_lps(corner)),
        tuple(GRID.spacing_kji_mm[n] for n in order),  # type: ignore[arg-type]
        (triple(axes[0]), triple(axes[1]), triple(axes[2])),
    )
    mask = Mask.cut(stored(inside).astype(np.bool_))
    turned = explain(bundle, stored(voxels).astype(np.int16), grid, Meta("1.9"), Report(), finding=of_mask(mask))
    expected = stored(in_volume(heat, voxels.shape))
    assert np.abs(in_volume(turned, expected.shape).astype(int) - expected.astype(int)).max() <= 1


def test_a_nodule_wider_than_the_window_is_looked_at_in_wider_pixels(bundle: Bundle) -> None:
    voxels, _inside = chest()
    wide = small.sphere_share(GRID, CENTER_KJI, 90.0) >= 0.5
    voxels[wide] = 30
    found = explain(bundle, voxels, GRID, Meta("1.9"), Report(), finding=of_mask(Mask.cut(wide)))
    assert found.values.shape[1] <= GRID.shape_kji[1]
    assert found.values.max() == MOST


def test_a_finding_without_an_outline_has_no_map(bundle: Bundle) -> None:
    voxels, _inside = chest()
    with pytest.raises(Problem, match="no heat map"):
        explain(bundle, voxels, GRID, Meta("1.9"), Report(), finding=of_mask(None))


def test_a_network_of_unknown_inside_has_no_map(bundle: Bundle) -> None:
    voxels, inside = chest()
    foreign = replace(bundle, net="torchscript", parts={})
    with pytest.raises(Problem, match="no heat map"):
        explain(foreign, voxels, GRID, Meta("1.9"), Report(), finding=of_mask(Mask.cut(inside)))


def test_cancelling_stops_it(bundle: Bundle) -> None:
    voxels, inside = chest()
    report = Report()
    report.cancel()
    with pytest.raises(Cancelled):
        explain(bundle, voxels, GRID, Meta("1.9"), report, finding=of_mask(Mask.cut(inside)))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine with torch, as in the program."""
    made = Engine()
    yield made
    made.close()


@pytest.fixture
def volume() -> Iterator[Volume]:
    """The chest as the engine gets it."""
    voxels, state = SharedArray.make(GRID.shape_kji, "int16"), SharedArray.make((GRID.shape_kji[0],), "uint8")
    voxels.array[...], state.array[...] = chest()[0], READY
    headers = tuple(Header("", f"1.9.{k}", "", "1", "1.9", modality="CT") for k in range(GRID.shape_kji[0]))
    made = Volume(Series("1.9", headers, (), GRID), GRID, voxels, state, unit="HU")
    yield made
    made.close()


def test_the_engine_answers_the_same_map(bundle: Bundle, engine: Engine, heat: Heat, volume: Volume) -> None:
    found = of_mask(Mask.cut(chest()[1]))
    answer = engine.explain(bundle, volume, found, Job())
    assert answer.offset_kji == heat.offset_kji
    assert np.abs(answer.values.astype(int) - heat.values.astype(int)).max() <= 2  # it may use other threads


def test_the_engine_says_why_there_is_none_and_goes_on(bundle: Bundle, engine: Engine, volume: Volume) -> None:
    pid = engine.pid
    with pytest.raises(Problem, match="no heat map"):
        engine.explain(bundle, volume, of_mask(None), Job())
    assert engine.pid == pid


def test_a_cancelled_map_is_none(bundle: Bundle, engine: Engine, volume: Volume) -> None:
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        engine.explain(bundle, volume, of_mask(Mask.cut(chest()[1])), job)
