"""A volume is turned, resampled and scaled as a network wants it, and the answer comes back where it belongs."""

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor

from medviewer.ai.foreign.plan import Intensity, Label, Plan
from medviewer.ai.foreign.sliding import Prepared, Turn, scaled, slide, weights
from medviewer.core.finding import Code
from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem

AS_IT_IS = Intensity("range", -1000.0, 1000.0, -1000.0, 1000.0, clip=False)


def plan(
    axes: str = "RAS", spacing: tuple[float, ...] = (), patch: tuple[int, ...] = (8, 8, 8), **more: object
) -> Plan:
    label = Label(1, "x", Code("99MEDVIEWER", "1", "x"))
    return Plan(axes, spacing, patch, AS_IT_IS, "none", (label,), 1, **more)  # type: ignore[arg-type]


def grids() -> list[Grid]:
    """The 48 ways in which a stack may lie along the body's axes, each a little askew, of different spacings."""
    made = []
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((1.0, -1.0), repeat=3):
            axes = np.zeros((3, 3))
            axes[range(3), order] = signs
            askew = np.array([[1.0, 0.05, 0.0], [-0.05, 1.0, 0.0], [0.0, 0.0, 1.0]])
            turned = [tuple(float(v) for v in row / np.linalg.norm(row)) for row in axes @ askew]
            made.append(Grid((9, 10, 11), (3.0, -5.0, 7.0), (2.5, 0.8, 1.2), tuple(turned)))  # type: ignore[arg-type]
    return made


def along_lps(grid: Grid) -> np.ndarray:
    """A volume that grows with x, y and z of the patient at different rates."""
    kji = np.stack(np.meshgrid(*(np.arange(n) for n in grid.shape_kji), indexing="ij"), axis=-1)
    return np.rint(grid.to_lps(kji) @ (10.0, 100.0, 1000.0) / 10.0).astype(np.int16)


def test_every_orientation_looks_alike_to_the_network_and_comes_back_to_its_own_voxels() -> None:
    for grid in grids():
        voxels = along_lps(grid)
        prepared = Prepared.make(voxels, grid, 1.0, 0.0, plan())
        rise = [float(prepared.image.diff(dim=axis).mean()) for axis in range(3)]
        right, front, up = (value / mm for value, mm in zip(rise, prepared.spacing_mm, strict=True))
        assert right == pytest.approx(-1.0, abs=0.6)  # R, A and S against L, P and S; the rest is askew
        assert front == pytest.approx(-10.0, abs=0.6)
        assert up == pytest.approx(100.0, abs=0.6)
        assert np.array_equal(prepared.native(prepared.image).numpy(), voxels)


def test_two_axes_leave_the_third_for_the_slices() -> None:
    turn = Turn.of(Grid((5, 6, 7), spacing_kji_mm=(3.0, 1.0, 2.0)), "PL")
    assert (turn.order, turn.flips, turn.spacing_mm) == ((1, 2, 0), (False, False, False), (1.0, 2.0, 3.0))


def test_a_ramp_keeps_its_millimetres_when_it_is_resampled_there_and_back() -> None:
    grid = Grid((20, 24, 28), (0.0, 0.0, 0.0), (3.0, 0.7, 0.9))
    voxels = along_lps(grid)
    prepared = Prepared.make(voxels, grid, 1.0, 0.0, plan(spacing=(1.5, 1.0, 2.0)))
    assert prepared.image.shape == (17, 17, 30)
    back = prepared.native(prepared.image.clone()).numpy()
    inside = (slice(2, -2),) * 3
    assert back[inside] == pytest.approx(voxels[inside], abs=1.0)


def test_real_values_are_what_the_network_sees() -> None:
    grid = Grid((8, 8, 8))
    image = Prepared.make(np.full((8, 8, 8), 100, np.int16), grid, 2.0, -1024.0, plan()).image
    assert float(image.mean()) == pytest.approx(-824.0)


def test_a_spacing_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(Problem, match="too large to be resampled"):
        Prepared.make(np.zeros((300, 300, 300), np.int16), Grid((300, 300, 300)), 1.0, 0.0, plan(spacing=(0.05,) * 3))


@pytest.mark.parametrize(
    ("intensity", "wanted"),
    [
        (Intensity("range", 0.0, 200.0, 0.0, 1.0), [0.0, 0.5, 1.0]),
        (Intensity("range", 0.0, 200.0, -1.0, 1.0, clip=False), [-2.0, 0.0, 2.0]),
        (Intensity("minimum-maximum", to_low=-1.0), [-1.0, 0.0, 1.0]),
        (Intensity("z-score"), [-1.0, 0.0, 1.0]),
    ],
)
def test_values_are_scaled_as_the_bundle_says(intensity: Intensity, wanted: list[float]) -> None:
    assert scaled(torch.tensor([-100.0, 100.0, 300.0]), intensity).tolist() == pytest.approx(wanted)


def test_a_volume_of_one_value_is_no_division_by_zero() -> None:
    for kind in ("z-score", "minimum-maximum"):
        assert bool(torch.isfinite(scaled(torch.full((3, 3), 7.0), Intensity(kind))).all())


class Echo:
    """Answers each patch with itself."""

    def __init__(self, of: Plan) -> None:
        self.plan, self.seen = of, [torch.zeros(0)]

    def chances(self, patches: Tensor) -> Tensor:
        self.seen.append(patches)
        return patches


@pytest.mark.parametrize("shape", [(20, 17, 9), (5, 30, 8), (3, 3, 3)])
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_patches_cover_the_volume_and_go_together_again(shape: tuple[int, int, int], scale: float) -> None:
    image = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    echo = Echo(plan())
    found = slide(echo, image, Job(), scale=scale)  # type: ignore[arg-type]
    assert torch.allclose(found[0].float(), image, atol=1e-6 if scale == 1.0 else 5e-3)
    assert {tuple(each.shape) for each in echo.seen[1:]} == {(1, 1, 8, 8, 8)}


def test_a_flat_network_is_given_slices() -> None:
    image = torch.rand((12, 11, 3), generator=torch.Generator().manual_seed(0))
    echo = Echo(plan("PL", patch=(8, 8)))
    assert torch.allclose(slide(echo, image, Job())[0], image, atol=1e-6)  # type: ignore[arg-type]
    assert {tuple(each.shape) for each in echo.seen[1:]} == {(1, 1, 8, 8)}


def test_the_middle_of_a_patch_outweighs_its_edge_and_nothing_counts_nothing() -> None:
    weight = weights((8, 8, 9))
    assert float(weight[4, 4, 4]) > 100 * float(weight[0, 0, 0]) > 0.0


def test_a_cancel_is_heard_between_two_patches() -> None:
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        slide(Echo(plan()), torch.zeros(9, 9, 9), job)  # type: ignore[arg-type]
