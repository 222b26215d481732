"""Series that show one place again: at other times, with other echoes or b-values."""

from medviewer.core.study import Series, Study


def phases_of(study: Study | None, series: Series) -> tuple[Series, ...]:
    """Return the series that show the same place at other times, in their order, ``series`` among them.

    Empty where there are none.
    """
    if study is None:
        return ()
    alike = sorted((one for one in study.series if are_phases(one, series)), key=_rank)
    return tuple(alike) if len(alike) > 1 else ()


def are_phases(one: Series, other: Series) -> bool:
    """Whether two series are phases of one: labels tell phases, echoes or b-values apart, and all have one grid."""
    if one.label is None or other.label is None or one.grid is None or one.grid != other.grid:
        return False
    return _whole(one) == _whole(other) or _name(one) == _name(other)


def _name(series: Series) -> tuple[str, int, str, str]:
    first = series.first
    return first.modality, first.series_number, first.series_description, first.frame_of_reference_uid


def _whole(series: Series) -> str:
    """Return the UID of the series in the files, of which a stack is a part."""
    return series.uid.partition("#")[0]


def _rank(series: Series) -> float:
    """Return the number of a phase; stacks told apart otherwise stay in their order."""
    assert series.label is not None
    number = series.label.values.get("n", 0)
    return float(number) if isinstance(number, int | float) else 0.0
