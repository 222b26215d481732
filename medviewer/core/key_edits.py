"""The steps of work on key images: keep one, drop one, write a note."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from medviewer.core.key_image import KeyImage
from medviewer.i18n import N_

if TYPE_CHECKING:
    from medviewer.core.case import Case
    from medviewer.core.edits import Blobs, Edit

_TOUCHES = frozenset({"keys"})


@dataclass(frozen=True)
class KeepKey:
    """An image marked as a key image, after the others or at ``place``."""

    key: KeyImage
    place: int
    label = N_("Mark key image")
    touches = _TOUCHES

    def apply(self, case: "Case") -> "Case":
        """Add it."""
        return replace(case, keys=(*case.keys[: self.place], self.key, *case.keys[self.place :]))

    def revert(self, case: "Case") -> "Case":
        """Take it away again."""
        return replace(case, keys=tuple(key for key in case.keys if key.id != self.key.id))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {"key": self.key.to_dict(), "place": self.place}

    def blobs(self) -> "Blobs":
        """The picture, by the id of the key image."""
        return {self.key.id: self.key.picture} if self.key.picture else {}


@dataclass(frozen=True)
class DropKey(KeepKey):
    """A key image that is none any more."""

    label = N_("Remove key image")

    def apply(self, case: "Case") -> "Case":
        """Take it away."""
        return super().revert(case)

    def revert(self, case: "Case") -> "Case":
        """Put it back where it was."""
        return super().apply(case)


@dataclass(frozen=True)
class NoteKey:
    """The reader's words under a key image."""

    key_id: str
    before: str
    after: str
    label = N_("Note on key image")
    touches = _TOUCHES

    def _set(self, case: "Case", note: str) -> "Case":
        keys = tuple(replace(key, note=note) if key.id == self.key_id else key for key in case.keys)
        return replace(case, keys=keys)

    def apply(self, case: "Case") -> "Case":
        """Write the new note."""
        return self._set(case, self.after)

    def revert(self, case: "Case") -> "Case":
        """Write the old note."""
        return self._set(case, self.before)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return {"key_id": self.key_id, "before": self.before, "after": self.after}

    def blobs(self) -> "Blobs":
        """No masks."""
        return {}


def toggled(case: "Case", key: KeyImage) -> KeepKey | DropKey:
    """Return the step that keeps an image as a key image, or drops it where it is one already."""
    for place, kept in enumerate(case.keys):
        if kept.is_same_image(key):
            return DropKey(kept, place)
    return KeepKey(key, len(case.keys))


def _read(data: dict[str, Any], blobs: "Blobs") -> KeyImage:
    return KeyImage.from_dict(data["key"], blobs.get(data["key"]["id"], b""))


KEY_EDITS: dict[str, Callable[[dict[str, Any], "Blobs"], "Edit"]] = {
    "KeepKey": lambda data, blobs: KeepKey(_read(data, blobs), data["place"]),
    "DropKey": lambda data, blobs: DropKey(_read(data, blobs), data["place"]),
    "NoteKey": lambda data, _blobs: NoteKey(**data),
}
