"""The prior beside the images in the window: found in the library, and when its files go."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from medviewer.app.scanning import scan_into
from medviewer.core.arrangement import PRIOR
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.dicom.catalogue import Catalogue
from medviewer.ui.window import MainWindow
from tests.ui.compare.test_comparing import FakeRegistering
from tests.ui.samples import folder_of

Make = Callable[..., MainWindow]


@pytest.fixture
def window(make_window: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """A window that opens a CT whose prior, of another folder, only the library knows."""
    FakeRegistering(monkeypatch)
    made = make_window(auto_register=True)
    before = Catalogue()
    scan_into(before, folder_of(tmp_path / "before", date="20250110"), Job())
    made.session.library.remember(before.studies())
    folder_of(tmp_path / "now", date="20260115")
    made.resize(1900, 1000)
    return made


def opened(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    window.flow.open_path(tmp_path / "now")
    comparing = window.priors.comparing
    qtbot.waitUntil(
        lambda: not window.flow.busy and not window.jobs.quiet and comparing.state() == "registered", timeout=30_000
    )


def test_a_prior_that_only_the_library_knows_comes_beside(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    opened(window, tmp_path, qtbot)
    found = window.priors.comparing.search.found
    assert found is not None
    assert [(prior.where, str(prior.age)) for prior in found.found] == [("library", "12 months before")]
    assert window.view.prior is not None
    assert window.view.prior.series.first.study_date == "20250110"
    assert [viewport.cell.display for viewport in window.viewer.viewports] == ["main", PRIOR, "main", PRIOR]


def test_a_layout_that_the_reader_chose_stays_when_a_prior_is_found_late(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.flow.shown.connect(lambda _series: window.viewer.set_layout("mpr"))
    opened(window, tmp_path, qtbot)
    assert window.viewer.layout_id == "mpr"
    assert window.view.prior is not None


def test_a_prior_whose_files_go_stays_and_is_told_in_one_sentence_when_it_is_asked_for_again(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    opened(window, tmp_path, qtbot)
    comparing = window.priors.comparing
    shutil.rmtree(tmp_path / "before")
    assert window.view.prior is not None
    assert window.view.prior.complete
    comparing.check_fused(on=True)
    comparing.check_fused(on=False)
    assert window.messages.said == []
    found = comparing.search.found
    assert found is not None
    with qtbot.captureExceptions() as raised:
        comparing.show_prior(found.found[0])
        qtbot.waitUntil(lambda: bool(raised or window.messages.said), timeout=20_000)
        qtbot.waitUntil(lambda: not window.jobs.quiet and not window.flow.busy)
    said = [str(message.text) for message in window.messages.said]
    said += [one[1].text for one in raised if isinstance(one[1], Problem)]
    assert said == ["24 of 24 images of this series could not be read."]
    assert window.view.volume is not None
    assert window.session.study is not None
