"""A report as plain data, every text already in its language; the formats only lay it out."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table with a caption; every row has as many cells as the head."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Chart:
    """Signed horizontal bars: (label, log-odds); ``left`` and ``right`` say what the directions mean."""

    caption: str
    bars: tuple[tuple[str, float], ...]
    left: str
    right: str

    @property
    def reach(self) -> float:
        """The longest bar's absolute value, at least 0.1 so that nothing is divided by zero."""
        return max([0.1, *(abs(value) for _label, value in self.bars)])


@dataclass(frozen=True)
class KeyImage:
    """A picture of one finding as PNG bytes."""

    finding_id: str
    caption: str
    png: bytes


@dataclass(frozen=True)
class Section:
    """One section; ``edited`` tells that the reader rewrote its paragraphs."""

    id: str
    heading: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    images: tuple[KeyImage, ...] = ()
    edited: bool = False

    @property
    def text(self) -> str:
        """The paragraphs as the reader edits them, an empty line between two."""
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True)
class Report:
    """A whole report: heading rows (label, value) about patient and study, sections, and the notice."""

    title: str
    language: str
    rows: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    notice: str
    page: str  # "Page {page}", filled in by paged formats

    def section(self, section_id: str) -> Section:
        """Return the section of that id; KeyError where there is none."""
        return {section.id: section for section in self.sections}[section_id]
