"""The models: what they say of themselves, whether they still answer as they should; the reader's own come and go."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from medviewer.app.console import table
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.i18n import _

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle
    from medviewer.train import Recipe


def models_result() -> list[dict[str, Any]]:
    """Return the models that are whole, by id; Problem where a bundled one is not, or its hash does not hold."""
    from medviewer.ai.bundle import bundles

    return [_described(bundle) for bundle in bundles().values()]


def _described(bundle: "Bundle") -> dict[str, Any]:
    return {
        "id": bundle.id,
        "version": bundle.version,
        "title": bundle.title,
        "task": bundle.task,
        "added": bundle.added,
        "sha256": bundle.sha256,
        "intended": bundle.use.intended,
        "not_for": bundle.use.not_for,
        "licence": bundle.use.licence,
        "references": list(bundle.use.references),
    }


def model_result(identity: str) -> dict[str, Any]:
    """Return one model with its card and whether its example gives the answer expected, as "ok" and "reason"."""
    from medviewer.ai.selftest import self_test

    bundle = find(identity)
    try:
        self_test(bundle)
        reason = ""
    except Problem as problem:
        reason = str(problem)
    return {**_described(bundle), "card": bundle.card, "ok": not reason, "reason": reason}


@dataclass(frozen=True)
class Said:
    """What the reader says of a model to be added, beside its manifest; empty where it says nothing."""

    id: str = ""
    intended: str = ""
    not_for: str = ""

    def tables(self) -> dict[str, Any]:
        """Return it as tables of a model.toml."""
        return {"id": self.id, "use": {"intended": self.intended, "not_for": self.not_for}}


def add(
    path: Path, manifest: Path | None, said: Said, job: Job, ask: Callable[[str], str] = lambda _question: ""
) -> dict[str, Any]:
    """Add the model in ``path``, try it, and return what it says of itself; Problem where that is not possible.

    ``manifest`` completes what its files say, ``said`` goes over both; ``ask(question)`` is called for the intended use
    and its limits where nobody says them, and may return an empty text.
    """
    from medviewer.ai.foreign import adding
    from medviewer.ai.foreign.brought import look

    brought = look(path)
    given = adding.over({} if manifest is None else adding.read_manifest(manifest), said.tables())
    description = adding.merged(brought, given)
    for name, question in (
        ("intended", _("What is the model meant for?")),
        ("not_for", _("What must it not be used for?")),
    ):
        if not description["use"].get(name):
            description["use"][name] = ask(question)
    return _described(adding.add(brought, description, job))


def remove(identity: str) -> None:
    """Remove a model that the reader added; Problem where it is none of those."""
    from medviewer.ai.foreign import adding

    adding.remove(identity)


def tell_broken() -> None:
    """Raise what is wrong with the first of the reader's models that cannot be used, if one cannot."""
    from medviewer.ai.bundle import survey

    for problem in survey().broken.values():
        raise problem


def show_added(described: Mapping[str, Any]) -> None:
    """Say that a model was added, and how it is removed."""
    words = _("'{name}' is added: its network answers, always alike. It reads series that fit from now on.")
    typer.echo(words.format(name=described["id"]))
    typer.echo(_("'medviewer models remove {name}' takes it away again.").format(name=described["id"]))


def find(identity: str) -> "Bundle":
    """Return the bundle of that id; Problem where there is none or it is not whole."""
    from medviewer.ai.bundle import bundles, survey

    known = bundles()
    if identity not in known:
        for folder, problem in survey().broken.items():
            if folder.name == identity:
                raise problem
        raise _unknown(identity, list(known))
    return known[identity]


def recipe(identity: str) -> "Recipe":
    """Return how the model of that id is trained and judged; Problem where there is no recipe."""
    from medviewer.train import recipes

    known = recipes()
    if identity not in known:
        raise _unknown(identity, list(known))
    return known[identity]


def _unknown(identity: str, known: Sequence[str]) -> Problem:
    return Problem(
        _("There is no model '{name}'.").format(name=identity), _("There are: {names}.").format(names=", ".join(known))
    )


def show_models(listed: Sequence[Mapping[str, Any]]) -> None:
    """Print the list; that it can be printed says that every hash holds."""
    rows = [(each["id"], each["version"], each["title"], each["intended"], each["sha256"][:12]) for each in listed]
    table((_("id"), _("version"), _("title"), _("intended for"), "sha256"), rows)


def show_model(result: Mapping[str, Any]) -> None:
    """Print one model's card and the outcome of its self-test."""
    typer.echo(result["card"])
    if result["ok"]:
        typer.echo(_("The weights are the ones described, and the example gives the answer expected."))


def note_in_card(identity: str, split: str, metrics: Mapping[str, Any]) -> None:
    """Write what was measured on a split into the card of a bundled model; OSError where it is read-only."""
    from medviewer import paths
    from medviewer.ai.bundle import CARD
    from medviewer.train.cards import with_measured

    file = paths.models() / identity / CARD
    command = f"medviewer evaluate {identity} --data DIR --split {split}"
    file.write_text(with_measured(file.read_text("utf-8"), split, command, metrics), "utf-8")
