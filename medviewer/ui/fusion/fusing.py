"""Fusion: one display's values over the greys of another; who can be fused with whom, and what is said of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from medviewer.core.finding import Point
from medviewer.core.look import Tone, Window
from medviewer.core.study import Series
from medviewer.core.volume import READY, Volume
from medviewer.i18n import _
from medviewer.imaging.colours import FIRST, colour_map
from medviewer.imaging.fuse import MODE_TITLES, MODES, Tint, value_at
from medviewer.ui.compare.comparing import Comparing
from medviewer.ui.corners import Line
from medviewer.ui.display import Display, Fusion, Matrix
from medviewer.ui.value_words import MINUS, number, unit_title

if TYPE_CHECKING:
    from medviewer.ui.view import View
    from medviewer.ui.viewport import Viewport
    from medviewer.ui.window import MainWindow

UPTAKE = ("PT", "NM")  # laid over anatomy, never under it
STEP = 0.1


@dataclass(frozen=True, eq=False)
class Fused:
    """What is laid over a display now: the other display, its volume, and the way there.

    ``relation`` is 4x4, from the LPS mm of the display with the greys to those of the other.
    """

    other: Display
    volume: Volume
    relation: Matrix
    fusion: Fusion

    @property
    def tone(self) -> Tone:
        """How the other's values become colours: its own window or table."""
        return self.other.lut or self.other.window

    @property
    def tint(self) -> Tint:
        """How the colours are laid."""
        return Tint(self.tone, self.fusion.colours, self.fusion.share, self.fusion.clear_below)

    @property
    def key(self) -> tuple[object, ...]:
        """What the picture depends on."""
        ready = int(np.count_nonzero(self.volume.state == READY))
        return self.volume, self.relation.tobytes(), ready, self.tone, self.fusion


def fused_of(view: "View", display: Display) -> Fused | None:
    """Return what is laid over ``display``; None where nothing is, or it cannot be placed."""
    fusion = display.fusion
    other = None if fusion is None else view.displays.get(fusion.display)
    if fusion is None or other is None or other.volume is None or other.volume.colours is not None:
        return None
    relation = relation_of(display, other)
    return None if relation is None else Fused(other, other.volume, relation, fusion)


def relation_of(display: Display, other: Display) -> Matrix | None:
    """Return the 4x4 matrix from the LPS mm of one display to those of another; None where none is known."""
    mine, theirs = display.volume, other.volume
    if mine is None or theirs is None or not (mine.regular and theirs.regular):
        return None
    if display.to_main is not None and other.to_main is not None:
        relation: Matrix = np.linalg.inv(other.to_main) @ display.to_main
        return relation
    return np.eye(4) if _one_frame(mine.series, theirs.series) else None


def _one_frame(one: Series, other: Series) -> bool:
    frame = one.first.frame_of_reference_uid
    return bool(frame) and frame == other.first.frame_of_reference_uid


# ---- who with whom ----


def partners(view: "View", display: Display) -> list[Display]:
    """Return the other displays that can be fused with ``display``."""
    others = (one for one in view.displays.values() if one.volume is not display.volume and one.volume is not None)
    placed = (one for one in others if relation_of(display, one) is not None)
    return [one for one in placed if one.volume is not None and one.volume.colours is None]


def waiting(window: "MainWindow", display: Display) -> list[Series]:
    """Return the series of the open study, not yet in the room, that share the frame of reference of ``display``."""
    study, volume = window.session.study, display.volume
    if study is None or volume is None or not volume.regular:
        return []
    shown = {one.volume.series.uid for one in window.view.displays.values() if one.volume is not None}
    images = (one for one in study.series if one.kind == "image" and one.grid is not None and not one.is_colour)
    return [one for one in images if one.uid not in shown and not one.misplaced and _one_frame(volume.series, one)]


def first_fusion(display: Display, other: Display) -> Fusion:
    """Return how two displays are fused at first: colours over greys, two series of one kind against each other."""
    mine, theirs = display.volume, other.volume
    alike = mine is not None and theirs is not None and mine.series.modality == theirs.series.modality
    return Fusion(other.name, FIRST, mode="two-colours" if alike else "blend")


# ---- what the reader does ----


def fuse(window: "MainWindow", name: str) -> None:
    """Fuse the active display with another one; uptake is laid over anatomy, whichever of them was active."""
    view = window.view
    under, over = view.active, view.display(name)
    if is_uptake(under) and not is_uptake(over):
        under, over = over, under
        viewport = window.viewer.active
        window.viewer.set_cell(viewport, replace(viewport.cell, display=under.name))
    view.set_fusion(under, first_fusion(under, over))


def is_uptake(display: Display) -> bool:
    """Whether a display shows uptake: PET or scintigraphy."""
    return display.volume is not None and display.volume.series.modality in UPTAKE


def fuse_series(window: "MainWindow", series: Series) -> None:
    """Load a series of the open study and fuse the active display with it as soon as its first image is there."""
    from medviewer.ui.placing_series import free_name

    study, display, name = window.session.study, window.view.active, free_name(window)
    if study is None:
        return

    def arrived() -> None:
        shown, beside = window.view.displays.get(name), window.flow.others.shown.get(name)
        if shown is not None and shown.volume is not None and shown.volume.series.uid == series.uid:
            window.view.volume_changed.disconnect(arrived)
            if window.view.active is display:
                fuse(window, name)
        elif beside is None or beside.series is not series:  # something else was opened meanwhile
            window.view.volume_changed.disconnect(arrived)

    window.flow.others.show(name, study.uid, series)
    window.view.volume_changed.connect(arrived)


def end(window: "MainWindow") -> None:
    """Show the greys of the active display alone again."""
    shown = shown_on(window.view)
    if shown is not None:
        window.view.set_fusion(shown, None)


def shown_on(view: "View", display: Display | None = None) -> Display | None:
    """Return the fused display that is meant by ``display`` (the active one): itself, or the one it is laid over."""
    meant = display or view.active
    if meant.fusion is not None:
        return meant
    shown = (one for one in view.displays.values() if one.volume is not None)  # others wait for what was to come
    return next((one for one in shown if one.fusion and one.fusion.display == meant.name), None)


def change(view: "View", edit: Callable[[Fusion], Fusion], meant: Display | None = None) -> bool:
    """Change how ``meant`` (the active display) is fused; False where it is not."""
    display = shown_on(view, meant)
    if display is None or display.fusion is None:
        return False
    changed = edit(display.fusion)
    if changed != display.fusion:
        view.set_fusion(display, changed)
    return True


def blend_by(view: "View", notches: int, meant: Display | None = None) -> bool:
    """Show more of the colours, or of the greys where ``notches`` is negative; False where nothing is fused.

    ``meant`` is the display under the mouse, the active one by default.
    """

    def edit(fusion: Fusion) -> Fusion:
        return replace(fusion, share=min(max(round(fusion.share + STEP * notches, 3), 0.0), 1.0))

    return change(view, edit, meant)


def more(window: "MainWindow") -> None:
    """Show more of the colours."""
    blend_by(window.view, 1)


def less(window: "MainWindow") -> None:
    """Show more of the greys."""
    blend_by(window.view, -1)


def next_mode(window: "MainWindow") -> None:
    """Take the next way to lay one series over the other."""
    change(window.view, lambda fusion: replace(fusion, mode=MODES[(MODES.index(fusion.mode) + 1) % len(MODES)]))


def is_on(window: "MainWindow") -> bool:
    """Whether the active display is fused with another."""
    return shown_on(window.view) is not None


# ---- its window ----


def ends(window: Window) -> tuple[float, float]:
    """Return the values at which a window begins and ends."""
    if window.function == "LINEAR":
        window = window.scaled(1.0)
    return window.center - window.width / 2.0, window.center + window.width / 2.0


def set_top(view: "View", fused: Fused, top: float) -> None:
    """Let the colours of the other display reach from where they begin to ``top``, in its unit."""
    low = ends(fused.other.window)[0]
    width = max(top - low, abs(fused.volume.slope))
    view.set_window(Window(low + width / 2.0, width, "LINEAR_EXACT"), fused.other)


# ---- what is said of it ----


def short(display: Display) -> str:
    """Return what a display is called beside others: its modality, else its name."""
    return display.name if display.volume is None else display.volume.series.modality or display.name


def value_text(volume: Volume, value: float) -> str:
    """Write a value of a volume with its unit."""
    return f"{number(value, volume.slope)} {unit_title(volume.unit)}".strip().replace("-", MINUS)


def fused_words(viewport: "Viewport", at_lps_mm: Point) -> str:
    """Say the value of what is laid over a viewport at a place in its LPS mm: "PT 4.31 SUVbw"; empty where none is."""
    fused = fused_of(viewport.view, viewport.display)
    if fused is None:
        return ""
    value = value_at(fused.volume, at_lps_mm, fused.relation)
    return "" if value is None else f"{short(fused.other)} {value_text(fused.volume, value)}"


def caption_lines(viewport: "Viewport") -> tuple[Line, ...]:
    """Say what is laid over a viewport's picture, how, and whether the two were brought together by registration."""
    fused = fused_of(viewport.view, viewport.display)
    if fused is None:
        return ()
    fusion = fused.fusion
    how = str(colour_map(fusion.colours).title) if fusion.mode == "blend" else str(MODE_TITLES[fusion.mode])
    what = _("{over} over {under}: {how}").format(over=short(fused.other), under=short(viewport.display), how=how)
    lines = [Line(what)]
    if not fused.volume.complete:
        lines.append(Line(_("Still reading what is laid over"), "caution"))
    volume = viewport.display.volume
    comparing = viewport.view.findChild(Comparing)
    registration = None if comparing is None else comparing.registration(fused.other.name)
    if registration is not None and registration.method == "hand":
        lines.append(Line(str(registration.words), "caution"))
    elif volume is None or not _one_frame(volume.series, fused.volume.series):
        lines.append(Line(_("Another frame of reference: check how they lie"), "caution"))
    return tuple(lines)
