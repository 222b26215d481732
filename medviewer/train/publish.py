"""Write a bundle: model.toml, weights, card, and an example drawn in code (no patient's picture is shipped)."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from medviewer.ai.bundle import CARD, DESCRIPTION, EXAMPLE, WEIGHTS, Bundle, load
from medviewer.ai.loaded import Loaded, net_of
from medviewer.ai.manifest import toml
from medviewer.ai.prepare import normalise, stacked
from medviewer.train.cards import with_measured

EXAMPLE_SPACING_MM = 0.7


def publish(
    folder: Path, description: Mapping[str, Any], weights: Mapping[str, Tensor], card: str, inputs: Tensor
) -> Bundle:
    """Write a bundle of ``description`` (model.toml without the hash) into ``folder`` and return it, checked.

    ``inputs`` (n, c, h, w), ready for the net, become its example: no patient's picture, it is shipped.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.detach().cpu().contiguous().clone() for name, value in weights.items()}, folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)  # safetensors writes for its owner alone, and other users read an installed model
    sha256 = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    (folder / DESCRIPTION).write_text(toml({**description, "weights_sha256": sha256}), encoding="utf-8")
    (folder / CARD).write_text(card, encoding="utf-8")
    given = inputs.half().float()
    np.savez_compressed(folder / EXAMPLE, inputs=given.half().numpy(), answers=np.zeros(0, np.float32))
    bundle = load(folder)
    answers = Loaded(net_of(bundle)).answers(given).numpy()
    np.savez_compressed(folder / EXAMPLE, inputs=given.half().numpy(), answers=answers)
    return bundle


def drawn_stacks(size: int) -> Tensor:
    """Return two stacks of lung beside the chest wall as input (2, 5, size, size): with a nodule, and without."""
    wide = example(size)
    images = torch.from_numpy(np.stack([normalise(window) for window in wide])).unsqueeze(1).expand(-1, 3, -1, -1)
    return stacked(images, torch.full((2,), EXAMPLE_SPACING_MM), torch.full((2,), 1.25))


def write_card(bundle: Bundle, metrics: Mapping[str, Any]) -> None:
    """Write the card of a bundle just trained: what it is, and its metrics as measured."""
    use = bundle.use
    text = f"# {bundle.title} ({bundle.id} {bundle.version})\n\n{use.intended}\n\nNot for: {use.not_for}\n\n"
    text += f"Trained by its recipe. {' '.join(use.references)}\n"
    measured = with_measured(text, "val", f"medviewer evaluate {bundle.id} --data DIR --split val", metrics)
    (bundle.folder / CARD).write_text(measured, encoding="utf-8")


def example(size: int) -> NDArray[np.int16]:
    """Draw two windows of lung beside the chest wall, HU int16 (2, size, size): with a nodule of 11 mm, and without."""
    noise = np.random.default_rng(7).normal(0.0, 25.0, (2, size, size))
    row, column = np.mgrid[:size, :size] - (size - 1) / 2.0
    lung = np.full((size, size), -860.0)
    lung[column > size * 0.3] = 40.0  # chest wall
    lung[column > size * 0.4] = 600.0  # rib
    lung[np.abs(row + 0.5 * column + 20.0) < 1.5] = -300.0  # a vessel
    nodule = np.where(np.hypot(row - 4.0, column + 6.0) < 0.5 * 11.0 / EXAMPLE_SPACING_MM, 30.0, lung)
    drawn: NDArray[np.int16] = np.rint(np.stack([nodule, lung]) + noise).astype(np.int16)
    return drawn


def averaged(net: nn.Module, checkpoint: Path) -> nn.Module:
    """Return ``net`` with the averaged weights of a training checkpoint."""
    net.load_state_dict(average_of(checkpoint))
    return net


def average_of(checkpoint: Path) -> dict[str, Tensor]:
    """Return the averaged weights saved in a training checkpoint."""
    from safetensors import safe_open

    with safe_open(checkpoint, "pt") as saved:
        names = [name for name in saved.keys() if name.startswith("average.")]  # noqa: SIM118 - no dict
        return {name.removeprefix("average."): saved.get_tensor(name) for name in names}
