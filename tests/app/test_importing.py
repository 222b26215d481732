"""A study is copied into the library only when asked, whole or not at all, under names of our own."""

import os
import shutil
from pathlib import Path

import pytest

from medviewer.app import importing
from medviewer.app.importing import import_study
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.study import Header, Series, Study
from medviewer.dicom.scan import scan
from tests.dicom.files import ramp, series_files, slice_file


def _study(folder: Path) -> Study:
    headers = tuple(one for one in scan(folder, Job()) if isinstance(one, Header))
    return Study(headers[0].study_uid, (Series("1", headers),))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A little CT on a disc."""
    series_files(tmp_path / "disc", n=6)
    return _study(tmp_path / "disc")


def test_every_file_is_copied_as_it_is_under_a_name_that_no_tag_chose(tmp_path: Path, study: Study) -> None:
    library = tmp_path / "library"
    done = import_study(study, library, Job())
    assert (done.copied, done.already_there) == (6, 0)
    assert done.bytes == sum(path.stat().st_size for path in _files(tmp_path / "disc"))
    assert done.folder.parent == library
    copies = {path.read_bytes() for path in _files(library)}
    assert copies == {path.read_bytes() for path in _files(tmp_path / "disc")}
    assert all(path.suffix == ".dcm" and len(path.stem) == 32 and int(path.stem, 16) for path in _files(library))


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_a_uid_made_to_lead_elsewhere_stays_in_the_library(tmp_path: Path) -> None:
    (tmp_path / "disc").mkdir()
    slice_file(tmp_path / "disc" / "a", ramp(), SOPInstanceUID="../../../evil", StudyInstanceUID="/etc/evil")
    import_study(_study(tmp_path / "disc"), tmp_path / "library", Job())
    assert len(_files(tmp_path / "library")) == 1
    assert not list(tmp_path.rglob("evil*"))


def test_importing_again_copies_nothing(tmp_path: Path, study: Study) -> None:
    import_study(study, tmp_path / "library", Job())
    again = import_study(study, tmp_path / "library", Job())
    assert (again.copied, again.already_there, again.bytes) == (0, 6, 0)


def test_the_same_file_twice_is_one_copy_but_two_that_differ_are_two(tmp_path: Path, study: Study) -> None:
    first = Path(study.first.path)
    shutil.copy(first, tmp_path / "disc" / "same.dcm")
    slice_file(tmp_path / "disc" / "other.dcm", ramp(9), 0, InstanceNumber=77)  # another image under a UID in use
    study = _study(tmp_path / "disc")
    assert import_study(study, tmp_path / "library", Job()).copied == 7
    assert import_study(study, tmp_path / "library", Job()).copied == 0


def test_frames_of_one_file_are_one_file(tmp_path: Path, study: Study) -> None:
    twice = Study(study.uid, (study.series[0], study.series[0]))
    assert import_study(twice, tmp_path / "library", Job()).copied == 6


def test_foreign_files_keep_the_suffix_by_which_they_are_known(tmp_path: Path) -> None:
    for name in ("a.nii.gz", "b.NRRD", "c.mha"):
        (tmp_path / name).write_bytes(name.encode())
    headers = tuple(Header(str(tmp_path / name), name, "", "1", "1") for name in ("a.nii.gz", "b.NRRD", "c.mha"))
    import_study(Study("1", (Series("1", headers),)), tmp_path / "library", Job())
    suffixes = {"".join(path.suffixes) for path in _files(tmp_path / "library")}
    assert suffixes == {".nii.gz", ".nrrd", ".mha"}


def test_images_in_two_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mhd").write_bytes(b"x")
    header = Header(str(tmp_path / "a.mhd"), "1", "", "1", "1")
    with pytest.raises(Problem, match="second file"):
        import_study(Study("1", (Series("1", (header,)),)), tmp_path / "library", Job())


def test_a_disk_without_room_is_told_before_anything_is_copied(
    tmp_path: Path, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = os.statvfs(tmp_path)
    monkeypatch.setattr(importing, "KEEP_FREE", free.f_bavail * free.f_frsize + (1 << 40))
    with pytest.raises(Problem, match="Importing needs 1 MB, but only 0 MB are free"):
        import_study(study, tmp_path / "library", Job())
    assert not (tmp_path / "library").exists()


@pytest.mark.parametrize("there_before", [False, True])
def test_cancel_leaves_nothing_of_this_import_and_all_of_earlier_ones(
    tmp_path: Path, study: Study, there_before: bool
) -> None:
    library = tmp_path / "library"
    if there_before:
        import_study(Study(study.uid, (Series("1", study.series[0].headers[:2]),)), library, Job())
    before = _files(library)

    def cancel_half_way(job: Job) -> None:
        if job.share > 0.6:
            job.cancel()

    job = Job(report=cancel_half_way)
    step = job.step

    def every_step(share: float, text: str = "") -> None:
        job._reported_s = -1e9  # report each step, however quick the disk
        step(share, text)

    job.step = every_step  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        import_study(study, library, job)
    assert _files(library) == before


def test_a_disc_pulled_out_leaves_nothing_half_and_says_so(
    tmp_path: Path, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = importing._copy_all

    def pulled(copies: list[importing._Copy], job: Job) -> object:
        for done, path in enumerate(copied(copies, job)):
            if done == 2:
                shutil.rmtree(tmp_path / "disc")
            yield path

    monkeypatch.setattr(importing, "_copy_all", pulled)
    with pytest.raises(Problem, match="could not be imported"):
        import_study(study, tmp_path / "library", Job())
    assert _files(tmp_path / "library") == []
    with pytest.raises(Problem, match="could not be imported"):
        import_study(study, tmp_path / "library", Job())
