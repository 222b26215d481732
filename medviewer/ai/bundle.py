"""A model's folder: what it says of itself, whether it is whole, and which series it may read. No torch here."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from medviewer import paths
from medviewer.ai.calibrate import Band
from medviewer.ai.gate import Limits, refusals
from medviewer.core.finding import Code, ModelRef
from medviewer.core.problem import Problem
from medviewer.core.study import Check, Series
from medviewer.i18n import _

WEIGHTS, DESCRIPTION, CARD, EXAMPLE = "weights.safetensors", "model.toml", "card.md", "example.npz"
_FIELDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "": {
        "id": str, "version": str, "title": str, "task": str, "net": str, "weights_sha256": str,
        "options": dict, "input": dict, "output": dict, "use": dict,
    },
    "input": {
        "modality": str, "body_parts": list, "orientation": str, "pixel_mm": list, "slice_mm": list, "window": str,
        "patch": list,
    },
    "output": {
        "label": str, "code": list, "threshold": (int, float), "mask_threshold": (int, float), "calibration": list,
    },
    "use": {"intended": str, "not_for": str, "licence": str, "references": list},
}  # fmt: skip


@dataclass(frozen=True)
class Use:
    """What a model is meant for and what not, its licence, and what it rests on."""

    intended: str
    not_for: str
    licence: str
    references: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Bundle:
    """A model that is whole: every field there, the weights the ones described.

    ``patch`` is rows and columns of a window in pixels; ``window`` names how greys are prepared (see ``ai.prepare``).
    ``threshold`` (0..1) makes a candidate, ``mask_threshold`` its outline; ``calibration`` words its score.
    """

    folder: Path
    id: str
    version: str
    title: str
    task: str
    net: str
    sha256: str
    options: Mapping[str, Any]
    limits: Limits
    window: str
    patch: tuple[int, int]
    label: str
    code: Code
    threshold: float
    mask_threshold: float
    calibration: tuple[Band, ...]
    use: Use

    @property
    def weights(self) -> Path:
        """The file of the weights."""
        return self.folder / WEIGHTS

    @property
    def example(self) -> Path:
        """The file of the self-test: a small input and the answer expected."""
        return self.folder / EXAMPLE

    @property
    def card(self) -> str:
        """The model card, Markdown."""
        return (self.folder / CARD).read_text(encoding="utf-8")

    @property
    def ref(self) -> ModelRef:
        """What a finding says of the model that found it."""
        return ModelRef(self.id, self.version, self.sha256)


def bundles() -> dict[str, Bundle]:
    """Return every bundled model by id; Problem where one is not whole."""
    folders = sorted(path.parent for path in paths.models().glob(f"*/{DESCRIPTION}"))
    return {bundle.id: bundle for bundle in map(load, folders)}


def load(folder: Path) -> Bundle:
    """Read and check the bundle in ``folder``; Problem with one sentence where a file, a field or the hash is wrong."""
    data = _described(folder)
    for name in (WEIGHTS, CARD, EXAMPLE):
        if not (folder / name).is_file():
            raise _broken(folder, _("the file '{file}' is missing").format(file=name))
    weights = folder / WEIGHTS
    state = weights.stat()
    if _sha256(weights, state.st_size, state.st_mtime_ns) != data["weights_sha256"]:
        raise _broken(folder, _("its weights are not the ones it describes (sha256 differs)"))
    try:
        return _bundle(folder, data)
    except (KeyError, TypeError, ValueError) as error:
        raise _broken(folder, _("a value in '{file}' is wrong ({why})").format(file=DESCRIPTION, why=error)) from error


def fits(bundle: Bundle, series: Series) -> tuple[Check, ...]:
    """Return why the model does not fit a series; empty where it fits, severity ``stop`` where it must not read it."""
    return refusals(bundle.limits, series)


def _described(folder: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _broken(folder, _("the file '{file}' is missing").format(file=DESCRIPTION)) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _broken(folder, _("'{file}' cannot be read ({why})").format(file=DESCRIPTION, why=error)) from error
    for part, fields in _FIELDS.items():
        table = data[part] if part else data
        for name, kind in fields.items():
            _need(folder, table, f"{part}.{name}".lstrip("."), kind)
    return data


def _need(folder: Path, table: Mapping[str, Any], dotted: str, kind: type | tuple[type, ...]) -> None:
    value = table.get(dotted.rpartition(".")[2])
    if value is None:
        raise _broken(folder, _("'{file}' has no '{field}'").format(file=DESCRIPTION, field=dotted))
    if not isinstance(value, kind) or isinstance(value, bool):
        raise _broken(folder, _("'{field}' in '{file}' has the wrong type").format(file=DESCRIPTION, field=dotted))


def _bundle(folder: Path, data: dict[str, Any]) -> Bundle:
    output, use = data["output"], data["use"]
    rows, columns = (int(n) for n in data["input"]["patch"])
    if not 0.0 < output["threshold"] < 1.0 or not 0.0 < output["mask_threshold"] < 1.0:
        raise ValueError("threshold")
    return Bundle(
        folder=folder,
        **{name: data[name] for name in ("id", "version", "title", "task", "net", "options")},
        sha256=data["weights_sha256"],
        limits=Limits.of(data["title"], data["input"]),
        window=data["input"]["window"],
        patch=(rows, columns),
        label=output["label"],
        code=Code(*output["code"]),
        threshold=float(output["threshold"]),
        mask_threshold=float(output["mask_threshold"]),
        calibration=tuple(Band(**row) for row in output["calibration"]),
        use=Use(use["intended"], use["not_for"], use["licence"], tuple(use["references"])),
    )


@cache
def _sha256(file: Path, _size: int, _changed_ns: int) -> str:
    """Return the file's sha256; kept per size and time of change, as 5 MB are hashed at each look otherwise."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _broken(folder: Path, why: str) -> Problem:
    return Problem(
        _("The model '{name}' cannot be used: {why}.").format(name=folder.name, why=why),
        _("Install MedViewer again, or restore the model's folder."),
    )
