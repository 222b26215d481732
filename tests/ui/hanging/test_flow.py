"""Studies come to the screen by their hanging protocol."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import PRIOR
from medviewer.core.job import Job
from medviewer.core.study import Header
from medviewer.dicom.scan import scan
from medviewer.ui.hanging.placing import save_current
from medviewer.ui.window import MainWindow
from tests.dicom.shown import image_file
from tests.ui.samples import folder_of

Make = Callable[..., MainWindow]


def settled(window: MainWindow) -> bool:
    return not window.flow.busy and not window.jobs.quiet and window.view.volume is not None


def opened(window: MainWindow, folder: Path, qtbot: QtBot, wide_px: int = 1900) -> None:
    window.resize(wide_px, 1000)
    QApplication.processEvents()
    window.flow.open_path(folder)
    qtbot.waitUntil(lambda: settled(window), timeout=30_000)


def shown(window: MainWindow) -> list[tuple[str, str]]:
    return [(v.cell.kind, v.cell.display) for v in window.viewer.viewports]


def test_a_ct_is_hung_in_three_planes(make_window: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make_window()
    opened(window, folder_of(tmp_path), qtbot)
    assert window.viewer.layout_id == "main"


def test_in_a_narrow_window_one_image_is_enough(make_window: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make_window()
    opened(window, folder_of(tmp_path), qtbot, wide_px=1000)
    assert window.viewer.layout_id == "single"


def test_a_chest_ct_with_a_prior_is_hung_beside_it(make_window: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make_window()
    folder_of(tmp_path, date="20250110")
    folder_of(tmp_path, date="20260115")
    opened(window, tmp_path, qtbot)
    assert shown(window) == [("axial", "main"), ("axial", PRIOR), ("coronal", "main"), ("coronal", PRIOR)]
    qtbot.waitUntil(lambda: window.view.prior is not None)
    assert window.viewer.viewports[3].plane is not None


def test_in_a_small_window_a_ct_with_a_prior_stands_beside_it(make_window: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make_window()
    window.resize(1280, 720)
    window.docks.arrange(720)
    folder_of(tmp_path, date="20250110")
    folder_of(tmp_path, date="20260115")
    opened(window, tmp_path, qtbot, wide_px=1280)
    assert window.viewer.layout_id == "compare"
    qtbot.waitUntil(lambda: window.view.prior is not None)
    assert min(viewport.width() for viewport in window.viewer.viewports) > 300


def test_a_preview_of_another_film_does_not_decide_which_film_hangs_where(
    make_window: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    views = [("R", "CC"), ("L", "CC"), ("R", "MLO"), ("L", "MLO")]
    for n, (side, view) in enumerate(views):
        said: dict[str, Any] = {
            "Modality": "MG",
            "ImageLaterality": side,
            "ViewPosition": view,
            "StudyInstanceUID": "1.7",
        }
        image_file(tmp_path / f"{n}.dcm", k=n, SeriesInstanceUID=f"1.7.{n}", SeriesNumber=n + 1, **said)
    window = make_window()
    headers = [found for found in scan(tmp_path, Job()) if isinstance(found, Header)]
    window.session.catalogue.add(headers)
    window.flow._preview(next(header for header in headers if header.series_uid == "1.7.3"))
    window.flow.open_study("1.7")
    qtbot.waitUntil(lambda: settled(window) and all(v.plane is not None for v in window.viewer.viewports))
    assert shown(window) == [("native", "main"), ("native", "2"), ("native", "3"), ("native", "4")]
    hung = [viewport.plane.volume.series.uid for viewport in window.viewer.viewports if viewport.plane is not None]
    assert hung == ["1.7.0", "1.7.1", "1.7.2", "1.7.3"]


def test_a_study_is_found_again_as_it_was_left(make_window: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make_window()
    opened(window, folder_of(tmp_path / "a"), qtbot)
    window.viewer.set_layout("compare")
    window.viewer.active.go_to(3)
    place = window.view.point_lps_mm
    window.comfort.restoring.save()
    assert window.session.study is not None
    first = window.session.study.uid
    opened(window, folder_of(tmp_path / "b", date="20250110"), qtbot)
    assert window.viewer.layout_id != "compare"
    window.flow.open_study(first)
    qtbot.waitUntil(lambda: settled(window) and window.viewer.layout_id == "compare", timeout=30_000)
    assert window.view.point_lps_mm == pytest.approx(place)


@pytest.mark.data
def test_pet_and_ct_are_hung_with_their_fusion(make_window: Make, qtbot: QtBot, shared_data: Path) -> None:
    window = make_window()
    opened(window, shared_data / "dicom" / "pet-ct-mr-STS_001", qtbot)
    qtbot.waitUntil(lambda: window.view.display("3").fusion is not None, timeout=30_000)
    assert [display for _kind, display in shown(window)] == ["main", "2", "2", "3", "3"]
    volumes = {name: window.view.display(name).volume for name in ("main", "2", "3")}
    assert volumes["3"] is volumes["main"]  # the same voxels, not once more
    assert volumes["2"] is not None
    assert volumes["2"].series.modality == "PT"
    fusion = window.view.display("3").fusion
    assert fusion is not None
    assert (fusion.display, window.view.display("main").fusion) == ("2", None)
    window.flow.open_study(*next(
        (study.uid, series.uid)
        for study in window.session.catalogue.studies()
        for series in study.series
        if series.modality == "MR"
    ))  # fmt: skip
    qtbot.waitUntil(lambda: settled(window) and window.view.volume is not volumes["main"], timeout=30_000)
    assert window.view.display("3").volume is not volumes["main"]  # which went; it has been brought anew


def offered(window: MainWindow) -> dict[str, QAction]:
    """What the menu of hanging protocols lists now."""
    menu = window.menus["hanging"]
    menu.aboutToShow.emit()
    return {entry.text(): entry for entry in menu.actions() if not entry.isSeparator()}


def test_another_protocol_can_be_chosen_by_hand(make_window: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make_window()
    assert not offered(window)["No protocol fits these images."].isEnabled()
    folder_of(tmp_path, date="20250110")
    folder_of(tmp_path, date="20260115")
    opened(window, tmp_path, qtbot)
    protocols = offered(window)
    assert list(protocols) == ["Chest CT beside the earlier one", "CT in three planes", "Save arrangement…"]
    assert protocols["Chest CT beside the earlier one"].isChecked()
    protocols["CT in three planes"].trigger()
    assert window.viewer.layout_id == "main"
    assert offered(window)["CT in three planes"].isChecked()
    offered(window)["Chest CT beside the earlier one"].trigger()
    assert [display for _kind, display in shown(window)] == ["main", PRIOR, "main", PRIOR]


def test_an_own_arrangement_is_found_in_the_menu(make_window: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make_window()
    opened(window, folder_of(tmp_path), qtbot)
    window.viewer.set_layout("body")
    save_current(window, "Mine")
    window.viewer.set_layout("single")
    offered(window)["Mine"].trigger()
    assert window.viewer.layout_id == "body"
