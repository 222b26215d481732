"""Clinical inputs from outside: which there are, and how a file of them becomes edits."""

from collections.abc import Mapping

from medviewer.core.case import PATIENT, Case
from medviewer.core.edits import SetInput
from medviewer.core.fields import Field
from medviewer.core.problem import Problem
from medviewer.i18n import _


def known_fields() -> dict[str, Field]:
    """Return every input that a risk model or a guideline asks for, by name."""
    from medviewer import risk, treatment

    asked = [model.fields for model in risk.models().values()]
    asked += [guideline.fields for guideline in treatment.guidelines().values()]
    return {field.name: field for fields in asked for field in fields}


def as_edits(case: Case, values: Mapping[str, object]) -> tuple[SetInput, ...]:
    """Return the edits that enter ``values`` (name to value, null clears) for the patient.

    Problem where a name is unknown or about one finding, or a value has the wrong type or range.
    """
    known = known_fields()
    edits = []
    for name, value in values.items():
        field = _patient_field(known, name)
        before, after = case.inputs.get((PATIENT, name)), None if value is None else field.check(value)
        if before != after:
            edits.append(SetInput(PATIENT, name, before, after))
    return tuple(edits)


def _patient_field(known: Mapping[str, Field], name: str) -> Field:
    patient = ", ".join(field.name for field in known.values() if field.scope == "patient")
    if name not in known:
        raise Problem(
            _("'{name}' is not an input of any model or guideline.").format(name=name),
            _("There are: {names}.").format(names=patient),
        )
    if known[name].scope != "patient":
        raise Problem(
            _("'{name}' is about one finding and cannot be set for the whole patient.").format(name=name),
            _("There are: {names}.").format(names=patient),
        )
    return known[name]
