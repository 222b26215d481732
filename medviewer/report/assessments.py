"""What a report says of risks, options and the models behind them."""

from collections.abc import Sequence

from medviewer.core.assessment import Advice, Option, Risk
from medviewer.core.case import Case
from medviewer.core.fields import Value
from medviewer.i18n import N_, Message
from medviewer.report.document import Chart, Section, Table
from medviewer.report.wording import Words, numbered
from medviewer.risk import models
from medviewer.risk.model import RiskModel
from medviewer.treatment import guidelines
from medviewer.treatment.grade import phrase


def numbers(case: Case) -> dict[str, int]:
    """Return the number of each finding not rejected, by finding id."""
    return {finding.id: number for number, finding in numbered(case)}


def risk(case: Case, risks: Sequence[Risk], words: Words) -> Section:
    """Return the published models' estimates with inputs, what is missing, and contributions as charts."""
    number = numbers(case)
    shown = [one for one in risks if one.finding_id in number]
    paragraphs = [_risk_text(one, number[one.finding_id], words) for one in shown]
    paragraphs += _notes([models()[name] for name in dict.fromkeys(one.id for one in shown) if name in models()], words)
    if not shown:
        paragraphs = [words(N_("There is no finding to estimate a risk for."))]
    charts = tuple(_chart(one, number[one.finding_id], words) for one in shown if one.contributions)
    return Section("risk", words(N_("Risk")), tuple(paragraphs), _inputs(shown, number, words), charts)


def _risk_text(one: Risk, number: int, words: Words) -> str:
    if one.value is None:
        names = words.joined(words.field(name) for name in one.missing)
        text = N_("Finding {number}, {model}: no value; missing: {names}.", number=number, model=one.title, names=names)
    else:
        text = N_(
            "Finding {number}, {model}: estimated probability of cancer {value}.",
            number=number,
            model=one.title,
            value=words.percent(one.value),
        )
    return words.sentences([words(text), *(words(sentence) for sentence in one.out_of_range)])


def _notes(used: Sequence[RiskModel], words: Words) -> list[str]:
    """For whom the models were made and how they did; what is the same for several is said once."""
    titles: dict[str, list[str]] = {}
    for model in used:
        titles.setdefault(words(model.population), []).append(words(model.title))
    told = [words(N_("{model}: {about}", model=words.joined(of), about=about)) for about, of in titles.items()]
    return told + list(dict.fromkeys(words(model.validation) for model in used))


def _inputs(shown: Sequence[Risk], number: dict[str, int], words: Words) -> tuple[Table, ...]:
    """The inputs, a column for each finding, at most four side by side; models of one finding share their values."""
    values: dict[str, dict[str, Value]] = {}
    for one in shown:
        values.setdefault(one.finding_id, {}).update(one.inputs)
    ids = list(values)
    return tuple(_input_table(ids[n : n + 4], values, number, words) for n in range(0, len(ids), 4))


def _input_table(ids: list[str], values: dict[str, dict[str, Value]], number: dict[str, int], words: Words) -> Table:
    names = list(dict.fromkeys(name for finding_id in ids for name in values[finding_id]))
    head = (words(N_("Input")), *(words(N_("Finding {number}", number=number[finding_id])) for finding_id in ids))
    cells = [
        (words.field(name), *(words.value(name, values[i][name]) if name in values[i] else "–" for i in ids))
        for name in names
    ]
    return Table(words(N_("Inputs")), head, tuple(cells))


def _chart(one: Risk, number: int, words: Words) -> Chart:
    caption = N_("Finding {number}, {model}: what moves the estimate (log-odds)", number=number, model=one.title)
    bars = tuple((words(part.title), part.value) for part in one.contributions)
    return Chart(words(caption), bars, words(N_("lower risk")), words(N_("higher risk")))


def recommendations(case: Case, advice: Sequence[Advice], words: Words) -> Section:
    """Return each guideline's options with strength, or why it offers none."""
    number = numbers(case)
    shown = [one for one in advice if one.finding_id in number]
    paragraphs = [text for one in shown for text in _advice_texts(one, number[one.finding_id], words)]
    paragraphs += [
        words(N_("{model}: {about}", model=guidelines()[name].title, about=guidelines()[name].note))
        for name in dict.fromkeys(one.guideline for one in shown if one.category)
        if name in guidelines()
    ]
    if shown:
        paragraphs.append(words(N_("These are options of published guidelines; the decision is the clinician's.")))
    else:
        paragraphs.append(words(N_("There is no finding to advise on.")))
    return Section("recommendations", words(N_("Options from guidelines")), tuple(paragraphs))


def _advice_texts(one: Advice, number: int, words: Words) -> list[str]:
    head = {"number": number, "guideline": one.title}
    if one.not_applicable:
        why = words.sentences(words(text) for text in one.not_applicable)
        return [words(N_("Finding {number}, {guideline}: does not apply. {why}", why=why, **head))]
    if one.missing:
        names = words.joined(words.field(name) for name in one.missing)
        return [words(N_("Finding {number}, {guideline}: no category; missing: {names}.", names=names, **head))]
    why = words.sentences(words(text) for text in one.why)
    first = N_("Finding {number}, {guideline}: {category}. {why}", category=Message(one.category), why=why, **head)
    cautions = dict.fromkeys(words(text) for option in one.options for text in option.cautions)
    return [words(first), *(_option_text(option, words) for option in one.options), *cautions]


def _option_text(option: Option, words: Words) -> str:
    return words(N_("– {offer}, {when} ({strength}).", offer=option.text, when=option.when, strength=phrase(option)))


def used(case: Case, risks: Sequence[Risk], advice: Sequence[Advice], words: Words) -> Section:
    """Return the models and guidelines used, with versions and references."""
    refs = dict.fromkeys(finding.model for finding in case.findings if finding.model is not None)
    rows = [
        (ref.id, words(N_("version {version}, sha256 {hash}", version=ref.version, hash=ref.sha256[:12])))
        for ref in refs
    ]
    rows += dict.fromkeys((words(one.title), one.reference) for one in risks)
    rows += dict.fromkeys((words(one.title), one.reference) for one in advice)
    heading = words(N_("Models and guidelines used"))
    if not rows:
        return Section("models", heading, (words(N_("No model was used.")),))
    table = Table("", (words(N_("Name")), words(N_("Version or reference"))), tuple(rows))
    return Section("models", heading, (words(N_("This report is based on these models and guidelines.")),), (table,))
