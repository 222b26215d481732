"""The report panel: the draft, the reader's own words, and saving it as a file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from medviewer.core.edits import SetText
from medviewer.core.job import Job
from medviewer.core.volume import Volume
from medviewer.i18n import LANGUAGES, N_, Message, _, screen_language
from medviewer.report.document import Report
from medviewer.report.draft import draft
from medviewer.ui.cards import QuietCombo, label, say, scrolled
from medviewer.ui.compare.comparing import comparing_of
from medviewer.ui.panel import LatePanel, Panel, follow
from medviewer.ui.section_editor import SectionEditor
from medviewer.ui.theme import as_role
from medviewer.ui.view import View

if TYPE_CHECKING:
    from medviewer.app.session import Session
    from medviewer.core.case import Case


_BUTTONS = {"pdf": N_("Save PDF…"), "html": N_("Save HTML…")}


class ReportPanel(LatePanel):
    """The sections of the report, each to be rewritten, and buttons that save it."""

    def __init__(self, session: "Session", view: View) -> None:
        super().__init__()
        self._session, self._view = session, view
        self.editors: dict[str, SectionEditor] = {}
        self.language = QuietCombo()
        self.warning, self.saved = label(role="caution"), label(role="good")
        self.message = label(_("No study is open. Choose one on the left, or open a folder."), "dim")
        self.buttons = {name: self._button(name, text) for name, text in _BUTTONS.items()}
        self._lay_out()
        follow(self, session, lambda _touched, _source: self.mark())
        comparing_of(session, view).changed.connect(self.mark)

    def _lay_out(self) -> None:
        self.warning.setObjectName("report-warning")
        self.saved.setObjectName("report-saved")
        self.message.setObjectName("empty-state")
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setMargin(24)
        self._fill_languages()
        name = QLabel(_("Language of the report"))
        name.setBuddy(self.language)
        row = QHBoxLayout()
        row.addWidget(name)
        row.addWidget(self.language, 1)
        saving = QHBoxLayout()
        for button in self.buttons.values():
            saving.addWidget(button)
        saving.addStretch(1)
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(8, 8, 8, 8)
        self._column.addStretch(1)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(8, 8, 8, 8)
        for part in (row, saving):
            column.addLayout(part)
        for widget in (self.warning, self.saved, scrolled(content)):
            column.addWidget(widget)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.message)
        self._stack.addWidget(whole)

    def _fill_languages(self) -> None:
        self.language.setObjectName("report-language")
        self.language.setToolTip(_("The language the report is drafted in; your own words are not translated"))
        for code, title in LANGUAGES.items():
            self.language.addItem(title, code)
        chosen = self._session.settings.language
        self.language.setCurrentIndex(
            max(0, self.language.findData(chosen if chosen in LANGUAGES else screen_language()))
        )
        self.language.activated.connect(lambda _index: self.refresh())

    def _button(self, name: str, text: Message) -> QPushButton:
        button = QPushButton(str(text))
        button.setObjectName(f"save-{name}")
        button.setToolTip(_("Save the report as a file of your choice"))
        button.clicked.connect(lambda: self.save(name))
        as_role(button, "primary" if name == "pdf" else "")
        return button

    def mark(self) -> None:
        """Show the report anew; what was saved is no longer the report."""
        say(self.saved, "")
        super().mark()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep what was being written."""
        self._commit()
        super().hideEvent(event)

    def refresh(self) -> None:
        """Show the report as it would be saved now."""
        self._stack.setCurrentIndex(0 if self._session.study is None else 1)
        if self._session.study is None:
            return
        for section in self._draft().sections:
            self._editor(section.id).show_section(section)
        say(self.warning, _warning(self._session.case))

    def _editor(self, section_id: str) -> SectionEditor:
        if section_id not in self.editors:
            made = SectionEditor(section_id)
            made.rewritten.connect(self._rewrite)
            self._column.insertWidget(self._column.count() - 1, made)
            self.editors[section_id] = made
        return self.editors[section_id]

    def _rewrite(self, section_id: str, text: str | None) -> None:
        before = self._session.case.texts.get(section_id)
        if text != before:
            self._session.do(SetText(section_id, before, text), self)

    def _commit(self) -> None:
        if self._session.study is not None:
            for made in self.editors.values():
                made.commit()

    def _draft(self) -> Report:
        return self._drafting()({})

    def _drafting(self) -> Callable[[dict[str, bytes]], Report]:
        """How to draft the case as it is now, with key images; may be used in another thread."""
        session, language = self._session, str(self.language.currentData())
        case, study, risks, advice = session.case, session.study, session.risks(), session.advice()
        reader, compared = session.settings.reader, comparing_of(session, self._view).compared()
        assert study is not None  # the buttons are hidden while nothing is open
        return lambda pictures: draft(
            case, study, risks, advice, language, key_images=pictures, reader=reader, compared=compared
        )

    def save(self, format_id: str) -> None:
        """Ask where to, then write the report in the background."""
        self._commit()
        suffix = f".{format_id}"
        chosen, _filter = QFileDialog.getSaveFileName(
            self, _("Save the report"), str(Path.home() / f"report{suffix}"), f"{format_id.upper()} (*{suffix})"
        )
        if not chosen:
            return
        path = Path(chosen) if Path(chosen).suffix else Path(chosen).with_suffix(suffix)
        drafting, case, volume = self._drafting(), self._session.case, self._view.volume

        def work(job: Job) -> Path:
            from medviewer.report import formats

            report = drafting(_key_images(case, volume, job))
            job.step(0.5, _("Writing the report"))
            return formats()[format_id].write(report, path)

        self._view.jobs.start(_("Saving the report"), work, self._was_saved)

    def _was_saved(self, path: Path) -> None:
        say(self.saved, _("Saved as {path}").format(path=path))


def _key_images(case: "Case", volume: Volume | None, job: Job) -> dict[str, bytes]:
    """A picture of each finding not rejected that the volume shown holds."""
    from medviewer.app.keyimage import key_image

    pictures: dict[str, bytes] = {}
    kept = [finding for finding in case.kept if volume is not None and finding.series_uid == volume.series.uid]
    for number, finding in enumerate(kept):
        job.step(0.5 * number / len(kept), _("Drawing the key images"))
        assert volume is not None
        png = key_image(volume, finding)
        if png is not None:
            pictures[finding.id] = png
    return pictures


def _warning(case: "Case") -> str:
    """Say how many findings nobody reviewed or somebody rejected."""
    unreviewed = sum(finding.status == "unreviewed" for finding in case.kept)
    rejected = len(case.findings) - len(case.kept)
    parts = []
    if unreviewed:
        parts.append(_("{count} finding(s) are not yet reviewed; the report marks them.").format(count=unreviewed))
    if rejected:
        parts.append(_("{count} finding(s) were rejected and are left out.").format(count=rejected))
    return " ".join(parts)


def _make(session: "Session", view: View) -> QWidget:
    return ReportPanel(session, view)


PANEL = Panel("report", N_("Report"), 40, _make)
