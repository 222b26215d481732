"""One HTML file that holds everything: style, pictures and charts are inside, nothing is loaded from elsewhere."""

import base64
from dataclasses import dataclass

import jinja2
from markupsafe import Markup

from medviewer import __version__, paths
from medviewer.i18n import N_
from medviewer.report.document import Chart, Report
from medviewer.report.format import Format

LABEL_PX, HALF_PX, ROW_PX = 250.0, 170.0, 22.0


@dataclass(frozen=True)
class Bar:
    """One bar of a chart in the picture's pixels."""

    label: str
    value: str
    x: float
    y: float
    width: float
    positive: bool


def render(report: Report) -> bytes:
    """Return the report as UTF-8 HTML; everything the data says is escaped."""
    folder = paths.resources() / "report"
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["bars"] = bars
    environment.filters["base64"] = lambda data: base64.b64encode(data).decode()
    css = (folder / "report.css").read_text(encoding="utf-8")
    page = environment.get_template("report.html.j2").render(
        report=report,
        css=Markup(css),
        version=__version__,
        label_px=LABEL_PX,
        half_px=HALF_PX,
        row_px=ROW_PX,
    )
    return page.encode()


def bars(chart: Chart) -> list[Bar]:
    """Return where the bars of ``chart`` are drawn, in pixels; zero is in the middle."""
    middle = LABEL_PX + HALF_PX
    placed = []
    for number, (label, value) in enumerate(chart.bars):
        width = abs(value) / chart.reach * (HALF_PX - 45.0)
        x = middle if value >= 0.0 else middle - width
        placed.append(Bar(label, f"{value:+.2f}", x, number * ROW_PX, width, value >= 0.0))
    return placed


FORMAT = Format("html", ".html", N_("Web page (HTML)"), render)
