"""What is remembered of a reader's room: of each study what was shown where, and of the program its windows.

The first is kept in the case database, the second in a file of this computer: it is needed before a database is open.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, get_args

from medviewer import paths
from medviewer.core.arrangement import Arrangement
from medviewer.core.finding import Point
from medviewer.core.look import VoiFunction, Window
from medviewer.core.problem import Problem
from medviewer.core.whole import whole
from medviewer.i18n import _


@dataclass(frozen=True)
class Shown:
    """What a display showed: whose series, which place in LPS mm, in which greys (None: those of its files).

    ``over`` is what was laid over it in colours: display, colour map, share; empty for nothing.
    """

    study_uid: str
    series_uid: str
    point_lps_mm: Point
    window: Window | None = None
    inverted: bool = False
    over: tuple[str, str, float] | tuple[()] = ()


@dataclass(frozen=True)
class Screen:
    """Viewports in a window of their own: their arrangement, and Qt's words for where it is."""

    arrangement: Arrangement
    geometry: str = ""


@dataclass(frozen=True)
class Workspace:
    """How a study was being read.

    Attributes:
        arrangement: the viewports of the window; ``cameras`` how each was zoomed, moved and turned, in their order.
        displays: what was shown, by name of the display.
        links: what was done together in all viewports.
        tool: id of the mouse tool.
        screens: windows on other monitors.
    """

    arrangement: Arrangement
    displays: Mapping[str, Shown] = field(default_factory=dict)
    links: frozenset[str] = frozenset()
    tool: str = ""
    cameras: tuple[Mapping[str, Any], ...] = ()
    screens: tuple[Screen, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {
            "arrangement": self.arrangement.to_dict(),
            "displays": {name: asdict(shown) for name, shown in self.displays.items()},
            "links": sorted(self.links),
            "tool": self.tool,
            "cameras": [dict(camera) for camera in self.cameras],
            "screens": [{"arrangement": one.arrangement.to_dict(), "geometry": one.geometry} for one in self.screens],
        }

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> "Workspace | None":
        """Build the workspace that ``to_dict`` described; None where it is none."""
        try:
            return Workspace(
                Arrangement.from_dict(data["arrangement"]),
                {str(name): _shown(one) for name, one in data["displays"].items()},
                frozenset(str(link) for link in data["links"]),
                str(data["tool"]),
                tuple(dict(camera) for camera in data["cameras"]),
                tuple(Screen(Arrangement.from_dict(s["arrangement"]), str(s["geometry"])) for s in data["screens"]),
            )
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
            return None


def _shown(data: Mapping[str, Any]) -> Shown:
    x, y, z = (float(n) for n in data["point_lps_mm"])
    kept = data["window"]
    window = None if kept is None else Window(float(kept["center"]), float(kept["width"]), kept["function"])
    over = tuple(data.get("over", ()))
    laid: tuple[str, str, float] | tuple[()] = (str(over[0]), str(over[1]), float(over[2])) if over else ()
    numbers = (x, y, z, *laid[2:], *(() if window is None else (window.center, window.width)))
    if not all(map(isfinite, numbers)) or (laid and not 0.0 <= laid[2] <= 1.0):
        raise ValueError("no such place or share")
    if window is not None and (window.function not in get_args(VoiFunction) or window.width < window.narrowest):
        raise ValueError("no such window")
    return Shown(str(data["study_uid"]), str(data["series_uid"]), (x, y, z), window, bool(data["inverted"]), laid)


@dataclass(frozen=True)
class Desk:
    """The program's window: Qt's own words for its place and for its panels, as base64 text."""

    geometry: str = ""
    panels: str = ""


def desk_file() -> Path:
    """Where the desk is kept."""
    return paths.user_data() / "window.json"


def load_desk(path: Path | None = None) -> Desk:
    """Return the desk kept last; an empty one where there is none that can be read. Never raises."""
    try:
        kept = json.loads((path or desk_file()).read_text("utf-8"))
        return Desk(str(kept["geometry"]), str(kept["panels"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Desk()


def save_desk(desk: Desk, path: Path | None = None) -> None:
    """Write the desk, whole or not at all; Problem where that is not possible."""
    try:
        with whole(path or desk_file()) as draft:
            draft.write_text(json.dumps(asdict(desk)), "utf-8")
    except OSError as error:
        raise Problem(_("The place of the window could not be saved."), str(error.strerror)) from error
