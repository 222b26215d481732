"""Fonts of a PDF: Helvetica for Latin letters, and a font of this computer, or of the viewer, for all others."""

import os
from functools import cache
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

BODY, BOLD = "Helvetica", "Helvetica-Bold"
SCREEN = 8.5  # points, in charts and at the foot
NOT_EMBEDDED = "STSong-Light"  # every PDF viewer with an Asian font pack has it
# TrueType outlines only: reportlab cannot embed the PostScript outlines of Noto CJK.
TRUETYPE = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/google-droid/DroidSansFallbackFull.ttf",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simhei.ttf",
    "C:/Windows/Fonts/simsun.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
    "/Library/Fonts/Arial Unicode.ttf",
)


@cache
def cjk() -> str:
    """Return the name of a registered font with Chinese letters; embedded where this computer has one."""
    chosen = os.environ.get("MEDVIEWER_FONT")
    for path in (*([chosen] if chosen else []), *TRUETYPE):
        if Path(path).is_file():
            try:
                pdfmetrics.registerFont(TTFont("MedViewerCJK", path))
            except (TTFError, OSError, ValueError):  # not a font that can be embedded: the next one
                continue
            return "MedViewerCJK"
    pdfmetrics.registerFont(UnicodeCIDFont(NOT_EMBEDDED))
    return NOT_EMBEDDED


def wide_font(text: str) -> list[tuple[str, str]]:
    """Return ``text`` in runs, each with a font that has its letters."""
    return [("".join(run), BODY if latin else cjk()) for latin, run in groupby(text, _latin)]


def marked(escaped: str) -> str:
    """Return XML-escaped text with what Helvetica lacks put into the other font, in reportlab's markup."""
    return "".join(
        "".join(run) if latin else f'<font name="{cjk()}">{"".join(run)}</font>'
        for latin, run in groupby(escaped, _latin)
    )


def width_pt(text: str, size: float) -> float:
    """Return how wide one line of ``text`` is, in points."""
    return sum(float(pdfmetrics.stringWidth(run, font, size)) for run, font in wide_font(text))


def _latin(letter: str) -> bool:
    """Whether Helvetica's encoding (WinAnsi) has the letter."""
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
