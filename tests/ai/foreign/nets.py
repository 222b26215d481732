"""A network that needs no training, MONAI bundles and files of it, for the tests of this room."""

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from medviewer.ai.foreign import adding, brought

USE = {"intended": "Showing that a model can be added.", "not_for": "Patients."}
RANGE = {"kind": "range", "low": -1000.0, "high": 400.0, "to_low": 0.0, "to_high": 1.0, "clip": True}
LEVEL = 0.55  # of 0..1: -230 HU, between lung and soft tissue
METADATA: dict[str, Any] = {
    "version": "0.2.0",
    "name": "Tissue",
    "task": "Outline tissue",
    "description": "Everything denser than lung.",
    "authorship": "Nobody",
    "network_data_format": {
        "inputs": {
            "image": {
                "type": "image", "format": "hounsfield", "modality": "CT", "num_channels": 1,
                "spatial_shape": [16, 16, 16], "dtype": "float32", "value_range": [0, 1], "is_patch_data": True,
                "channel_def": {"0": "image"},
            },
        },
        "outputs": {
            "pred": {
                "type": "image", "format": "segmentation", "num_channels": 2, "spatial_shape": [16, 16, 16],
                "dtype": "float32", "value_range": [0, 1], "is_patch_data": True,
                "channel_def": {"0": "background", "1": "tissue"},
            },
        },
    },
}  # fmt: skip
INFERENCE: dict[str, Any] = {
    "imports": ["$import os"],
    "output_dir": "$os.path.join('/tmp', 'eval')",
    "pixdim": [2.0, 2.0, 2.5],
    "preprocessing": {
        "_target_": "Compose",
        "transforms": [
            {"_target_": "LoadImaged", "keys": "image"},
            {"_target_": "EnsureChannelFirstd", "keys": "image"},
            {"_target_": "Orientationd", "keys": "image", "axcodes": "RAS"},
            {"_target_": "Spacingd", "keys": "image", "pixdim": "@pixdim", "mode": "bilinear"},
            {
                "_target_": "ScaleIntensityRanged", "keys": "image", "a_min": -1000, "a_max": 400, "b_min": 0,
                "b_max": 1, "clip": True,
            },
        ],
    },
    "inferer": {"_target_": "SlidingWindowInferer", "roi_size": [16, 16, 16], "overlap": 0.5},
    "postprocessing": {
        "_target_": "Compose",
        "transforms": [{"_target_": "Activationsd", "keys": "pred", "softmax": True}],
    },
}  # fmt: skip


class Threshold(nn.Module):
    """Channel 1 wins where the picture is brighter than ``level``; the rest as background."""

    def __init__(self, level: float = LEVEL, steep: float = 40.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([0.0, steep]))
        self.bias = nn.Parameter(torch.tensor([0.0, -steep * level]))

    def forward(self, x: Tensor) -> Tensor:
        shape = [1, 2] + [1] * (x.dim() - 2)
        return x * self.weight.view(shape) + self.bias.view(shape)


def write(net: nn.Module, file: Path, shape: tuple[int, ...] = (1, 1, 16, 16, 16)) -> Path:
    """Export ``net`` in the format that the name of ``file`` says, for input of ``shape``."""
    file.parent.mkdir(parents=True, exist_ok=True)
    net, example = net.eval(), torch.zeros(shape)
    if file.suffix in (".ts", ".pt"):
        torch.jit.trace(net, example).save(str(file))  # type: ignore[no-untyped-call]
    elif file.suffix == ".pt2":
        torch.export.save(torch.export.export(net, (example,)), file)
    else:
        torch.onnx.export(net, (example,), str(file), dynamo=False)
    return file


def monai_bundle(
    folder: Path, net: nn.Module, suffix: str = ".ts", *, metadata: Any = None, inference: Any = None
) -> Path:
    """Write a bundle as MONAI lays it out, without MONAI."""
    write(net, folder / "models" / f"model{suffix}")
    (folder / "configs").mkdir()
    (folder / "configs" / "metadata.json").write_text(json.dumps(metadata or METADATA), "utf-8")
    (folder / "configs" / "inference.json").write_text(json.dumps(inference or INFERENCE), "utf-8")
    (folder / "LICENSE").write_text("\n  Apache License 2.0\n\nmore\n", "utf-8")
    return folder


def described(path: Path, **given: Any) -> tuple[brought.Brought, dict[str, Any]]:
    """Return what is in ``path`` and its description, with a use."""
    found = brought.look(path)
    return found, adding.merged(found, {"use": USE, **given})
