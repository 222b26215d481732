"""What a review rests on and came to, in a file from which it can be done again: no patient, only UIDs and hashes."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medviewer.app.fingerprints import image_hashes, input_sha256, program
from medviewer.app.priors import name_parts
from medviewer.app.saved_reading import DamagedError, Data, finding_to_dict, reading_to_dict, unseal
from medviewer.app.session import Session
from medviewer.core.problem import Problem
from medviewer.core.study import Series
from medviewer.core.volume import Volume
from medviewer.i18n import _

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle
    from medviewer.ai.protocol import Reading

FORM = "medviewer-replay-1"
_TELLING = 4  # letters of a name that are not met by chance inside another word


def record(
    session: Session,
    volume: Volume,
    answers: Sequence[tuple["Bundle", "Reading"]],
    source: Path | Sequence[Path] = (),
) -> Data:
    """Return what the review of the open case rests on and came to; ``source`` is where its images are."""
    series, images = volume.series, image_hashes(volume)
    return {
        "form": FORM,
        "program": program(),
        "study_uid": series.first.study_uid,
        "series_uid": series.uid,
        "path": _nameless(source, series),
        "images": [
            {"sop_uid": header.sop_uid, "frame": header.frame, "sha256": sha256}
            for header, sha256 in zip(series.headers, images, strict=True)
        ],
        "input_sha256": input_sha256(volume, images),
        "models": [_model(bundle) | {"reading": reading_to_dict(reading)} for bundle, reading in answers],
        **outcome(session),
    }


def _model(bundle: "Bundle") -> Data:
    return {"id": bundle.id, "version": bundle.version, "all_sha256": bundle.all_sha256}


def outcome(session: Session) -> Data:
    """Return the open case as far as risks and advice rest on it, and those."""
    case = session.case
    return {
        "facts": dict(case.study_facts),
        "inputs": [[scope, name, value] for (scope, name), value in sorted(case.inputs.items())],
        "findings": [finding_to_dict(found) for found in case.findings],
        "risks": [risk.to_dict() for risk in session.risks()],
        "advice": [advice.to_dict() for advice in session.advice()],
    }


def read_file(file: Path) -> Data:
    """Return what ``record`` wrote; Problem where the file cannot be read, is damaged or was changed."""
    try:
        return unseal(file.read_bytes(), FORM)
    except OSError as error:
        raise Problem(_("'{path}' cannot be read: {reason}.").format(path=file, reason=error.strerror)) from error
    except DamagedError as damage:
        raise Problem(
            _("'{path}' is no replay file of this program, or it is damaged or was changed.").format(path=file),
            _("A review writes one as replay.json beside its result."),
        ) from damage


def changed_images(then: Sequence[Mapping[str, Any]], volume: Volume) -> tuple[list[str], list[str]]:
    """Return the SOP UIDs of images that are not what was read, or not there, and of those that are there besides."""
    now = {
        (header.sop_uid, header.frame): sha256
        for header, sha256 in zip(volume.series.headers, image_hashes(volume), strict=True)
    }
    was = {(image["sop_uid"], image["frame"]): image["sha256"] for image in then}
    return [uid for (uid, n), sha256 in was.items() if now.get((uid, n)) != sha256], [
        u for u, n in now if (u, n) not in was
    ]


def _nameless(source: Path | Sequence[Path], series: Series) -> str:
    """Return where the images are, or nothing where that would tell who the patient is.

    That is ``source``, which may be an archive; of many paths the folder that holds the series.
    """
    files = [header.path for header in series.headers]
    text = str(source.resolve()) if isinstance(source, Path) else os.path.commonpath(map(os.path.abspath, files))
    words, patient = name_parts(text), series.first.patient
    who = [word for about in (patient.name, patient.id, patient.birth_date) for word in name_parts(about)]
    told = any(name == word or (len(name) >= _TELLING and name in word) for name in who for word in words)
    return text if not told and text.encode("utf-8", "ignore").decode() == text else ""
