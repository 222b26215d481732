"""Write a bundle: model.toml, weights, card, and an example drawn in code (no patient's picture is shipped)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from medviewer.ai.bundle import CARD, DESCRIPTION, EXAMPLE, WEIGHTS, Bundle, load
from medviewer.ai.loaded import Loaded, net_of
from medviewer.ai.prepare import batch

EXAMPLE_SPACING_MM = 0.7


def publish(folder: Path, description: Mapping[str, Any], weights: Mapping[str, Tensor], card: str) -> Bundle:
    """Write a bundle of ``description`` (model.toml without the hash) into ``folder`` and return it, checked."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.detach().contiguous().clone() for name, value in weights.items()}, folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)  # safetensors writes for its owner alone, and other users read an installed model
    sha256 = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    (folder / DESCRIPTION).write_text(toml({**description, "weights_sha256": sha256}), encoding="utf-8")
    (folder / CARD).write_text(card, encoding="utf-8")
    windows = example(description["input"]["patch"][0])
    np.savez_compressed(
        folder / EXAMPLE, windows=windows, spacing_mm=EXAMPLE_SPACING_MM, chances=windows * np.float16(0)
    )
    bundle = load(folder)
    chances = Loaded(net_of(bundle)).chances(batch(list(windows), EXAMPLE_SPACING_MM)).astype(np.float16)
    np.savez_compressed(folder / EXAMPLE, windows=windows, spacing_mm=EXAMPLE_SPACING_MM, chances=chances)
    return bundle


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


def toml(data: Mapping[str, Any]) -> str:
    """Return ``data`` (texts, numbers, lists, tables, lists of tables) as TOML."""
    return "\n".join(_lines(data, "")) + "\n"


def _lines(table: Mapping[str, Any], name: str) -> list[str]:
    plain = {key: value for key, value in table.items() if not _nested(value)}
    lines = [f"{key} = {_value(value)}" for key, value in plain.items()]
    for key, value in table.items():
        path = f"{name}.{key}".lstrip(".")
        if isinstance(value, Mapping):
            lines += ["", f"[{path}]", *_lines(value, path)]
        elif _nested(value):
            for row in value:
                lines += ["", f"[[{path}]]", *_lines(row, path)]
    return lines


def _nested(value: Any) -> bool:
    rows = isinstance(value, Sequence) and not isinstance(value, str) and len(value) > 0
    return isinstance(value, Mapping) or (rows and isinstance(value[0], Mapping))


def _value(value: Any) -> str:
    """Texts, numbers, booleans and lists of them are written alike in JSON and TOML."""
    return json.dumps(value, ensure_ascii=False)


def average_of(checkpoint: Path) -> dict[str, Tensor]:
    """Return the averaged weights saved in a training checkpoint."""
    from safetensors import safe_open

    with safe_open(checkpoint, "pt") as saved:
        names = [name for name in saved.keys() if name.startswith("average.")]  # noqa: SIM118 - no dict
        return {name.removeprefix("average."): saved.get_tensor(name) for name in names}


def chances_of(net: Loaded, images: NDArray[np.uint8], spacing_mm: NDArray[np.float64]) -> NDArray[np.float16]:
    """Return the chances (n, h, w) a net sees on crops (n, h, w) that are prepared already (0 to 255)."""
    from medviewer.ai.prepare import with_spacing

    found = np.empty(images.shape, np.float16)
    for start in range(0, len(images), 16):
        part = slice(start, start + 16)
        inputs = torch.from_numpy(images[part]).float().unsqueeze(1) / 255.0
        found[part] = net.chances(with_spacing(inputs, torch.from_numpy(spacing_mm[part]).float()))
    return found
