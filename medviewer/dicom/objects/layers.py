"""Everything that a series of segments or contours draws over a volume."""

from collections.abc import Callable
from dataclasses import replace

from medviewer.core.job import Job
from medviewer.core.layers import Layer
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Kind, Series
from medviewer.core.volume import Volume
from medviewer.dicom.kinds import kind_title
from medviewer.dicom.objects.contours import read_contours
from medviewer.dicom.objects.segmentation import read_segments
from medviewer.i18n import Message, _

Found = tuple[tuple[Layer, ...], tuple[Message, ...]]
_READERS: dict[Kind, Callable[[Header, Volume, Job], Found]] = {
    "segmentation": read_segments,
    "contours": read_contours,
}


def load_layers(series: Series, volume: Volume, job: Job) -> Found:
    """Return the layers of all files of ``series`` over ``volume``, and what could not be placed, and why.

    ``volume`` need not be filled. A file that cannot be read costs one sentence; Problem where no file could be read
    or where the series draws nothing over images, Cancelled where the reader cancelled.
    """
    layers: list[Layer] = []
    messages: list[Message] = []
    problems: list[Problem] = []
    reader = _reader(series)
    for n, header in enumerate(series.headers):
        part = job.part(n / len(series.headers), (n + 1) / len(series.headers))
        try:
            found, told = reader(header, volume, part)
        except Problem as problem:
            problems.append(problem)
            continue
        layers.extend(replace(layer, source=_name(series)) for layer in found)
        messages.extend(told)
    if problems and len(problems) == len(series.headers):
        raise problems[0]
    job.step(1.0)
    return tuple(layers), (*messages, *(Message(problem.text) for problem in problems))


def _name(series: Series) -> str:
    number = f"{series.first.series_number}: " if series.first.series_number else ""
    return number + (series.first.series_description or str(kind_title(series)))


def _reader(series: Series) -> Callable[[Header, Volume, Job], Found]:
    reader = _READERS.get(series.kind)
    if reader is None:
        raise Problem(_("This series holds nothing that can be drawn over images."))
    return reader
