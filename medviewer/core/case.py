"""Everything known and decided about one study; changed only through edits."""

from dataclasses import dataclass, field, replace

from medviewer.core.fields import Value
from medviewer.core.finding import Finding

PATIENT = ""  # the scope of inputs about the patient; inputs about a finding have its id
InputKey = tuple[str, str]  # (scope, field name)


@dataclass(frozen=True, eq=False)
class Case:
    """A study's findings, clinical inputs and report texts.

    Attributes:
        study_uid: which study.
        study_facts: field name to value, as the study's headers say (age_years, female, slice_thickness_mm).
        findings: in order of appearance.
        inputs: what the reader entered, by (scope, field name); it wins over the study and the finding.
        texts: report sections the reader rewrote, by section name.
    """

    study_uid: str
    study_facts: dict[str, Value] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    inputs: dict[InputKey, Value] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def finding(self, finding_id: str) -> Finding | None:
        """Return the finding of that id, None where there is none."""
        return next((found for found in self.findings if found.id == finding_id), None)

    @property
    def kept(self) -> tuple[Finding, ...]:
        """The findings not rejected."""
        return tuple(found for found in self.findings if found.status != "rejected")

    def with_finding(self, finding: Finding) -> "Case":
        """Return the case with ``finding`` in the place of the one with its id."""
        return replace(self, findings=tuple(finding if f.id == finding.id else f for f in self.findings))
