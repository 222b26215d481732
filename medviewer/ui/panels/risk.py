"""The risk panel: each published model's estimate for the selected finding, and the inputs it stands on."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from medviewer.core.assessment import Risk
from medviewer.core.facts import collect
from medviewer.core.fields import BY_NAME
from medviewer.core.finding import Finding
from medviewer.i18n import N_, _, screen_language
from medviewer.report.wording import Words, format_percent
from medviewer.risk import models
from medviewer.risk.model import RiskModel
from medviewer.ui.bars import Bars
from medviewer.ui.cards import Card, column, label, say
from medviewer.ui.finding_panel import FindingPanel
from medviewer.ui.inputs import InputForm
from medviewer.ui.panel import Panel
from medviewer.ui.view import View

if TYPE_CHECKING:
    from medviewer.app.session import Session


class ModelCard(Card):
    """One model: its estimate in large figures, what moved it, for whom it was made."""

    def __init__(self, model: RiskModel) -> None:
        super().__init__(f"risk-{model.id}")
        self.value, self.meaning = label(role="number"), label(role="dim")
        self.value.setObjectName("risk-value")
        self.missing, self.beyond = label(role="caution"), label(role="caution")
        self.missing.setObjectName("risk-missing")
        self.beyond.setObjectName("risk-beyond")
        self.bars = Bars()
        self.meaning.setText(_("estimated probability of cancer by a published model, not by this program's networks"))
        about = [label(str(text), "small") for text in (model.population, model.validation, model.reference)]
        title = label(str(model.title), "title")
        for widget in (title, self.value, self.meaning, self.missing, self.beyond, self.bars, *about):
            self.body.addWidget(widget)

    def show_risk(self, risk: Risk) -> None:
        """Show the estimate, or which inputs are missing."""
        self.value.setText("–" if risk.value is None else format_percent(risk.value))
        self.meaning.setVisible(risk.value is not None)
        words = Words(screen_language())
        names = words.joined(str(BY_NAME[name].title) for name in risk.missing)
        say(self.missing, _("Missing: {names}").format(names=names) if names else "")
        say(self.beyond, words.sentences(f"⚠ {text}" for text in risk.out_of_range))
        self.bars.show_bars([(str(part.title), part.value) for part in risk.contributions])


class RiskPanel(FindingPanel):
    """The inputs, asked once for all models, and a card for each model."""

    def make_content(self) -> QWidget:
        """Return the form and the cards."""
        found = models()
        fields = {field.name: field for model in found.values() for field in model.fields}
        self.form = InputForm(self.session, list(fields.values()), "risk-inputs")
        self.cards = {model.id: ModelCard(model) for model in found.values()}
        heading = label(_("Inputs, for all models"), "strong")
        return column(self.title, heading, self.form, *self.cards.values())

    def show_finding(self, finding: Finding) -> None:
        """Show every model's estimate for ``finding``."""
        risks = [risk for risk in self.session.risks() if risk.finding_id == finding.id]
        missing = {name for risk in risks for name in risk.missing}
        self.form.refresh(finding, collect(self.session.case, finding), missing, self.form.rows.keys())
        for risk in risks:
            self.cards[risk.id].show_risk(risk)


def _make(session: "Session", view: View) -> QWidget:
    return RiskPanel(session, view)


PANEL = Panel("risk", N_("Risk"), 20, _make)
