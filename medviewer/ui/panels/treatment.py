"""The treatment panel: what each guideline offers for the selected finding, why, and how strong it is."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from medviewer.core.assessment import Advice, Option
from medviewer.core.facts import collect
from medviewer.core.fields import BY_NAME
from medviewer.core.finding import Finding
from medviewer.i18n import N_, Message, _, screen_language
from medviewer.report.wording import Words
from medviewer.treatment import guidelines
from medviewer.treatment.grade import phrase
from medviewer.treatment.guideline import Guideline
from medviewer.ui import theme
from medviewer.ui.cards import Card, clear, column, label, say
from medviewer.ui.finding_panel import FindingPanel
from medviewer.ui.inputs import InputForm
from medviewer.ui.panel import Panel
from medviewer.ui.view import View

if TYPE_CHECKING:
    from medviewer.app.session import Session


class GuidelineCard(Card):
    """One guideline: its category, the options it offers, or why it offers none."""

    def __init__(self, guideline: Guideline) -> None:
        super().__init__(f"guideline-{guideline.id}")
        self.category = label(role="headline")
        self.category.setObjectName("category")
        self.category.setToolTip(_("The category of the guideline that this finding falls into"))
        self.state, self.why = label(), label(role="dim")
        self.state.setObjectName("guideline-state")
        self.why.setObjectName("guideline-why")
        self.options = QVBoxLayout()
        self.cautions = label(role="caution")
        self.cautions.setObjectName("guideline-cautions")
        self.note = label(str(guideline.note), "small")
        self.body.addWidget(label(str(guideline.title), "title"))
        for widget in (self.category, self.state, self.why):
            self.body.addWidget(widget)
        self.body.addLayout(self.options)
        for widget in (self.cautions, self.note, label(guideline.reference, "small")):
            self.body.addWidget(widget)

    def show_advice(self, advice: Advice) -> None:
        """Show the options, the missing inputs by name, or why the guideline does not apply."""
        say(self.category, str(Message(advice.category)) if advice.category else "")
        say(self.state, _state(advice))
        theme.as_role(self.state, "caution" if advice.missing else "dim")
        say(self.why, Words(screen_language()).sentences(str(text) for text in advice.why))
        clear(self.options)
        for option in advice.options:
            self.options.addWidget(_option(option))
        cautions = dict.fromkeys(str(text) for option in advice.options for text in option.cautions)
        say(self.cautions, "\n".join(f"⚠ {text}" for text in cautions))
        self.note.setVisible(bool(advice.category))


def _state(advice: Advice) -> str:
    words = Words(screen_language())
    if advice.not_applicable:
        return _("Does not apply. {why}").format(why=words.sentences(str(text) for text in advice.not_applicable))
    names = words.joined(str(BY_NAME[name].title) for name in advice.missing)
    return _("Missing: {names}").format(names=names) if names else ""


def _option(option: Option) -> QWidget:
    made = QWidget()
    made.setObjectName("option")
    rows = QVBoxLayout(made)
    rows.setContentsMargins(0, 4, 0, 2)
    rows.setSpacing(0)
    rows.addWidget(label(_("{offer}: {when}").format(offer=option.text, when=option.when), "strong"))
    rows.addWidget(label(str(phrase(option)), "small"))
    return made


class TreatmentPanel(FindingPanel):
    """The inputs the guidelines need now, and a card for each guideline. Options, never orders."""

    def make_content(self) -> QWidget:
        """Return the form and the cards."""
        found = guidelines()
        fields = {field.name: field for guideline in found.values() for field in guideline.fields}
        self.form = InputForm(self.session, list(fields.values()), "treatment-inputs")
        self.cards = {guideline.id: GuidelineCard(guideline) for guideline in found.values()}
        self.all = QPushButton(_("All inputs"))
        self.all.setObjectName("all-inputs")
        self.all.setCheckable(True)
        self.all.setToolTip(_("Show every input the guidelines can use, not only those needed now"))
        self.all.toggled.connect(lambda _on: self.refresh())
        theme.as_role(self.all, "flat")
        note = label(_("Options of published guidelines; the decision is yours."), "small")
        heading = label(_("Inputs needed"), "strong")
        return column(self.title, heading, self.form, self.all, *self.cards.values(), note)

    def show_finding(self, finding: Finding) -> None:
        """Show what every guideline offers for ``finding``."""
        advice = [one for one in self.session.advice() if one.finding_id == finding.id]
        missing = {name for one in advice for name in one.missing}
        facts = collect(self.session.case, finding)
        answered = {name for name, fact in facts.items() if fact.source == "reader"}
        shown = self.form.rows.keys() if self.all.isChecked() else missing | answered
        self.form.refresh(finding, facts, missing, shown)
        for one in advice:
            self.cards[one.guideline].show_advice(one)


def _make(session: "Session", view: View) -> QWidget:
    return TreatmentPanel(session, view)


PANEL = Panel("treatment", N_("Treatment"), 30, _make)
