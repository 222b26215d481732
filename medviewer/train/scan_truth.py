"""Scans of known truth: virtual patients, one patient of LIDC-IDRI by its readers, one with boxes around the lesion."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from medviewer.core.finding import Point
from medviewer.core.grid import Grid, triple
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.shared import SharedArray
from medviewer.core.study import Header, Series
from medviewer.core.volume import READY, Volume
from medviewer.i18n import _
from medviewer.phantom.virtual import VirtualCT
from medviewer.train.crops import READERS, Crops, load

EDGE_MM = 1.0  # boxes were drawn with a mouse
LIDC_SCAN, LIDC_PATIENT = "chest-ct-1mm-LIDC-IDRI-0314-jls", "LIDC-IDRI-0314"
BOXED_SCAN, BOXES = "chest-ct-8mm-Lung_Dx-A0002", "annotation-xml"
Box = tuple[Point, Point]


@dataclass(frozen=True)
class Lesion:
    """A lesion that is truly there; ``box_lps_mm`` where only that is known, else it is a ball of ``diameter_mm``."""

    id: str
    center_lps_mm: Point
    diameter_mm: float
    what: str = ""
    box_lps_mm: Box | None = None

    def away_mm(self, lps_mm: Point) -> float:
        """Distance of a point from its centre."""
        return float(np.linalg.norm(np.subtract(lps_mm, self.center_lps_mm)))

    def holds(self, lps_mm: Point) -> bool:
        """Whether a point is in it."""
        if self.box_lps_mm is None:
            return self.away_mm(lps_mm) <= self.diameter_mm / 2
        low, high = self.box_lps_mm
        return all(a - EDGE_MM <= at <= b + EDGE_MM for a, at, b in zip(low, lps_mm, high, strict=True))


Opened = tuple[Volume, Sequence[Lesion]]
Truth = Callable[[Series], Sequence[Lesion]]


@dataclass(frozen=True)
class Case:
    """A scan; ``open`` loads it and tells what is in it, ``whole`` says whether that is everything."""

    name: str
    kind: Literal["patients", "virtual"]
    whole: bool
    open: Callable[[Job], Opened]


def cases(data: Path, seeds: Sequence[int], job: Job) -> list[Case]:
    """Return the patients whose scans lie beside ``data`` (the LIDC crops), and a virtual one for each of ``seeds``."""
    scans, found = data.parent / "dicom", []
    if (scans / LIDC_SCAN).is_dir():
        crops = load(data, ("holdout",), job)
        found.append(_patient(LIDC_PATIENT, scans / LIDC_SCAN, partial(of_crops, crops, LIDC_PATIENT)))
    if (scans / BOXED_SCAN).is_dir():
        found.append(_patient("Lung_Dx-A0002", scans / BOXED_SCAN, partial(of_boxes, scans / BOXED_SCAN / BOXES)))
    return found + [virtual(seed) for seed in seeds]


def _patient(name: str, folder: Path, truth: Truth) -> Case:
    return Case(name, "patients", False, partial(_opened, folder, truth))


def of_crops(crops: Crops, patient: str, series: Series) -> list[Lesion]:
    """Return the nodules that readers of LIDC-IDRI drew in a patient's scan; Problem where it has no geometry.

    The centre is that of what at least half of a nodule's readers drew, the box that of what any of them did.
    """
    grid = _grid(series)
    found = []
    for nodule in np.unique(crops.nodule[crops.column("pid") == patient]):
        rows, about = np.flatnonzero(crops.nodule == nodule), crops.rows[nodule]
        drawn = np.stack([crops.reader(reader)[rows] for reader in range(READERS)])
        slices = np.array([_slice_at(series, z_mm) for z_mm in crops.z_mm[rows]])
        corner = (0, int(about["crop_row0"]), int(about["crop_col0"]))
        most = np.argwhere(drawn.sum(axis=0) * 2 >= drawn.any(axis=(1, 2, 3)).sum())
        any_one = np.argwhere(drawn.any(axis=0))
        for places in (most, any_one):
            places[:, 0] = slices[places[:, 0]]
        center = triple(grid.to_lps(most.mean(axis=0) + corner))
        low, high = any_one.min(axis=0) + corner, any_one.max(axis=0) + corner
        text = f"{about['n_readers']} readers, malignancy {about['mal_median']}"
        found.append(Lesion(about["nodule"], center, float(about["diam_mm"]), text, _box(series, low, high)))
    return found


def of_boxes(folder: Path, series: Series) -> list[Lesion]:
    """Return the lesions that boxes in ``folder``/UID.xml (Pascal VOC) mark on single images.

    Boxes that overlap on neighbouring slices are one lesion. Problem where no image of the series is marked.
    """
    groups: list[list[tuple[int, int, int, int, int]]] = []
    for k, header in enumerate(series.headers):
        for box in _boxes(folder / f"{header.sop_uid}.xml"):
            own = next((group for group in groups if any(_touch((k, *box), other) for other in group)), None)
            groups.append([(k, *box)]) if own is None else own.append((k, *box))
    if not groups:
        raise Problem(_("No image of this series is marked in {folder}.").format(folder=folder))
    return [_boxed(series, n, np.array(group)) for n, group in enumerate(groups, start=1)]


def _boxes(file: Path) -> list[tuple[int, int, int, int]]:
    """The boxes of one image as first column, first row, last column, last row; none where it has no file."""
    if not file.is_file():
        return []
    places = ElementTree.parse(file).getroot().iter("bndbox")
    names = ("xmin", "ymin", "xmax", "ymax")
    found = [tuple(int(place.findtext(name, "0")) for name in names) for place in places]
    return [(left, top, right, bottom) for left, top, right, bottom in found]


def _touch(one: Sequence[int], other: Sequence[int]) -> bool:
    k, left, top, right, bottom = one
    return (
        abs(k - other[0]) <= 1
        and left <= other[3] and other[1] <= right and top <= other[4] and other[2] <= bottom
    )  # fmt: skip


def _boxed(series: Series, number: int, boxes: NDArray[np.int64]) -> Lesion:
    low, high = boxes[:, [0, 2, 1]].min(axis=0), boxes[:, [0, 4, 3]].max(axis=0)
    grid = _grid(series)
    widest = max(np.ptp(boxes[:, [1, 3]], axis=1).max(), np.ptp(boxes[:, [2, 4]], axis=1).max())
    center = triple(grid.to_lps((low + high) / 2))
    diameter_mm = float(widest * max(grid.spacing_kji_mm[1:]))
    return Lesion(f"box-{number}", center, diameter_mm, f"boxes on {len(boxes)} slices", _box(series, low, high))


def _box(series: Series, low_kji: NDArray[np.int64], high_kji: NDArray[np.int64]) -> Box:
    """The box in LPS mm around voxels from the low to the high index, their outer edges included."""
    ends = np.stack([low_kji - 0.5, high_kji + 0.5])
    corners = _grid(series).to_lps(np.stack(np.meshgrid(*ends.T, indexing="ij"), axis=-1).reshape(8, 3))
    return triple(corners.min(axis=0)), triple(corners.max(axis=0))


def _grid(series: Series) -> Grid:
    if series.grid is None:
        raise Problem(_("The slices of this series have no known place."))
    return series.grid


def _slice_at(series: Series, z_mm: float) -> int:
    heights = [header.position_lps_mm[2] if header.position_lps_mm else np.inf for header in series.headers]
    return int(np.abs(np.subtract(heights, z_mm)).argmin())


def _opened(folder: Path, truth: Truth, job: Job) -> Opened:
    """Load the largest stack in a folder; Problem where there is none."""
    from medviewer.dicom.catalogue import Catalogue
    from medviewer.dicom.load import load_volume
    from medviewer.dicom.scan import scan

    catalogue = Catalogue()
    catalogue.add(list(scan(folder, job.part(0.0, 0.2))))
    stacks = [series for study in catalogue.studies() for series in study.series if series.grid is not None]
    if not stacks:
        raise Problem(_("There is no stack of slices in {folder}.").format(folder=folder))
    series = max(stacks, key=lambda series: len(series.headers))
    lesions = truth(series)
    return load_volume(series, job.part(0.2, 1.0)), lesions


def virtual(seed: int) -> Case:
    """Return the virtual chest of ``seed``, in which everything is known."""
    return Case(f"virtual chest {seed}", "virtual", True, partial(_drawn, seed))


def _drawn(seed: int, job: Job) -> Opened:
    from medviewer.phantom import thorax

    ct = thorax.make(seed, job=job)
    lesions = [Lesion(nodule.id, nodule.center_lps_mm, nodule.long_axis_mm, nodule.type, None) for nodule in ct.truth]
    return as_volume(ct), lesions


def as_volume(ct: VirtualCT) -> Volume:
    """Return a virtual CT as if it had been loaded."""
    first = Header("", "", "1.2.840.10008.5.1.4.1.1.2", "2.25.2", "2.25.3", "CT", body_part="CHEST")
    headers = tuple(replace(first, sop_uid=f"2.25.{k + 10}") for k in range(len(ct.voxels)))
    voxels, state = SharedArray.make(ct.voxels.shape, "int16"), SharedArray.make((len(headers),), "uint8")
    voxels.array[...], state.array[...] = ct.voxels, READY
    return Volume(Series("2.25.3", headers, (), ct.grid), ct.grid, voxels, state, unit="HU")
