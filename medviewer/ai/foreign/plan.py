"""How a segmentation network wants its volume, and what its channels mean; as plain data. No torch here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from medviewer.core.finding import Code

Activation = Literal["softmax", "sigmoid", "none"]
Kind = Literal["range", "z-score", "minimum-maximum"]
LETTERS = ("LR", "PA", "SI")
MOST_CHANNELS, MOST_PATCH, MOST_VOXELS = 256, 1024, 8_000_000
SPACING_MM = (0.05, 20.0)
LONGEST_NAME = 64  # of a meaning in DICOM
SCHEME = "99MEDVIEWER"  # for labels whose maker gave no code of a terminology


@dataclass(frozen=True)
class Intensity:
    """How values become what the network takes.

    "range": ``low``..``high`` (HU for CT) to ``to_low``..``to_high``, cut off beyond where ``clip``; "minimum-maximum":
    the same with the volume's own minimum and maximum; "z-score": mean 0 and standard deviation 1 of the volume.
    """

    kind: Kind
    low: float = 0.0
    high: float = 1.0
    to_low: float = 0.0
    to_high: float = 1.0
    clip: bool = True


@dataclass(frozen=True)
class Label:
    """What one channel of the answer stands for."""

    channel: int
    name: str
    code: Code


@dataclass(frozen=True)
class Plan:
    """What is done to a volume before the network sees it, and with its answer.

    ``axes`` are the directions in which the axes of its input grow, "RAS" for MONAI's usual; two for a network that
    reads slices one by one. ``spacing_mm`` and ``patch`` are in that order; an empty spacing leaves the pixels as they
    are. ``overlap`` (0 to 0.9) is the share that neighbouring patches have in common, ``threshold`` makes a region
    where channels are independent ("sigmoid"), ``least_mm3`` is the smallest region that is told.
    """

    axes: str
    spacing_mm: tuple[float, ...]
    patch: tuple[int, ...]
    intensity: Intensity
    activation: Activation
    labels: tuple[Label, ...]
    channels: int
    threshold: float = 0.5
    overlap: float = 0.25
    least_mm3: float = 10.0

    @staticmethod
    def of(options: Mapping[str, Any], given: Mapping[str, Any], output: Mapping[str, Any]) -> "Plan":
        """Read it from the tables ``options``, ``input`` and ``output`` of a model.toml.

        Raises KeyError, TypeError or ValueError, with the field's name, where one is missing or impossible.
        """
        axes, patch = str(given["axes"]).upper(), tuple(int(n) for n in given["patch"])
        spacing_mm = tuple(float(mm) for mm in given["spacing_mm"])
        labels = tuple(_label(row) for row in output["labels"])
        channels = int(output.get("channels", max((label.channel for label in labels), default=0) + 1))
        plan = Plan(
            axes,
            spacing_mm,
            patch,
            Intensity(**given["intensity"]),
            output["activation"],
            labels,
            channels,
            float(output.get("threshold", 0.5)),
            float(options.get("overlap", 0.25)),
            float(options.get("least_mm3", 10.0)),
        )
        for name, right in plan._rules().items():
            if not right:
                raise ValueError(name)
        return plan

    def _rules(self) -> dict[str, bool]:
        """What must hold, by the field it is about."""
        voxels = 1
        for n in self.patch:
            voxels *= n
        known = [letter for pair in LETTERS for letter in pair]
        low_mm, high_mm = SPACING_MM
        return {
            "axes": len(self.axes) in (2, 3)
            and all(letter in known for letter in self.axes)
            and len({letter in pair and n for letter in self.axes for n, pair in enumerate(LETTERS, 1)} - {False})
            == len(self.axes),
            "patch": len(self.patch) == len(self.axes)
            and all(8 <= n <= MOST_PATCH for n in self.patch)
            and voxels <= MOST_VOXELS,
            "spacing_mm": len(self.spacing_mm) in (len(self.axes), 0)
            and all(low_mm <= mm <= high_mm for mm in self.spacing_mm),
            "intensity": self.intensity.kind in get_args(Kind)
            and self.intensity.low < self.intensity.high
            and self.intensity.to_low < self.intensity.to_high,
            "activation": self.activation in get_args(Activation),
            "labels": bool(self.labels) and len({label.channel for label in self.labels}) == len(self.labels),
            "channels": 1 <= self.channels <= MOST_CHANNELS
            and all(0 <= label.channel < self.channels for label in self.labels)
            and not (self.activation == "softmax" and self.channels == 1),
            "threshold": 0.0 < self.threshold < 1.0,
            "overlap": 0.0 <= self.overlap <= 0.9,
            "least_mm3": 0.0 <= self.least_mm3 < 1e6,
        }


def _label(row: Mapping[str, Any]) -> Label:
    channel, name = int(row["channel"]), str(row["name"]).strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise ValueError("labels")
    code = Code(*(str(part) for part in row["code"])) if "code" in row else Code(SCHEME, f"LABEL{channel}", name)
    return Label(channel, name, code)
