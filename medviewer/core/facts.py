"""What is known for a question about one finding, and who said so."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from medviewer.core.case import PATIENT, Case
from medviewer.core.fields import Field, Value
from medviewer.core.finding import Finding

Source = Literal["study", "finding", "reader"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A value and where it comes from: the study's headers, the finding's measures, or the reader."""

    value: Value
    source: Source


Facts = dict[str, Fact]


def collect(case: Case, finding: Finding | None) -> Facts:
    """Return all facts by field name: the study's, then the finding's, then the reader's, which win."""
    facts: Facts = {name: Fact(value, "study") for name, value in case.study_facts.items()}
    if case.nodules:
        facts["nodule_count"] = Fact(float(len(case.nodules)), "finding")
    scopes = [PATIENT]
    if finding is not None:
        facts |= {name: Fact(value, "finding") for name, value in measured(finding).items()}
        scopes.append(finding.id)
    facts |= {name: Fact(v, "reader") for (scope, name), v in case.inputs.items() if scope in scopes}
    return facts


def measured(finding: Finding) -> dict[str, Value]:
    """Return what the finding itself knows, by field name."""
    own: dict[str, Value] = {"long_axis_mm": finding.long_axis_mm, "short_axis_mm": finding.short_axis_mm}
    return own | {
        name: finding.attributes[name] for name in ("nodule_type", "solid_part_mm") if name in finding.attributes
    }


def usable(fields: Iterable[Field], facts: Facts) -> dict[str, Value]:
    """Return the values of ``fields`` that are known and valid, by name; a value no field accepts is not used."""
    from medviewer.core.problem import Problem

    known: dict[str, Value] = {}
    for field in fields:
        if field.name in facts:
            with contextlib.suppress(Problem):
                known[field.name] = field.check(facts[field.name].value)
    return known


def missing(fields: Iterable[Field], facts: Facts) -> tuple[str, ...]:
    """Return the names of ``fields`` that no fact answers."""
    return tuple(field.name for field in fields if field.name not in facts)


def from_values(values: dict[str, object], fields: Iterable[Field]) -> Facts:
    """Build facts from typed-in values; Problem where one has the wrong type or an unknown name."""
    from medviewer.core.problem import Problem
    from medviewer.i18n import _

    known = {field.name: field for field in fields}
    for name in values:
        if name not in known:
            raise Problem(
                _("'{name}' is not an input of this model.").format(name=name),
                _("It takes: {names}.").format(names=", ".join(known)),
            )
    return {name: Fact(known[name].check(value), "reader") for name, value in values.items()}
