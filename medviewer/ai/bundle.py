"""A model's folder: what it says of itself, whether it is whole, and which series it may read. No torch here."""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from medviewer import paths
from medviewer.ai import manifest
from medviewer.ai.calibrate import Band
from medviewer.ai.gate import refusals
from medviewer.ai.limits import Limits
from medviewer.core.finding import Code, ModelRef
from medviewer.core.problem import Problem
from medviewer.core.study import Check, Series
from medviewer.i18n import _

WEIGHTS, DESCRIPTION, CARD, EXAMPLE = manifest.WEIGHTS, manifest.DESCRIPTION, manifest.CARD, manifest.EXAMPLE
log = logging.getLogger(__name__)


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

    ``patch`` is rows and columns of a window in pixels, for segmentation in the order of its own axes, two or three;
    ``window`` names how greys are prepared (see ``ai.prepare``).
    ``threshold`` (0..1) makes a candidate, ``mask_threshold`` its outline; ``calibration`` words its score.
    ``parts`` are the models it calls on, by what they do for it ("outline", ...); a model that is itself a part of
    another (``part_of``) reads no series alone and has no label. ``input`` and ``output`` are the tables as written,
    for what else a task needs from them.
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
    patch: tuple[int, ...]
    label: str
    code: Code
    threshold: float
    mask_threshold: float
    calibration: tuple[Band, ...]
    use: Use
    input: Mapping[str, Any] = field(default_factory=dict)
    output: Mapping[str, Any] = field(default_factory=dict)
    part_of: str = ""
    parts: Mapping[str, "Bundle"] = field(default_factory=dict)

    @property
    def weights(self) -> Path:
        """The file of the weights."""
        return self.folder / manifest.weights_name(self.net)

    @property
    def added(self) -> bool:
        """Whether the reader added it: it is in the reader's own folder, and can be removed."""
        return self.folder.parent == paths.user_models()

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

    @property
    def all_sha256(self) -> str:
        """One hash of its weights, description and those of its parts: equal answers need an equal one."""
        inner = "".join(f"{role}={part.all_sha256};" for role, part in sorted(self.parts.items()))
        described = hashlib.sha256((self.folder / DESCRIPTION).read_bytes()).hexdigest()
        return hashlib.sha256(f"{self.sha256};{described};{inner}".encode()).hexdigest()


@dataclass(frozen=True)
class Survey:
    """What is installed: the models that are whole by id, the bundled ones first, and what is wrong with the others.

    ``broken`` are folders of models that the reader added, ``damaged`` those that came with the program.
    """

    whole: Mapping[str, Bundle]
    broken: Mapping[Path, Problem]
    damaged: Mapping[Path, Problem]


def survey() -> Survey:
    """Look at every model's folder; one that is broken does not take the others down."""
    whole: dict[str, Bundle] = {}
    broken: dict[Path, Problem] = {}
    damaged: dict[Path, Problem] = {}
    for home, wrong in ((paths.models(), damaged), (paths.user_models(), broken)):
        for folder in sorted(path.parent for path in home.glob(f"*/{DESCRIPTION}")):
            try:
                bundle = load(folder)
                if bundle.id in whole:
                    raise _same_id(folder, bundle.id)
                whole[bundle.id] = bundle
            except Problem as problem:
                wrong[folder] = problem
    return Survey(whole, broken, damaged)


def bundles() -> dict[str, Bundle]:
    """Return every model by id, parts of others included, the bundled ones first.

    Problem where a bundled one is not whole: the installation is damaged. One that the reader added and that is not
    whole is left out; what is wrong with it goes to the log once, and ``survey`` tells it.
    """
    found = survey()
    for problem in found.damaged.values():
        raise problem
    for problem in found.broken.values():
        _log_once(problem.text)
    return dict(found.whole)


@cache
def _log_once(text: str) -> None:
    log.warning("%s", text)


def readers() -> dict[str, Bundle]:
    """Return the models that read a series by themselves, by id; Problem where a bundled one is not whole."""
    return {name: bundle for name, bundle in bundles().items() if not bundle.part_of}


def load(folder: Path, within: tuple[str, ...] = ()) -> Bundle:
    """Read and check the bundle in ``folder``; Problem with one sentence where a file, a field or the hash is wrong.

    ``within`` are the models whose part it is, the outermost first.
    """
    data = manifest.described(folder)
    manifest.files_of(folder, data["net"])
    weights = folder / manifest.weights_name(data["net"])
    state = weights.stat()
    if _sha256(weights, state.st_size, state.st_mtime_ns) != data["weights_sha256"]:
        raise manifest.broken(folder, _("its weights are not the ones it describes (sha256 differs)"))
    if weights.name == WEIGHTS:
        manifest.whole_tensors(folder, weights)
    parts = {role: _part(folder, name, within) for role, name in data.get("parts", {}).items()}
    try:
        return _bundle(folder, data, parts)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        why = _("a value in '{file}' is wrong ({why})").format(file=DESCRIPTION, why=error)
        raise manifest.broken(folder, why) from error


def _part(folder: Path, name: object, within: tuple[str, ...]) -> Bundle:
    """Return the model that the one in ``folder`` calls on; Problem where it is missing, broken, or calls on itself."""
    if not isinstance(name, str) or not name or name != Path(name).name or not (folder.parent / name).is_dir():
        raise manifest.broken(folder, _("its part '{part}' is missing").format(part=name))
    if name in (*within, folder.name):
        raise manifest.broken(folder, _("its parts call on each other in a circle ('{part}')").format(part=name))
    return load(folder.parent / name, (*within, folder.name))


def fits(bundle: Bundle, series: Series) -> tuple[Check, ...]:
    """Return why the model does not fit a series; empty where it fits, severity ``stop`` where it must not read it."""
    return refusals(bundle.limits, series)


def _bundle(folder: Path, data: dict[str, Any], parts: Mapping[str, Bundle]) -> Bundle:
    output, use = data["output"], data["use"]
    patch = tuple(int(n) for n in data["input"]["patch"])
    if len(patch) not in ((2, 3) if data["task"] == manifest.SEGMENTATION else (2,)) or min(patch) < 1:
        raise ValueError("patch")
    for level in ("threshold", "mask_threshold"):
        if not 0.0 < output.get(level, 0.5) < 1.0:
            raise ValueError(level)
    return Bundle(
        folder=folder,
        **{name: data[name] for name in ("id", "version", "title", "task", "net", "options", "input", "output")},
        sha256=data["weights_sha256"],
        limits=Limits.of(data["title"], data["input"]),
        window=data["input"]["window"],
        patch=patch,
        label=output.get("label", ""),
        code=Code(*output.get("code", ("", "", ""))),
        threshold=float(output.get("threshold", 0.5)),
        mask_threshold=float(output.get("mask_threshold", 0.5)),
        calibration=tuple(Band(**row) for row in output.get("calibration", ())),
        use=Use(use["intended"], use["not_for"], use["licence"], tuple(use["references"])),
        part_of=data.get("part_of", ""),
        parts=parts,
    )


@cache
def _sha256(file: Path, _size: int, _changed_ns: int) -> str:
    """Return the file's sha256; kept per size and time of change, as 5 MB are hashed at each look otherwise."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _same_id(folder: Path, identity: str) -> Problem:
    return manifest.broken(folder, _("another model has its id '{name}'").format(name=identity))
