"""A model reads a series: what fits, the run, and the edits that bring its findings into a case."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from medviewer.core.case import Case
from medviewer.core.edits import AddFindings, Edit, RemoveFindings
from medviewer.core.finding import Finding, Point
from medviewer.core.job import Job
from medviewer.core.problem import Problem, Unsuitable
from medviewer.core.study import Check, Series
from medviewer.core.volume import Volume
from medviewer.i18n import _

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle
    from medviewer.ai.protocol import Reading

_SAME_PLACE_MM = 1.0  # boxes of the same nodule read twice differ by about a voxel


def installed(wanted: Sequence[str] = ()) -> list["Bundle"]:
    """Return the bundled models, only those ``wanted`` by id where any is; Problem where one does not exist."""
    from medviewer.ai.bundle import readers

    known = readers()
    for name in wanted:
        if name not in known:
            raise Problem(
                _("There is no model '{name}'.").format(name=name),
                _("There are: {names}.").format(names=", ".join(known)),
            )
    return [known[name] for name in dict.fromkeys(wanted)] if wanted else list(known.values())


def fitting(series: Series, wanted: Sequence[str] = ()) -> list["Bundle"]:
    """Return the models that may read ``series``: those ``wanted`` by id, else every one that fits.

    Problem where a wanted one does not exist or does not fit; an empty list only where none was wanted.
    """
    if not wanted:
        return [bundle for bundle in installed() if not stops(bundle, series)]
    for bundle in installed(wanted):
        refuse(bundle, series)
    return installed(wanted)


def stops(bundle: "Bundle", series: Series) -> tuple[Check, ...]:
    """Return why the model must not read the series; empty where it may."""
    from medviewer.ai.bundle import fits

    return tuple(check for check in fits(bundle, series) if check.severity == "stop")


def refuse(bundle: "Bundle", series: Series) -> None:
    """Raise Unsuitable with the sentence why the model must not read the series, if it must not."""
    for check in stops(bundle, series):
        raise Unsuitable(str(check.text), _("Choose another series."))


def read(volume: Volume, bundle: "Bundle", job: Job, *, fresh: bool = False, **more: Any) -> "Reading":
    """Let the model read a loaded volume, unless it has read the same before under the same conditions.

    ``fresh`` wants a new answer; ``more`` goes to ``engine.run``. Problem where the model does not fit, Cancelled on
    cancel: then nothing is kept.
    """
    from medviewer.ai.engine import run
    from medviewer.app.result_cache import ResultCache, key_of

    refuse(bundle, volume.series)
    start_s, cache = time.perf_counter(), ResultCache()
    key = key_of(volume, bundle)
    known = None if fresh else cache.get(key)
    if known is not None:
        job.step(1.0)
        return replace(known, timings_s={"cache": time.perf_counter() - start_s})
    job.check()
    answer = run(bundle, volume, job, **more)
    cache.put(key, answer)
    return answer


def as_edits(case: Case, findings: Sequence[Finding], model_id: str, series_uid: str) -> tuple[Edit, ...]:
    """Return the steps that bring a new reading into the case.

    What the same model found before on that series and nobody has judged goes; what the reader has judged stays,
    and is not offered a second time.
    """
    mine = [f for f in case.findings if f.model and f.model.id == model_id and f.series_uid == series_uid]
    judged = [f for f in mine if f.status != "unreviewed"]
    old = tuple(f for f in mine if f.status == "unreviewed")
    staying = {f.id for f in case.findings} - {f.id for f in old}
    new = tuple(_with_own_id(f, staying) for f in findings if not any(same_place(f, other) for other in judged))
    edits: list[Edit] = [RemoveFindings(old)] if old else []
    return tuple([*edits, AddFindings(new)] if new else edits)


def _with_own_id(finding: Finding, taken: Iterable[str]) -> Finding:
    return replace(finding, id=uuid4().hex) if finding.id in taken else finding


def same_place(one: Finding, other: Finding) -> bool:
    """Whether the centre of either lies in the other's box, give or take a millimetre."""
    return _inside(one.center_lps_mm, other) or _inside(other.center_lps_mm, one)


def _inside(point: Point, finding: Finding) -> bool:
    corners = zip(point, *finding.box_lps_mm, strict=True)
    return all(min(a, b) - _SAME_PLACE_MM <= p <= max(a, b) + _SAME_PLACE_MM for p, a, b in corners)
