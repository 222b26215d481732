"""Random changes move, turn and recolour, and keep picture and label together."""

import pytest
import torch
from torch import Tensor

from medviewer.train.augment import Change, moved, recoloured

CHANGE = Change(size=96, shift=0.85, zoom=1.3)


def disc(count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Crops with a bright disc in the middle, its label, and the spacing."""
    row, column = torch.meshgrid(torch.arange(128) - 63.5, torch.arange(128) - 63.5, indexing="ij")
    label = (torch.hypot(row, column) < 10).float().expand(count, 1, 128, 128)
    return 0.2 + 0.6 * label, label, torch.full((count,), 0.7)


def changed(count: int = 64, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Windows as network input is made of them: moved together, then the picture in another grey range."""
    image, label, spacing = disc(count)
    random = torch.Generator().manual_seed(seed)
    windows, zoom = moved(torch.cat([image, label], 1), CHANGE, random)
    return recoloured(windows[:, :1], random), windows[:, 1:], spacing * zoom


def test_shapes_and_ranges_are_those_of_network_input() -> None:
    image, label, spacing = changed()
    assert image.shape == label.shape == (64, 1, 96, 96)
    assert 0.0 <= float(image.min()) <= float(image.max()) <= 1.0
    assert 0.0 <= float(label.min()) <= float(label.max()) <= 1.0
    assert spacing.shape == (64,)


def test_the_label_stays_on_the_nodule() -> None:
    image, label, _spacing = changed()
    for one, mask in zip(image, label, strict=True):
        if (mask > 0.9).sum() > 30:
            assert one[mask > 0.9].mean() > one[mask < 0.1].mean() + 0.1


def test_nodules_are_everywhere_and_sometimes_absent() -> None:
    _image, label, _spacing = changed(200)
    empty = (label.amax((1, 2, 3)) < 0.5).float().mean()
    assert 0.02 < empty < 0.5
    places = torch.stack([torch.nonzero(one[0] > 0.9).float().mean(0) for one in label if (one > 0.9).any()])
    assert (places.std(0) > 15).all()


def test_the_spacing_follows_the_zoom() -> None:
    _image, label, spacing = changed(300)
    area_mm2 = label.sum((1, 2, 3)) * spacing**2
    whole = torch.tensor(
        [bool(one[0, 0].max() + one[0, -1].max() + one[0, :, 0].max() + one[0, :, -1].max() == 0) for one in label]
    )
    inside = area_mm2[whole & (area_mm2 > 10)]
    assert float(inside.std() / inside.mean()) < 0.1
    assert 0.7 / CHANGE.zoom * 0.95 < float(spacing.min()) < 0.63
    assert 0.78 < float(spacing.max()) < 0.7 * CHANGE.zoom * 1.05


def test_the_same_seed_gives_the_same_and_another_gives_another() -> None:
    first, again, other = changed(seed=1), changed(seed=1), changed(seed=2)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])


def test_most_windows_stay_near_and_some_roam() -> None:
    near = Change(size=96, shift=0.05, roaming=0.25, roam=0.8)
    _image, label, _spacing = disc(400)
    windows, _zoom = moved(label, near, torch.Generator().manual_seed(0))
    row = torch.arange(96.0).view(-1, 1) - 47.5
    middles = (windows[:, 0] * row).sum((1, 2)) / windows[:, 0].sum((1, 2)).clamp_min(1.0)
    far = float((middles.abs() > 5.0).float().mean())
    assert 0.1 < far < 0.3


def test_slices_of_a_stack_change_alike_and_a_little_apart() -> None:
    stack = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(2)).expand(20, 3, -1, -1)
    changed = recoloured(stack, torch.Generator().manual_seed(3))
    between = (changed[:, 0] - changed[:, 2]).abs().mean((1, 2))
    across = (changed[:10, 0] - changed[10:, 0]).abs().mean((1, 2))
    assert 0.0 < float(between.mean()) < 0.5 * float(across.mean())


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_flat_crop_gives_numbers(value: float) -> None:
    flat = torch.full((4, 1, 128, 128), value)
    windows, _zoom = moved(flat, CHANGE, torch.Generator())
    assert torch.isfinite(recoloured(windows, torch.Generator())).all()
