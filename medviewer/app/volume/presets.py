"""How values become colours and opacity in 3-D pictures: the presets of ``resources/volume_presets.toml``."""

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any, Literal, get_args

from medviewer import paths
from medviewer.core.problem import Problem
from medviewer.i18n import N_, Message, _

Blend = Literal["layers", "brightest"]
Keep = Literal["all", "body", "inside"]
Scale = Literal["real", "share"]
Colour = tuple[float, float, float]
ANY = "*"
LEAST_STRETCH, MOST_STRETCH = 0.05, 20.0
LEAST_STEP = 1e-6
TITLES: dict[str, Message] = {
    "ct-bone": N_("Bone"),
    "ct-bone-skin": N_("Bone and skin"),
    "ct-vessels": N_("Vessels (CTA)"),
    "ct-lungs": N_("Lungs and airways"),
    "ct-soft": N_("Soft tissue"),
    "ct-mip": N_("Maximum intensity"),
    "pet-mip": N_("Maximum intensity, dark on white"),
    "mip": N_("Maximum intensity"),
    "surface": N_("Surface"),
}


@dataclass(frozen=True)
class Node:
    """One point of a transfer function: a value, its colour (0 to 1 each) and its opacity a millimetre."""

    value: float
    colour: Colour
    opacity: float


@dataclass(frozen=True)
class Transfer:
    """A transfer function as it is drawn: ``nodes`` in real values, rising."""

    nodes: tuple[Node, ...]
    blend: Blend = "layers"
    shaded: bool = True
    light: tuple[float, float, float, float] = (0.2, 0.8, 0.2, 20.0)  # ambient, diffuse, specular, power
    background: Colour = (0.0, 0.0, 0.0)
    keep: Keep = "body"
    outside: float = -1024.0
    smooth: float = 0.0  # finest spacings: the sigma of a Gaussian over voxels drawn one by one


@dataclass(frozen=True)
class Tuning:
    """What the reader did to a preset: moved by ``shift`` of its width, ``stretch`` times as wide."""

    shift: float = 0.0
    stretch: float = 1.0

    def moved(self, shift: float, stretch: float) -> "Tuning":
        """Return the tuning moved on and stretched further, within bounds."""
        wide = min(max(self.stretch * stretch, LEAST_STRETCH), MOST_STRETCH)
        return Tuning(min(max(self.shift + shift, -MOST_STRETCH), MOST_STRETCH), wide)


AS_FILED = Tuning()


@dataclass(frozen=True)
class Span:
    """The values of a volume that count: the 2nd and the 99.8th percentile of its body, real values."""

    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class VolumePreset:
    """One entry of the file; ``transfer.nodes`` are real values or shares of the volume's span."""

    id: str
    modalities: tuple[str, ...]
    scale: Scale
    transfer: Transfer

    @property
    def title(self) -> Message:
        """What the reader calls it; the id for a preset somebody added to the file."""
        return TITLES.get(self.id, Message(self.id))

    def suits(self, modality: str) -> bool:
        """Whether it is offered for images of ``modality``."""
        return modality in self.modalities or (ANY in self.modalities and modality != "CT")

    def tuned(self, tuning: Tuning, span: Span) -> Transfer:
        """Return the transfer function in real values, shifted and stretched about its middle."""
        values = [self._real(node.value, span) for node in self.transfer.nodes]
        middle, width = (values[0] + values[-1]) / 2.0, max(values[-1] - values[0], LEAST_STEP)
        moved = [middle + tuning.shift * width + (value - middle) * tuning.stretch for value in values]
        nodes = tuple(
            Node(value, node.colour, node.opacity) for value, node in zip(moved, self.transfer.nodes, strict=True)
        )
        return replace(self.transfer, nodes=nodes)

    def _real(self, value: float, span: Span) -> float:
        return value if self.scale == "real" else span.low + value * max(span.high - span.low, LEAST_STEP)


@cache
def volume_presets() -> tuple[VolumePreset, ...]:
    """Return the presets in the order of the file; Problem where the file is damaged."""
    path = paths.resources() / "volume_presets.toml"
    try:
        return parse(tomllib.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(
            _("The presets of the 3-D view could not be read: {reason}.").format(reason=error),
            _("Install MedViewer again."),
        ) from error


def presets_for(modality: str) -> tuple[VolumePreset, ...]:
    """Return the presets offered for a modality, the one to begin with first; never empty."""
    return tuple(preset for preset in volume_presets() if preset.suits(modality)) or volume_presets()


def parse(data: dict[str, Any]) -> tuple[VolumePreset, ...]:
    """Read presets from the file's data; KeyError, TypeError or ValueError says what is wrong."""
    found = tuple(_preset(entry) for entry in data["preset"])
    if len({preset.id for preset in found}) != len(found) or not found:
        raise ValueError("each preset needs an id of its own")
    return found


def _preset(entry: dict[str, Any]) -> VolumePreset:
    known = {"id", "for", "scale", "blend", "keep", "outside", "smooth", "shade", "light", "background", "points"}
    if unknown := entry.keys() - known:
        raise ValueError(f"{entry['id']}: {', '.join(sorted(unknown))}")
    nodes = tuple(Node(float(v), _colour(rgb), float(opacity)) for v, *rgb, opacity in entry["points"])
    if len(nodes) < 2 or any(b.value <= a.value for a, b in pairwise(nodes)):
        raise ValueError(f"{entry['id']}: points rise")
    ambient, diffuse, specular, power = (float(n) for n in entry.get("light", (0.2, 0.8, 0.2, 20)))
    transfer = Transfer(
        nodes,
        _one_of(entry.get("blend", "layers"), Blend),
        bool(entry.get("shade", True)),
        (ambient, diffuse, specular, power),
        _colour(entry.get("background", (0, 0, 0))),
        _one_of(entry.get("keep", "body"), Keep),
        float(entry.get("outside", -1024.0)),
        float(entry.get("smooth", 0.0)),
    )
    return VolumePreset(str(entry["id"]), tuple(entry["for"]), _one_of(entry.get("scale", "real"), Scale), transfer)


def _one_of(value: Any, choices: Any) -> Any:
    if value not in get_args(choices):
        raise ValueError(f"'{value}' is none of {', '.join(get_args(choices))}")
    return value


def _colour(rgb: Any) -> Colour:
    red, green, blue = (float(part) for part in rgb)
    if not all(0.0 <= part <= 1.0 for part in (red, green, blue)):
        raise ValueError(f"{rgb} is no colour")
    return red, green, blue
