"""PDF on A4 with reportlab, which needs no window system."""

import io
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    HRFlowable,
    Image,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)
from reportlab.platypus import Table as Grid

from medviewer import __version__
from medviewer.i18n import N_
from medviewer.report.document import Chart, KeyImage, Report, Section, Table
from medviewer.report.fonts import BODY, BOLD, SCREEN, marked, wide_font, width_pt
from medviewer.report.format import Format

MARGIN = 17 * mm
LEFT = MARGIN + 6.0  # reportlab's frames keep 6 points free inside
TEXT_WIDTH = A4[0] - 2 * LEFT
INK, DIM, LINE = colors.HexColor("#1c2430"), colors.HexColor("#5a6675"), colors.HexColor("#d5dbe3")
ACCENT, WARN = colors.HexColor("#1f5f8b"), colors.HexColor("#8a4b08")
UP, DOWN = colors.HexColor("#b4532a"), colors.HexColor("#2a7a6b")
IMAGE_WIDTH = 52 * mm


def render(report: Report) -> bytes:
    """Return the report as PDF."""
    file = io.BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=report.title,
        creator=f"MedViewer {__version__}",
        lang=report.language.replace("_", "-"),
    )
    styles = _Styles(report.language)
    story: list[Flowable] = [*_head(report, styles)]
    for section in report.sections:
        story += _section(section, styles)

    def foot(canvas: Canvas, _document: SimpleDocTemplate) -> None:
        _foot(canvas, report)

    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


class _Styles:
    """Paragraph styles of one language; Chinese breaks lines between letters."""

    def __init__(self, language: str) -> None:
        wrap = "CJK" if language.startswith("zh") else None
        self.text = ParagraphStyle(
            "text", fontName=BODY, fontSize=9.5, leading=13.5, textColor=INK, spaceAfter=3, wordWrap=wrap
        )
        self.title = ParagraphStyle("title", self.text, fontName=BOLD, fontSize=18, leading=23)
        self.notice = ParagraphStyle("notice", self.text, fontName=BOLD, textColor=WARN)
        self.heading = ParagraphStyle(
            "heading",
            self.text,
            fontName=BOLD,
            fontSize=11.5,
            leading=15,
            textColor=ACCENT,
            spaceBefore=9,
            spaceAfter=1,
        )
        self.dim = ParagraphStyle("dim", self.text, fontSize=8.5, leading=11.5, textColor=DIM, spaceAfter=2)
        self.cell = ParagraphStyle("cell", self.text, fontSize=9, leading=12, spaceAfter=0)
        self.strong = ParagraphStyle("strong", self.cell, fontName=BOLD)


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph("<br/>".join(marked(escape(line)) for line in text.splitlines()), style)


def _head(report: Report, styles: _Styles) -> list[Flowable]:
    pairs = [(_paragraph(label, styles.dim), _paragraph(value, styles.strong)) for label, value in report.rows]
    if len(pairs) % 2:
        pairs.append((_paragraph(" ", styles.dim), _paragraph(" ", styles.dim)))
    rows = [[*left, *right] for left, right in zip(pairs[::2], pairs[1::2], strict=True)]
    plain = TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 1),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
        ]
    )
    shares = (0.16, 0.36, 0.18, 0.30)
    grid = Grid(rows, [share * TEXT_WIDTH for share in shares], style=plain, hAlign="LEFT") if rows else Spacer(0, 0)
    rule = HRFlowable(width="100%", thickness=1.2, color=ACCENT, spaceBefore=5, spaceAfter=2)
    return [_paragraph(report.title, styles.title), _paragraph(report.notice, styles.notice), grid, rule]


def _section(section: Section, styles: _Styles) -> list[Flowable]:
    rule = HRFlowable(width="100%", thickness=0.5, color=LINE, spaceBefore=1, spaceAfter=4)
    story: list[Flowable] = [CondPageBreak(30 * mm), _paragraph(section.heading, styles.heading), rule]
    story += [_paragraph(text, styles.text) for text in section.paragraphs]
    if section.images:
        story.append(_images(section.images, styles))
    for table in section.tables:
        story += _table(table, styles)
    for chart in section.charts:
        story.append(KeepTogether([Spacer(0, 4), _paragraph(chart.caption, styles.dim), _Bars(chart)]))
    return story


def _table(table: Table, styles: _Styles) -> list[Flowable]:
    count = len(table.head)
    rows = [[_paragraph(cell, styles.dim) for cell in table.head]]
    rows += [[_paragraph(cell, styles.cell) for cell in row] for row in table.rows]
    first = 0.36 if count > 1 else 1.0
    widths = [first * TEXT_WIDTH, *[(1.0 - first) * TEXT_WIDTH / max(1, count - 1)] * (count - 1)]
    look = TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ]
    )
    grid = Grid(rows, widths, style=look, repeatRows=1, hAlign="LEFT")
    return [Spacer(0, 4), *([_paragraph(table.caption, styles.dim)] if table.caption else []), grid]


def _images(images: tuple[KeyImage, ...], styles: _Styles) -> Flowable:
    """Key images, three in a row, each with its caption."""
    cells: list[list[Flowable]] = [[_picture(image.png), _paragraph(image.caption, styles.dim)] for image in images]
    rows = [[*cells[n : n + 3], *[""] * (3 - len(cells[n : n + 3]))] for n in range(0, len(cells), 3)]
    look = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)])
    return Grid(rows, [TEXT_WIDTH / 3] * 3, style=look, hAlign="LEFT")


def _picture(png: bytes) -> Image:
    width, height = ImageReader(io.BytesIO(png)).getSize()
    return Image(io.BytesIO(png), IMAGE_WIDTH, min(IMAGE_WIDTH * height / width, 90 * mm), kind="proportional")


class _Bars(Flowable):  # type: ignore[misc]
    """Signed horizontal bars, zero in the middle; labels at the left."""

    ROW, LABEL, HALF = 13.5, 160.0, 150.0

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self.chart = chart
        self.width, self.height = self.LABEL + 2 * self.HALF, self.ROW * (len(chart.bars) + 1)

    def draw(self) -> None:
        """Draw on reportlab's canvas, origin at the lower left, in points."""
        middle = self.LABEL + self.HALF
        for number, (label, value) in enumerate(self.chart.bars):
            y = self.height - (number + 1) * self.ROW
            length = abs(value) / self.chart.reach * (self.HALF - 34.0)
            self.canv.setFillColor(UP if value >= 0.0 else DOWN)
            self.canv.rect(middle if value >= 0.0 else middle - length, y + 2.5, length, self.ROW - 5, stroke=0, fill=1)
            _write(self.canv, label, self.LABEL - 6, y + 4, INK, right=True)
            end = middle + length + 4 if value >= 0.0 else middle - length - 4
            _write(self.canv, f"{value:+.2f}", end, y + 4, DIM, right=value < 0.0)
        self.canv.setStrokeColor(DIM)
        self.canv.line(middle, self.ROW, middle, self.height)
        _write(self.canv, f"< {self.chart.left}", middle - 5, 3, DIM, right=True)
        _write(self.canv, f"{self.chart.right} >", middle + 5, 3, DIM)


def _write(canvas: Canvas, text: str, x: float, y: float, color: colors.Color, *, right: bool = False) -> None:
    """Write one line of 8.5 pt, each run in a font that has its letters."""
    x -= width_pt(text, SCREEN) if right else 0.0
    line = canvas.beginText(x, y)
    line.setFillColor(color)
    for run, font in wide_font(text):
        line.setFont(font, SCREEN)
        line.textOut(run)
    canvas.drawText(line)


def _foot(canvas: Canvas, report: Report) -> None:
    canvas.saveState()
    _write(canvas, report.notice, LEFT, 9 * mm, DIM)
    _write(canvas, report.page.format(page=canvas.getPageNumber()), A4[0] - LEFT, 9 * mm, DIM, right=True)
    canvas.restoreState()


FORMAT = Format("pdf", ".pdf", N_("PDF"), render)
