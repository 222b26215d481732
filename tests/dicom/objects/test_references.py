"""Which images an object belongs to."""

from dataclasses import replace
from pathlib import Path

import pydicom
import pytest

from medviewer.core.study import Series, Study
from medviewer.dicom.objects import NOT_HERE, target
from medviewer.dicom.objects.references import References, best
from tests.dicom.objects.cases import images, marker, seg_file, series_of


@pytest.fixture
def ct(tmp_path: Path) -> list[Path]:
    return images(tmp_path / "ct")


def other(series: Series, uid: str, frame_of_reference: str) -> Series:
    """Return a series with other UIDs of everything."""
    headers = tuple(
        replace(h, series_uid=uid, sop_uid=f"{uid}.{h.sop_uid}", frame_of_reference_uid=frame_of_reference)
        for h in series.headers
    )
    return replace(series, uid=uid, headers=headers)


def test_the_stack_that_holds_the_images_is_found(ct: list[Path], tmp_path: Path) -> None:
    series = series_of(ct)
    drawn = series_of([seg_file(tmp_path / "seg.dcm", ct, marker())], "segmentation")
    few = replace(series, uid="few", headers=series.headers[:1])
    study = Study("1", (other(series, "5.5", "1.2.3.9"), few, series, drawn))
    assert target(study, drawn) is series


def test_the_frame_of_reference_decides_where_the_images_are_not_there(ct: list[Path], tmp_path: Path) -> None:
    series = series_of(ct)
    drawn = series_of([seg_file(tmp_path / "seg.dcm", ct, marker())], "segmentation")
    near, far = other(series, "5.5", "1.2.3.9"), other(series, "6.6", "9.9")
    assert target(Study("1", (far, near, drawn)), drawn) is near
    assert target(Study("1", (far, drawn)), drawn) is None
    assert "not in this study" in str(NOT_HERE)


def test_a_series_is_found_by_its_uid_alone(ct: list[Path]) -> None:
    series = series_of(ct)
    assert best(Study("1", (series,)), References(series_uids=frozenset({"1.2.3.4"}))) is series
    assert best(Study("1", (replace(series, kind="report"),)), References(series_uids=frozenset({"1.2.3.4"}))) is None


def test_a_file_that_cannot_be_read_belongs_nowhere(ct: list[Path], tmp_path: Path) -> None:
    series = series_of(ct)
    gone = replace(series, kind="segmentation", headers=(replace(series.first, path=str(tmp_path / "gone.dcm")),))
    assert target(Study("1", (series, gone)), gone) is None


def test_a_deep_nest_of_references_ends(ct: list[Path], tmp_path: Path) -> None:
    data = pydicom.Dataset()
    for _n in range(40):
        outer = pydicom.Dataset()
        outer.ReferencedSeriesSequence = [data]
        data = outer
    from medviewer.dicom.objects.references import references_of

    assert references_of(data) == References()
