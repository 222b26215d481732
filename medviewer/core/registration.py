"""How one series lies to another: a matrix between their patient spaces, where it comes from, how well it fits."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medviewer.i18n import N_, Message

Matrix = NDArray[np.float64]
Rows = tuple[tuple[float, float, float, float], ...]
# "rigid": computed from the voxels. "frame": both files name the same frame of reference. "hand": set by the reader.
Method = Literal["rigid", "frame", "hand"]
Verdict = Literal["good", "doubtful"]
METHODS: tuple[Method, ...] = get_args(Method)
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
METHOD_TITLES: dict[Method, Message] = {
    "rigid": N_("rigid registration of the images"),
    "frame": N_("same frame of reference"),
    "hand": N_("aligned by hand"),
}
VERDICT_TITLES: dict[Verdict, Message] = {"good": N_("good"), "doubtful": N_("doubtful: check it")}
_RIGID_WITHIN = 1e-4  # of a product that should be 1 or 0


@dataclass(frozen=True)
class Registration:
    """A rigid relation between two series.

    Attributes:
        from_series_uid, to_series_uid: ``matrix`` leads from the LPS mm of the first to those of the second.
        matrix: 4x4, rotation and translation, row by row.
        similarity: how alike the two are where both show the body, after it: 1 is equal, 0 nothing in common; None
            where nobody compared the voxels.
        similarity_before: the same without any shift.
        overlap: share (0 to 1) of the smaller body that lies in the other; None where nobody looked.
        displacement_mm: how far the body was moved on average; 0 for "frame".
        verdict: whether it can be trusted; the reader's own alignment is taken as it is.
        method: where it comes from.
        made_of: for "rigid", which images it was computed from, as ``app.registering.made_of`` says; it is used again
            only for those.
    """

    from_series_uid: str
    to_series_uid: str
    matrix: Rows
    similarity: float | None = None
    similarity_before: float | None = None
    overlap: float | None = None
    displacement_mm: float = 0.0
    verdict: Verdict = "good"
    method: Method = "rigid"
    made_of: str = ""

    def __post_init__(self) -> None:
        if self.method not in METHODS or self.verdict not in VERDICTS or not is_rigid(self.array):
            raise ValueError("no rigid relation")

    @property
    def array(self) -> Matrix:
        """The matrix as float64 (4, 4)."""
        return np.asarray(self.matrix, dtype=np.float64)

    @property
    def words(self) -> Message:
        """What a reader is told of it."""
        title = METHOD_TITLES[self.method]
        if self.method != "rigid":
            return title
        verdict, moved_mm = VERDICT_TITLES[self.verdict], round(self.displacement_mm)
        return N_("{how}, {verdict}, moved by {mm} mm", how=title, verdict=verdict, mm=moved_mm)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {**self.__dict__, "matrix": [list(row) for row in self.matrix]}

    @staticmethod
    def from_dict(data: dict[str, Any]) -> "Registration":
        """Build the registration that ``to_dict`` described; KeyError, TypeError or ValueError where it is none."""
        return Registration(**{**data, "matrix": rows_of(np.asarray(data["matrix"], dtype=np.float64))})


def rows_of(matrix: Matrix) -> Rows:
    """Return a 4x4 matrix as plain rows; ValueError where it has another shape."""
    if matrix.shape != (4, 4):
        raise ValueError("not a 4x4 matrix")
    return tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in matrix)


def is_rigid(matrix: Matrix) -> bool:
    """Whether a 4x4 matrix turns and shifts and does nothing else: no scale, no mirror."""
    if matrix.shape != (4, 4) or not np.all(np.isfinite(matrix)):
        return False
    turn = matrix[:3, :3]
    upright = np.allclose(turn @ turn.T, np.eye(3), atol=_RIGID_WITHIN) and float(np.linalg.det(turn)) > 0
    return bool(upright and np.allclose(matrix[3], (0.0, 0.0, 0.0, 1.0)))


def of_frame(from_series_uid: str, to_series_uid: str) -> Registration:
    """Return the relation of two series of one frame of reference: their patient spaces are the same."""
    return Registration(from_series_uid, to_series_uid, rows_of(np.eye(4)), method="frame")


def shifted(matrix: Matrix, by_lps_mm: ArrayLike) -> Matrix:
    """Return a 4x4 relation whose target is moved by LPS mm."""
    moved = matrix.copy()
    moved[:3, 3] += np.asarray(by_lps_mm)
    return moved


def turned(matrix: Matrix, turn: ArrayLike, about_lps_mm: ArrayLike) -> Matrix:
    """Return a 4x4 relation whose target is turned by ``turn`` (3, 3) about a place that stays."""
    rotation, center = np.asarray(turn, dtype=np.float64), np.asarray(about_lps_mm)
    step = np.eye(4)
    step[:3, :3], step[:3, 3] = rotation, center - rotation @ center
    made: Matrix = step @ matrix
    return made


def by_hand(from_series_uid: str, to_series_uid: str, matrix: Matrix) -> Registration:
    """Return the reader's own alignment."""
    return Registration(from_series_uid, to_series_uid, rows_of(matrix), method="hand")
