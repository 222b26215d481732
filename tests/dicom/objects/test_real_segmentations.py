"""Segmentations made by dcmqi and highdicom against the truth that came with them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest
import SimpleITK
from numpy.typing import NDArray

from medviewer.core.job import Job
from medviewer.core.layers import Layer
from medviewer.core.study import Series
from medviewer.core.volume import Volume
from medviewer.dicom.header import read_header
from medviewer.dicom.objects import load_layers
from tests.dicom.objects.cases import series_of, volume_over

pytestmark = pytest.mark.data


@pytest.fixture
def dcmqi(shared_data: Path) -> Path:
    return shared_data / "dicom/seg-dcmqi/segmentations"


@pytest.fixture
def slides(shared_data: Path) -> Path:
    return shared_data / "dicom/seg-sr-highdicom/test_files"


def nrrd(path: Path, volume: Volume) -> NDArray[Any]:
    """Return the labels of an NRRD in the order of the volume's voxels, whichever way round either lies."""
    image: Any = SimpleITK.ReadImage(str(path))
    labels = SimpleITK.GetArrayFromImage(image)
    z_mm = [image.TransformIndexToPhysicalPoint((0, 0, k))[2] for k in range(image.GetSize()[2])]
    ours = [header.position_lps_mm[2] for header in volume.series.headers if header.position_lps_mm]
    order = [int(np.argmin(np.abs(np.array(z_mm) - z))) for z in ours]
    assert sorted(order) == list(range(len(z_mm)))
    return np.asarray(labels[order])


def drawn(images: Series, file: Path, volume: Volume) -> tuple[Layer, ...]:
    layers, told = load_layers(series_of([file], "segmentation"), volume, Job())
    assert told == ()
    return layers


@pytest.mark.parametrize(
    ("folder", "file", "truths"),
    [
        ("ct-3slice", "liver.dcm", {"Liver": ("liver_seg.nrrd", 1)}),
        (
            "ct-3slice",
            "partial_overlaps.dcm",
            {
                "GREEN": ("partial_overlaps-1.nrrd", 1),
                "ORANGE": ("partial_overlaps-2.nrrd", 2),
                "PURPLE": ("partial_overlaps-3.nrrd", 3),
                "LIGHT_BLUE": ("partial_overlaps-1.nrrd", 4),
                "DARK_BLUE": ("partial_overlaps-1.nrrd", 5),
            },
        ),
        ("24x38x3/image", "24x38x3/seg/label.seg", {"Liver": ("24x38x3/nrrd/label.nrrd", 1)}),
        ("23x38x3/image", "23x38x3/seg/label.seg", {"Liver": ("23x38x3/nrrd/label.nrrd", 1)}),
        ("24x38x3/image", "sparse-labelmap-ppv5.dcm", {"Liver": ("sparse_labelmap_ppv5_seg.nrrd", 1)}),
        ("24x38x3/image", "sparse-labelmap-noppv.dcm", {"Liver": ("sparse_labelmap_noppv_seg.nrrd", 1)}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_segment_is_its_truth_voxel_by_voxel(
    dcmqi: Path, folder: str, file: str, truths: dict[str, tuple[str, int]]
) -> None:
    images = series_of(sorted((dcmqi / folder).iterdir()))
    with volume_over(images) as volume:
        layers = {layer.title: layer for layer in drawn(images, dcmqi / file, volume)}
        assert set(layers) == set(truths)
        for title, (name, label) in truths.items():
            truth = nrrd(dcmqi / name, volume) == label
            mask = layers[title].mask
            assert truth.any()
            assert mask is not None
            assert np.array_equal(mask.full(volume.grid.shape_kji), truth)


def test_colours_are_those_of_the_program_that_wrote_them(dcmqi: Path) -> None:
    images = series_of(sorted((dcmqi / "ct-3slice").iterdir()))
    with volume_over(images) as volume:
        assert drawn(images, dcmqi / "liver.dcm", volume)[0].colour_rgb == (221, 130, 101)  # Slicer's liver
        green, *_others, vein = drawn(images, dcmqi / "partial_overlaps.dcm", volume)
        assert (green.colour_rgb, vein.colour_rgb) == ((128, 174, 128), (0, 151, 206))  # Slicer's tissue and vein


def slide(path: Path) -> Series:
    """Return a slide as a series of its tiles."""
    header = read_header(path)
    return Series(header.series_uid, tuple(replace(header, frame=n) for n in range(header.frames)))


EMPTY = "These segments do not touch these images: "  # true of these files: they describe colours without pixels


def on_slide(slides: Path, image: str, file: str) -> dict[str, NDArray[np.bool_]]:
    """Return the segments of a slide by title as voxels (tiles, rows, columns)."""
    images = slide(slides / f"{image}.dcm")
    with volume_over(images) as volume:
        layers, told = load_layers(series_of([slides / f"{file}.dcm"], "segmentation"), volume, Job())
        assert all(str(one).startswith(EMPTY) for one in told)
        shape = volume.grid.shape_kji
    return {layer.title: layer.mask.full(shape) for layer in layers if layer.mask is not None}


def test_segments_of_a_slide_lie_on_the_tiles_they_were_cut_from(slides: Path) -> None:
    """Each segment bears the colour of its pixels in its name, blue first. Rows and columns of the tiles are exchanged
    in this file, the numbers of the frames are right.
    """
    pixels = pydicom.dcmread(slides / "sm_image_control.dcm").pixel_array
    segments = on_slide(slides, "sm_image_control", "seg_image_sm_control")
    assert len(segments) == 19
    exact = 0
    for title, inside in segments.items():
        colour = [int(part) for part in title.removeprefix("RGB(").removesuffix(")").split(",")][::-1]
        exact += np.array_equal(inside, np.all(pixels == colour, axis=-1))
    assert exact == 18  # the name of one is a shade beside its pixels


def test_a_label_map_of_a_slide_is_what_highdicom_reads(slides: Path) -> None:
    segments = on_slide(slides, "sm_image_control", "seg_image_sm_control_labelmap")
    seg = highdicom.seg.segread(slides / "seg_image_sm_control_labelmap.dcm")
    oracle = seg.get_total_pixel_matrix(combine_segments=True)
    tiles = oracle.reshape(5, 10, 5, 10).transpose(0, 2, 1, 3).reshape(25, 10, 10)
    numbers = {str(item.SegmentLabel): int(item.SegmentNumber) for item in seg.SegmentSequence}
    assert len(segments) == 19
    for title, inside in segments.items():
        assert np.array_equal(inside, tiles == numbers[title])


def test_tiles_in_full_and_in_part_hold_the_same_segments(slides: Path) -> None:
    in_part = on_slide(slides, "sm_image_dots", "seg_image_sm_dots")
    in_full = on_slide(slides, "sm_image_dots", "seg_image_sm_dots_tiled_full")
    assert len(in_part) == 45
    assert set(in_part) == set(in_full)
    assert all(np.array_equal(in_part[title], in_full[title]) for title in in_part)


def test_a_label_map_without_recommended_colours_takes_those_of_its_palette(slides: Path) -> None:
    images = slide(slides / "sm_image_control.dcm")
    with volume_over(images) as volume:
        file = slides / "seg_image_sm_control_labelmap_palette_color.dcm"
        layers, _told = load_layers(series_of([file], "segmentation"), volume, Job())
    reds, greens, blues = (
        list(pydicom.dcmread(file)[f"{name}PaletteColorLookupTableData"].value) for name in ("Red", "Green", "Blue")
    )
    numbers = [int(layer.id.rpartition("/")[2]) for layer in layers]
    assert [layer.colour_rgb for layer in layers] == [(reds[n], greens[n], blues[n]) for n in numbers]
    assert len({layer.colour_rgb for layer in layers}) > 10


@pytest.mark.parametrize("name", ["binary", "binary_overlap", "binary_fractional", "true_fractional"])
def test_highdicom_reads_the_same_from_its_own_files(shared_data: Path, slides: Path, name: str) -> None:
    file = slides / f"seg_image_ct_{name}.dcm"
    folder = shared_data / "dicom/conformance-pydicom/test_files/dicomdirtests/77654033/CT2"
    images = series_of(sorted(folder.iterdir()))
    with volume_over(images) as volume:
        layers = drawn(images, file, volume)
        seg = highdicom.seg.segread(file)
        oracle = seg.get_pixels_by_source_instance(
            [header.sop_uid for header in volume.series.headers],
            ignore_spatial_locations=True,
            assert_missing_frames_are_empty=True,
            rescale_fractional=False,
        )
    assert len(layers) == oracle.shape[-1]
    for n, layer in enumerate(layers):
        found = layer.mask or layer.fractions
        assert found is not None
        box = tuple(slice(o, o + size) for o, size in zip(found.offset_kji, _values(layer).shape, strict=True))
        whole = np.zeros(oracle.shape[:3], np.int64)
        whole[box] = _values(layer)
        assert np.array_equal(whole, oracle[..., n])


def _values(layer: Layer) -> NDArray[Any]:
    if layer.fractions is not None:
        return layer.fractions.values
    assert layer.mask is not None
    return layer.mask.voxels


def test_a_film_without_geometry_has_its_segment_by_the_name_of_its_image(shared_data: Path, slides: Path) -> None:
    folder = shared_data / "dicom/conformance-pydicom/test_files/dicomdirtests/77654033/CR1"
    wanted = "1.3.6.1.4.1.5962.1.1.0.0.0.1196527414.5534.0.11"
    film = next(path for path in folder.iterdir() if read_header(path).sop_uid == wanted)
    images = series_of([film])
    with volume_over(images) as volume:
        (layer,) = drawn(images, slides / "seg_image_cr_binary.dcm", volume)
    assert layer.mask is not None
    truth = pydicom.dcmread(slides / "seg_image_cr_binary.dcm").pixel_array
    assert np.array_equal(layer.mask.full((1, 16, 16))[0], truth.astype(np.bool_))
