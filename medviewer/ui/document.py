"""A page to read: reports as a tree, documents handed to the system's viewer, everything else told what it is."""

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QTreeWidgetItemIterator,
    QVBoxLayout,
    QWidget,
)

from medviewer.core.problem import Problem
from medviewer.dicom.objects.document import About, Document, pdf_bytes
from medviewer.dicom.objects.report import ImageLink, Report, ReportNode, line_of
from medviewer.dicom.sources import scratch
from medviewer.i18n import _
from medviewer.ui import theme
from medviewer.ui.cards import label, say
from medviewer.ui.jobs import Jobs
from medviewer.ui.theme import as_role

WHAT, VALUE = 0, 1
WHAT_PX = 420
OPEN_DEPTH = 3  # levels that are unfolded at first
_LINKS = Qt.ItemDataRole.UserRole


def write_pdf(about: About) -> Path:
    """Write an encapsulated PDF under a name of our own; Problem where the file holds none or cannot be written."""
    content = pdf_bytes(about)
    try:
        folder = scratch.folder("documents")
        path = folder / f"document-{len(list(folder.iterdir())) + 1}.pdf"
        path.write_bytes(content)
    except OSError as error:
        raise Problem(_("The document could not be saved for the PDF viewer."), error.strerror or "") from error
    return path


class DocumentPage(QWidget):
    """Shows one report or object; ``image_wanted(sop_uid, frame)`` fires when the reader follows a link.

    ``frame`` counts from 0 and is None where the whole image is meant. Tag texts are shown as they are, never as
    markup.
    """

    image_wanted = Signal(str, object)

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self._jobs = jobs
        self._about: About | None = None
        self._report: Report | None = None
        self._known: Collection[str] = frozenset()
        self.title, self.note = label(role="title"), label(role="dim")
        self.facts, self._form = QWidget(), QFormLayout()
        self.tree, self.search = QTreeWidget(), QLineEdit()
        self.copy_button = QPushButton(_("Copy all"))
        self.open_button = QPushButton(_("Open in the system's viewer"))
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.facts.setLayout(self._form)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._prepare_tree()
        self.search.setPlaceholderText(_("Search this report"))
        self.search.setAccessibleName(_("Search this report"))
        self.search.setClearButtonEnabled(True)
        self.search.setToolTip(_("Go to the next line with these words (Enter)"))
        self.copy_button.setToolTip(_("Copy the whole report as text"))
        self.open_button.setToolTip(_("Hand a copy of this PDF to the program that shows PDF files here"))
        as_role(self.open_button, "primary")
        as_role(self.copy_button, "flat")
        tools = QHBoxLayout()
        tools.addWidget(self.search, 1)
        tools.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(10)
        for part in (self.title, self.facts, self.note):
            column.addWidget(part)
        column.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(tools)
        column.addWidget(self.tree, 1)
        column.addStretch(0)

    def _prepare_tree(self) -> None:
        tree = self.tree
        tree.setColumnCount(2)
        tree.setHeaderHidden(True)
        tree.setWordWrap(True)
        tree.setAlternatingRowColors(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setAccessibleName(_("Content of the report"))
        tree.header().setSectionResizeMode(WHAT, QHeaderView.ResizeMode.Interactive)
        tree.header().setStretchLastSection(True)
        tree.header().resizeSection(WHAT, WHAT_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the values at least half of the width."""
        super().resizeEvent(event)
        self.tree.header().resizeSection(WHAT, min(WHAT_PX, self.tree.width() // 2))

    def _connect(self) -> None:
        self.tree.itemActivated.connect(lambda item, _column: self._follow(item))
        self.search.returnPressed.connect(self.find_next)
        self.copy_button.clicked.connect(self.copy_all)
        self.open_button.clicked.connect(self.open_outside)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.tree)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy_chosen)

    # ---- what is shown ----

    def show_document(self, document: Document, known: Collection[str] = frozenset()) -> None:
        """Show a report or what an object is; only images whose SOP UID is ``known`` can be gone to."""
        self._known = known
        self._report = document if isinstance(document, Report) else None
        self._about = document if isinstance(document, About) else None
        self.title.setText(str(document.title))
        self._show_facts(document)
        for part in (self.tree, self.search, self.copy_button):
            part.setVisible(self._report is not None)
        self.open_button.setVisible(self._about is not None and self._about.pdf)
        say(self.note, self._about_words())
        self.tree.clear()
        if self._report is not None:
            self._fill(self._report)

    def _about_words(self) -> str:
        if self._about is None or self._about.pdf:
            return ""
        return _("It is not shown here; the file is listed and left as it is.")

    def _show_facts(self, document: Document) -> None:
        while self._form.rowCount():
            self._form.removeRow(0)
        for name, value in document.facts:
            self._form.addRow(label(str(name), "dim"), label(value))

    def _fill(self, report: Report) -> None:
        self.tree.setUpdatesEnabled(False)
        top = self._item(report.root)
        self.tree.addTopLevelItems(top.takeChildren() if report.root.children else [top])
        self.tree.expandToDepth(OPEN_DEPTH)
        self.tree.setUpdatesEnabled(True)
        first = self.tree.topLevelItem(0)
        if first is not None:
            self.tree.setCurrentItem(first)

    def _item(self, node: ReportNode) -> QTreeWidgetItem:
        """Return the row of an item with all rows below it; what it refers to here can be activated."""
        named = f"{node.relation}: {node.name}" if node.relation and node.name else str(node.name)
        item = QTreeWidgetItem([named, str(node.value)])
        if node.heading:
            item.setFont(WHAT, theme.font(strong=True))
        links = [link for link in node.links if link.sop_uid in self._known]
        if links:
            item.setData(WHAT, _LINKS, links[0])
            item.setForeground(VALUE, theme.colour("accent"))
            item.setText(VALUE, _("{image} — Enter shows it").format(image=node.value))
        item.addChildren([self._item(child) for child in node.children])
        return item

    def changeEvent(self, event: QEvent) -> None:
        """Write what can be followed in the colour of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            every = self.tree.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive, WHAT)
            for item in (one for one in every if one.data(WHAT, _LINKS) is not None):
                item.setForeground(VALUE, theme.colour("accent"))

    # ---- what the reader does ----

    def _follow(self, item: QTreeWidgetItem) -> None:
        link = item.data(WHAT, _LINKS)
        if isinstance(link, ImageLink):
            self.image_wanted.emit(link.sop_uid, link.frame)

    def find_next(self) -> None:
        """Go to the next row that holds the words searched for, from the start again after the last one."""
        words = self.search.text().strip().casefold()
        rows = self._rows()
        current = self.tree.currentItem()
        start = next((n for n, row in enumerate(rows) if row is current), -1) + 1
        for row in rows[start:] + rows[:start]:
            if words and words in f"{row.text(WHAT)} {row.text(VALUE)}".casefold():
                self.tree.setCurrentItem(row)
                self.tree.scrollToItem(row)
                say(self.note, "")
                return
        say(self.note, _("Nothing in this report holds these words.") if words else "")

    def _rows(self) -> list[QTreeWidgetItem]:
        found, walking = [], QTreeWidgetItemIterator(self.tree)
        while (row := walking.value()) is not None:
            found.append(row)
            walking += 1
        return found

    def copy_all(self) -> None:
        """Copy the whole report as text."""
        if self._report is not None:
            QGuiApplication.clipboard().setText(self._report.as_text())

    def copy_chosen(self) -> None:
        """Copy the chosen rows, one a line."""
        lines = [line_of(ReportNode(row.text(WHAT), row.text(VALUE))) for row in self._rows() if row.isSelected()]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def open_outside(self) -> None:
        """Write the PDF into a private temporary file and hand it to the system's viewer."""
        about = self._about
        if about is not None and about.pdf:
            self._jobs.start(_("Opening the document"), lambda _job: write_pdf(about), done=_hand_over)


def _hand_over(path: Path) -> None:
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
        raise Problem(_("No program on this computer shows PDF files."), _("Install one and try again."))
