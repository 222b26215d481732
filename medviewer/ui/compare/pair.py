"""The chosen row of the comparison in full: what became of the finding, and which earlier one it was."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from medviewer.core.compared import Compared, Row
from medviewer.core.pair import NOTHING
from medviewer.i18n import _
from medviewer.ui.cards import Card, QuietCombo, label, say
from medviewer.ui.compare import words as compare_words

AUTOMATIC = "*"


class PairCard(Card):
    """Verdict, measures and cautions of one row, and the choice of its earlier self.

    ``chosen`` gets the id of the finding now and that of the other one, ``NOTHING`` or ``AUTOMATIC``.
    """

    chosen = Signal(str, str)

    def __init__(self) -> None:
        super().__init__("comparison-pair")
        self.verdict, self.cautions = label(), label(role="caution")
        self.verdict.setObjectName("comparison-verdict")
        self.combo = QuietCombo()
        self.combo.setAccessibleName(_("Its earlier self"))
        self.combo.setToolTip(_("Which finding of the other examination it was; automatic is by place and side."))
        self.combo.setMinimumContentsLength(12)
        self.combo.activated.connect(lambda _index: self._choose())
        self._row: Row | None = None
        self._what = label(role="dim")
        line = QHBoxLayout()
        line.addWidget(self._what)
        line.addWidget(self.combo, 1)
        self.body.addWidget(self.verdict)
        self.body.addWidget(self.cautions)
        self.body.addLayout(line)

    def show_row(self, compared: Compared | None, row: Row | None) -> None:
        """Show a row; nothing where there is none."""
        self._row = row
        self.setVisible(row is not None)
        if row is None or compared is None:
            return
        self.verdict.setText(" ".join(compare_words.sentences(row)))
        cautions = () if row.growth is None else row.growth.cautions
        say(self.cautions, "\n".join(f"⚠ {text}" for text in cautions))
        self._what.setText(_("Later self:") if compared.is_later else _("Earlier self:"))
        self._fill(compared, row)

    def _fill(self, compared: Compared, row: Row) -> None:
        for widget in (self._what, self.combo):
            widget.setVisible(row.now is not None)
        self.combo.clear()
        found = None if row.other is None or row.by_reader else row.other
        automatic = (
            _("automatic") if found is None else _("automatic: {size} mm").format(size=compare_words.axes(found))
        )
        self.combo.addItem(automatic, AUTOMATIC)
        self.combo.addItem(_("none there"), NOTHING)
        for number, other in enumerate(compared.other.findings, start=1):
            self.combo.addItem(compare_words.numbered(number, other), other.id)
        said = AUTOMATIC if not row.by_reader else NOTHING if row.other is None else row.other.id
        self.combo.setCurrentIndex(self.combo.findData(said))

    def _choose(self) -> None:
        if self._row is not None and self._row.now is not None:
            self.chosen.emit(self._row.now.id, str(self.combo.currentData()))
