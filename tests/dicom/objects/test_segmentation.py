"""Segmentations over their images, voxel by voxel."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.core.volume import READY
from medviewer.dicom.objects import load_layers
from medviewer.dicom.objects import pieces as pieces_module
from medviewer.imaging.straighten import straightened
from tests.dicom.objects.cases import (
    COLOURS,
    SHAPE,
    full,
    images,
    layers_over,
    marker,
    seg_file,
    series_of,
    volume_over,
)


@pytest.fixture
def ct(tmp_path: Path) -> list[Path]:
    return images(tmp_path / "ct")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "seg.dcm"


def assert_only(found: NDArray[Any], truth: NDArray[Any]) -> None:
    """Equal, and unlike each mirror image of the truth, so that the marker proves its worth."""
    assert np.array_equal(found, truth)
    for axis in range(3):
        assert not np.array_equal(found, np.flip(truth, axis))


def test_a_binary_segment_has_its_voxels_name_meaning_and_colour(ct: list[Path], out: Path) -> None:
    (layer,), told = layers_over(series_of(ct), seg_file(out, ct, marker()))
    assert_only(full(layer), marker())
    assert (layer.title, layer.colour_rgb, layer.kind) == ("part 1", COLOURS[0], "segment")
    assert layer.meaning == "Liver, Organ"
    assert layer.algorithm == "drawn automatically, tester"
    assert told == []


def test_highdicom_reads_the_same_voxels(ct: list[Path], out: Path) -> None:
    (layer,), _told = layers_over(series_of(ct), seg_file(out, ct, marker()))
    seg = highdicom.seg.segread(out)
    headers = series_of(ct).headers
    oracle = seg.get_pixels_by_source_instance(
        [header.sop_uid for header in headers], ignore_spatial_locations=True, assert_missing_frames_are_empty=True
    )
    assert np.array_equal(full(layer), oracle[..., 0])


def test_overlapping_segments_are_layers_of_their_own(ct: list[Path], out: Path) -> None:
    both = np.stack([marker(), marker(seed=3)], axis=-1).astype(np.uint8)
    layers, _told = layers_over(series_of(ct), seg_file(out, ct, both, segments=2))
    assert (full(layers[0]) & full(layers[1])).any()
    for n, layer in enumerate(layers):
        assert_only(full(layer), both[..., n].astype(np.bool_))


@pytest.mark.parametrize("kind", ["PROBABILITY", "OCCUPANCY"])
def test_fractions_keep_their_values_and_say_what_they_are(ct: list[Path], out: Path, kind: str) -> None:
    share = marker() * np.linspace(0.1, 1.0, SHAPE[2])
    file = seg_file(out, ct, share, "FRACTIONAL", fractional_type=kind, max_fractional_value=200)
    (layer,), _told = layers_over(series_of(ct), file)
    assert layer.mask is None
    assert layer.fractions is not None
    assert (layer.fractions.type, layer.fractions.maximum) == (kind.lower(), 200)
    assert_only(full(layer), np.around(share * 200).astype(np.uint8))


@pytest.mark.parametrize("wide", [False, True], ids=["8 bits", "16 bits"])
def test_a_label_map_falls_apart_into_its_segments(ct: list[Path], out: Path, wide: bool) -> None:
    labels = marker() * 1 + (marker(seed=10) & ~marker()) * 2

    def widen(seg: Dataset) -> None:
        stored = np.frombuffer(seg.PixelData, np.uint8).astype("<u2")
        seg.BitsAllocated, seg.BitsStored, seg.HighBit, seg.PixelData = 16, 16, 15, stored.tobytes()
        seg["PixelData"].VR = "OW"

    file = seg_file(out, ct, labels.astype(np.uint8), "LABELMAP", segments=2, change=widen if wide else None)
    layers, _told = layers_over(series_of(ct), file)
    for number, layer in enumerate(layers, 1):
        assert_only(full(layer), labels == number)


@pytest.mark.parametrize(
    ("syntax", "plugin"),
    [(RLELossless, "pydicom"), (JPEGLSLossless, "pyjpegls"), (JPEG2000Lossless, "pylibjpeg")],
    ids=["RLE", "JPEG-LS", "JPEG 2000"],
)
def test_compressed_frames_are_decoded_in_the_workers(ct: list[Path], out: Path, syntax: str, plugin: str) -> None:
    share = marker() * np.linspace(0.1, 1.0, SHAPE[2])
    seg = pydicom.dcmread(seg_file(out, ct, share, "FRACTIONAL"))
    seg.compress(syntax, encoding_plugin=plugin, generate_instance_uid=False)  # gdcm's writer ends the process
    seg.save_as(out)
    (layer,), told = layers_over(series_of(ct), out)
    assert told == []
    assert_only(full(layer), np.around(share * 255).astype(np.uint8))


def rle_of_bits(seg: Dataset) -> None:
    """Compress single bits with RLE, on which gdcm aborts the whole process."""
    bits = np.unpackbits(np.frombuffer(seg.PixelData, np.uint8), bitorder="little")
    count = seg.Rows * seg.Columns
    streams = []
    for n in range(seg.NumberOfFrames):
        packed = np.packbits(bits[n * count : (n + 1) * count], bitorder="little").tobytes()
        runs = b"".join(
            bytes([len(part) - 1]) + part for part in (packed[k : k + 100] for k in range(0, len(packed), 100))
        )
        streams.append((1).to_bytes(4, "little") + (64).to_bytes(4, "little") + bytes(56) + runs)
    seg.PixelData = pydicom.encaps.encapsulate(streams)
    seg["PixelData"].is_undefined_length = True
    seg.file_meta.TransferSyntaxUID = RLELossless


def test_single_bits_in_rle_are_read_and_nothing_dies(ct: list[Path], out: Path) -> None:
    (layer,), told = layers_over(series_of(ct), seg_file(out, ct, marker(), change=rle_of_bits))
    assert told == []
    assert_only(full(layer), marker())


def without_sources(seg: Dataset) -> None:
    for item in seg.PerFrameFunctionalGroupsSequence:
        del item.DerivationImageSequence


def test_geometry_places_frames_that_name_no_image(ct: list[Path], out: Path) -> None:
    (layer,), _told = layers_over(series_of(ct), seg_file(out, ct, marker(), change=without_sources))
    assert_only(full(layer), marker())


def mirrored(seg: Dataset) -> None:
    """Store the same voxels with columns running the other way."""
    count, rows, columns = seg.NumberOfFrames, seg.Rows, seg.Columns
    bits = np.unpackbits(np.frombuffer(seg.PixelData, np.uint8), bitorder="little")[: count * rows * columns]
    flipped = bits.reshape(count, rows, columns)[:, :, ::-1]
    seg.PixelData = np.packbits(flipped.ravel(), bitorder="little").tobytes()
    seg.PixelData += b"\0" * (len(seg.PixelData) % 2)
    shared = seg.SharedFunctionalGroupsSequence[0]
    shared.PlaneOrientationSequence[0].ImageOrientationPatient = [-1, 0, 0, 0, 1, 0]
    for item in seg.PerFrameFunctionalGroupsSequence:
        x, y, z = item.PlanePositionSequence[0].ImagePositionPatient
        item.PlanePositionSequence[0].ImagePositionPatient = [float(x) + 0.8 * (columns - 1), y, z]


@pytest.mark.parametrize("named", [True, False], ids=["images named", "by geometry"])
def test_frames_that_run_the_other_way_are_turned_back(ct: list[Path], out: Path, named: bool) -> None:
    def change(seg: Dataset) -> None:
        mirrored(seg)
        if not named:
            without_sources(seg)

    (layer,), _told = layers_over(series_of(ct), seg_file(out, ct, marker(), change=change))
    assert_only(full(layer), marker())


def test_rows_and_columns_may_be_exchanged(ct: list[Path], out: Path) -> None:
    turned = marker().transpose(0, 2, 1)

    def change(seg: Dataset) -> None:
        without_sources(seg)
        seg.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence[0].ImageOrientationPatient = [0, 1, 0, 1, 0, 0]

    tall = images(out.parent / "tall")
    for path in tall:  # the sources of the writer have the turned shape; the geometry is put right afterwards
        image = pydicom.dcmread(path)
        image.PixelData = image.pixel_array.T.tobytes()
        image.Rows, image.Columns = image.Columns, image.Rows
        image.save_as(path)
    (layer,), _told = layers_over(series_of(ct), seg_file(out, tall, turned, change=change))
    assert_only(full(layer), marker())


def test_another_grid_is_resampled_to_the_nearest_voxels(ct: list[Path], tmp_path: Path) -> None:
    fine = images(tmp_path / "fine", PixelSpacing=[0.4, 0.4])
    doubled = np.zeros(SHAPE, np.bool_)
    doubled[:, 4:30, 6:20] = True
    doubled[1:3, 34:40, 30:36] = True
    file = seg_file(tmp_path / "fine.dcm", fine, doubled, change=without_sources)
    (layer,), told = layers_over(series_of(ct), file)
    truth = np.zeros(SHAPE, np.bool_)
    truth[:, : SHAPE[1] // 2 + 1, : SHAPE[2] // 2 + 1] = doubled[:, ::2, ::2]
    assert_only(full(layer), truth)
    assert "nearest voxels" in str(told[0])


@pytest.mark.parametrize("named", [True, False], ids=["images named", "by geometry"])
def test_segments_move_with_the_slices_of_a_straightened_stack(ct: list[Path], out: Path, named: bool) -> None:
    for path in ct:  # each slice lies 1.3 pixels further back: a gantry tilted by 27 degrees
        image = pydicom.dcmread(path)
        x, y, z = image.ImagePositionPatient
        image.ImagePositionPatient = [x, float(y) + 0.52 * float(z), z]
        image.save_as(path)
    file = seg_file(out, ct, marker(), change=None if named else without_sources)
    series = series_of(ct)
    with volume_over(series) as tilted:
        tilted.state[:] = READY
        straight = straightened(tilted, Job())
        (layer,), told = load_layers(series_of([file], "segmentation"), replace(straight, regular=True), Job())
        straight.close()
        assert told == ()
        assert layer.mask is not None
        assert layer.mask.count == marker().sum()
        places_mm = straight.grid.to_lps(np.argwhere(layer.mask.full(straight.grid.shape_kji)))
        k, j, i = np.rint(tilted.grid.to_kji(places_mm)).astype(int).T
        assert marker()[k, j, i].all()


def test_frames_of_another_frame_of_reference_are_not_placed_by_geometry(ct: list[Path], out: Path) -> None:
    def change(seg: Dataset) -> None:
        without_sources(seg)
        seg.FrameOfReferenceUID = "1.2.9.9"

    layers, told = layers_over(series_of(ct), seg_file(out, ct, marker(), change=change))
    assert layers == []
    assert "have another frame of reference than these images" in str(told[0])


def test_frames_beside_the_images_are_told(ct: list[Path], tmp_path: Path) -> None:
    far = images(tmp_path / "far")
    for path in far:
        image = pydicom.dcmread(path)
        image.ImagePositionPatient[2] += 500
        image.save_as(path)
    layers, told = layers_over(series_of(ct), seg_file(tmp_path / "far.dcm", far, marker(), change=without_sources))
    assert layers == []
    assert [str(one) for one in told] == ["These segments do not touch these images: part 1."]


def test_pixels_cut_short_cost_their_frames_only(ct: list[Path], out: Path) -> None:
    seg_file(out, ct, marker())
    whole = out.read_bytes()
    out.write_bytes(whole[: len(whole) - 100])
    layers, told = layers_over(series_of(ct), out)
    assert "1 of 4 frames could not be read: The pixel data are cut short." in [str(one) for one in told]
    whole_slices = [k for k in range(SHAPE[0]) if np.array_equal(full(layers[0])[k], marker()[k])]
    assert len(whole_slices) == SHAPE[0] - 1
    assert not np.delete(full(layers[0]), whole_slices, axis=0).any()  # the one cut short is not shown at all


@pytest.mark.parametrize(
    ("keyword", "value", "said"),
    [("NumberOfFrames", 2_000_000, "impossible number"), ("NumberOfFrames", 9, "fewer frames")],
)
def test_claims_are_checked_before_memory_is_asked_for(
    ct: list[Path], out: Path, keyword: str, value: int, said: str
) -> None:
    file = seg_file(out, ct, marker(), change=lambda seg: setattr(seg, keyword, value))
    with pytest.raises(Problem, match=said):
        layers_over(series_of(ct), file)


def test_segments_beyond_the_memory_are_named(ct: list[Path], out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medviewer.dicom.objects.segmentation.MOST_BYTES", 4000)
    both = np.stack([marker(), marker(seed=3)], axis=-1).astype(np.uint8)
    layers, told = layers_over(series_of(ct), seg_file(out, ct, both, segments=2))
    assert len(layers) < 2
    assert pieces_module.MOST_BYTES > 4000
    assert any("no memory to show these segments" in str(one) and "part 2" in str(one) for one in told)


def test_frames_on_frames_of_one_place_do_not_fill_the_memory(
    ct: list[Path], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def doubled(seg: Dataset) -> None:
        count = 40
        seg.PerFrameFunctionalGroupsSequence = [seg.PerFrameFunctionalGroupsSequence[0]] * count
        bits = np.unpackbits(np.frombuffer(seg.PixelData, np.uint8), bitorder="little")[: SHAPE[1] * SHAPE[2]]
        packed = np.packbits(np.tile(bits, count), bitorder="little").tobytes()
        seg.PixelData, seg.NumberOfFrames = packed + bytes(len(packed) % 2), count

    file = seg_file(out, ct, marker(), change=doubled)
    assert len(layers_over(series_of(ct), file)[0]) == 1
    monkeypatch.setattr("medviewer.dicom.objects.segmentation.MOST_BYTES", 20_000)
    layers, told = layers_over(series_of(ct), file)
    assert layers == []
    assert any("no memory to show these segments" in str(one) for one in told)


def test_cancel_is_heard_between_frames(ct: list[Path], out: Path) -> None:
    file, job = seg_file(out, ct, marker()), Job()
    job.cancel()
    with volume_over(series_of(ct)) as volume, pytest.raises(Cancelled):
        load_layers(series_of([file], "segmentation"), volume, job)


def test_one_damaged_file_does_not_take_the_others_with_it(ct: list[Path], tmp_path: Path) -> None:
    good = seg_file(tmp_path / "good.dcm", ct, marker())
    bad = seg_file(tmp_path / "bad.dcm", ct, marker(), change=lambda seg: delattr(seg, "SegmentSequence"))
    series = series_of([bad, good], "segmentation")
    with volume_over(series_of(ct)) as volume:
        layers, told = load_layers(series, volume, Job())
    assert len(layers) == 1
    assert str(told[-1]) == "This segmentation describes no segment."


def test_only_segments_and_contours_are_drawn(ct: list[Path]) -> None:
    series = series_of(ct)
    with volume_over(series) as volume, pytest.raises(Problem, match="nothing that can be drawn"):
        load_layers(replace(series, kind="report"), volume, Job())
