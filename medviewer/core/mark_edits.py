"""The steps of work on marks: add, change, remove."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from medviewer.core.mark import Mark
from medviewer.i18n import N_, Message

if TYPE_CHECKING:
    from medviewer.core.case import Case
    from medviewer.core.edits import Blobs, Edit

_TOUCHES = frozenset({"marks"})


@dataclass(frozen=True)
class AddMark:
    """A mark drawn by the reader, after the others."""

    mark: Mark
    label = N_("Add measurement")
    touches = _TOUCHES

    def apply(self, case: "Case") -> "Case":
        """Add it."""
        return replace(case, marks=(*case.marks, self.mark))

    def revert(self, case: "Case") -> "Case":
        """Take it away again."""
        return replace(case, marks=tuple(mark for mark in case.marks if mark.id != self.mark.id))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {"mark": self.mark.to_dict()}

    def blobs(self) -> "Blobs":
        """No masks."""
        return {}


@dataclass(frozen=True)
class ChangeMark:
    """A mark moved, renamed, hidden or otherwise changed."""

    before: Mark
    after: Mark
    touches = _TOUCHES

    @property
    def label(self) -> Message:
        """What was changed."""
        for name, words in _CHANGES.items():
            if getattr(self.before, name) != getattr(self.after, name):
                return words
        return N_("Change measurement")

    def apply(self, case: "Case") -> "Case":
        """Put the new one in its place."""
        return _with(case, self.after)

    def revert(self, case: "Case") -> "Case":
        """Put the old one in its place."""
        return _with(case, self.before)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {"before": self.before.to_dict(), "after": self.after.to_dict()}

    def blobs(self) -> "Blobs":
        """No masks."""
        return {}


_CHANGES = {
    "points_lps_mm": N_("Move measurement"),
    "label_lps_mm": N_("Move label"),
    "name": N_("Rename measurement"),
    "text": N_("Change text"),
    "hidden": N_("Show or hide measurement"),
}


@dataclass(frozen=True)
class RemoveMarks:
    """Marks taken away in one step; ``places`` are theirs among all, from 0, so that they come back where they were."""

    marks: tuple[Mark, ...]
    places: tuple[int, ...]
    label = N_("Delete measurement")
    touches = _TOUCHES

    @staticmethod
    def of(case: "Case", ids: Iterable[str]) -> "RemoveMarks":
        """Return the step that takes the marks of these ids from ``case``; ids that it does not have are left out."""
        wanted = frozenset(ids)
        found = [(place, mark) for place, mark in enumerate(case.marks) if mark.id in wanted]
        return RemoveMarks(tuple(mark for _place, mark in found), tuple(place for place, _mark in found))

    def apply(self, case: "Case") -> "Case":
        """Take them away."""
        mine = {mark.id for mark in self.marks}
        return replace(case, marks=tuple(mark for mark in case.marks if mark.id not in mine))

    def revert(self, case: "Case") -> "Case":
        """Put them back where they were."""
        marks = list(case.marks)
        for place, mark in zip(self.places, self.marks, strict=True):  # from the first on: each finds its own place
            marks.insert(place, mark)
        return replace(case, marks=tuple(marks))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {"marks": [mark.to_dict() for mark in self.marks], "places": list(self.places)}

    def blobs(self) -> "Blobs":
        """No masks."""
        return {}


def _with(case: "Case", mark: Mark) -> "Case":
    return replace(case, marks=tuple(mark if one.id == mark.id else one for one in case.marks))


# By class name, how each is built from what ``to_dict`` gave; KeyError, TypeError or ValueError where that is damaged.
MARK_EDITS: "dict[str, Callable[[dict[str, Any], Blobs], Edit]]" = {
    "AddMark": lambda data, _blobs: AddMark(Mark.from_dict(data["mark"])),
    "ChangeMark": lambda data, _blobs: ChangeMark(Mark.from_dict(data["before"]), Mark.from_dict(data["after"])),
    "RemoveMarks": lambda data, _blobs: RemoveMarks(
        tuple(Mark.from_dict(one) for one in data["marks"]), tuple(int(place) for place in data["places"])
    ),
}
