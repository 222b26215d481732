"""Maps of where nets look: they change with the weights, and lie where the evidence is."""

import copy

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr
from torch import Tensor, nn

from medviewer.ai.bundle import Bundle, readers
from medviewer.ai.grad_cam import grad_cam, last_picture
from medviewer.ai.loaded import net_of
from medviewer.ai.nets.unet import NET
from medviewer.ai.prepare import stacked, with_spacing
from medviewer.core.problem import Problem

SIDE, DRAWN = 96, 6
MOST_ALIKE = 0.4  # measured with four seeds: -0.24 to 0.00
LEAST_TIMES_CHANCE = 10.0  # measured: 27 to 96; random weights 0 to 2


def drawn(seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Soft round nodules of 5 to 10 pixels' radius in noisy lung beside a wall and a vessel; their places."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE]
    pictures, places = [], []
    for n in range(DRAWN):
        cy, cx = 40 + 3 * n, 52 - 3 * n
        distance = np.hypot(y - cy, x - cx)
        radius = 5.0 + n
        lung = 0.08 + 0.03 * random.standard_normal((SIDE, SIDE))
        lung[:, :10] = 0.85  # the chest wall
        lung[np.abs(y - x * 0.5 - 60) < 1.5] = 0.5  # a vessel
        nodule = 1.0 / (1.0 + np.exp(np.clip(distance - radius, -30, 30)))
        pictures.append(np.clip(lung + nodule * (0.75 - lung), 0, 1))
        places.append(distance <= radius)
    return np.array(pictures, np.float32), np.array(places)


def outliner() -> Bundle:
    """What outlines in the model that comes with the program."""
    reader = next(iter(readers().values()))
    return reader.parts.get("outline", reader)


def inputs_of(bundle: Bundle, pictures: NDArray[np.float32]) -> Tensor:
    images, spacing = torch.from_numpy(pictures), torch.full((len(pictures),), 0.7)
    if int(bundle.options["channels"]) == 2:
        return with_spacing(images.unsqueeze(1), spacing)
    return stacked(images.unsqueeze(1).expand(-1, 3, -1, -1), spacing, torch.full((len(pictures),), 2.5))


def randomised(net: nn.Module) -> nn.Module:
    """The same net with weights that learnt nothing."""
    torch.manual_seed(1)
    other = copy.deepcopy(net)
    for module in other.modules():
        renew = getattr(module, "reset_parameters", None)
        if callable(renew):
            renew()
    return other.eval()


@pytest.fixture(scope="module")
def maps() -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
    """Maps of the trained net and of random weights for drawn nodules, and where those are."""
    bundle, (pictures, places) = outliner(), drawn()
    net, inputs, inside = net_of(bundle), inputs_of(bundle, pictures), torch.from_numpy(places)
    return grad_cam(net, inputs, inside), grad_cam(randomised(net), inputs, inside), places


Maps = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]


def test_the_map_of_the_trained_net_is_not_that_of_random_weights(maps: Maps) -> None:
    trained, random, _places = maps
    alike = [spearmanr(a.ravel(), b.ravel()).statistic for a, b in zip(trained, random, strict=True) if np.ptp(b) > 0]
    assert np.abs(np.mean(alike or [0.0])) < MOST_ALIKE, alike


def test_the_map_lies_on_the_nodule_far_more_than_chance_would(maps: Maps) -> None:
    trained, random, places = maps
    share = np.array([m[p].sum() / m.sum() for m, p in zip(trained, places, strict=True)])
    chance = places.mean(axis=(1, 2))
    by_random = np.array([m[p].sum() / max(m.sum(), 1e-9) for m, p in zip(random, places, strict=True)])
    assert np.median(share / chance) > LEAST_TIMES_CHANCE, (share / chance, by_random / chance)
    assert np.median(share) > 2.0 * np.median(by_random), (share, by_random)


def test_a_map_does_not_depend_on_what_else_is_in_its_batch() -> None:
    bundle, (pictures, places) = outliner(), drawn()
    net, inputs, inside = net_of(bundle), inputs_of(bundle, pictures), torch.from_numpy(places)
    alone, together = grad_cam(net, inputs[:1], inside[:1]), grad_cam(net, inputs[:3], inside[:3])
    assert np.allclose(alone[0], together[0], atol=1e-3 * alone.max())


def test_the_net_and_the_way_to_compute_are_left_as_they_were() -> None:
    net, inputs = NET.make({"channels": 2, "widths": [4, 8]}).eval(), torch.rand(1, 2, 16, 16)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    with torch.no_grad():
        grad_cam(net, inputs, torch.ones(1, 16, 16, dtype=torch.bool))
        assert not torch.is_grad_enabled()
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert not any(module._forward_hooks for module in net.modules())


class Corner(nn.Module):
    """A classifier that knows one thing: output 1 is how bright the upper left quarter is."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = nn.Sequential(nn.Conv2d(1, 2, 1, bias=False), nn.ReLU())
        nn.init.ones_(self.seen[0].weight)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (n, 2)."""
        seen = self.seen(x)
        return torch.stack([seen.mean((1, 2, 3)) * 0.0, seen[:, :, :8, :8].mean((1, 2, 3))], 1)


def test_of_a_classifier_the_output_asked_for_is_explained() -> None:
    picture = torch.zeros(1, 1, 16, 16)
    picture[0, 0, 2:6, 2:6] = 1.0
    asked, other = grad_cam(Corner(), picture, output=1), grad_cam(Corner(), picture, output=0)
    assert np.unravel_index(asked[0].argmax(), (16, 16)) in {(j, i) for j in range(2, 6) for i in range(2, 6)}
    assert other.max() == 0.0


def test_the_layer_explained_is_the_last_picture_before_the_answer() -> None:
    net = NET.make({"channels": 2, "widths": [4, 8, 12]}).eval()
    assert last_picture(net, torch.rand(1, 2, 16, 16)) is net.up[0]  # type: ignore[index]


def test_a_net_without_pictures_inside_has_no_map() -> None:
    flat = nn.Sequential(nn.Flatten(), nn.Linear(16, 2))
    with pytest.raises(Problem, match="no heat map"):
        grad_cam(flat, torch.rand(1, 1, 4, 4))
