"""Done and undone edits of one case."""

from dataclasses import dataclass, field

from medviewer.core.case import Case
from medviewer.core.edits import Edit


@dataclass
class History:
    """A case and the way it came about; every step can be undone and redone."""

    case: Case
    done: list[Edit] = field(default_factory=list)
    undone: list[Edit] = field(default_factory=list)

    def do(self, edit: Edit) -> None:
        """Apply ``edit``; what was undone before is forgotten."""
        self.case = edit.apply(self.case)
        self.done.append(edit)
        self.undone.clear()

    def undo(self) -> Edit | None:
        """Revert the last edit and return it; None where there is none."""
        if not self.done:
            return None
        edit = self.done.pop()
        self.case = edit.revert(self.case)
        self.undone.append(edit)
        return edit

    def redo(self) -> Edit | None:
        """Apply the last undone edit again and return it; None where there is none."""
        if not self.undone:
            return None
        edit = self.undone.pop()
        self.case = edit.apply(self.case)
        self.done.append(edit)
        return edit
