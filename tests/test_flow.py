"""One study, from disk to report: the thirteen steps of the design, without a window, on a virtual patient."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from medviewer import risk, treatment
from medviewer.ai import engine
from medviewer.app.keyimage import key_image
from medviewer.app.reading import as_edits, fitting
from medviewer.app.session import Session
from medviewer.app.settings import Settings
from medviewer.app.store import Store
from medviewer.core.edits import SetInput, SetStatus
from medviewer.core.finding import Finding
from medviewer.core.job import Job
from medviewer.core.study import Header
from medviewer.dicom.catalogue import Catalogue
from medviewer.dicom.decode import close_pool
from medviewer.dicom.load import load_volume
from medviewer.dicom.scan import scan
from medviewer.dicom.write.seg import write_seg
from medviewer.dicom.write.sr import write_sr
from medviewer.imaging.measure import measure
from medviewer.imaging.render import to_grey
from medviewer.imaging.reslice import ORIENTATIONS, count, plane
from medviewer.imaging.window import LUNG
from medviewer.phantom.write import write
from medviewer.report import formats
from medviewer.report.draft import draft

SEED = 1
COARSE_KJI = (80, 256, 256)  # this test is about the way, not about how much is found


@pytest.fixture(scope="module", autouse=True)
def _no_processes_left() -> Iterator[None]:
    """End the engine and the decoders when this file is done."""
    yield
    engine.close_engine()
    close_pool()


def hit(found: Finding, truth: dict[str, object]) -> bool:
    """Whether the finding lies where a nodule of that truth is."""
    center, axis_mm = np.asarray(truth["center_lps_mm"]), float(str(truth["long_axis_mm"]))
    return float(np.linalg.norm(center - found.center_lps_mm)) <= max(axis_mm / 2.0, 3.0)


def test_one_study_from_disk_to_report(tmp_path: Path) -> None:
    folder, job = tmp_path / "disc", Job()
    truth = write(folder, SEED, job=job, shape_kji=COARSE_KJI)

    # 1 to 3: headers as they are found, the catalogue, the study with its checks
    session = Session(Store(), Settings(reader="Tester"))
    headers = list(scan(folder, job))
    session.catalogue.add(headers)
    images = [header for header in headers if isinstance(header, Header)]
    (study,) = session.catalogue.studies()
    assert session.catalogue.study(images[0].study_uid) == study
    (series,) = study.series
    assert series.stopped == ()

    # 4: the volume
    volume = load_volume(series, job)
    assert volume.complete
    assert volume.voxels.shape[0] == len(images)

    # 5: the case
    case = session.open_study(study.uid, job)
    assert case.findings == ()
    assert {"age_years", "female", "slice_thickness_mm"} <= set(case.study_facts)

    # 6: the picture
    for orientation in ORIENTATIONS:
        middle = count(volume.grid, orientation) // 2
        assert np.ptp(to_grey(plane(volume.voxels, volume.grid, orientation, middle), LUNG)) > 100

    # 7: the network
    (bundle,) = fitting(series)
    reading = engine.run(bundle, volume, job)
    assert all(found.model == bundle.ref for found in reading.findings)
    assert any(hit(found, each) for found in reading.findings for each in truth["nodules"])

    # 8: measures
    first = reading.findings[0]
    assert first.mask is not None
    measures = measure(volume.voxels, volume.grid, first.mask)
    assert measures.volume_mm3 == pytest.approx(first.volume_mm3, rel=0.1)  # the network's rim is finer than voxels
    assert measures.long_axis_mm == pytest.approx(first.long_axis_mm, abs=1.0)

    # 9: the case changed, saved and undoable
    for edit in as_edits(session.case, reading.findings, bundle.id, series.uid):
        session.do(edit)
    session.do(SetStatus(first.id, "unreviewed", "accepted"))
    session.do(SetInput("", "emphysema", None, False))
    session.undo()
    session.redo()
    assert session.case.findings[0].status == "accepted"
    assert session.store.verify_audit() is None

    # 10 and 11: risks and advice
    risks, advice = session.risks(), session.advice()
    assert {each.id for each in risks} == set(risk.models())
    assert {each.finding_id for each in risks} == {found.id for found in session.case.kept}
    assert {each.guideline for each in advice} == set(treatment.guidelines())

    # 12: the report
    pictures = {f.id: image for f in session.case.kept if (image := key_image(volume, f)) is not None}
    report = draft(session.case, study, risks, advice, "en", key_images=pictures)
    assert report.sections

    # 13: files
    for each in formats().values():
        assert each.write(report, tmp_path / f"report{each.suffix}").stat().st_size > 500
    seg = write_seg(tmp_path / "seg.dcm", series, volume.grid, session.case.kept, observer="Tester^")
    sr = write_sr(tmp_path / "sr.dcm", series.headers, session.case.kept, observer="Tester^", segmentation=seg)
    volume.close()
    written = Catalogue()
    written.add(scan(tmp_path / "seg.dcm", job))
    written.add(scan(sr, job))
    assert {one.modality for one in written.study(study.uid).series} == {"SEG", "SR"}
