"""NIfTI, NRRD and MetaImage files become slices in LPS; what is damaged, cut short or leads elsewhere is refused."""

import gzip
import os
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.core.grid import Grid
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.shared import SharedArray
from medviewer.core.study import Header, Unreadable
from medviewer.dicom.decode import close_pool
from medviewer.dicom.decode_worker import answer
from medviewer.dicom.header import FOREIGN
from medviewer.dicom.pixels.values import scale_of
from medviewer.dicom.scan import scan
from medviewer.dicom.sources import foreign, foreign_itk
from medviewer.dicom.sources.foreign import Look, Whole, headers_of
from medviewer.dicom.sources.foreign_axes import Looked
from medviewer.dicom.stacks.stack import stacks
from medviewer.i18n import Message

sitk: Any = import_module("SimpleITK")  # it has no types
KINDS = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd", ".hdr")


@pytest.fixture(scope="module", autouse=True)
def _workers_end() -> Iterator[None]:
    yield
    close_pool()


@pytest.fixture
def looked_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take looks in this process: the workers have tests of their own, and their start costs a second."""

    class Here:
        def ask(self, work: Look, _job: Job | None, *, limit_s: float) -> Any:
            given = answer(work)
            if isinstance(given, Message):
                raise Problem(str(given))
            return given

    monkeypatch.setattr("medviewer.dicom.decode.default_pool", Here)


def _image(voxels: NDArray[Any], vector: bool = False) -> Any:
    image = sitk.GetImageFromArray(voxels, isVector=vector)
    size = image.GetDimension()
    image.SetSpacing([0.8, 0.9, 2.5, 1.0][:size])
    image.SetOrigin([-10.0, 20.0, 30.0, 0.0][:size])
    return image


def _numbers(dtype: str = "int16") -> NDArray[Any]:
    return np.arange(4 * 5 * 6, dtype=dtype).reshape(4, 5, 6)


def _write(path: Path, voxels: NDArray[Any] | None = None, packed: bool = False, vector: bool = False) -> str:
    sitk.WriteImage(_image(_numbers() if voxels is None else voxels, vector), str(path), useCompression=packed)
    return str(path)


def _read(headers: tuple[Header, ...]) -> tuple[NDArray[np.float64], Grid]:
    """Return the real values and the grid of a stack, by the very work that a decode worker does."""
    (stack,) = stacks(headers)
    assert stack.grid is not None
    scale = scale_of(stack.headers)
    block = SharedArray.make(stack.grid.shape_kji, "int16")
    assert answer(Whole(stack.headers, block.handle, None, scale.slope, scale.intercept)) is None
    values: NDArray[np.float64] = block.array * scale.slope + scale.intercept
    block.close()
    return values, stack.grid


def _at(values: NDArray[np.float64], grid: Grid, lps_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values of the voxels nearest to points in LPS."""
    k, j, i = np.rint(grid.to_kji(lps_mm)).astype(int).T
    found: NDArray[np.float64] = values[k, j, i]
    return found


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.usefixtures("looked_here")
def test_every_format_gives_its_values_where_they_are_in_the_patient(tmp_path: Path, suffix: str) -> None:
    path = _write(tmp_path / f"brain{suffix}")
    headers = headers_of(path)
    assert len(headers) == headers[0].frames == 4
    assert {(h.transfer_syntax, h.modality, h.unit, h.series_description) for h in headers} == {
        (FOREIGN, "OT", "", "brain")
    }
    values, grid = _read(headers)
    reference = sitk.ReadImage(path)
    for index in ((0, 0, 0), (5, 0, 0), (0, 4, 0), (0, 0, 3), (2, 3, 1)):
        point = np.array(reference.TransformIndexToPhysicalPoint(index))
        assert _at(values, grid, point[None])[0] == reference.GetPixel(index)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.usefixtures("looked_here")
def test_oblique_and_left_handed_axes_are_right(tmp_path: Path, seed: int) -> None:
    chance = np.random.default_rng(seed)
    axes, _upper = np.linalg.qr(chance.normal(size=(3, 3)))
    axes[:, 0] *= 1 if (np.linalg.det(axes) > 0) == bool(seed % 2) else -1
    image = _image(_numbers())
    image.SetDirection(axes.ravel().tolist())
    sitk.WriteImage(image, str(tmp_path / "a.nrrd"))
    values, grid = _read(headers_of(str(tmp_path / "a.nrrd")))
    indices = [(i, j, k) for i in range(6) for j in range(5) for k in range(4)]
    points = np.array([image.TransformIndexToPhysicalPoint(index) for index in indices])
    assert _at(values, grid, points).tolist() == [image.GetPixel(index) for index in indices]
    assert np.linalg.det(grid.axes_kji_lps) == pytest.approx(-1.0)  # rows k, j, i of a right-handed i, j, k


@pytest.mark.data
@pytest.mark.usefixtures("looked_here")
def test_twelve_orientations_of_one_head_are_one_volume(shared_data: Path) -> None:
    files = sorted((shared_data / "dicom" / "nifti-orientations").glob("*.nii.gz"))
    assert len(files) == 12
    volumes = [_read(headers_of(str(file))) for file in files]
    grid = volumes[0][1]
    inside = np.random.default_rng(0).integers(0, grid.shape_kji, (4000, 3))
    points = grid.to_lps(inside)
    values = np.array([_at(*volume, points) for volume in volumes])
    assert np.ptp(values[0]) > 10.0
    assert np.max(np.ptp(values, axis=0)) < 0.01


@pytest.mark.parametrize("axes", ["LPS", "RAS", "PIR", "SAR", "LIP", "RSA", "ASL"])
@pytest.mark.usefixtures("looked_here")
def test_slices_hang_as_readers_expect_them(tmp_path: Path, axes: str) -> None:
    sitk.WriteImage(sitk.DICOMOrient(_image(_numbers()), axes), str(tmp_path / "a.nii"))
    row, column = np.round(np.array(headers_of(str(tmp_path / "a.nii"))[0].orientation).reshape(2, 3)).tolist()
    plane = {"S": "axial", "I": "axial", "A": "coronal", "P": "coronal", "L": "sagittal", "R": "sagittal"}[axes[2]]
    left, back, feet = [1, 0, 0], [0, 1, 0], [0, 0, -1]
    expected = {"axial": (left, back), "coronal": (left, feet), "sagittal": (back, feet)}
    assert (row, column) == expected[plane]


@pytest.mark.parametrize(
    "dtype", ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "float32", "float64"]
)
@pytest.mark.usefixtures("looked_here")
def test_whole_numbers_are_kept_as_they_are_in_every_type(tmp_path: Path, dtype: str) -> None:
    voxels = _numbers(dtype)
    voxels[0, 0, 0] = 60_000 if dtype == "uint16" else -50 if dtype.startswith(("int", "float")) else 200
    values, _grid = _read(headers_of(_write(tmp_path / "a.nrrd", voxels)))
    assert np.array_equal(values, voxels.astype(float))


@pytest.mark.parametrize(("low", "high"), [(-0.5, 0.5), (0, 1e6), (100_000, 160_000), (-3e38, 3e38)])
@pytest.mark.usefixtures("looked_here")
def test_real_values_are_kept_as_finely_as_sixteen_bits_allow(tmp_path: Path, low: float, high: float) -> None:
    voxels = np.linspace(low, high, 120, dtype="float32").reshape(4, 5, 6)
    values, _grid = _read(headers_of(_write(tmp_path / "a.mha", voxels)))
    assert np.max(np.abs(values / 65535 - voxels.astype(float) / 65535)) <= (float(high) - low) / 65535**2


@pytest.mark.usefixtures("looked_here")
def test_what_is_no_number_becomes_the_smallest_value(tmp_path: Path) -> None:
    voxels = _numbers("float32") / 7
    voxels[1, 2, 3], voxels[1, 2, 4] = np.nan, np.inf
    values, _grid = _read(headers_of(_write(tmp_path / "a.nrrd", voxels)))
    assert values[1, 2, 3] == pytest.approx(0.0, abs=1e-3)
    assert values[1, 2, 4] == pytest.approx(119 / 7, abs=1e-3)
    voxels[...] = np.nan
    assert headers_of(_write(tmp_path / "none.nrrd", voxels))[0].slope == 1.0


@pytest.mark.usefixtures("looked_here")
def test_each_volume_of_a_4d_file_is_a_phase_of_its_own(tmp_path: Path) -> None:
    voxels = np.arange(3 * 4 * 5 * 6, dtype="int16").reshape(3, 4, 5, 6)
    headers = headers_of(_write(tmp_path / "a.nii.gz", voxels))
    assert [h.frame for h in headers] == list(range(12))
    assert [h.temporal_position for h in headers] == [1] * 4 + [2] * 4 + [3] * 4
    values, _grid = _read(tuple(h for h in headers if h.temporal_position == 2))
    assert np.array_equal(values, voxels[1])


@pytest.mark.usefixtures("looked_here")
def test_a_flat_image_has_no_place_in_the_patient(tmp_path: Path) -> None:
    (header,) = headers_of(_write(tmp_path / "a.mha", np.zeros((5, 6), "uint8")))
    assert (header.rows, header.columns, header.position_lps_mm, header.orientation) == (5, 6, None, None)
    assert (header.pixel_spacing_mm, header.thickness_mm) == ((0.9, 0.8), None)


@pytest.mark.usefixtures("looked_here")
def test_files_that_do_not_say_how_they_lie_are_given_no_place(tmp_path: Path) -> None:
    nifti = bytearray(Path(_write(tmp_path / "a.nii")).read_bytes())
    nifti[252:256] = bytes(4)  # neither qform nor sform
    (tmp_path / "b.nii").write_bytes(nifti)
    meta = Path(_write(tmp_path / "a.mha")).read_bytes().replace(b"TransformMatrix", b"TransformMatrox")
    (tmp_path / "b.mha").write_bytes(meta)
    nrrd = Path(_write(tmp_path / "a.nrrd")).read_bytes().replace(b"left-posterior-superior", b"3D-right-handed")
    (tmp_path / "b.nrrd").write_bytes(nrrd)
    for name in ("b.nii", "b.mha", "b.nrrd"):
        assert {(h.position_lps_mm, h.orientation) for h in headers_of(str(tmp_path / name))} == {(None, None)}


@pytest.mark.parametrize("suffix", [".nii", ".nrrd", ".mha"])
@pytest.mark.usefixtures("looked_here")
def test_colours_are_shown_as_colours(tmp_path: Path, suffix: str) -> None:
    voxels = np.random.default_rng(0).integers(0, 256, (4, 5, 6, 3)).astype("uint8")
    headers = headers_of(_write(tmp_path / f"a{suffix}", voxels, vector=True))
    assert (headers[0].photometric, headers[0].samples) == ("RGB", 3)
    block, colours = SharedArray.make((4, 5, 6), "int16"), SharedArray.make((4, 5, 6, 3), "uint8")
    turned = Look(headers[0].path).run().upright
    assert answer(Whole(headers, block.handle, colours.handle, 1.0, 0.0)) is None
    assert all(np.array_equal(colours.array[k], turned.plane(voxels[k])) for k in range(4))
    assert np.max(np.abs(block.array - colours.array @ np.array([0.299, 0.587, 0.114]))) <= 1
    block.close()
    colours.close()


@pytest.mark.parametrize("kind", ["vector", "complex"])
@pytest.mark.usefixtures("looked_here")
def test_vectors_and_complex_numbers_are_refused(tmp_path: Path, kind: str) -> None:
    voxels = np.zeros((4, 5, 6, 2), "float32") if kind == "vector" else np.zeros((4, 5, 6), "complex64")
    with pytest.raises(Problem, match="vectors or complex numbers"):
        headers_of(_write(tmp_path / "a.nii", voxels, vector=kind == "vector"))


def _cut(data: bytes) -> bytes:
    return data[: len(data) * 3 // 4]


def _spoil(data: bytes) -> bytes:
    middle = len(data) * 3 // 4
    return data[:middle] + bytes(40) + data[middle + 40 :]


@pytest.mark.parametrize(
    ("name", "packed", "harm"),
    [
        ("a.nii", False, _cut),
        ("a.mha", False, _cut),
        ("a.nrrd", False, _cut),
        *((name, True, harm) for name in ("a.nii.gz", "a.mha", "a.nrrd") for harm in (_cut, _spoil)),
    ],
)
def test_damaged_and_shortened_voxels_are_never_shown(
    tmp_path: Path, name: str, packed: bool, harm: Callable[[bytes], bytes]
) -> None:
    noise = np.random.default_rng(0).integers(0, 4000, (4, 50, 60)).astype("int16")
    path = Path(_write(tmp_path / name, noise, packed))
    looked = Look(str(path)).run()
    headers = tuple(foreign._slice(foreign._series(str(path), 1, "", looked), looked, k) for k in range(4))
    path.write_bytes(harm(path.read_bytes()))
    block = SharedArray.make((4, 50, 60), "int16")
    given = answer(Whole(headers, block.handle, None, 1.0, 0.0))
    assert "damaged" in str(given)
    assert not block.array.any()
    block.close()


@pytest.mark.usefixtures("looked_here")
def test_claims_beyond_the_file_are_refused_before_memory_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign_itk, "image_of", lambda *_: pytest.fail("read"))
    nifti = bytearray(Path(_write(tmp_path / "a.nii", _numbers("float32"))).read_bytes())
    nifti[42:48] = np.array([30_000] * 3, "<i2").tobytes()
    (tmp_path / "b.nii").write_bytes(nifti)
    with gzip.open(tmp_path / "b.nii.gz", "wb") as file:
        file.write(nifti)
    nrrd = Path(_write(tmp_path / "a.nrrd", _numbers("float32"))).read_bytes()
    (tmp_path / "b.nrrd").write_bytes(nrrd.replace(b"sizes: 6 5 4", b"sizes: 60000 50000 40000"))
    meta = Path(_write(tmp_path / "a.mha", _numbers("float32"))).read_bytes()
    (tmp_path / "b.mha").write_bytes(meta.replace(b"DimSize = 6 5 4", b"DimSize = 60000 50000 40000"))
    for name in ("b.nii", "b.nii.gz", "b.nrrd", "b.mha"):
        with pytest.raises(Problem, match=r"damaged"):
            headers_of(str(tmp_path / name))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a.mhd", "ElementDataFile = {}"),
        ("a.mha", "ElementDataFile = {}"),
        ("a.nhdr", "data file: {}"),
        ("a.nrrd", "data file: {}"),
    ],
)
@pytest.mark.parametrize(
    "target", ["../secret.raw", "/etc/passwd", "sub/x.raw", "..\\secret.raw", "LIST", "x%03d.raw 1 4 1"]
)
@pytest.mark.usefixtures("looked_here")
def test_a_header_never_leads_to_a_file_elsewhere(tmp_path: Path, name: str, says: str, target: str) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for place in ("secret.raw", "in/sub/x.raw", "in/x001.raw"):
        (tmp_path / place).write_bytes(bytes(240))
    detached = _write(tmp_path / "in" / ("d.mhd" if ".mh" in name else "d.nhdr"))
    text = Path(detached).read_text()
    key = "ElementDataFile = " if ".mh" in name else "data file: "
    (tmp_path / "in" / name).write_text(text.replace(f"{key}d.raw", says.format(target)))
    with pytest.raises(Problem, match="in a way that MedViewer does not follow"):
        headers_of(str(tmp_path / "in" / name))


@pytest.mark.usefixtures("looked_here")
def test_headers_without_their_voxels_say_so(tmp_path: Path) -> None:
    for name, data in (("a.hdr", "a.img"), ("b.mhd", "b.raw"), ("c.nhdr", "c.raw")):
        path = _write(tmp_path / name)
        os.remove(tmp_path / data)
        with pytest.raises(Problem, match="not beside it"):
            headers_of(path)


@pytest.mark.usefixtures("looked_here")
def test_analyze_files_are_refused_since_they_do_not_say_left_from_right(tmp_path: Path) -> None:
    head = bytearray(Path(_write(tmp_path / "a.hdr")).read_bytes())
    head[344:348] = bytes(4)
    (tmp_path / "a.hdr").write_bytes(head)
    with pytest.raises(Problem, match="which side is left"):
        headers_of(str(tmp_path / "a.hdr"))


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.parametrize(
    "content", [b"", b"hello", bytes(400), b"NRRD0004\n", b"\x1f\x8b" + bytes(40), b"a = " * 20_000]
)
@pytest.mark.usefixtures("looked_here")
def test_files_that_are_not_what_their_name_says_are_refused(tmp_path: Path, suffix: str, content: bytes) -> None:
    (tmp_path / f"a{suffix}").write_bytes(content)
    with pytest.raises(Problem, match=r"\.$"):
        headers_of(str(tmp_path / f"a{suffix}"))


@pytest.mark.usefixtures("looked_here")
def test_random_damage_to_headers_becomes_headers_or_sentences(tmp_path: Path) -> None:
    chance = np.random.default_rng(5)
    for suffix in (".nii", ".nrrd", ".mha"):
        sound = Path(_write(tmp_path / f"a{suffix}")).read_bytes()
        for _turn in range(60):
            data = bytearray(sound)
            for at in chance.integers(0, min(len(data), 400), 3):
                data[at] = chance.integers(256)
            (tmp_path / f"b{suffix}").write_bytes(data)
            given = answer(Look(str(tmp_path / f"b{suffix}")))
            assert isinstance(given, (Looked, Message))


def test_the_scan_asks_a_decode_worker_and_passes_over_the_second_files_of_pairs(tmp_path: Path) -> None:
    _write(tmp_path / "a.hdr")
    _write(tmp_path / "b.mhd")
    (tmp_path / "c.nii").write_bytes(b"no")
    found = list(scan(tmp_path, Job()))
    assert [Path(one.path).name for one in found] == ["a.hdr"] * 4 + ["b.mhd"] * 4 + ["c.nii"]
    assert isinstance(found[-1], Unreadable)
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        headers_of(str(tmp_path / "a.hdr"), job)


@pytest.mark.usefixtures("looked_here")
def test_two_files_are_two_studies_and_a_file_is_always_the_same_one(tmp_path: Path) -> None:
    a, b = headers_of(_write(tmp_path / "a.nii")), headers_of(_write(tmp_path / "b.nii"))
    assert a == headers_of(str(tmp_path / "a.nii"))
    assert {h.study_uid for h in a}.isdisjoint(h.study_uid for h in b)
    assert len({h.sop_uid for h in a}) == 1


@pytest.mark.usefixtures("looked_here")
def test_a_file_that_changed_since_the_scan_is_not_mixed_up(tmp_path: Path) -> None:
    headers = headers_of(_write(tmp_path / "a.nii"))
    _write(tmp_path / "a.nii", np.zeros((4, 6, 5), "int16"))
    block = SharedArray.make((4, 5, 6), "int16")
    given = answer(Whole(headers, block.handle, None, 1.0, 0.0))
    assert str(given) == str(foreign.CHANGED)
    block.close()
    with pytest.raises(Problem, match="no longer there"):
        headers_of(str(tmp_path / "gone.nii"))
