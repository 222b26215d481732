"""A review done again from its replay file: the same bit for bit, or what differs and by how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from medviewer.app.comparing import Difference, alike, differences
from medviewer.app.console import ask_password
from medviewer.app.facts import study_facts
from medviewer.app.fingerprints import program
from medviewer.app.reading import installed, read
from medviewer.app.replay_file import changed_images, read_file
from medviewer.app.saved_reading import Data, finding_from_dict, finding_to_dict, reading_to_dict
from medviewer.app.scanning import scan_into
from medviewer.core.case import Case
from medviewer.core.finding import Finding
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Series, Study
from medviewer.core.volume import Volume
from medviewer.i18n import _

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle

SHOWN = 50  # differences that stand in the JSON; all are counted


@dataclass(frozen=True)
class Replayed:
    """What came of doing a review again.

    Attributes:
        differences: of models' answers, facts, risks and advice, in that order; empty where all is the same bit for
            bit.
        changed: by name, what the answers were computed with then and now, where that is not the same: device, threads,
            libraries, the program itself.
        close: whether answers that differ may do so: something that rounds otherwise has changed, the program has not,
            and they agree within the tolerance of ``comparing``.
        counts: how many findings, candidates, risks and pieces of advice were compared.
    """

    differences: tuple[Difference, ...]
    changed: Mapping[str, tuple[object, object]]
    close: bool
    counts: Mapping[str, int]

    @property
    def same(self) -> bool:
        """Whether the review holds: bit for bit, or within tolerance where it was computed with something else."""
        return not self.differences or self.close

    @property
    def largest(self) -> Difference | None:
        """The difference between two numbers that is the largest in proportion; None where no numbers differ."""
        return max((one for one in self.differences if one.share), key=lambda one: one.share, default=None)

    def to_dict(self) -> Data:
        """Return JSON-ready data."""
        return {
            "same": self.same,
            "bit_for_bit": not self.differences,
            "compared": dict(self.counts),
            "changed": {name: {"then": then, "now": now} for name, (then, now) in self.changed.items()},
            "different": len(self.differences),
            "differences": [one.to_dict() for one in self.differences[:SHOWN]],
            "largest": None if self.largest is None else self.largest.to_dict(),
        }


def replay(file: Path, path: Path | None, job: Job) -> Replayed:
    """Do the review in ``file`` again on the images in ``path``, by default where they were; nobody's case changes.

    Problem where the file is damaged, a model or an image is not the one of then, or nothing can be read.
    """
    then = read_file(file)
    bundles = _models(then)
    where = path or _recorded(then)
    study, series = _series(then, where, job.part(0.0, 0.1))
    volume = _load(then, series, job.part(0.1, 0.3))
    try:
        answers = []
        for n, bundle in enumerate(bundles):
            part = job.part(0.3 + 0.7 * n / len(bundles), 0.3 + 0.7 * (n + 1) / len(bundles))
            answers.append(reading_to_dict(read(volume, bundle, part, fresh=True)))
    finally:
        volume.close()
    return _compared(then, answers, study, series)


def _models(then: Data) -> list["Bundle"]:
    """Return the models that read then; Problem where one is not here, or is another by now."""
    bundles = installed([model["id"] for model in then["models"]])
    for model, bundle in zip(then["models"], bundles, strict=True):
        if bundle.all_sha256 != model["all_sha256"]:
            raise Problem(
                _("The model '{name}' installed here is not the one that read then.").format(name=bundle.id),
                _("Then version {then}, here {now}; weights, description or parts differ.").format(
                    then=model["version"], now=bundle.version
                ),
            )
    return bundles


def _recorded(then: Data) -> Path:
    if not then["path"]:
        raise Problem(
            _("The file does not say where the images are."),
            _("Name their folder: medviewer review --replay FILE PATH."),
        )
    return Path(then["path"])


def _series(then: Data, path: Path, job: Job) -> tuple[Study, Series]:
    from medviewer.dicom.catalogue import Catalogue

    catalogue = Catalogue()
    scan_into(catalogue, path, job, password=ask_password)
    for study in catalogue.studies():
        for series in study.series:
            if (study.uid, series.uid) == (then["study_uid"], then["series_uid"]):
                return study, series
    raise Problem(
        _("The series that was read is not in '{path}'.").format(path=path),
        _("Name the folder of its images: medviewer review --replay FILE PATH."),
    )


def _load(then: Data, series: Series, job: Job) -> Volume:
    """Return the volume of then; Problem where an image is not what it was."""
    from medviewer.dicom.load import load_volume

    volume = load_volume(series, job)
    changed, more = changed_images(then["images"], volume)
    if not changed and not more:
        return volume
    volume.close()
    if changed:
        said = _("{count} of the {all} images are not those that were read, or are missing. The first: {uid}.")
        raise Problem(said.format(count=len(changed), all=len(then["images"]), uid=changed[0]))
    said = _("There are {count} images that were not read then. The first: {uid}.")
    raise Problem(said.format(count=len(more), uid=more[0]))


def _compared(then: Data, answers: list[Data], study: Study, series: Series) -> Replayed:
    was = [model["reading"] for model in then["models"]]
    names = "findings", "candidates"
    outcome = _outcome(then, answers, study, series)
    found = [
        one
        for model, before, now in zip(then["models"], was, answers, strict=True)
        for name in names
        for one in differences(before[name], now[name], (model["id"], name))
    ]
    found += [one for name in outcome for one in differences(then[name], outcome[name], (name,))]
    changed = _changed(then, answers)
    close = (
        bool(changed)
        and not changed.keys() & {"version", "code_sha256"}
        and all(alike(before["findings"], now["findings"]) for before, now in zip(was, answers, strict=True))
    )
    counts = {name: sum(len(before[name]) for before in was) for name in names}
    return Replayed(tuple(found), changed, close, counts | {name: len(then[name]) for name in ("risks", "advice")})


def _changed(then: Data, answers: list[Data]) -> dict[str, tuple[object, object]]:
    """Return what the answers were computed with then and now, by name, where it differs."""
    pairs = [
        (model["reading"]["conditions"], now["conditions"]) for model, now in zip(then["models"], answers, strict=True)
    ]
    pairs.append((then["program"], program()))
    return {one.where: (one.then, one.now) for before, now in pairs for one in differences(before, now)}


def _outcome(then: Data, answers: list[Data], study: Study, series: Series) -> Data:
    """Return facts, risks and advice from the images and the answers of now, with the verdicts and inputs of then."""
    from medviewer import risk, treatment

    again = {
        data["id"]: finding_from_dict(data)
        for answer in answers
        for data in (*answer["findings"], *answer["candidates"])
    }

    def now(saved: Finding) -> Finding:
        found = again.get(saved.id)
        return saved if found is None or saved.status != "unreviewed" else found

    findings = tuple(now(finding_from_dict(data)) for data in then["findings"])
    inputs = {(scope, name): value for scope, name, value in then["inputs"]}
    case = Case(study.uid, study_facts(study, series), findings, inputs)
    risks = risk.assess(case)
    return {
        "facts": dict(case.study_facts),
        "findings": [finding_to_dict(found) for found in findings],
        "risks": [one.to_dict() for one in risks],
        "advice": [one.to_dict() for one in treatment.advise(case, risks)],
    }


def show_replay(replayed: Replayed) -> None:
    """Print that the result is the same, and how exactly; nothing where it is not."""
    if not replayed.same:
        return
    if replayed.differences:
        said = _("The same within tolerance, not bit for bit: {count} values differ. {largest}")
        typer.echo(said.format(count=len(replayed.differences), largest=_largest(replayed)).strip())
    else:
        said = _(
            "The same, bit for bit: {findings} findings, {candidates} candidates under the threshold, {risks} risks, "
            "{advice} pieces of advice."
        )
        typer.echo(said.format(**replayed.counts))
    for name, (then, now) in replayed.changed.items():
        said = _("Computed with another {name}: {then} then, {now} now.")
        typer.echo(said.format(name=name, then=_short(then), now=_short(now)))


def replay_problem(replayed: Replayed) -> None:
    """Raise Problem where the result is not the same, with the first difference and the largest."""
    if replayed.same:
        return
    first = replayed.differences[0]
    other = "".join(f" {name}: {_short(then)} / {_short(now)}." for name, (then, now) in replayed.changed.items())
    raise Problem(
        _("The result is not the same: {count} values differ, the first is {where}: {then} then, {now} now.").format(
            count=len(replayed.differences), where=first.where, then=_short(first.then), now=_short(first.now)
        ),
        f"{_largest(replayed)}{other}",
    )


def _short(value: object) -> str:
    """Return a value as a sentence can hold it: of a hash the first digits."""
    text = str(value)
    return text if len(text) < 64 else text[:12]


def _largest(replayed: Replayed) -> str:
    largest = replayed.largest
    if largest is None:
        return ""
    return _("The largest difference of a number is in {where}: {then} then, {now} now.").format(
        where=largest.where, then=largest.then, now=largest.now
    )
