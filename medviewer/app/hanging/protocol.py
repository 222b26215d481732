"""What a hanging protocol says: which studies it is for, which series it wants, and where they go."""

from dataclasses import dataclass, field
from typing import Literal

from medviewer.core.arrangement import MAIN, Arrangement, Cell
from medviewer.i18n import N_, Message

Side = Literal["", "left", "right"]
# "main": in the same plane as the set of that name.
PLANES = ("", "axial", "coronal", "sagittal", "main")
SIDES = ("", "left", "right")


@dataclass(frozen=True)
class Match:
    """Which studies a protocol is for; what is empty does not matter.

    Attributes:
        modality: one of these is the modality of the series read.
        also: images of all these modalities are in the study.
        body_part: one of these words is in its body part, or in the description of the study or series.
        laterality: one of these is the side imaged, R or L.
        view: one of these is how the film was taken.
        series: at least so many series of images.
        prior: whether there must be an earlier examination (true) or none (false).
    """

    modality: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    body_part: tuple[str, ...] = ()
    laterality: tuple[str, ...] = ()
    view: tuple[str, ...] = ()
    series: int = 0
    prior: bool | None = None

    @property
    def conditions(self) -> int:
        """How many things it asks for: the more, the better a protocol knows what it is for."""
        asked = (
            self.modality,
            self.also,
            self.body_part,
            self.laterality,
            self.view,
            self.series,
            self.prior is not None,
        )
        return sum(map(bool, asked))


@dataclass(frozen=True)
class Over:
    """Another display in colours over this one: ``share`` 0 (greys only) to 1; ``colours`` empty for the usual map."""

    display: str
    colours: str = ""
    share: float = 0.5


@dataclass(frozen=True)
class ImageSet:
    """Which series, or which film of one, a display shows.

    Attributes:
        modality, words, view: one of these; ``words`` are looked for in the description of the series.
        without: none of these words is in it.
        laterality: R or L.
        plane: one of ``PLANES``.
        volume: a regular stack, so that every plane can be shown.
        prior: of an earlier examination, the latest that has one.
        different: described otherwise than those taken by the sets before.
        nth: the first that fits, the second, …
        optional: the protocol fits without it, too; its viewports then fall away.
        again: the name of a set whose series is shown once more.
        over: what lies over it in colours.
        right_edge, bottom_edge: which direction of the patient belongs there; films are mirrored where it is opposite.
        against: the edge of the viewport that the film is moved to.
    """

    name: str = MAIN
    modality: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    laterality: str = ""
    view: tuple[str, ...] = ()
    plane: str = ""
    volume: bool = False
    prior: bool = False
    different: bool = False
    nth: int = 1
    optional: bool = False
    again: str = ""
    over: Over | None = None
    right_edge: str = ""
    bottom_edge: str = ""
    against: Side = ""


@dataclass(frozen=True)
class Protocol:
    """One way to hang a study; ``own`` is one the reader wrote, which goes before those that came with the program."""

    id: str
    title: str
    sets: tuple[ImageSet, ...]
    arrangement: Arrangement
    match: Match = field(default_factory=Match)
    own: bool = False


# Titles of the protocols that come with the program, in its languages; a test holds them against the files.
TITLES = (
    N_("Chest CT beside the earlier one"),
    N_("CT in three planes"),
    N_("Film in two views"),
    N_("Mammography, four views"),
    N_("MR sequences side by side"),
    N_("PET/CT with fusion"),
)
SINGLE_TITLE = N_("One image")
SINGLE = Protocol("single", "One image", (ImageSet(),), Arrangement.grid(1, 1, (Cell("native"),)))


def title_of(protocol: Protocol) -> Message:
    """Return a protocol's title, translated where it came with the program."""
    return Message(protocol.title)
