"""Copies of DICOM images without compression, for measuring readers by what every one of them can read."""

from pathlib import Path

from medviewer.core.problem import Problem
from medviewer.i18n import _


def decompress(source: Path, target: Path) -> None:
    """Write the image of ``source`` to ``target`` with its pixels as they are; Problem where they cannot be decoded."""
    from pydicom import dcmread

    image = dcmread(source)
    try:
        if image.file_meta.TransferSyntaxUID.is_compressed:
            image.decompress()
    except (RuntimeError, NotImplementedError, AttributeError, ValueError) as error:
        raise Problem(_("The images could not be decompressed.")) from error
    image.save_as(target)
