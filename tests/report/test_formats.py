"""Every format: what is in the file, and that a file is written whole or not at all."""

import errno
import html.parser
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from medviewer.core.case import Case
from medviewer.core.problem import Problem
from medviewer.report import fonts, format, formats
from medviewer.report.document import Chart, Report
from medviewer.report.formats.html import bars
from tests.cases import case, finding

Draft = Callable[..., Report]


@pytest.fixture(params=["html", "pdf", "text"])
def made(request: pytest.FixtureRequest) -> format.Format:
    return formats()[str(request.param)]


def test_every_format_writes_a_file_with_its_suffix(
    made: format.Format, drafted: Draft, told: Case, tmp_path: Path
) -> None:
    path = tmp_path / f"report{made.suffix}"
    assert made.write(drafted(told), path) == path
    assert path.stat().st_size > 2000
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_report_without_findings_can_be_written(made: format.Format, drafted: Draft, tmp_path: Path) -> None:
    assert made.write(drafted(case()), tmp_path / "empty").stat().st_size > 500


def test_a_full_disk_is_told_and_the_old_file_stays(
    made: format.Format, drafted: Draft, told: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report"
    path.write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Problem, match="disk is full"):
        made.write(drafted(told), path)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["report"]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [(errno.EACCES, "may not be written"), (errno.EROFS, "may not be written"), (errno.EIO, "not saved")],
)
def test_other_refusals_of_the_disk_are_one_sentence(
    number: int, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Path, _mode: str) -> None:
        raise OSError(number, "refused")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(Problem, match=sentence):
        format.write_whole(tmp_path / "report", b"x")


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="folder does not exist"):
        format.write_whole(tmp_path / "nowhere" / "report", b"x")


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    with pytest.raises(Problem, match="not saved"):
        format.write_whole(tmp_path / "report", b"x")
    assert [file.name for file in tmp_path.iterdir()] == ["report"]


class _Tags(html.parser.HTMLParser):
    """Counts tags, and checks that what opens is closed."""

    VOID = ("meta", "br", "img", "link", "rect", "line")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def page(report: Report) -> tuple[str, _Tags]:
    text = formats()["html"].render(report).decode()
    tags = _Tags()
    tags.feed(text)
    assert tags.open == []
    return text, tags


def test_html_is_well_formed_and_loads_nothing_from_elsewhere(drafted: Draft, told: Case, png: bytes) -> None:
    text, tags = page(drafted(told, key_images={"a": png}))
    links = [value for _tag, attributes in tags.seen for name, value in attributes.items() if name in ("src", "href")]
    assert len(links) == 1
    assert (links[0] or "").startswith("data:image/png;base64,")
    assert "@import" not in text
    assert not re.search(r"url\(", text)


def test_html_holds_every_section_and_a_chart_for_each_value(drafted: Draft, told: Case) -> None:
    report = drafted(told)
    _text, tags = page(report)
    assert [a["id"] for tag, a in tags.seen if tag == "section"] == [section.id for section in report.sections]
    assert sum(tag == "svg" for tag, _a in tags.seen) == 2
    assert sum(tag == "rect" for tag, _a in tags.seen) == 9 + 8


def test_html_escapes_what_the_files_and_the_reader_say(drafted: Draft, told: Case) -> None:
    text, _tags = page(drafted(Case("1.2.3", texts={"findings": "<script>alert(1)</script>"})))
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "CT thorax &lt;low dose&gt;" in text


def test_html_can_be_printed(drafted: Draft, told: Case) -> None:
    text, _tags = page(drafted(told))
    assert "@media print" in text
    assert "size: A4" in text


def test_bars_start_at_zero_and_reach_to_both_sides() -> None:
    negative, zero, positive = bars(Chart("c", (("a", -1.0), ("b", 0.0), ("c", 2.0)), "l", "r"))
    assert negative.x + negative.width == zero.x == positive.x
    assert (negative.width * 2, zero.width) == (positive.width, 0.0)
    assert [bar.value for bar in (negative, zero, positive)] == ["-1.00", "+0.00", "+2.00"]


def pdf_text(report: Report, tmp_path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    path = formats()["pdf"].write(report, tmp_path / "report.pdf")
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    return done.stdout.decode()


def test_pdf_holds_the_report_with_notice_and_page_numbers(
    drafted: Draft, told: Case, tmp_path: Path, png: bytes
) -> None:
    text = pdf_text(drafted(told, key_images={"a": png}), tmp_path)
    for part in ("Radiology report", "Doe, Jane 王小东", "24.3 × 19.1 mm", "67.6 %", "Page 2", "mm³", "<low dose>"):
        assert part in text
    assert text.count("For research use only") >= 3


@pytest.mark.usefixtures("invented_chinese")
def test_pdf_shows_chinese(drafted: Draft, told: Case, tmp_path: Path) -> None:
    text = pdf_text(drafted(told, "zh_CN"), tmp_path)
    assert "译Radiology report文" in text


@pytest.mark.usefixtures("invented_chinese")
def test_pdf_shows_chinese_on_a_computer_without_such_a_font(
    drafted: Draft, told: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "TRUETYPE", ())
    fonts.cjk.cache_clear()
    try:
        assert b"STSong-Light" in formats()["pdf"].render(drafted(told, "zh_CN"))
    finally:
        fonts.cjk.cache_clear()


def test_a_font_that_cannot_be_embedded_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = tmp_path / "bad.ttf"
    bad.write_bytes(b"no font at all")
    monkeypatch.setattr(fonts, "TRUETYPE", (str(bad),))
    fonts.cjk.cache_clear()
    try:
        assert fonts.cjk() == fonts.NOT_EMBEDDED
    finally:
        fonts.cjk.cache_clear()


def test_pdf_takes_any_text_the_reader_writes(drafted: Draft, told: Case) -> None:
    wild = Case("1.2.3", texts={"findings": "a < b & c > d \u0000 ≥ Ω 漢\n<b>" + "x" * 3000, "risk": "word " * 4000})
    assert formats()["pdf"].render(drafted(wild)).startswith(b"%PDF")


def test_plain_text_has_aligned_tables_and_wraps(drafted: Draft, told: Case) -> None:
    text = formats()["text"].render(drafted(told)).decode()
    assert "Age                            61 years" in text
    assert all(len(line) <= 100 for line in text.split("Models and guidelines used")[0].splitlines())


def test_every_key_format_is_found_once() -> None:
    assert {made.id: made.suffix for made in formats().values()} == {"html": ".html", "pdf": ".pdf", "text": ".txt"}


def test_many_findings_fill_many_pages(drafted: Draft) -> None:
    many = case(*(finding(f"f{number}", long_axis_mm=4.0 + number) for number in range(30)))
    assert formats()["pdf"].render(drafted(many)).count(b"/Type /Page\n") >= 4
