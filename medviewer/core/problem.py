"""What went wrong, as the reader would say it."""


class Problem(Exception):  # noqa: N818 - shown to readers as a sentence, not an error class
    """One clear sentence for the reader, with a hint what to do; shown in one place, never a traceback."""

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text, hint)
        self.text = text
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.text} {self.hint}".strip()


class Unsuitable(Problem):
    """Work that does not apply to what it was given: no alarm where nobody asked for it."""


class Cancelled(Exception):  # noqa: N818 - not an error: the reader asked for it
    """The reader cancelled the job."""
