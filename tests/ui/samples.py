"""Small volumes, cases and folders that the tests of the window look at."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from medviewer.core.case import Case
from medviewer.core.finding import NODULE, Finding, ModelRef, Status
from medviewer.core.grid import Grid
from medviewer.core.mask import Mask
from medviewer.core.shared import SharedArray
from medviewer.core.study import Check, Header, Patient, Series
from medviewer.core.volume import READY, Volume
from medviewer.dicom.write.ct import CtSeries, write_ct
from medviewer.imaging.measure import measure
from medviewer.phantom import small
from medviewer.phantom.virtual import VirtualCT

SERIES_UID = "1.2.3.4"
PATIENT = Patient("P-7", "Doe^Jane", "19650102", "F")


def volume_of(
    ct: VirtualCT | None = None, *, ready: bool = True, regular: bool = True, uid: str = SERIES_UID, **header: Any
) -> Volume:
    """Return a virtual CT as a volume in memory, read or still pending."""
    ct = ct or small.make()
    count = ct.grid.shape_kji[0]
    said: dict[str, Any] = {
        "modality": "CT",
        "patient": PATIENT,
        "age_years": 61.0,
        "study_date": "20260115",
        "study_description": "CT chest",
        "series_description": "Lung 2.5",
        "series_number": 2,
        "thickness_mm": 2.5,
        "rows": ct.grid.shape_kji[1],
        "columns": ct.grid.shape_kji[2],
        **header,
    }
    headers = tuple(Header("", f"{uid}.{k}", "", "1.2.3", uid, **said) for k in range(count))
    voxels, state = SharedArray.make(ct.voxels.shape, "int16"), SharedArray.make((count,), "uint8")
    voxels.array[...] = ct.voxels
    state.array[...] = READY if ready else 0
    series = Series(uid, headers, header.get("checks", ()), ct.grid if regular else None)
    return Volume(series, ct.grid, voxels, state, unit="HU", regular=regular)


def noted(volume: Volume, *checks: Check) -> Volume:
    """Return the volume with checks on its series."""
    return replace(volume, series=replace(volume.series, checks=checks))


def sphere(
    volume: Volume,
    finding_id: str = "a",
    *,
    center_kji: tuple[float, float, float] = small.CENTER_KJI,
    diameter_mm: float = 12.0,
    status: Status = "unreviewed",
) -> Finding:
    """Return a finding with the mask of a sphere, measured as the model's task would."""
    inside = small.sphere_share(volume.grid, center_kji, diameter_mm) >= 0.5
    mask = Mask.cut(inside)
    seen = measure(volume.voxels, volume.grid, mask)
    return Finding(
        id=finding_id,
        label="Nodule",
        code=NODULE,
        series_uid=volume.series.uid,
        sop_uid=volume.series.headers[seen.best_k].sop_uid,
        center_lps_mm=seen.center_lps_mm,
        box_lps_mm=seen.box_lps_mm,
        long_axis_mm=seen.long_axis_mm,
        short_axis_mm=seen.short_axis_mm,
        volume_mm3=seen.volume_mm3,
        mean_hu=seen.mean_hu,
        score=0.9,
        wording="likely",
        attributes={"side": "left", "zone": "middle", "nodule_type": "solid"},
        status=status,
        model=ModelRef("test-model", "1.0", "ab" * 32),
        mask=mask,
    )


def case_of(*findings: Finding) -> Case:
    """Return a case with these findings."""
    return Case("1.2.3", findings=findings)


def folder_of(home: Path, *, date: str = "20260115", ct: VirtualCT | None = None, patient: Patient = PATIENT) -> Path:
    """Write a small chest CT as DICOM files and return their folder."""
    ct = ct or small.make()
    folder = home / date
    write_ct(folder, ct.voxels, ct.grid, CtSeries(patient=patient, age_years=61, study_date=date))
    return folder


def tall_grid(count: int = 40) -> Grid:
    """A grid with more slices than the small one."""
    return replace(small.GRID, shape_kji=(count, *small.GRID.shape_kji[1:]))


def turn_wheel(widget: QWidget, notches: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Turn the wheel over the middle of ``widget``, up where positive."""
    middle = QPointF(widget.rect().center())
    none = Qt.MouseButton.NoButton
    event = QWheelEvent(
        middle, widget.mapToGlobal(middle), QPoint(), QPoint(0, 120 * notches),
        none, keys, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def painted(widget: QWidget) -> np.ndarray:
    """Return what ``widget`` looks like, as RGB (rows, columns, 3) uint8."""
    image = widget.grab().toImage().convertToFormat(widget.grab().toImage().Format.Format_RGB32)
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return raw[:, : image.width(), 2::-1].copy()
