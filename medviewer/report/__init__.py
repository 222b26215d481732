"""Reports: drafted as plain data, written in formats, one file each in ``formats/``."""

import importlib
from functools import cache

from medviewer.core.discover import discover
from medviewer.report.format import Format

# Imported before ``def formats``: the first import of a subpackage sets the parent's attribute of that name.
_files = importlib.import_module("medviewer.report.formats")


@cache
def formats() -> dict[str, Format]:
    """Return every report format by id; the first call imports their libraries."""
    return discover(_files, Format)
