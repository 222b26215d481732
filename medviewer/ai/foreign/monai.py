"""What a MONAI bundle says of its network: metadata.json and the inference configuration, read as data only.

Nothing in them is executed: an expression (``$...``) is a text that MedViewer does not understand, and says so.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from medviewer.core.problem import Problem
from medviewer.i18n import _

Table = dict[str, Any]
MODALITIES = {"CT": "CT", "MR": "MR", "MRI": "MR", "PET": "PT", "PT": "PT"}
# Transforms that change nothing that MedViewer does not do anyway.
_IDLE = frozenset({
    "LoadImage", "EnsureChannelFirst", "AddChannel", "EnsureType", "ToTensor", "CastToType", "ToDevice", "Identity",
    "DeleteItems", "SelectItems",
})  # fmt: skip
_PATCH = {2: 256, 3: 96}  # where the network takes any size
SEGMENTS = frozenset({"segmentation", "segment", "labels", "label"})


def manifest_of(metadata: Table, inference: Table) -> Table:
    """Return what the two say of the network as tables of a model.toml; what they do not say is not there.

    Problem, in one sentence, where the network is of a kind that MedViewer does not run.
    """
    try:
        data_format = metadata["network_data_format"]
        image, answer = _only_input(data_format["inputs"]), _only_output(data_format["outputs"])
        labels, channels = _labels(answer)
        shape = _patch(image, inference)
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as error:
        raise Problem(
            _("The bundle's metadata.json does not say what its network takes and gives ({why}).").format(why=error),
            _("It must have 'network_data_format' as MONAI's bundle specification says."),
        ) from error
    prepared = dict(_prepared(inference))
    given: Table = {"patch": shape, **prepared}
    if (modality := MODALITIES.get(str(image.get("modality", "")).upper())) is not None:
        given["modality"] = modality
    output = {"activation": _activation(inference, labels, channels), "channels": channels, "labels": labels}
    return {
        "version": str(metadata.get("version", "")),
        "title": str(metadata.get("name") or metadata.get("task") or ""),
        "options": {"overlap": overlap} if (overlap := _overlap(inference)) is not None else {},
        "input": given,
        "output": output,
        "use": {
            "intended": str(metadata.get("intended_use", "")),
            "references": [str(each) for each in metadata.get("references", []) if isinstance(each, str)],
        },
    }


def strange_steps(inference: Table) -> list[str]:
    """Return how the bundle prepares its images in ways that MedViewer cannot repeat, by name."""
    return [name for name, _step in _steps(inference) if name not in (*_IDLE, *_KNOWN)]


def _only_input(inputs: Table) -> Table:
    channels = sum(int(one["num_channels"]) for one in inputs.values())
    if channels != 1:
        raise Problem(
            _("This network takes {n} channels; MedViewer gives a network one series at a time.").format(n=channels)
        )
    image: Table = next(iter(inputs.values()))
    return image


def _only_output(outputs: Table) -> Table:
    for answer in outputs.values():
        if str(answer.get("format", "")).lower() in SEGMENTS and answer.get("type", "image") == "image":
            found: Table = answer
            return found
    kinds = ", ".join(str(answer.get("format") or answer.get("type")) for answer in outputs.values())
    raise Problem(
        _("This network answers with {kinds}; of networks that others made, MedViewer runs segmentation only.").format(
            kinds=kinds
        )
    )


def _labels(answer: Table) -> tuple[list[Table], int]:
    named = {int(number): str(name).strip() for number, name in answer["channel_def"].items()}
    channels = int(answer["num_channels"])
    labels = [{"channel": n, "name": name} for n, name in sorted(named.items()) if name.lower() != "background"]
    if channels > 1 and 0 not in named:
        labels = [label for label in labels if label["channel"] != 0]
    return labels, channels


def _patch(image: Table, inference: Table) -> list[int]:
    """Return the size of a patch: the one of the inferer, else the one the network was described with."""
    described = image["spatial_shape"]
    if len(described) not in _PATCH:
        raise ValueError("spatial_shape")
    chosen = _resolved(_part(inference, "inferer").get("roi_size"), inference)
    if isinstance(chosen, list) and len(chosen) == len(described) and all(isinstance(n, int) and n > 0 for n in chosen):
        return list(chosen)
    return [_side(each, _PATCH[len(described)]) for each in described]


def _side(said: Any, usual: int) -> int:
    """Return one side of a patch: a number, or near ``usual`` a multiple of what stands before ``n`` ("16*n")."""
    if isinstance(said, int):
        return said
    before = str(said).partition("*")[0].strip()
    step = int(before) if before.isdigit() else 16
    return max(1, round(usual / step)) * step


def _activation(inference: Table, labels: list[Table], channels: int) -> str:
    """Return how the answer becomes chances, as the post-processing says, else as is usual for such channels."""
    for name, step in _steps(inference, "postprocessing"):
        if name == "Activations":
            if step.get("softmax") is True:
                return "softmax"
            if step.get("sigmoid") is True:
                return "sigmoid"
    return "softmax" if channels > 1 and len(labels) < channels else "sigmoid"


def _overlap(inference: Table) -> float | None:
    said = _resolved(_part(inference, "inferer").get("overlap"), inference)
    return float(said) if isinstance(said, int | float) and 0.0 <= said <= 0.9 else None


def _prepared(inference: Table) -> Iterator[tuple[str, Any]]:
    """Yield axes, spacing and intensity as far as the configuration says them in plain values."""
    for name, step in _steps(inference):
        values = {key: _resolved(value, inference) for key, value in step.items()}
        if name in _KNOWN and (found := _KNOWN[name](values)) is not None:
            yield found


def _axes(step: Table) -> tuple[str, Any] | None:
    codes = step.get("axcodes")
    return ("axes", codes.upper()) if isinstance(codes, str) else None


def _spacing(step: Table) -> tuple[str, Any] | None:
    pixdim = step.get("pixdim")
    return ("spacing_mm", pixdim) if _numbers(pixdim) else None


def _range(step: Table) -> tuple[str, Any] | None:
    values = [step.get(key) for key in ("a_min", "a_max", "b_min", "b_max")]
    if not _numbers(values):
        return None
    names = ("low", "high", "to_low", "to_high")
    table = dict(zip(names, (float(value) for value in values if value is not None), strict=True))
    return "intensity", {"kind": "range", **table, "clip": step.get("clip") is True}


def _z_score(step: Table) -> tuple[str, Any] | None:
    if step.get("nonzero") or step.get("subtrahend") is not None or step.get("divisor") is not None:
        return None
    return "intensity", {"kind": "z-score"}


def _whole_range(step: Table) -> tuple[str, Any] | None:
    low, high = step.get("minv", 0.0), step.get("maxv", 1.0)
    if not _numbers([low, high]) or step.get("factor") is not None:
        return None
    return "intensity", {"kind": "minimum-maximum", "to_low": float(low), "to_high": float(high)}


_KNOWN = {
    "Orientation": _axes,
    "Spacing": _spacing,
    "ScaleIntensityRange": _range,
    "NormalizeIntensity": _z_score,
    "ScaleIntensity": _whole_range,
}


def _numbers(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(n, int | float) and not isinstance(n, bool) for n in values)


def _steps(inference: Table, which: str = "preprocessing") -> Iterator[tuple[str, Table]]:
    """Yield the name and the values of each transform; one that is an expression by its own text."""
    part = _resolved(inference.get(which), inference)
    steps = _resolved(part.get("transforms"), inference) if isinstance(part, Mapping) else part
    for each in steps if isinstance(steps, list) else [steps] if steps is not None else []:
        step = _resolved(each, inference)
        if not isinstance(step, Mapping):
            yield str(step), {}
        elif step.get("_disabled_") is not True:
            yield str(step.get("_target_", "")).rpartition(".")[2].removesuffix("d").removesuffix("Dict"), dict(step)


def _part(inference: Table, name: str) -> Table:
    part = _resolved(inference.get(name), inference)
    return dict(part) if isinstance(part, Mapping) else {}


def _resolved(value: Any, inference: Table) -> Any:
    """Return what a plain reference (``@name``, ``@name::part``, ``@name#part``) points to; all else as it is."""
    for _step in range(8):
        if not isinstance(value, str) or not value.startswith("@"):
            break
        found: Any = inference
        for name in value[1:].replace("::", "#").split("#"):
            found = found.get(name) if isinstance(found, Mapping) else None
        value = found
    return value
