"""Whole scans are judged by what was found where, whatever network read them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from medviewer.ai.protocol import Reading
from medviewer.core.finding import NODULE, Finding, Point
from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Header, Series
from medviewer.core.volume import Volume
from medviewer.phantom import small
from medviewer.train.crops import Crops, load
from medviewer.train.scan_truth import Case, Lesion, as_volume, cases, of_boxes, of_crops
from medviewer.train.scans import judge_scans

BUNDLE: Any = SimpleNamespace(threshold=0.5)
GRID = Grid((3, 40, 50), (-20.0, -30.0, 100.0), (2.0, 0.5, 0.5))
LESIONS = (Lesion("a", (0.0, 0.0, 0.0), 10.0, "solid"), Lesion("b", (30.0, 0.0, 0.0), 6.0, "ground-glass"))


def finding(center_lps_mm: Point, score: float) -> Finding:
    return Finding(
        f"{center_lps_mm}", "Nodule", NODULE, "1.9", "", center_lps_mm, (center_lps_mm, center_lps_mm),
        8.0, 6.0, 200.0, 20.0, score,
    )  # fmt: skip


def case(lesions: Sequence[Lesion] = LESIONS, name: str = "one", kind: Any = "virtual") -> Case:
    return Case(name, kind, True, lambda _job: (as_volume(small.make()), lesions))


def read(*seen: tuple[Point, float]) -> Any:
    """A reader that sees the same everywhere, what is under 0.5 as candidates."""
    every = [finding(*one) for one in seen]

    def reading(volume: Volume, _job: Job) -> Reading:
        assert volume.complete
        return Reading(
            tuple(f for f in every if (f.score or 0.0) >= 0.5), {"nodules": 1.234}, "CPU",
            tuple(f for f in every if (f.score or 0.0) < 0.5),
        )  # fmt: skip

    return reading


def test_what_lies_in_a_lesion_is_found_and_the_rest_is_false() -> None:
    result = judge_scans(BUNDLE, [case()], Job(), read(((2.0, 1.0, 0.0), 0.9), ((30.0, 0.0, 9.0), 0.8)))
    scan = result["scans"]["one"]
    first, second = scan["lesions"]["a"], scan["lesions"]["b"]
    assert (first["found"], first["score"], first["away_mm"], first["long_axis_mm"]) == (True, 0.9, 2.2, 8.0)
    assert (second["found"], second["score"], second["away_mm"]) == (False, None, None)
    assert scan["false_positives"] == {"1": {"score": 0.8, "center_lps_mm": [30.0, 0.0, 9.0], "long_axis_mm": 8.0}}
    told = result["at_threshold"]["virtual"]
    assert (told["found"], told["lesions"], told["sensitivity"]["mean"]) == (1, 2, 0.5)
    assert told["false_positives_per_scan"]["mean"] == 1.0
    assert (scan["timings_s"], scan["device"], scan["everything_marked"]) == ({"nodules": 1.23}, "CPU", True)


def test_a_lesion_seen_twice_is_found_once_and_neither_is_false() -> None:
    result = judge_scans(BUNDLE, [case()], Job(), read(((0.0, 0.0, 1.0), 0.6), ((0.0, 0.0, -1.0), 0.7)))
    scan = result["scans"]["one"]
    assert (scan["lesions"]["a"]["score"], scan["false_positives"]) == (0.7, {})


def test_what_stayed_under_the_threshold_is_told_and_counts_in_the_curve() -> None:
    result = judge_scans(BUNDLE, [case()], Job(), read(((0.0, 0.0, 0.0), 0.32), ((0.0, 40.0, 0.0), 0.22)))
    lesion = result["scans"]["one"]["lesions"]["a"]
    assert (lesion["found"], lesion["score"]) == (False, 0.32)
    curve = result["curve"]["virtual"]
    assert [curve[level]["sensitivity"] for level in ("0.20", "0.30", "0.35")] == [0.5, 0.5, 0.0]
    assert [curve[level]["false_positives_per_scan"] for level in ("0.20", "0.30")] == [1.0, 0.0]


def test_patients_and_virtual_ones_are_counted_apart() -> None:
    both = [case(name="p", kind="patients"), case(name="v"), case((), name="w")]
    told: list[str] = []
    result = judge_scans(BUNDLE, both, Job(), read(((0.0, 0.0, 0.0), 0.9)), told.append)
    assert (result["at_threshold"]["patients"]["lesions"], result["at_threshold"]["virtual"]["lesions"]) == (2, 2)
    assert result["at_threshold"]["virtual"]["false_positives_per_scan"]["mean"] == 0.5
    assert [line.partition(",")[0] for line in told] == ["p: 1 of 2 found", "v: 1 of 2 found", "w: 0 of 0 found"]


def test_a_box_holds_what_lies_in_it_give_or_take_a_millimetre() -> None:
    lesion = Lesion("box", (5.0, 5.0, 5.0), 3.0, "", ((0.0, 0.0, 0.0), (10.0, 10.0, 10.0)))
    assert lesion.holds((9.5, 9.5, 10.9))
    assert not lesion.holds((9.5, 9.5, 11.1))


def marked() -> Series:
    headers = tuple(
        Header("", f"1.2.{k}", "", "1", "1.9", "CT", position_lps_mm=(-20.0, -30.0, 100.0 + 2.0 * k)) for k in range(3)
    )
    return Series("1.9", headers, (), GRID)


def boxes(folder: Path, k: int, *places: tuple[int, int, int, int]) -> None:
    names = ("xmin", "ymin", "xmax", "ymax")
    objects = "".join(
        "<object><bndbox>"
        + "".join(f"<{n}>{v}</{n}>" for n, v in zip(names, place, strict=True))
        + "</bndbox></object>"
        for place in places
    )
    (folder / f"1.2.{k}.xml").write_text(f"<annotation>{objects}</annotation>", encoding="utf-8")


def test_overlapping_boxes_of_neighbouring_slices_are_one_lesion(tmp_path: Path) -> None:
    boxes(tmp_path, 0, (10, 20, 20, 26))
    boxes(tmp_path, 1, (12, 20, 22, 26), (40, 4, 46, 8))
    one, other = of_boxes(tmp_path, marked())
    assert one.center_lps_mm == pytest.approx(GRID.to_lps((0.5, 23, 16)))
    assert one.box_lps_mm is not None
    assert np.allclose(one.box_lps_mm, [GRID.to_lps((-0.5, 19.5, 9.5)), GRID.to_lps((1.5, 26.5, 22.5))])
    assert (one.diameter_mm, other.diameter_mm) == (5.0, 3.0)
    assert other.center_lps_mm == pytest.approx(GRID.to_lps((1, 6, 43)))


def test_a_series_that_nobody_marked_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="No image of this series is marked"):
        of_boxes(tmp_path, marked())


def test_a_nodule_of_the_crops_is_put_back_into_its_scan() -> None:
    masks = np.zeros((2, 8, 8), np.uint8)
    masks[:, 2:5, 3:6] = 0b11
    masks[1, 2:5, 6] = 0b01
    row = {"pid": "P", "nodule": "n", "crop_row0": "10", "crop_col0": "20", "n_readers": "2", "diam_mm": "4.5"}
    other = row | {"pid": "Q"}
    crops = Crops(
        np.zeros((3, 8, 8), np.uint8), np.concatenate([masks, masks[:1]]), np.array([0, 0, 1]),
        np.array([102.0, 104.0, 100.0]), ({**row, "mal_median": "3.0"}, {**other, "mal_median": "1.0"}),
    )  # fmt: skip
    (lesion,) = of_crops(crops, "P", marked())
    assert lesion.diameter_mm == 4.5
    assert lesion.box_lps_mm is not None
    assert np.allclose(lesion.box_lps_mm, [GRID.to_lps((0.5, 11.5, 22.5)), GRID.to_lps((2.5, 14.5, 26.5))])
    drawn = np.argwhere(masks > 0)
    assert lesion.center_lps_mm == pytest.approx(GRID.to_lps(np.add(drawn.mean(axis=0), (1, 10, 20))))


def test_a_scan_without_places_has_no_truth() -> None:
    with pytest.raises(Problem, match="no known place"):
        of_crops(Crops(*(np.zeros((1, 2, 2), np.uint8),) * 2, np.zeros(1, np.int64), np.zeros(1),
                       ({"pid": "P", "crop_row0": "0", "crop_col0": "0", "n_readers": "1", "mal_median": "1",
                         "diam_mm": "1", "nodule": "n"},)), "P", replace(marked(), grid=None))  # fmt: skip


def test_without_real_scans_beside_the_data_there_are_the_virtual_ones(tmp_path: Path) -> None:
    assert [one.name for one in cases(tmp_path / "lidc", (1, 4), Job())] == ["virtual chest 1", "virtual chest 4"]


@pytest.mark.data
def test_the_truth_of_the_real_scans_lies_where_it_is_known_to(shared_data: Path) -> None:
    from medviewer.dicom.catalogue import Catalogue
    from medviewer.dicom.scan import scan

    assert [one.name for one in cases(shared_data / "lidc-nodules", (), Job())] == ["LIDC-IDRI-0314", "Lung_Dx-A0002"]
    found = {}
    for folder in ("chest-ct-1mm-LIDC-IDRI-0314-jls", "chest-ct-8mm-Lung_Dx-A0002"):
        catalogue = Catalogue()
        catalogue.add(list(scan(shared_data / "dicom" / folder, Job())))
        found[folder] = catalogue.studies()[0].series[0]
    lidc, boxed = found.values()
    (nodule,) = of_crops(load(shared_data / "lidc-nodules", ("holdout",), Job()), "LIDC-IDRI-0314", lidc)
    assert lidc.grid is not None
    assert lidc.grid.to_kji(nodule.center_lps_mm) == pytest.approx((160, 243, 183), abs=4.0)
    (lesion,) = of_boxes(shared_data / "dicom" / "chest-ct-8mm-Lung_Dx-A0002" / "annotation-xml", boxed)
    assert 30.0 < lesion.diameter_mm < 80.0
