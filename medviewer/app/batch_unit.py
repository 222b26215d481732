"""One study of many: a piece of work that is a pure function of paths, so that it can be done on any computer."""

import hashlib
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal

from medviewer import __version__
from medviewer.app.console import fault_in_words
from medviewer.app.fingerprints import sha256_of
from medviewer.app.library.library import Library
from medviewer.app.listing import lost_pictures
from medviewer.app.reading import installed
from medviewer.app.review import Result, Wish, review
from medviewer.app.saved_reading import DamagedError, seal, unseal
from medviewer.app.session import Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem, Unsuitable
from medviewer.core.whole import whole
from medviewer.i18n import _

State = Literal["done", "failed", "refused"]
DONE, FORM = "done.json", "medviewer-unit-1"


@dataclass(frozen=True)
class Unit:
    """A study to be reviewed; plain values, so that it can travel.

    Attributes:
        study_uid: which study.
        paths: its files.
        beside: files of the patient's other studies, for a comparison.
        out: folder for the results, of this study alone.
        wish: models, language and so on.
        settings: the reader's choices.
        cases: address of the case database; empty where no case is to be kept.
    """

    study_uid: str
    paths: tuple[str, ...]
    out: str
    beside: tuple[str, ...] = ()
    wish: Wish = field(default_factory=Wish)
    settings: Settings = field(default_factory=Settings)
    cases: str = ""

    def rests_on(self) -> str:
        """Return the hash of what the results rest on: the files' bytes, the models, what is asked, the program."""
        with ThreadPoolExecutor(4) as threads:
            files = [sorted(threads.map(_file_sha256, paths)) for paths in (self.paths, self.beside)]
        models = {bundle.id: bundle.all_sha256 for bundle in installed(self.wish.models)}
        asked = asdict(replace(self.wish, fresh=False))
        return sha256_of([files, models, asked, self.settings.reader, __version__])


@dataclass(frozen=True)
class Row:
    """What became of a study; ``sentence`` says why it failed or was refused, or what is missing though it is done."""

    study_uid: str
    series_uid: str = ""
    state: State = "done"
    sentence: str = ""
    findings: int | None = None
    largest_long_axis_mm: float | None = None
    seconds: float = 0.0
    folder: str = ""


def review_unit(unit: Unit, job: Job | None = None) -> Row:
    """Review one study into its folder and say what became of it; what goes wrong is said, too, and never raised.

    A study is done once its folder says so, which is the last thing written. Cancelled where the job was.
    """
    start_s, out = time.perf_counter(), Path(unit.out)
    try:
        _clear(out)
        row = _done(unit, _reviewed(unit, job or Job()), time.perf_counter() - start_s)
        _seal_done(unit, row)
        return row
    except Cancelled:
        raise
    except Problem as problem:
        state: State = "refused" if isinstance(problem, Unsuitable) else "failed"
        sentence = str(problem)
    except Exception as fault:
        state, sentence = "failed", str(fault_in_words(fault))
    seconds = round(time.perf_counter() - start_s, 1)
    return Row(unit.study_uid, state=state, sentence=sentence, seconds=seconds, folder=out.name)


def _clear(out: Path) -> None:
    """Take the mark of what is done from the folder, and what a killed program has left half written there."""
    with suppress(FileNotFoundError, NotADirectoryError):
        (out / DONE).unlink()
    for left in out.glob(".medviewer-*"):
        shutil.rmtree(left, ignore_errors=True)


def _reviewed(unit: Unit, job: Job) -> Result:
    """Review the study on its own: nothing but the unit's paths is looked at, so that every computer answers alike."""
    with tempfile.TemporaryDirectory(prefix="medviewer-") as desk:
        store = Store(unit.cases or Path(desk) / "cases.sqlite")
        session = Session(store, unit.settings, Library(Path(desk) / "library.sqlite", on=False))
        try:
            paths = [Path(path) for path in (*unit.paths, *unit.beside)]
            wish = replace(unit.wish, study_uid=unit.study_uid)
            return review(paths, Path(unit.out), session=session, job=job, wish=wish)
        finally:
            store.close()


def _done(unit: Unit, result: Result, seconds: float) -> Row:
    axes = [found["long_axis_mm"] for found in result["findings"] if found["status"] != "rejected"]
    return Row(
        unit.study_uid,
        result["series_uid"],
        sentence=lost_pictures(result),
        findings=len(axes),
        largest_long_axis_mm=round(max(axes), 1) if axes else None,
        seconds=round(seconds, 1),
        folder=Path(unit.out).name,
    )


def _seal_done(unit: Unit, row: Row) -> None:
    """Say in the folder that it is done, with the hashes of its files: after them, and whole or not at all."""
    out = Path(unit.out)
    files = {path.name: _file_sha256(path) for path in sorted(out.glob("[!.]*")) if path.is_file()}
    try:
        with whole(out / DONE) as draft:
            draft.write_text(
                seal({"form": FORM, "rests_on": unit.rests_on(), "files": files, "row": asdict(row)}), "utf-8"
            )
    except OSError as error:
        raise Problem(
            _("Nothing can be written to '{folder}': {reason}.").format(folder=out, reason=error.strerror)
        ) from error


def already_done(unit: Unit) -> Row | None:
    """Return what became of a study that was reviewed before, if all is as it was: its input, models and results."""
    out = Path(unit.out)
    try:
        data = unseal((out / DONE).read_bytes(), FORM)
        whole_still = all(_file_sha256(out / name) == sha256 for name, sha256 in data["files"].items())
        return Row(**data["row"]) if whole_still and data["rests_on"] == unit.rests_on() else None
    except (OSError, DamagedError, LookupError, TypeError):
        return None


def _file_sha256(path: str | Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
