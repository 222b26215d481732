"""Colours that can be read, a style sheet that names only them, icons that exist."""

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontInfo
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from medviewer import paths
from medviewer.ui import theme
from medviewer.ui.icons import icon, pixmap
from medviewer.ui.theme import PALETTES, Palette

SHEET = paths.resources() / "theme" / "app.qss"
ICONS = paths.resources() / "icons"
SURFACES = ("window", "panel", "raised", "hover", "chosen")
WORDS_ON_SURFACES = ("text",)
WORDS_ON_PANELS = ("dim", "accent", "good", "caution", "danger", "found")


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", PALETTES.values(), ids=PALETTES)
def test_text_can_be_read_on_every_surface(colours: Palette) -> None:
    pairs = [(word, surface) for word in WORDS_ON_SURFACES for surface in SURFACES]
    pairs += [(word, surface) for word in WORDS_ON_PANELS for surface in ("window", "panel", "raised")]
    pairs += [("image_text", "image"), ("image_dim", "image")]
    weak = {pair: round(c, 2) for pair in pairs if (c := contrast(*(getattr(colours, n) for n in pair))) < 4.5}
    assert weak == {}


@pytest.mark.parametrize("colours", PALETTES.values(), ids=PALETTES)
def test_the_mark_of_focus_can_be_seen(colours: Palette) -> None:
    assert min(contrast(colours.accent, getattr(colours, surface)) for surface in ("window", "panel", "raised")) >= 3.0


def test_the_contrast_is_the_one_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_the_sheet_names_every_colour_it_uses() -> None:
    for colours in PALETTES.values():
        filled = theme.style_sheet(colours)
        assert "$" not in filled
        assert colours.panel in filled


def test_the_sheet_holds_no_colour_of_its_own() -> None:
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*;)", SHEET.read_text()) == []


def test_a_name_that_does_not_exist_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "theme").mkdir()
    (tmp_path / "theme" / "app.qss").write_text("QLabel { color: $mauve; }")
    monkeypatch.setattr(paths, "resources", lambda: tmp_path)
    with pytest.raises(KeyError, match="mauve"):
        theme.style_sheet(theme.DARK)


def test_every_picture_the_sheet_wants_is_there() -> None:
    wanted = re.findall(r"\$icons/([\w-]+\.svg)", SHEET.read_text())
    assert wanted
    assert [name for name in wanted if not (ICONS / name).is_file()] == []


def test_every_role_a_widget_is_given_is_known_to_the_sheet() -> None:
    code = "".join(path.read_text() for path in Path(theme.__file__).parent.rglob("*.py"))
    given = set(re.findall(r'as_role\([^,]+(?:\([^()]*\))?, "(\w+)"\)', code))
    known = set(re.findall(r'\[role="(\w+)"\]', SHEET.read_text()))
    assert given - known == set()


def test_the_light_theme_can_be_put_on_and_off(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    assert theme.colour("panel") == QColor(theme.LIGHT.panel)
    assert theme.LIGHT.raised in qapp.styleSheet()
    theme.apply(qapp, "unknown")
    assert theme.palette() is theme.DARK


def test_what_is_drawn_on_images_is_bright_in_every_theme(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    assert theme.on_image("good") == QColor(theme.DARK.good)
    theme.apply(qapp)
    weak = [
        n for n in ("good", "found", "danger", "accent", "caution") if contrast(getattr(theme.DARK, n), "#000000") < 4.5
    ]
    assert weak == []


def test_the_palette_keeps_its_names_few() -> None:
    assert len(fields(Palette)) <= 16
    assert replace(theme.DARK, image="#010101") != theme.DARK


@pytest.mark.parametrize("path", sorted(ICONS.glob("*.svg")), ids=lambda path: path.stem)
def test_an_icon_is_drawn(path: Path, qapp: QApplication) -> None:
    image = pixmap(path.stem, 20).toImage()
    assert any(image.pixelColor(x, y).alpha() for x in range(image.width()) for y in range(image.height()))


def test_a_missing_icon_is_noticed(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon")


def test_a_role_changes_the_look(qtbot: QtBot) -> None:
    label = QLabel("text")
    qtbot.addWidget(label)
    theme.as_role(label, "danger")
    label.ensurePolished()
    assert label.palette().windowText().color() == QColor(theme.DARK.danger)


def test_chinese_has_a_family_to_fall_back_on() -> None:
    assert "Noto Sans CJK SC" in theme.FAMILIES
    assert "Microsoft YaHei UI" in theme.FAMILIES
    assert QFontInfo(theme.font()).pointSizeF() == pytest.approx(theme.TEXT_PT, abs=0.6)
