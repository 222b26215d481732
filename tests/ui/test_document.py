"""The page for reports, documents and other objects."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from medviewer.core.problem import Problem
from medviewer.dicom.objects.document import About
from medviewer.dicom.objects.report import ImageLink, Report, ReportNode
from medviewer.i18n import N_
from medviewer.ui import document
from medviewer.ui.document import VALUE, WHAT, DocumentPage
from medviewer.ui.view import View

REPORT = Report(
    "CT <b>chest</b>",
    ((N_("State"), "complete"),),
    ReportNode(
        "CT chest",
        heading=True,
        children=(
            ReportNode("Findings", heading=True, children=(ReportNode("Finding", "<i>Nodule</i> & more"),)),
            ReportNode("Image", "CT Image", links=(ImageLink("1.2.3", 4),)),
            ReportNode("Image", "MR Image", links=(ImageLink("9.9"),)),
            ReportNode("Impression", "Nodule again", relation="inferred from"),
        ),
    ),
)


@pytest.fixture
def page(view: View, qtbot: QtBot) -> DocumentPage:
    made = DocumentPage(view.jobs)
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    return made


def rows(page: DocumentPage) -> list[tuple[str, str]]:
    return [(row.text(WHAT), row.text(VALUE)) for row in page._rows()]


def test_a_report_is_a_tree_of_plain_text(page: DocumentPage) -> None:
    page.show_document(REPORT, {"1.2.3"})
    assert rows(page) == [
        ("Findings", ""),
        ("Finding", "<i>Nodule</i> & more"),
        ("Image", "CT Image — Enter shows it"),
        ("Image", "MR Image"),
        ("inferred from: Impression", "Nodule again"),
    ]
    assert page.title.text() == "CT <b>chest</b>"
    assert all(one.textFormat() == Qt.TextFormat.PlainText for one in page.findChildren(QLabel) if one.text())
    assert page.tree.topLevelItem(0).font(WHAT).bold()  # type: ignore[union-attr]
    assert not page.open_button.isVisible()


def test_enter_on_an_image_of_the_study_goes_there(page: DocumentPage, qtbot: QtBot) -> None:
    page.show_document(REPORT, {"1.2.3"})
    page.tree.setCurrentItem(page.tree.topLevelItem(1))  # type: ignore[arg-type]
    with qtbot.waitSignal(page.image_wanted) as wanted:
        QTest.keyClick(page.tree, Qt.Key.Key_Return)
    assert wanted.args == ["1.2.3", 4]
    page.tree.setCurrentItem(page.tree.topLevelItem(2))  # type: ignore[arg-type]
    with qtbot.assertNotEmitted(page.image_wanted):
        QTest.keyClick(page.tree, Qt.Key.Key_Return)


def test_search_goes_from_match_to_match_and_round(page: DocumentPage) -> None:
    page.show_document(REPORT)
    QTest.keyClicks(page.search, "nodule")
    found = []
    for _n in range(3):
        QTest.keyClick(page.search, Qt.Key.Key_Return)
        current = page.tree.currentItem()
        found.append(current.text(VALUE) if current is not None else "")
    assert found == ["<i>Nodule</i> & more", "Nodule again", "<i>Nodule</i> & more"]
    page.search.setText("tumour")
    QTest.keyClick(page.search, Qt.Key.Key_Return)
    assert page.note.text() == "Nothing in this report holds these words."


def test_rows_and_the_whole_report_can_be_copied(page: DocumentPage) -> None:
    page.show_document(REPORT)
    page.tree.selectAll()
    page.copy_chosen()
    assert QGuiApplication.clipboard().text().splitlines()[1] == "Finding: <i>Nodule</i> & more"
    QTest.mouseClick(page.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == REPORT.as_text()


def about(**changes: object) -> About:
    return About(**{"title": "Letter", "facts": ((N_("Size"), "3 KB"),), "path": "/x", "pdf": True, **changes})  # type: ignore[arg-type]


def test_a_pdf_goes_to_the_system_s_viewer_as_a_private_copy(
    page: DocumentPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    def open_url(url: QUrl) -> bool:
        opened.append(Path(url.toLocalFile()))
        return True

    monkeypatch.setattr(document, "pdf_bytes", lambda _about: b"%PDF-1.4")
    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    page.show_document(about())
    assert not page.tree.isVisible()
    for count in (1, 2):
        QTest.mouseClick(page.open_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda count=count: len(opened) == count)  # type: ignore[misc]
    assert [path.read_bytes() for path in opened] == [b"%PDF-1.4"] * 2
    assert opened[0] != opened[1]
    assert opened[0].parent.stat().st_mode & 0o077 == 0
    assert opened[0].suffix == ".pdf"


@pytest.mark.parametrize("why", ["refused", "no viewer"])
def test_a_pdf_that_cannot_be_opened_is_told_in_a_sentence(
    page: DocumentPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    def content(_about: About) -> bytes:
        if why == "refused":
            raise Problem("no PDF")
        return b"%PDF"

    monkeypatch.setattr(document, "pdf_bytes", content)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    page.show_document(about())
    with qtbot.captureExceptions() as raised:
        QTest.mouseClick(page.open_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: bool(raised))
    assert isinstance(raised[0][1], Problem)


def test_other_objects_are_told_of_and_cannot_be_opened(page: DocumentPage) -> None:
    page.show_document(about(pdf=False, title=N_("Surface model (STL)")))
    assert page.title.text() == "Surface model (STL)"
    assert not page.open_button.isVisible()
    assert "not shown here" in page.note.text()
    assert "3 KB" in [one.text() for one in page.facts.findChildren(QLabel)]


def test_what_was_shown_before_is_gone(page: DocumentPage) -> None:
    page.show_document(REPORT)
    page.show_document(about())
    page.show_document(REPORT)
    assert len(rows(page)) == 5
    assert page.note.text() == ""


def test_every_control_has_a_tooltip_or_a_name(page: DocumentPage) -> None:
    assert page.copy_button.toolTip()
    assert page.open_button.toolTip()
    assert page.search.toolTip()
    assert page.tree.accessibleName()
