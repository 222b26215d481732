"""Structured reports and key object selections as a tree to read, whatever template they follow."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from medviewer.core.study import Header
from medviewer.dicom.objects import report_words as words
from medviewer.dicom.objects.reading import Data, first, meaning, numbers, read, sequence, text
from medviewer.i18n import N_, Message, _

DEEPEST, MOST_ITEMS = 32, 20_000
Text = str | Message
_TOO_MUCH = N_("The report goes on, but is too deep or too long to be shown.")


@dataclass(frozen=True)
class ImageLink:
    """An image that a report refers to; ``frame`` counts from 0, None where all of it is meant."""

    sop_uid: str
    frame: int | None = None


@dataclass(frozen=True)
class ReportNode:
    """One item: ``relation`` to the item above in words, ``name`` of the concept, ``value``; empty where there is none.

    ``heading`` tells a container from a statement.
    """

    name: Text
    value: Text = ""
    relation: Text = ""
    heading: bool = False
    links: tuple[ImageLink, ...] = ()
    children: tuple["ReportNode", ...] = ()


@dataclass(frozen=True)
class Report:
    """A whole report: its title, what is said of it (label and value), and its content."""

    title: Text
    facts: tuple[tuple[Message, str], ...]
    root: ReportNode

    def as_text(self) -> str:
        """Return the report as plain text, one line an item, indented by depth."""
        lines = [str(self.title), *(f"{label}: {value}" for label, value in self.facts), ""]
        lines += [f"{'  ' * depth}{line_of(node)}" for depth, node in walk(self.root)]
        return "\n".join(lines) + "\n"


def line_of(node: ReportNode) -> str:
    """Return one item in one line: "Long axis: 12.3 mm"."""
    named, value = str(node.name), str(node.value)
    return f"{named}: {value}" if named and value else named or value


def walk(node: ReportNode, depth: int = 0) -> Iterator[tuple[int, ReportNode]]:
    """Yield every item with its depth, from the top."""
    yield depth, node
    for child in node.children:
        yield from walk(child, depth + 1)


def read_report(header: Header) -> Report:
    """Return the report of a file; Problem where it cannot be read."""
    return report_of(read(header.path, header.transfer_syntax))


def report_of(data: Data) -> Report:
    """Return a data set's report; one that is too deep or too long is cut, with a line that says so."""
    root = _Tree().node(data, 0)
    return Report(root.name or N_("Structured report"), tuple(_facts(data)), root)


def _facts(data: Data) -> Iterator[tuple[Message, str]]:
    """Yield what is said of the report as a whole."""
    observer = first(data, "VerifyingObserverSequence")
    author = first(data, "AuthorObserverSequence")
    for label, value in (
        (N_("State"), words.state(text(data, "CompletionFlag"), text(data, "VerificationFlag"))),
        (N_("Date"), words.date(text(data, "ContentDate")) + " " + words.time(text(data, "ContentTime"))),
        (N_("Verified by"), words.person(text(observer, "VerifyingObserverName"))),
        (N_("Author"), words.person(text(author, "PersonName"))),
        (N_("Made by"), " ".join(p for p in (text(data, "Manufacturer"), text(data, "ManufacturerModelName")) if p)),
    ):
        if value.strip():
            yield label, value.strip()


@dataclass
class _Tree:
    """Makes nodes until there are too many."""

    left: int = MOST_ITEMS
    cut: bool = field(default=False)

    def node(self, item: Data, depth: int) -> ReportNode:
        """Return an item with all below it."""
        self.left -= 1
        kind = text(item, "ValueType").upper()
        name = meaning(item, "ConceptNameCodeSequence")
        relation = words.RELATIONS.get(text(item, "RelationshipType").upper(), "")
        return ReportNode(
            name=name or words.KINDS.get(kind, ""),
            value=_value(item, kind),
            relation=relation,
            heading=kind == "CONTAINER",
            links=tuple(_links(item)) if kind == "IMAGE" else (),
            children=tuple(self._children(item, depth + 1)),
        )

    def _children(self, item: Data, depth: int) -> Iterator[ReportNode]:
        for child in sequence(item, "ContentSequence"):
            if self.left <= 0 or depth >= DEEPEST:
                if not self.cut:
                    self.cut = True
                    yield ReportNode(_TOO_MUCH)
                return
            yield self.node(child, depth)


def _value(item: Data, kind: str) -> Text:
    """Return what an item says."""
    by_reference = text(item, "ReferencedContentItemIdentifier")
    if by_reference and not kind:
        return N_("see item {place} of this report", place=by_reference)
    how = _VALUES.get(kind)
    return "" if how is None else how(item)


def _number(item: Data) -> Text:
    measured = first(item, "MeasuredValueSequence")
    value = text(measured, "NumericValue")
    if not value:
        why = meaning(item, "NumericValueQualifierCodeSequence")
        return N_("no value: {why}", why=why) if why else N_("no value")
    unit = first(measured, "MeasurementUnitsCodeSequence") if measured is not None else None
    return f"{value} {words.unit(text(unit, 'CodeValue'), text(unit, 'CodeMeaning'))}".strip()


def _links(item: Data) -> Iterator[ImageLink]:
    for referenced in sequence(item, "ReferencedSOPSequence"):
        uid = text(referenced, "ReferencedSOPInstanceUID")
        frames = [round(number) - 1 for number in numbers(referenced, "ReferencedFrameNumber")]
        yield from (ImageLink(uid, frame) for frame in frames or (None,) if uid)


def _referenced(item: Data) -> Text:
    """Say which object is meant: its kind, and frames or segments."""
    referenced = first(item, "ReferencedSOPSequence")
    said = words.sop_class(text(referenced, "ReferencedSOPClassUID"))
    frames = [round(number) for number in numbers(referenced, "ReferencedFrameNumber")]
    segments = [round(number) for number in numbers(referenced, "ReferencedSegmentNumber")]
    if frames:
        said += ", " + _("frame {numbers}").format(numbers=words.few(frames))
    if segments:
        said += ", " + _("segment {numbers}").format(numbers=words.few(segments))
    return said


def _region(item: Data, size: int) -> Text:
    """Say which shape is drawn, by how many points, and where a single one is."""
    shape = words.SHAPES.get(text(item, "GraphicType").upper(), text(item, "GraphicType"))
    values = numbers(item, "GraphicData")
    if len(values) == size:
        at = ", ".join(f"{value:.1f}" for value in values)
        return N_("{shape} at {at} mm", shape=shape, at=at) if size == 3 else N_("{shape} at {at}", shape=shape, at=at)
    return N_("{shape} of {n} points", shape=shape, n=len(values) // size)


def _times(item: Data) -> Text:
    seconds = numbers(item, "ReferencedTimeOffsets")
    positions = numbers(item, "ReferencedSamplePositions")
    return N_("{n} points in time", n=len(seconds or positions))


_VALUES: dict[str, Callable[[Data], Text]] = {
    "TEXT": lambda item: text(item, "TextValue"),
    "CODE": lambda item: meaning(item, "ConceptCodeSequence"),
    "NUM": _number,
    "DATE": lambda item: words.date(text(item, "Date")),
    "TIME": lambda item: words.time(text(item, "Time")),
    "DATETIME": lambda item: words.moment(text(item, "DateTime")),
    "UIDREF": lambda item: text(item, "UID"),
    "PNAME": lambda item: words.person(text(item, "PersonName")),
    "IMAGE": _referenced,
    "COMPOSITE": _referenced,
    "WAVEFORM": _referenced,
    "SCOORD": lambda item: _region(item, 2),
    "SCOORD3D": lambda item: _region(item, 3),
    "TCOORD": _times,
}
