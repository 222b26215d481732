"""Colours that can be read, a style sheet that names only them, icons that exist."""

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from PySide6.QtGui import QAction, QColor, QFontInfo, QPixmap
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from medviewer import paths
from medviewer.ui import theme
from medviewer.ui.icons import icon, pixmap, redraw
from medviewer.ui.theme import PALETTES, Palette

SHEET = paths.resources() / "theme" / "app.qss"
ICONS = paths.resources() / "icons"
THEME = paths.resources() / "theme"
SURFACES = ("window", "panel", "raised", "hover", "chosen", "field")
WORDS = ("text", "dim", "accent", "good", "caution", "danger", "found")
CONTROLS = ("edge", "accent", "dim")


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def weak(colours: Palette, pairs: list[tuple[str, str]], least: float) -> dict[tuple[str, str], float]:
    """The pairs of colours of a palette that cannot be told apart well enough, with their contrast."""
    ratios = {pair: contrast(*(getattr(colours, name) for name in pair)) for pair in pairs}
    return {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < least}


@pytest.mark.parametrize("colours", PALETTES.values(), ids=PALETTES)
def test_every_text_can_be_read_on_every_surface(colours: Palette) -> None:
    pairs = [(word, surface) for word in WORDS for surface in SURFACES]
    assert weak(colours, [*pairs, ("image_text", "image"), ("image_dim", "image")], 4.5) == {}


@pytest.mark.parametrize("colours", PALETTES.values(), ids=PALETTES)
def test_outlines_ticks_and_the_mark_of_focus_can_be_seen(colours: Palette) -> None:
    assert weak(colours, [(control, surface) for control in CONTROLS for surface in SURFACES], 3.0) == {}


def test_a_pale_palette_does_not_pass() -> None:
    assert weak(replace(theme.LIGHT, dim="#8a8a8a"), [("dim", "panel")], 4.5) == {("dim", "panel"): 3.16}


@pytest.mark.parametrize("name", PALETTES)
def test_ticks_and_arrows_can_be_seen_where_the_sheet_puts_them(name: str) -> None:
    colours = PALETTES[name]
    for path in (THEME / name).glob("*.svg"):
        stroke = re.search(r'stroke="(#\w{6})"', path.read_text())
        assert stroke is not None
        behind = ("accent", "edge") if path.stem in ("check", "dot") else ("field", "panel", "raised", "hover")
        assert min(contrast(stroke[1], getattr(colours, surface)) for surface in behind) >= 3.0, path


def test_the_sheet_puts_only_text_colours_on_surfaces() -> None:
    """The pairs above are all there are: a text's colour and a background of the sheet are among them."""
    sheet = SHEET.read_text()
    assert set(re.findall(r"(?<![-\w])color: \$(\w+)", sheet)) <= set(WORDS)
    filled = set(re.findall(r"background(?:-color)?: \$(\w+)", sheet)) - {"line"}
    assert filled <= {*SURFACES, *CONTROLS, "text"}


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


@pytest.mark.parametrize("name", PALETTES)
def test_every_picture_the_sheet_wants_is_there(name: str) -> None:
    wanted = set(re.findall(r"\$pictures/([\w-]+\.svg)", SHEET.read_text()))
    assert wanted
    assert wanted <= {path.name for path in (THEME / name).iterdir()}


def test_the_sheet_is_scaled_as_a_whole() -> None:
    plain, large = theme.style_sheet(theme.DARK), theme.style_sheet(theme.DARK, 150)
    assert "font-size: 11pt" in plain
    assert "font-size: 16.5pt" in large
    assert "padding: 4px 12px; min-height: 17px;" in plain
    assert "padding: 6px 18px; min-height: 26px;" in large
    assert "margin: -6px 0" in large  # negative lengths too


def test_texts_and_lengths_follow_the_scale(qapp: QApplication, qtbot: QtBot) -> None:
    label = QLabel("text")
    qtbot.addWidget(label)
    small = label.sizeHint()
    theme.apply(qapp, "dark", 200)
    assert (theme.px(20), theme.px(0), theme.font().pointSizeF()) == (40, 0, 2 * theme.TEXT_PT)
    assert label.sizeHint().height() >= 1.8 * small.height()
    theme.apply(qapp, "dark", 1000)
    assert theme.scale_percent() == 200
    theme.apply(qapp)
    assert label.sizeHint() == small


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
    bright = ("good", "found", "danger", "accent", "caution")
    assert weak(theme.DARK, [(name, "image") for name in bright], 4.5) == {}


def test_the_palette_keeps_its_names_few() -> None:
    assert len(fields(Palette)) <= 18
    assert replace(theme.DARK, image="#010101") != theme.DARK


@pytest.mark.parametrize("path", sorted(ICONS.glob("*.svg")), ids=lambda path: path.stem)
def test_an_icon_is_drawn(path: Path, qapp: QApplication) -> None:
    image = pixmap(path.stem, 20).toImage()
    assert any(image.pixelColor(x, y).alpha() for x in range(image.width()) for y in range(image.height()))


def test_a_missing_icon_is_noticed(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon")


def inks(button: QToolButton) -> set[str]:
    """The colours of a button's picture, without what lies behind."""
    image = button.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_icons_take_the_colours_of_another_theme_at_once(qapp: QApplication, qtbot: QtBot) -> None:
    window = QWidget()
    action = QAction(icon("open"), "Open", window)
    button, own, sign = QToolButton(window), QToolButton(window), QLabel(window)
    button.setDefaultAction(action)
    own.setIcon(icon("reject", "danger"))
    sign.setPixmap(pixmap("warning", 20, "caution"))
    qtbot.addWidget(window)
    before = sign.pixmap().toImage()
    assert theme.DARK.text in inks(button)
    theme.apply(qapp, "light")
    redraw(window)
    assert theme.LIGHT.text in inks(button)
    assert theme.LIGHT.danger in inks(own)
    theme.apply(qapp, "light", 200)
    redraw(window)
    assert sign.pixmap().width() == 2 * before.width()
    theme.apply(qapp)
    redraw(window)
    assert theme.DARK.text in inks(button)
    assert sign.pixmap().toImage() == before


def test_a_picture_that_is_no_icon_is_left_alone(qapp: QApplication, qtbot: QtBot) -> None:
    window = QWidget()
    label, thumb = QLabel(window), QPixmap(8, 8)
    qtbot.addWidget(window)
    thumb.fill(QColor("#123456"))
    label.setPixmap(thumb)
    redraw(window)
    assert label.pixmap().cacheKey() == thumb.cacheKey()


@pytest.mark.parametrize("name", PALETTES)
def test_the_icon_of_a_button_that_is_on_but_not_possible_now_can_be_seen(
    name: str, qapp: QApplication, qtbot: QtBot
) -> None:
    theme.apply(qapp, name)
    button = QToolButton()
    qtbot.addWidget(button)
    button.setIcon(icon("invert"))
    button.setCheckable(True)
    button.setChecked(True)
    button.setEnabled(False)
    shown = inks(button)
    assert {PALETTES[name].edge, PALETTES[name].raised} <= shown
    theme.apply(qapp)


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
