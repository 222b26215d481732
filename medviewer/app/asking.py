"""Risk models and guidelines at the command line: list, form, answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from medviewer.app.console import emit, table
from medviewer.core.assessment import Advice, Risk
from medviewer.core.facts import Facts, from_values
from medviewer.core.fields import Field
from medviewer.core.problem import Problem
from medviewer.i18n import Message, _
from medviewer.treatment.grade import phrase

if TYPE_CHECKING:
    from medviewer.risk.model import RiskModel
    from medviewer.treatment.guideline import Guideline

Answer = Risk | Advice


@dataclass(frozen=True)
class Askable:
    """Something that asks for ``fields`` and answers facts; ``allowed`` may hold more than it needs."""

    id: str
    title: Message
    fields: tuple[Field, ...]
    allowed: tuple[Field, ...]
    reference: str
    ask: Callable[[Facts], Answer]


def risk_models() -> dict[str, Askable]:
    """Return the risk models by id."""
    from medviewer import risk

    return {model.id: _of_model(model) for model in risk.models().values()}


def _of_model(model: "RiskModel") -> Askable:
    return Askable(
        model.id, model.title, model.fields, model.fields, model.reference, lambda facts: model.assess(facts, "")
    )


def guidelines() -> dict[str, Askable]:
    """Return the guidelines by id; they may also be given the inputs of the risk models they may draw on."""
    from medviewer import treatment

    return {guideline.id: _of_guideline(guideline) for guideline in treatment.guidelines().values()}


def _of_guideline(guideline: "Guideline") -> Askable:
    from medviewer import risk

    models = risk.models().values()
    allowed = {field.name: field for fields in (guideline.fields, *(m.fields for m in models)) for field in fields}

    def ask(facts: Facts) -> Answer:
        return guideline.advise(facts, "", [model.assess(facts, "") for model in models])

    return Askable(guideline.id, guideline.title, guideline.fields, tuple(allowed.values()), guideline.reference, ask)


def answer(
    known: Mapping[str, Askable], identity: str | None, values: Mapping[str, object] | None, json: str | None
) -> None:
    """Print the list, one's form, or the answers to ``values``; Problem for an unknown id or a wrong value."""
    chosen = [_find(known, identity)] if identity is not None else list(known.values())
    if values is not None:
        allowed = {field.name: field for each in chosen for field in each.allowed}.values()
        facts = from_values(dict(values), allowed)
        answers = [each.ask(facts) for each in chosen]
        data: Any = [each.to_dict() for each in answers]
        emit(data[0] if identity is not None else data, json, lambda: show(answers))
    elif identity is None:
        rows = [(each.id, each.title, each.reference) for each in chosen]
        listed = [{"id": each.id, "title": each.title.to("en"), "reference": each.reference} for each in chosen]
        emit(listed, json, lambda: table((_("id"), _("title"), _("reference")), rows))
    else:
        emit(form(chosen[0].fields), json, lambda: show_form(chosen[0]))


def _find(known: Mapping[str, Askable], identity: str) -> Askable:
    if identity not in known:
        raise Problem(
            _("There is no '{name}'.").format(name=identity), _("There are: {names}.").format(names=", ".join(known))
        )
    return known[identity]


def form(fields: Iterable[Field]) -> list[dict[str, Any]]:
    """Return what each input is, for other programs; an open end of a range is null."""
    return [
        {
            "name": field.name,
            "title": field.title.to("en"),
            "kind": field.kind,
            "about": field.scope,
            "unit": field.unit,
            "low": field.low,
            "high": field.high,
            "choices": [choice for choice, _title in field.choices],
        }
        for field in fields
    ]


def show_form(asked: Askable) -> None:
    """Print the inputs with their types and ranges."""
    rows = [(field.name, field.title, field.expects, field.help or "") for field in asked.fields]
    table((_("name"), _("input"), _("values"), _("note")), rows, title=str(asked.title))
    typer.echo(asked.reference)


def show(answers: Iterable[Answer]) -> None:
    """Print answers for people."""
    for answer in answers:
        lines = _risk(answer) if isinstance(answer, Risk) else _advice(answer)
        typer.echo("\n".join([str(answer.title), *(f"  {line}" for line in lines if line)]))


def _risk(answer: Risk) -> list[str]:
    lines = [_("Missing: {names}").format(names=", ".join(answer.missing))] if answer.missing else []
    if answer.value is not None:
        percent = f"{answer.value * 100:.2f} %"
        lines.append(percent if answer.unit == "1" else f"{answer.value:g} {answer.unit}")
    lines += [f"{each.title}: {each.value:+.3f}" for each in answer.contributions]
    return [*lines, *(str(text) for text in answer.out_of_range), answer.reference]


def _advice(answer: Advice) -> list[str]:
    lines = [_("Missing: {names}").format(names=", ".join(answer.missing))] if answer.missing else []
    lines += [str(text) for text in answer.not_applicable]
    lines += [str(Message(answer.category))] if answer.category else []
    lines += [str(text) for text in answer.why]
    for option in answer.options:
        lines.append(f"- {option.text} · {option.when} · {phrase(option)}")
        lines += [f"    {caution}" for caution in option.cautions]
    return [*lines, answer.reference]
