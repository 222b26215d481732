"""Many studies reviewed one after another, each as a unit of its own, with a summary that grows as they are done."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import typer

from medviewer import __version__
from medviewer.app.batch_unit import Row, Unit, already_done, review_unit
from medviewer.app.console import as_json, ask_password, table, write_text
from medviewer.app.fingerprints import sha256_of
from medviewer.app.marks_csv import plain_cell
from medviewer.app.outbox import ensure_writable
from medviewer.app.priors import same_person
from medviewer.app.review import Clock, Result, Wish, review_scanned
from medviewer.app.scanning import damaged, scan_into
from medviewer.app.session import Session
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Study, Unreadable
from medviewer.i18n import _

CSV, JSON = "summary.csv", "summary.json"


@dataclass(frozen=True)
class Summary:
    """What became of the studies so far, in the order they were reviewed, and of files that could not be read."""

    rows: tuple[Row, ...]
    unreadable: tuple[Unreadable, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data in the form of ``summary.json``; no patients, and no paths but folders of results."""
        return {
            "medviewer": __version__,
            "studies": [asdict(row) for row in self.rows],
            "unreadable": len(self.unreadable),
        }

    def csv(self) -> str:
        """Return one line a study, below the names of the columns."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        names = [each.name for each in fields(Row)]
        writer.writerow(names)
        for row in self.rows:
            values = (getattr(row, name) for name in names)
            writer.writerow("" if value is None else plain_cell(str(value)) for value in values)
        return out.getvalue()

    def write(self, out: Path) -> None:
        """Write ``summary.csv`` and ``summary.json``, each whole or not at all; Problem where that is not possible."""
        write_text(out / CSV, self.csv())
        write_text(out / JSON, as_json(self.to_dict()) + "\n")


def are_several(studies: Sequence[Study]) -> bool:
    """Whether studies are of several patients: those of one are a study and what came before it."""
    return any(same_person(studies[0].patient, other.patient) != "yes" for other in studies[1:])


def review_path(
    path: Path, out: Path, *, session: Session, wish: Wish, job: Job, every: bool | None = None, resume: bool = False
) -> Result | Summary:
    """Review what is in ``path``: the latest study beside its priors, or every study, each in a folder of its own.

    ``every`` says which; by default every one where they are of several patients. Problem as for ``review``.
    """
    wish.check()
    ensure_writable(out)
    clock = Clock()
    with clock.phase("scan"):
        unreadable = damaged(scan_into(session.catalogue, path, job.part(0.0, 0.1), password=ask_password))
    rest = job.part(0.1, 1.0)
    if every is None:
        every = wish.series_uid is None and are_several(session.catalogue.studies())
    if not every:
        return review_scanned(session, unreadable, out, wish, rest, clock=clock, source=path)
    if wish.clinical or wish.series_uid:
        raise Problem(
            _("There are studies of several patients; clinical inputs and a series belong to one."),
            _("Review that study alone: name its folder, or its series with --series."),
        )
    out.mkdir(parents=True, exist_ok=True)
    return review_all(units(session, out, wish), out, rest, unreadable=unreadable, resume=resume)


def units(session: Session, out: Path, wish: Wish) -> list[Unit]:
    """Return a unit for every study of the session's catalogue, the earliest first; folders of before stay theirs."""
    studies = sorted(session.catalogue.studies(), key=lambda study: (study.date, study.uid))
    folders = _folders(out, [study.uid for study in studies])
    return [
        Unit(
            study.uid,
            _files((study,)),
            str(out / folders[study.uid]),
            _files(o for o in studies if o is not study and same_person(study.patient, o.patient) == "yes"),
            wish,
            session.settings,
            session.store.url,
        )
        for study in studies
    ]


def _files(studies: Iterable[Study]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(header.path for one in studies for series in one.series for header in series.headers))


def _folders(out: Path, uids: Sequence[str]) -> dict[str, str]:
    """Return a folder's name for each study: a running number and a part of its UID's hash, nothing of the patient."""
    there = {path.name.partition("-")[2]: path.name for path in out.glob("[0-9]*-*") if path.is_dir()}
    number = max(
        (int(name.partition("-")[0]) for name in there.values() if name.partition("-")[0].isdecimal()), default=0
    )
    names = {}
    for uid in uids:
        short = sha256_of(uid)[:10]
        if short not in there:
            number += 1
            there[short] = f"{number:03d}-{short}"
        names[uid] = there[short]
    return names


def review_all(
    todo: Sequence[Unit],
    out: Path,
    job: Job,
    *,
    unreadable: Sequence[Unreadable] = (),
    resume: bool = False,
    work: Callable[[Unit, Job], Row] = review_unit,
) -> Summary:
    """Review the units one after another; the summary in ``out`` is renewed after each, so that a stop loses only one.

    With ``resume`` those that are done, on the same input with the same models, are not done again. Problem where the
    summary cannot be written: then nothing else could be, either.
    """
    summary = Summary((), tuple(unreadable))
    for n, unit in enumerate(todo):
        part = job.part(n / len(todo), (n + 1) / len(todo))
        part.step(0.0, _("Study {n} of {count}").format(n=n + 1, count=len(todo)))
        row = (already_done(unit) if resume else None) or work(unit, part)
        summary = Summary((*summary.rows, row), summary.unreadable)
        summary.write(out)
    return summary


def show_summary(summary: Summary, out: Path) -> None:
    """Print what became of each study, and where the files are."""
    columns = (_("folder"), _("state"), _("findings"), _("long axis, mm"), _("seconds"), "")
    rows = [
        (
            row.folder,
            {"done": _("done"), "failed": _("failed"), "refused": _("refused")}[row.state],
            "" if row.findings is None else row.findings,
            "" if row.largest_long_axis_mm is None else f"{row.largest_long_axis_mm:.1f}",
            f"{row.seconds:.1f}",
            row.sentence,
        )
        for row in summary.rows
    ]
    table(columns, rows)
    typer.echo(_("Written to {folder}.").format(folder=out))


def summary_problem(summary: Summary) -> None:
    """Raise Problem where a study failed, pictures were lost, or no study could be reviewed at all."""
    bad = [row for row in summary.rows if row.state == "failed" or (row.state == "done" and row.sentence)]
    if bad:
        said = _("{count} of {all} studies failed or are incomplete: {folders}. The first: {reason}")
        folders = ", ".join(row.folder for row in bad)
        raise Problem(
            said.format(count=len(bad), all=len(summary.rows), folders=folders, reason=bad[0].sentence),
            _("With --resume only what is left is done."),
        )
    if not any(row.state == "done" for row in summary.rows):
        raise Problem(_("No study could be reviewed. The first: {reason}").format(reason=summary.rows[0].sentence))
    if summary.unreadable:
        said = _("{count} files could not be read and are part of no study. The first: {reason}")
        raise Problem(said.format(count=len(summary.unreadable), reason=summary.unreadable[0].reason))
