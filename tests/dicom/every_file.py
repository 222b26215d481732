"""What becomes of every file under a folder, as a table: ``python -m tests.dicom.every_file FOLDER [MARKDOWN]``.

Each file goes the way it goes in the program: scan, volume, decode workers, with their limits on time and memory.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Series, Unreadable
from medviewer.core.volume import FAILED, READY, Volume
from medviewer.dicom import load
from medviewer.dicom.decode import DecodePool, close_pool
from medviewer.dicom.header import FOREIGN
from medviewer.dicom.kinds import kind_of, title_of
from medviewer.dicom.scan import scan

LIMIT_S = 30.0


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes:
        path: relative to the folder.
        images, opened: how many images it claims, and how many were shown.
        what: size and colour form, or what kind of object it is.
        reason: why the file, or some of its images, could not be opened; empty where they were.
        faults: what must never be: images of a wrong size, a reason without words, more than ``LIMIT_S``.
    """

    path: str = ""
    images: int = 0
    opened: int = 0
    what: str = ""
    reason: str = ""
    faults: tuple[str, ...] = ()

    @property
    def sign(self) -> str:
        """What became of it in a word: opened, opened in part, listed (it holds no images), or not."""
        if self.reason:
            return f"{self.opened} of {self.images}" if self.opened else "not"
        return "opened" if self.images else "listed"


def outcomes(folder: Path, pool: DecodePool) -> Iterator[Outcome]:
    """Yield the outcome of every file under ``folder``, in order of their paths."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            start_s = time.monotonic()
            outcome = _outcome(path, pool)
            spent_s = time.monotonic() - start_s
            late = (f"took {spent_s:.0f} s",) if spent_s > LIMIT_S else ()
            shown = str(path.relative_to(folder))
            yield replace(outcome, path=shown, faults=outcome.faults + late)


def _outcome(path: Path, pool: DecodePool) -> Outcome:
    found = list(scan(path, Job()))
    lost = [one for one in found if isinstance(one, Unreadable)]
    headers = [one for one in found if isinstance(one, Header) and one.path == str(path)]
    if any(isinstance(one, Header) for one in found) and not headers:
        return Outcome(what="directory of a disc")
    if lost and not headers:
        return Outcome(reason=lost[0].reason, faults=tuple(_no_sentence(lost[0].reason)))
    if not headers:
        return Outcome(what="directory of a disc, or part of another file")
    images = [header for header in headers if header.rows and header.columns and _has_pixels(header)]
    if not images:
        return Outcome(what=str(title_of(headers[0])))
    if kind_of(images[0]) == "segmentation":  # one header stands for all of its frames
        images = [replace(images[0], frame=k) for k in range(images[0].frames)]
    return _loaded(images, pool)


def _has_pixels(header: Header) -> bool:
    return bool(header.pixels_bytes or header.pixels_at) or kind_of(header) == "image"


def _loaded(images: list[Header], pool: DecodePool) -> Outcome:
    first = images[0]
    shape = (len(images), first.rows, first.columns)
    what = f"{first.columns}×{first.rows} {first.photometric}" + (f", {len(images)} images" if len(images) > 1 else "")
    try:
        volume = load.allocate(Series(first.series_uid, tuple(images)))
        try:
            bad = load.fill(volume, Job(), pool=pool)
            faults = tuple(_faults(volume, shape, bad))
            opened = int(np.count_nonzero(volume.state == READY))
        finally:
            volume.close()
    except Problem as problem:
        return Outcome("", len(images), 0, what, problem.text, tuple(_no_sentence(problem.text)))
    lost = max(0, first.frames - len(images)) if first.transfer_syntax != FOREIGN else 0
    reason = bad[0].reason if bad else f"{lost} frames that it claims are not in the file." if lost else ""
    return Outcome("", len(images) + lost, opened, what, reason, faults)


def _no_sentence(reason: str) -> Iterator[str]:
    if len(reason) < len("No image.") or not reason.endswith("."):
        yield f"no sentence: {reason!r}"


def _faults(volume: Volume, shape: tuple[int, ...], bad: tuple[Unreadable, ...]) -> Iterator[str]:
    if volume.voxels.shape != shape:
        yield f"volume of {volume.voxels.shape}, not {shape}"
    if volume.colours is not None and volume.colours.shape != (*shape, 3):
        yield f"colours of {volume.colours.shape}"
    if int(np.count_nonzero(volume.state == FAILED)) != len(bad) or not volume.complete:
        yield "images neither read nor given up"
    for one in bad:
        yield from _no_sentence(one.reason)
        if "ended the decoder" in one.reason:
            yield "a worker died"


def table(rows: list[Outcome]) -> str:
    """Return the outcomes in Markdown, with their count."""
    count = Counter("in part" if " of " in row.sign else row.sign for row in rows)
    lines = [", ".join(f"{number} {sign}" for sign, number in count.most_common()), ""]
    lines += ["| file | opened | what | why not |", "|---|---|---|---|"]
    lines += [f"| {row.path} | {row.sign} | {row.what} | {row.reason} |" for row in rows]
    return "\n".join(lines)


def main() -> None:
    """Write the table to a file or the screen."""
    pool = DecodePool()
    rows = list(outcomes(Path(sys.argv[1]), pool))
    pool.close()
    text = table(rows)
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_text(text + "\n", encoding="utf-8")
    else:
        sys.stdout.write(text + "\n")
    for row in rows:
        if row.faults:
            sys.stdout.write(f"FAULT {row.path}: {', '.join(row.faults)}\n")
    close_pool()


if __name__ == "__main__":
    main()
