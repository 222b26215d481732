"""What is said of two examinations side by side: on the prior's corner, in the table, below it."""

from medviewer.core.compared import Row
from medviewer.core.finding import Finding
from medviewer.core.growth import COURSE_TITLES, Course, doubling_words
from medviewer.i18n import N_, Message, _
from medviewer.report.comparison import doubling_of, signed
from medviewer.ui import words

NOTHING = "–"
# A symbol goes with every word: never colour alone.
COURSE_SHORT: dict[Course, Message] = {
    "unchanged": N_("= unchanged"),
    "grown": N_("▲ grown"),
    "smaller": N_("▼ smaller"),
    "new": N_("+ new"),
    "gone": N_("○ not seen"),
    "outside": N_("– outside"),
    "unread": N_("? not read"),
}
COURSE_COLOURS: dict[Course, str] = {"grown": "danger", "new": "found", "smaller": "good", "gone": "good"}


def axes(finding: Finding | None) -> str:
    """Long and short axis of a finding; a dash where there is none."""
    return NOTHING if finding is None else words.size(finding)


def change(row: Row) -> str:
    """Change of volume in percent, with its sign; a dash where there are not two volumes."""
    share = None if row.growth is None else row.growth.volume_share
    return NOTHING if share is None else signed(100.0 * share, 0) + " %"


def doubling(row: Row) -> str:
    """The volume doubling time of what has grown, in days; a dash for everything else."""
    days = doubling_of(row)
    return NOTHING if days is None else _("{days:.0f} d").format(days=days)


def sentences(row: Row) -> list[str]:
    """Say in full what became of a finding: verdict, sizes, limits reached, doubling time, cautions."""
    said = [sentence(COURSE_TITLES[row.course])]
    growth = row.growth
    if growth is None or row.now is None or row.other is None:
        return said
    sizes = _("Volume {before} → {now} mm³, mean diameter {mm} mm.")
    before, now = words.volume(row.other), words.volume(row.now)
    said.append(sizes.format(before=before, now=now, mm=signed(growth.diameter_mm, 1)))
    said += [sentence(text) for text in growth.why]
    days = doubling_of(row)
    if days is not None:
        said.append(sentence(doubling_words(days)))
    return said


def sentence(text: Message) -> str:
    """Return a text as a sentence: its first letter large, a stop at its end."""
    said = str(text)
    return _("{text}.").format(text=said[:1].upper() + said[1:])


def numbered(number: int, finding: Finding) -> str:
    """Name one of the prior's findings by its number, size and place."""
    return _("{number}: {size} mm, {place}").format(number=number, size=words.size(finding), place=words.place(finding))
