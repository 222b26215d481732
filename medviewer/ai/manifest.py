"""A model's description: which fields model.toml must have, and what else its folder may hold. No torch here."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from medviewer import paths
from medviewer.core.problem import Problem
from medviewer.i18n import _

WEIGHTS, DESCRIPTION, CARD, EXAMPLE = "weights.safetensors", "model.toml", "card.md", "example.npz"
SEGMENTATION = "segmentation"
# Networks that bring their own program, by the name in ``net``: what their file is called in a bundle.
FOREIGN = {"torchscript": "weights.ts", "exported": "weights.pt2", "onnx": "weights.onnx"}
PICKLES = frozenset({".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".bin", ".joblib", ".npy", ".dill"})
MOST_BYTES = 1 << 20  # of a description
Kind = type | tuple[type, ...]
_FIELDS: dict[str, dict[str, Kind]] = {
    "": {
        "id": str, "version": str, "title": str, "task": str, "net": str, "weights_sha256": str,
        "options": dict, "input": dict, "output": dict, "use": dict,
    },
    "input": {
        "modality": str, "body_parts": list, "orientation": str, "pixel_mm": list, "slice_mm": list, "window": str,
        "patch": list,
    },
    "use": {"intended": str, "not_for": str, "licence": str, "references": list},
}  # fmt: skip
_READER_OUTPUT: dict[str, Kind] = {
    "label": str, "code": list, "threshold": (int, float), "mask_threshold": (int, float), "calibration": list,
}  # fmt: skip
# What a segmentation network's tables say beside the usual fields.
_SEGMENTATION: dict[str, dict[str, Kind]] = {
    "input": {"axes": str, "spacing_mm": list, "intensity": dict},
    "output": {"activation": str, "labels": list},
}


def weights_name(net: str) -> str:
    """Return what the file of the weights is called for that ``net``."""
    return FOREIGN.get(net, WEIGHTS)


def described(folder: Path) -> dict[str, Any]:
    """Read model.toml in ``folder``; Problem with one sentence where it cannot be read or a field is missing."""
    file = folder / DESCRIPTION
    try:
        if file.stat().st_size > MOST_BYTES:
            raise broken(folder, _("'{file}' is too large").format(file=DESCRIPTION))
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise broken(folder, _("the file '{file}' is missing").format(file=DESCRIPTION)) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise broken(folder, _("'{file}' cannot be read ({why})").format(file=DESCRIPTION, why=error)) from error
    for part, fields in _wanted(data):
        table = data[part] if part else data
        for name, kind in fields.items():
            _need(folder, table, f"{part}.{name}".lstrip("."), kind)
    if "parts" in data:
        _need(folder, data, "parts", dict)
    return data


def _wanted(data: Mapping[str, Any]) -> Sequence[tuple[str, dict[str, Kind]]]:
    more = _SEGMENTATION if data.get("task") == SEGMENTATION else {"output": _READER_OUTPUT}
    return [*_FIELDS.items(), *(() if data.get("part_of") else more.items())]


def _need(folder: Path, table: Mapping[str, Any], dotted: str, kind: Kind) -> None:
    value = table.get(dotted.rpartition(".")[2])
    if value is None:
        raise broken(folder, _("'{file}' has no '{field}'").format(file=DESCRIPTION, field=dotted))
    if not isinstance(value, kind) or isinstance(value, bool):
        raise broken(folder, _("'{field}' in '{file}' has the wrong type").format(file=DESCRIPTION, field=dotted))


def files_of(folder: Path, net: str) -> None:
    """Problem where a file of the bundle is missing, or one is there that only a pickle can be."""
    for name in (weights_name(net), CARD, EXAMPLE):
        if not (folder / name).is_file():
            raise broken(folder, _("the file '{file}' is missing").format(file=name))
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() in PICKLES:
            why = _("it holds '{file}', which may be a pickle, and a pickle can run any program").format(file=file.name)
            raise broken(folder, why)


def whole_tensors(folder: Path, weights: Path) -> None:
    """Problem where a safetensors file is cut off, claims more than it holds, or is something else, as a pickle."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(weights, "np"):
            return
    except (SafetensorError, OSError, ValueError, MemoryError) as error:
        raise broken(folder, _("'{file}' cannot be read ({why})").format(file=weights.name, why=error)) from error


def broken(folder: Path, why: str) -> Problem:
    """Return what to raise for a bundle that cannot be used, and what helps."""
    text = _("The model '{name}' cannot be used: {why}.").format(name=folder.name, why=why)
    if folder.parent == paths.user_models():
        return Problem(
            text, _("Remove it and add it again: 'medviewer models remove {name}'.").format(name=folder.name)
        )
    return Problem(text, _("Install MedViewer again, or restore the model's folder."))


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
    """Texts, numbers, booleans and lists of them are written alike in JSON and TOML, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
