"""The bundled models: what they say of themselves, and whether they still answer as they should."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from medviewer.app.console import table
from medviewer.core.problem import Problem
from medviewer.i18n import _

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle
    from medviewer.train import Recipe


def models_result() -> list[dict[str, Any]]:
    """Return what is bundled, by id; Problem where a bundle is not whole or its hash does not hold."""
    from medviewer.ai.bundle import bundles

    return [_described(bundle) for bundle in bundles().values()]


def _described(bundle: "Bundle") -> dict[str, Any]:
    return {
        "id": bundle.id,
        "version": bundle.version,
        "title": bundle.title,
        "task": bundle.task,
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


def find(identity: str) -> "Bundle":
    """Return the bundle of that id; Problem where there is none or it is not whole."""
    from medviewer.ai.bundle import bundles

    known = bundles()
    if identity not in known:
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
