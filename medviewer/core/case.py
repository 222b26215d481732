"""Everything known and decided about one study; changed only through edits."""

from dataclasses import dataclass, field, replace

from medviewer.core.fields import Value
from medviewer.core.finding import Finding
from medviewer.core.key_image import KeyImage
from medviewer.core.mark import Mark
from medviewer.core.pair import Pair
from medviewer.core.region import Region
from medviewer.core.registration import Registration

PATIENT = ""  # the scope of inputs about the patient; inputs about a finding have its id
InputKey = tuple[str, str]  # (scope, field name)


@dataclass(frozen=True, eq=False)
class Case:
    """A study's findings, clinical inputs, report texts, outlines and measurements.

    Attributes:
        study_uid: which study.
        study_facts: field name to value, as the study's headers say (age_years, female, slice_thickness_mm).
        findings: in order of appearance.
        inputs: what the reader entered, by (scope, field name); it wins over the study and the finding.
        texts: report sections the reader rewrote, by section name.
        regions: what the reader outlined, in order of appearance.
        marks: what the reader measured and wrote on the images, in order of appearance.
        keys: the images the reader kept as key images, in order of appearance.
        pairs: what the reader said of findings and their earlier selves.
        alignments: how other series lie to the one read, where the reader said so or it was computed.
        thresholds: from which score a model's answers about a series are findings, by series UID, where the reader
            moved it from the model's own.
    """

    study_uid: str
    study_facts: dict[str, Value] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    inputs: dict[InputKey, Value] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    regions: tuple[Region, ...] = ()
    marks: tuple[Mark, ...] = ()
    keys: tuple[KeyImage, ...] = ()
    pairs: tuple[Pair, ...] = ()
    alignments: tuple[Registration, ...] = ()
    thresholds: dict[str, float] = field(default_factory=dict)

    def finding(self, finding_id: str) -> Finding | None:
        """Return the finding of that id, None where there is none."""
        return next((found for found in self.findings if found.id == finding_id), None)

    def mark(self, mark_id: str) -> Mark | None:
        """Return the mark of that id, None where there is none."""
        return next((mark for mark in self.marks if mark.id == mark_id), None)

    @property
    def kept(self) -> tuple[Finding, ...]:
        """The findings not rejected."""
        return tuple(found for found in self.findings if found.status != "rejected")

    @property
    def nodules(self) -> tuple[Finding, ...]:
        """The nodules among them: what risk models and guidelines are asked about."""
        return tuple(found for found in self.kept if found.is_nodule)

    def with_finding(self, finding: Finding) -> "Case":
        """Return the case with ``finding`` in the place of the one with its id."""
        return replace(self, findings=tuple(finding if f.id == finding.id else f for f in self.findings))

    def region(self, region_id: str) -> Region | None:
        """Return the region of that id, None where there is none."""
        return next((region for region in self.regions if region.id == region_id), None)

    def with_region(self, region: Region) -> "Case":
        """Return the case with ``region`` in the place of the one with its id."""
        return replace(self, regions=tuple(region if one.id == region.id else one for one in self.regions))
