"""Add a model that somebody brought to the reader's own, and remove it again. No torch here: the trial has its own."""

import copy
import hashlib
import re
import shutil
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from medviewer import paths
from medviewer.ai import bundle as bundles
from medviewer.ai import manifest as files
from medviewer.ai.foreign import trial
from medviewer.ai.foreign.brought import Brought
from medviewer.ai.foreign.plan import Plan
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.i18n import _

Table = dict[str, Any]
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
ANY_MM = [0.05, 20.0]
# What a description must say; in the words of model.toml, so that they can be looked for.
NEEDED = (
    "id", "title", "input.modality", "input.patch", "input.intensity", "output.labels", "use.intended", "use.not_for",
)  # fmt: skip


def read_manifest(file: Path) -> Table:
    """Return the tables of a manifest in TOML; Problem where it cannot be read."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise Problem(_("The manifest '{file}' cannot be read ({why}).").format(file=file.name, why=error)) from error


def merged(brought: Brought, given: Mapping[str, Any]) -> Table:
    """Return the description of what was ``brought``: what is ``given``, else what its files say, else the usual.

    Problem where its files ask for a preparation of images that MedViewer cannot repeat, and nothing else is given.
    """
    if brought.strange and not {"axes", "spacing_mm", "intensity"} <= set(given.get("input", {})):
        raise Problem(
            strange_step(brought), _("Where that does no harm, give axes, spacing_mm and intensity yourself.")
        )
    said = over(over(_usual(brought), brought.said), given)
    said["net"] = brought.kind
    said["task"] = given.get("task", files.SEGMENTATION)
    channels = said["output"].get("channels") or 1 + max(
        (label.get("channel", 0) for label in said["output"].get("labels", ()) if isinstance(label, Mapping)), default=0
    )
    said["output"].setdefault("activation", "softmax" if channels > 1 else "sigmoid")
    dimensions = len(said["input"].get("patch", ()))
    said["input"].setdefault("axes", "PL" if dimensions == 2 else "RAS")
    return said


def strange_step(brought: Brought) -> str:
    """Say which step of preparing images cannot be repeated."""
    words = _("The bundle prepares its images by '{step}', which MedViewer cannot repeat.")
    return words.format(step=brought.strange[0][:80])


def _usual(brought: Brought) -> Table:
    return {
        "id": brought.name,
        "version": "1.0.0",
        "title": brought.name,
        "options": {},
        "input": {
            "body_parts": [], "orientation": "any", "pixel_mm": ANY_MM, "slice_mm": ANY_MM, "spacing_mm": [],
            "window": "as the table input.intensity says",
        },
        "output": {},
        "use": {"licence": "not stated", "references": []},
    }  # fmt: skip


def over(below: Mapping[str, Any], above: Mapping[str, Any]) -> Table:
    """Return both, where they differ what ``above`` says; tables within are put together alike."""
    made = copy.deepcopy(dict(below))
    for name, value in above.items():
        if isinstance(value, Mapping) and isinstance(made.get(name), dict) and name != "intensity":
            made[name] = over(made[name], value)
        elif value != "":
            made[name] = copy.deepcopy(value)
    return made


def missing(description: Mapping[str, Any]) -> list[str]:
    """Return which of the fields that it needs a description does not have."""
    return [name for name in NEEDED if _at(description, name) in (None, "", [], {})]


def _at(description: Mapping[str, Any], dotted: str) -> Any:
    found: Any = description
    for name in dotted.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found.strip() if isinstance(found, str) else found


def add(brought: Brought, description: Table, job: Job) -> bundles.Bundle:
    """Check, try and keep what was brought; return it as it is kept from now on.

    ``description`` is that of ``merged``. Problem in one sentence where a field is missing or wrong, where the id is
    taken, or where the network does not run; then nothing is kept.
    """
    _check(brought, description)
    home = paths.user_models()
    with tempfile.TemporaryDirectory(dir=paths.user_data(), prefix="adding-") as desk:
        folder = Path(desk) / description["id"]
        folder.mkdir()
        try:
            _write(folder, brought, description)
            job.step(0.1, _("Trying '{name}'").format(name=description["id"]))
            trial.first(folder, job.part(0.1, 0.95))
            home.mkdir(exist_ok=True)
            folder.replace(home / folder.name)
        except OSError as error:
            raise Problem(_("The model cannot be saved: {reason}.").format(reason=error.strerror)) from error
    job.step(1.0)
    return bundles.load(home / description["id"])


def _check(brought: Brought, description: Table) -> None:
    if description["task"] != files.SEGMENTATION or description.get("parts") or description.get("part_of"):
        raise Problem(_("Of networks that others made, MedViewer runs segmentation only."))
    if lacking := missing(description):
        raise Problem(
            _("The model cannot be added: nobody says its {fields}.").format(fields=", ".join(lacking)),
            _("Say it in the window, or in a manifest: 'medviewer models add PATH --manifest FILE'."),
        )
    identity = description["id"]
    if not isinstance(identity, str) or not ID.fullmatch(identity):
        raise Problem(_("A model's id is made of small letters, digits and dashes."))
    known = bundles.survey()
    if identity in known.whole or (paths.user_models() / identity).exists():
        raise Problem(
            _("There is a model '{name}' already.").format(name=identity),
            _("Remove that one first, or give this one another id."),
        )
    try:
        Plan.of(description["options"], description["input"], description["output"])
    except (KeyError, TypeError, ValueError) as error:
        raise Problem(
            _("The model's description is wrong in '{field}'.").format(field=str(error).strip("'"))
        ) from error


def _write(folder: Path, brought: Brought, description: Table) -> None:
    sha256 = hashlib.sha256(brought.content).hexdigest()
    (folder / files.weights_name(brought.kind)).write_bytes(brought.content)
    told = {**description, "weights_sha256": sha256}
    (folder / files.DESCRIPTION).write_text(files.toml(told), encoding="utf-8")
    (folder / files.CARD).write_text(card(brought, told), encoding="utf-8")
    trial.draw(folder, Plan.of(told["options"], told["input"], told["output"]))


def card(brought: Brought, description: Mapping[str, Any]) -> str:
    """Return the model's card: what its maker says, what the reader says, and what MedViewer did not check."""
    use, given = description["use"], description["input"]
    labels = ", ".join(str(label["name"]) for label in description["output"]["labels"])
    lines = [
        f"# {description['title']} ({description['id']} {description['version']})",
        f"Added on {date.today().isoformat()} by the user of this computer. **MedViewer has not measured how well it"
        " does**: before anybody relies on it, it needs a test on local images of known truth.",
        f"**Intended use:** {use['intended']}",
        f"**Not for:** {use['not_for']}",
        f"**Licence:** {use['licence']}",
        f"**Outlines:** {labels}",
        f"**Takes:** {given['modality']}; patches of {_times(given['patch'])} voxels along {given['axes']};"
        f" spacing {_times(given['spacing_mm']) + ' mm' if given['spacing_mm'] else 'of the series'};"
        f" {', '.join(f'{name} {value}' for name, value in given['intensity'].items())}",
        "## What its maker says",
        *(f"**{name}:** {text}" for name, text in brought.about.items()),
        *(f"- {reference}" for reference in use["references"]),
        "## What it is trusted with",
        "A network is a program. MedViewer keeps only the parts of the file that a network needs, refuses calls that"
        " read or write files, and runs it in a process of its own, but with the rights of the user: only add models"
        " from people you trust.",
        f"File: {brought.kind}, sha256 {description['weights_sha256']}",
    ]
    return "\n\n".join(" ".join(line.split()) for line in lines) + "\n"


def _times(values: Sequence[float]) -> str:
    return " × ".join(f"{value:g}" for value in values)


def remove(identity: str) -> None:
    """Remove a model that the reader added, whole or broken; Problem where it is none of the reader's."""
    folder = paths.user_models() / identity
    mine = identity in {path.name for path in paths.user_models().glob("*") if path.is_dir()}
    if not mine:
        if identity in bundles.survey().whole:
            raise Problem(_("The model '{name}' comes with MedViewer and cannot be removed.").format(name=identity))
        raise Problem(_("There is no model '{name}' that could be removed.").format(name=identity))
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise Problem(_("The model cannot be removed: {reason}.").format(reason=error.strerror)) from error
