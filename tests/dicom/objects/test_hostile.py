"""Damaged objects cost a sentence, never the program: bytes of good files changed by chance, from a fixed seed."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.study import Kind, Series, Study
from medviewer.dicom.header import read_header
from medviewer.dicom.objects import load_layers, target
from medviewer.dicom.objects.document import read_document
from medviewer.dicom.objects.report import Report
from tests.dicom.objects.cases import images, lps, marker, region, rtstruct_file, seg_file, series_of, volume_over
from tests.dicom.objects.test_document import object_file
from tests.dicom.objects.test_report import code, item, measured

ROUNDS = 60


def mutations(good: bytes, seed: int) -> list[bytes]:
    """Return copies with some bytes changed, a part cut out, or the end cut off."""
    chance = random.Random(seed)
    found = []
    for n in range(ROUNDS):
        data = bytearray(good)
        for _n in range(chance.choice((1, 3, 20))):
            data[chance.randrange(132, len(data))] = chance.choice((0, 255, 1, chance.randrange(256)))
        if n % 5 == 0:
            at = chance.randrange(132, len(data))
            del data[at : at + chance.randrange(1, 40)]
        if n % 7 == 0:
            del data[chance.randrange(200, len(data)) :]
        found.append(bytes(data))
    return found


def survives(path: Path, seed: int, use: Callable[[Path], object]) -> None:
    good = path.read_bytes()
    done = 0
    for data in mutations(good, seed):
        path.write_bytes(data)
        with suppress(Problem):
            use(path)
            done += 1
    assert done > ROUNDS // 10  # most bytes do not matter: it is the reading that is tested, not the refusing


@pytest.mark.parametrize("kind", ["BINARY", "LABELMAP"])
def test_damaged_segmentations(tmp_path: Path, kind: str) -> None:
    ct = images(tmp_path / "ct")
    series = series_of(ct)
    with volume_over(series) as volume:

        def use(path: Path) -> None:
            header = replace(read_header(path), transfer_syntax="1.2.840.10008.1.2.1")
            drawn = Series("1", (header,), kind="segmentation")
            target(Study("1", (series, drawn)), drawn)
            layers, _told = load_layers(drawn, volume, Job())
            for layer in layers:
                assert layer.mask is not None
                assert layer.mask.full(volume.grid.shape_kji).any()  # inside the volume, or this raises

        survives(seg_file(tmp_path / "seg.dcm", ct, marker().astype("uint8"), kind), 1, use)


def test_damaged_structure_sets(tmp_path: Path) -> None:
    series = series_of(images(tmp_path / "ct"))
    line = lps(series.headers[1], (5.0, 4.0), (30.0, 4.0), (30.0, 20.0))
    with volume_over(series) as volume:

        def use(path: Path) -> None:
            kind: Kind = "contours"
            drawn = Series("1", (read_header(path),), kind=kind)
            target(Study("1", (series, drawn)), drawn)
            for layer in load_layers(drawn, volume, Job())[0]:
                assert layer.mask is None or layer.mask.full(volume.grid.shape_kji).any()

        survives(rtstruct_file(tmp_path / "rs.dcm", [region(*[("CLOSED_PLANAR", line)] * 3)] * 2), 2, use)


def test_damaged_reports(tmp_path: Path) -> None:
    children = [
        item("NUM", MeasuredValueSequence=[measured("12.5", code("millimeter", "mm", "UCUM"))]),
        item("SCOORD", GraphicType="POLYLINE", GraphicData=[1.0] * 8),
        item("CONTAINER", "part", "CONTAINS", item("TEXT", TextValue="text"), item("DATE", Date="20240131")),
    ]

    def use(path: Path) -> None:
        found = read_document(read_header(path))
        if isinstance(found, Report):
            found.as_text()

    survives(
        object_file(tmp_path / "sr.dcm", "1.2.840.10008.5.1.4.1.1.88.33", Modality="SR", ContentSequence=children),
        3,
        use,
    )
