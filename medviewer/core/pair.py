"""What the reader said of a finding and its earlier self, which wins over what the program proposes."""

from dataclasses import dataclass

NOTHING = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A finding of this case and the finding of ``prior_study_uid`` that it was; ``NOTHING``: it has none there."""

    finding_id: str
    prior_study_uid: str
    prior_finding_id: str = NOTHING
