"""Pictures of the screen as files: PNG or JPEG, written whole or not at all, with nothing in them but the picture."""

import io
import re
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from medviewer.core.problem import Problem
from medviewer.core.study import Header
from medviewer.core.whole import whole
from medviewer.i18n import N_, _

Pixels = NDArray[np.uint8]  # (rows, columns, 3), red, green, blue
Format = Literal["png", "jpeg"]
SUFFIXES: dict[str, Format] = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}
NOTICE = N_("MedViewer: research use, not for clinical diagnosis")
MOST_BYTES = 120  # of a file's name without its ending; most disks take 255, and a draft's is longer
_QUALITY = 92


def format_of(path: Path) -> Format:
    """Return the format of a file name; Problem where it is none of ours."""
    try:
        return SUFFIXES[path.suffix.lower()]
    except KeyError:
        raise Problem(
            _("Pictures are saved as PNG or JPEG."), _("Choose a name that ends with .png or .jpg.")
        ) from None


def encoded(picture: Pixels, kind: Format) -> bytes:
    """Return a picture as the bytes of a file without any text, date or profile in it."""
    from PIL import Image

    made = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(picture))
    if kind == "png":
        image.save(made, "PNG", optimize=False)
    else:
        image.save(made, "JPEG", quality=_QUALITY, subsampling=0)
    return made.getvalue()


def save_picture(picture: Pixels, path: Path) -> Path:
    """Write a picture in the format of its name; Problem where it cannot be written, and then nothing is left."""
    data = encoded(picture, format_of(path))
    try:
        with whole(path) as draft:
            draft.write_bytes(data)
    except OSError as error:
        raise not_written(path, error) from error
    return path


def not_written(path: Path, error: OSError) -> Problem:
    """Say why an export could not be written."""
    return Problem(
        _("'{name}' could not be written: {reason}.").format(name=path.name, reason=error.strerror or error),
        _("Choose another folder, or make room on the disk."),
    )


def file_stem(header: Header, number: int | None, named: bool) -> str:
    """Return a name for an export: patient, date, series and image; without the patient and date where not ``named``.

    ``number``: of the image as the reader counts, None for a whole layout.
    """
    whose = (header.patient.id, header.study_date) if named else ()
    series = f"{header.modality}{header.series_number or ''}"
    parts = (*whose, series, header.series_description, "" if number is None else f"{number:04d}")
    clean = [re.sub(r"[^\w.+-]+", "-", part).strip("-.") for part in parts]
    stem = "_".join(part for part in clean if part)
    return stem.encode()[:MOST_BYTES].decode(errors="ignore") or "image"
