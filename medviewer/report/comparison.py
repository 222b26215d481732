"""What a report says of the comparison with another examination."""

from medviewer.core.ages import age_words
from medviewer.core.case import Case
from medviewer.core.compared import Compared, Row
from medviewer.core.finding import Finding
from medviewer.core.growth import COURSE_TITLES, doubling_words
from medviewer.core.registration import VERDICT_TITLES
from medviewer.core.study import Study
from medviewer.i18n import N_, Message
from medviewer.report.document import Section, Table
from medviewer.report.wording import Words, kind, numbered, place

NOTHING = "–"


def compared_with(case: Case, study: Study, compared: Compared, words: Words) -> Section:
    """Return which examination was compared with, how, and what became of each finding; a table of the sizes."""
    number = {finding.id: at for at, finding in numbered(case)}
    paragraphs = [_examination(study, compared, words)]
    paragraphs += [_row(row, number, words) for row in compared.rows]
    if not compared.rows:
        paragraphs.append(words(N_("No finding is recorded in either examination.")))
    cautions = dict.fromkeys(words(text) for row in compared.rows if row.growth for text in row.growth.cautions)
    table = _table(compared, number, words)
    heading = words(N_("Comparison"))
    return Section("comparison", heading, (*paragraphs, *cautions), () if table is None else (table,))


def _examination(study: Study, compared: Compared, words: Words) -> str:
    first = compared.other.series.first
    age = age_words((first.study_date, first.study_time), (study.date, study.first.study_time))
    what = first.study_description or first.modality
    date = words.date(first.study_date) or NOTHING
    said = [words(N_("Compared with {what} of {date}, {age}.", what=what, date=date, age=age))]
    how, registration = compared.registration.words, compared.registration
    said.append(words(N_("Places were matched by: {how}.", how=how)))
    if registration.verdict == "doubtful":
        said.append(words(N_("The match is {verdict}.", verdict=VERDICT_TITLES["doubtful"])))
    return words.sentences(said)


def _row(row: Row, number: dict[str, int], words: Words) -> str:
    told = [words(COURSE_TITLES[row.course])]
    growth = row.growth
    if growth is not None:
        told += [words(text) for text in growth.why]
        days = doubling_of(row)
        told += [] if days is None else [words(doubling_words(days))]
    if row.by_reader:
        told.append(words(N_("paired by the reader") if row.other else N_("parted by the reader")))
    return words(N_("{name}: {course}.", name=_name(row, number), course=words(N_("; ")).join(told)))


def doubling_of(row: Row) -> float | None:
    """Return the volume doubling time in days; None but for what has grown by more than measuring error."""
    return row.growth.doubling_days if row.growth is not None and row.course == "grown" else None


def _name(row: Row, number: dict[str, int]) -> Message:
    finding = row.now or row.other
    assert finding is not None  # a row is about one of them
    what, where = kind(finding), place(finding) or N_("place not determined")
    if row.now is None:
        return N_("{what} of the other examination, {where}", what=what, where=where)
    return N_("{number}. {what}, {where}", number=number[row.now.id], what=what, where=where)


def _table(compared: Compared, number: dict[str, int], words: Words) -> Table | None:
    pairs = [row for row in compared.rows if row.growth is not None and row.now is not None]
    if not pairs:
        return None
    other = N_("Later") if compared.is_later else N_("Before")
    titles = N_("Finding"), other, N_("Now"), N_("Volume"), N_("Mean diameter")
    rows = tuple(_cells(row, number, words) for row in pairs)
    return Table(words(N_("Sizes in both examinations")), tuple(words(title) for title in titles), rows)


def _cells(row: Row, number: dict[str, int], words: Words) -> tuple[str, ...]:
    assert row.now is not None
    assert row.other is not None
    assert row.growth is not None
    share = row.growth.volume_share
    percent = NOTHING if share is None else signed(100.0 * share, 0) + " %"
    step = signed(row.growth.diameter_mm, 1) + " mm"
    return str(number[row.now.id]), _size(row.other, words), _size(row.now, words), percent, step


def _size(finding: Finding, words: Words) -> str:
    measures = {"long": finding.long_axis_mm, "short": finding.short_axis_mm, "volume": finding.volume_mm3}
    return words(N_("{long:.1f} × {short:.1f} mm, {volume:.0f} mm³", **measures))


def signed(value: float, digits: int) -> str:
    """Return a number with its sign, a true minus, and no sign where it rounds to nothing."""
    text = f"{value:+.{digits}f}"
    return text[1:] if not float(text) else text.replace("-", "\u2212")
