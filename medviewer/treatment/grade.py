"""How strong a recommendation is and how sure its evidence, in the words of GRADE, and how options are built."""

from dataclasses import dataclass

from medviewer.core.assessment import Option
from medviewer.i18n import N_, Message


@dataclass(frozen=True)
class Grade:
    """Strength of a recommendation and certainty of its evidence, as machine words."""

    strength: str
    certainty: str


NOT_GRADED = Grade("not graded", "not graded")
# The guideline prints a grade here, but it was not confirmed against the paper, so none is claimed.
NOT_CONFIRMED = Grade("grade not confirmed", "grade not confirmed")
STRONG_MODERATE = Grade("strong", "moderate")  # 1B
STRONG_LOW = Grade("strong", "low or very low")  # 1C
WEAK_HIGH = Grade("weak", "high")  # 2A
WEAK_MODERATE = Grade("weak", "moderate")  # 2B

WORDS: dict[str, Message] = {
    word.msgid: word
    for word in (
        N_("strong"),
        N_("weak"),
        N_("high"),
        N_("moderate"),
        N_("low or very low"),
        N_("not graded"),
        N_("grade not confirmed"),
    )
}


def phrase(option: Option) -> Message:
    """Return a sentence part such as "strong recommendation, moderate certainty"."""
    if option.strength in (NOT_GRADED.strength, NOT_CONFIRMED.strength):
        return WORDS[option.strength]
    return N_(
        "{strength} recommendation, {certainty} certainty",
        strength=WORDS.get(option.strength, Message(option.strength)),
        certainty=WORDS.get(option.certainty, Message(option.certainty)),
    )


def option(text: Message, when: Message, grade: Grade = NOT_GRADED, cautions: tuple[Message, ...] = ()) -> Option:
    """Return an option of that grade."""
    return Option(text, when, grade.strength, grade.certainty, cautions)
