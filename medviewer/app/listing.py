"""What the commands scan, review, models and phantom print, for people and for programs."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from medviewer.app.console import table
from medviewer.app.scanning import damaged
from medviewer.core.problem import Problem
from medviewer.core.study import Check, Series, Study, Unreadable
from medviewer.dicom.kinds import kind_title
from medviewer.i18n import _

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle


def scan_result(
    studies: Sequence[Study], unreadable: Sequence[Unreadable], models: Sequence["Bundle"] = ()
) -> dict[str, Any]:
    """Return studies, series and their checks, and what could not be read; texts in English.

    With ``models``, each series of images also tells what speaks against reading it with each of them.
    """
    return {
        "studies": [
            {
                "study_uid": study.uid,
                "date": study.date,
                "description": study.first.study_description,
                "patient_id": study.patient.id,
                "series": [_series(series) | _models(series, models) for series in study.series],
            }
            for study in studies
        ],
        "unreadable": [{"path": file.path, "reason": file.reason} for file in unreadable],
    }


def _series(series: Series) -> dict[str, Any]:
    first = series.first
    return {
        "series_uid": series.uid,
        "modality": series.modality,
        "description": first.series_description,
        "kind": series.kind,
        "what": kind_title(series).to("en"),
        "label": series.label.to("en") if series.label else "",
        "images": len(series.headers),
        "frames": first.frames,
        "rows": first.rows,
        "columns": first.columns,
        "spacing_kji_mm": list(series.grid.spacing_kji_mm) if series.grid else None,
        "transfer_syntax": first.transfer_syntax,
        "checks": [_check(check) for check in series.checks],
    }


def _models(series: Series, models: Sequence["Bundle"]) -> dict[str, Any]:
    if not models:
        return {}
    from medviewer.ai.bundle import fits

    asked = models if series.kind == "image" else ()
    return {"models": {bundle.id: [_check(check) for check in fits(bundle, series)] for bundle in asked}}


def _check(check: Check) -> dict[str, str]:
    explanation = check.explanation.to("en") if check.explanation else ""
    return {"code": check.code, "severity": check.severity, "text": check.text.to("en"), "explanation": explanation}


def show_scan(result: Mapping[str, Any]) -> None:
    """Print the studies, and below them what could not be read."""
    for study in result["studies"]:
        asked = any("models" in series for series in study["series"])
        columns = [_("modality"), _("kind"), _("series"), _("images"), _("size"), _("checks")]
        columns += [*([_("models")] if asked else []), _("series UID")]
        rows = [
            (
                series["modality"],
                series["what"],
                "\n".join(filter(None, (series["description"], series["label"]))),
                series["images"],
                f"{series['rows']} x {series['columns']}" if series["kind"] == "image" else "",
                _told(series["checks"]),
                *([_asked(series["models"])] if asked else []),
                series["series_uid"],
            )
            for series in study["series"]
        ]
        table(columns, rows, title=" ".join(filter(None, (study["date"], study["description"], study["study_uid"]))))
    for file in result["unreadable"]:
        typer.echo(f"{file['path']}: {file['reason']}")


def _asked(models: Mapping[str, Any]) -> str:
    fine = _("reads it")
    return "\n".join(f"{name}: {_told(told) or fine}" for name, told in models.items())


def _told(checks: Sequence[Mapping[str, str]]) -> str:
    return "\n".join(f"{check['severity']}: {check['text']}" for check in checks)


def unreadable_problem(unreadable: Sequence[Unreadable]) -> None:
    """Raise Problem where files that ought to be images could not be read: some of the study may be missing."""
    lost = damaged(unreadable)
    if lost:
        raise Problem(
            _("Some files could not be read ({count}). The first: {path}: {reason}").format(
                count=len(lost), path=lost[0].path, reason=lost[0].reason
            )
        )


def show_review(result: Mapping[str, Any], out: Path) -> None:
    """Print the findings with their risks, and where the files are."""
    risks: dict[str, list[str]] = {}
    for risk in result["risks"]:
        value = "?" if risk["value"] is None else f"{risk['value'] * 100:.1f} %"
        risks.setdefault(risk["finding_id"], []).append(f"{risk['id']} {value}")
    rows = [
        (
            number,
            found["label"],
            f"{found['long_axis_mm']:.1f} x {found['short_axis_mm']:.1f}",
            f"{found['volume_mm3']:.0f}",
            f"{found['mean_hu']:.0f}",
            "" if found["score"] is None else f"{found['score']:.2f} {found['wording']}",
            found["status"],
            "\n".join(risks.get(found["id"], [])),
        )
        for number, found in enumerate(result["findings"], start=1)
    ]
    columns = ("", _("finding"), "mm", "mm³", "HU", _("score"), _("status"), _("risk"))
    table(columns, rows)
    if result["comparison"] is not None:
        _show_comparison(result["comparison"])
    typer.echo(_("Written to {folder}.").format(folder=out))


def _show_comparison(comparison: Mapping[str, Any]) -> None:
    """Print which earlier examination the study was compared with, what became of each finding, or why it was not."""
    if comparison["why_not"]:
        said = _("Not compared with the examination of {date}: {reason}")
        typer.echo(said.format(date=comparison["date"], reason=comparison["why_not"]))
    for text in comparison["text"]:
        typer.echo(text)
    if comparison["read_now"]:
        typer.echo(_("The earlier findings are the model's of just now; nobody has reviewed them."))


def lost_pictures(result: Mapping[str, Any]) -> str:
    """Return in a sentence what was lost on the way to a review that is written; empty where nothing was."""
    codes = ("unreadable-images", "unreadable-files", "missing-slices")
    return next((str(check["text"]) for check in result["checks"] if check["code"] in codes), "")


def review_problem(result: Mapping[str, Any]) -> None:
    """Raise Problem where the review is written but pictures were lost on the way to it."""
    lost = lost_pictures(result)
    if lost:
        raise Problem(lost, _("The review was written without them."))


def show_metrics(metrics: Mapping[str, Any]) -> None:
    """Print metrics, one a line, those of a group behind its name."""
    table((_("metric"), _("value")), list(_flat("", metrics)))


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), each)
    elif isinstance(value, list | tuple):
        yield name, (" – " if len(value) == 2 else ", ").join(_short(each) for each in value)
    else:
        yield name, _short(value)


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def show_phantom(truth: Mapping[str, Any], out: Path) -> None:
    """Print where the virtual patient is and what is in it."""
    typer.echo(_("Written to {folder}.").format(folder=out))
    typer.echo(_("{count} nodules; see truth.json.").format(count=len(truth.get("nodules", ()))))
