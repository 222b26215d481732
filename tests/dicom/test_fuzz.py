"""Some hundred damaged files, always the same ones: no crash, no hang, no image of another size, words for each."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from medviewer.dicom.decode import DecodePool
from medviewer.dicom.scan import scan
from tests.dicom import fuzzer
from tests.dicom.every_file import Outcome, outcomes

SEED, EACH, FEW = 20250601, 25, 3
LIMIT_ONE_S = 8.0


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return fuzzer.seeds(tmp_path_factory.mktemp("seeds"))


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    pool = DecodePool(workers=2, limit_s=LIMIT_ONE_S, memory_bytes=1 << 30)
    yield pool
    pool.close()


def spoiled(seeds: list[Path], folder: Path, seed: int, each: int) -> list[fuzzer.Mutant]:
    made = list(fuzzer.mutants(seeds, each, seed))
    for k, mutant in enumerate(made):
        (folder / f"{k:04d}-{mutant.name}.dcm").write_bytes(mutant.data)
    return made


def test_the_seeds_themselves_all_open(seeds: list[Path], pool: DecodePool) -> None:
    rows = list(outcomes(seeds[0].parent, pool))
    assert {row.path: row.reason for row in rows if row.sign != "opened"} == {}
    assert sum(row.images > 1 for row in rows) > 5


def test_the_same_seed_makes_the_same_mutants(seeds: list[Path]) -> None:
    first, second = (list(fuzzer.mutants(seeds, FEW, SEED)) for _ in range(2))
    assert first == second
    assert first != list(fuzzer.mutants(seeds, FEW, SEED + 1))


def test_no_mutant_crashes_hangs_or_shows_an_image_of_another_size(
    seeds: list[Path], pool: DecodePool, tmp_path: Path
) -> None:
    made = spoiled(seeds, tmp_path, SEED, EACH)
    pids, rows = set(pool.pids), list(outcomes(tmp_path, pool))
    assert len(rows) == len(made) > 600
    assert {row.path: row.faults for row in rows if row.faults} == {}
    assert pids == set(pool.pids)
    opened = [row for row in rows if row.sign == "opened"]
    assert len(opened) > 100  # bits flipped in a name do not matter
    assert sum(bool(row.reason) for row in rows) > 200


def test_a_cut_or_zeroed_file_never_opens_as_whole(seeds: list[Path], pool: DecodePool, tmp_path: Path) -> None:
    for path in seeds:
        data = path.read_bytes()
        for share in (0.6, 0.9, 0.97):
            (tmp_path / f"{path.stem}-{share}.dcm").write_bytes(data[: int(len(data) * share)])
    for row in outcomes(tmp_path, pool):
        assert row.opened == 0 or row.opened < row.images, row
        assert row.reason or row.sign == "listed", row


def test_pixels_that_were_not_touched_are_shown_unchanged(seeds: list[Path], tmp_path: Path) -> None:
    """What opens of a file damaged elsewhere is its own image, not that of a neighbour or an older file."""
    from medviewer.core.job import Job
    from medviewer.core.study import Header
    from medviewer.dicom.pixels.codecs import decode
    from medviewer.dicom.pixels.encapsulated import Refused
    from tests.dicom.files import ramp

    plain = next(path for path in seeds if path.stem == "plain")
    same = 0
    for mutant in fuzzer.mutants([plain], 60, SEED):
        path = tmp_path / f"{mutant.name}.dcm"
        path.write_bytes(mutant.data)
        for header in scan(path, Job()):
            if not isinstance(header, Header) or (header.rows, header.columns) != (48, 40):
                continue
            try:
                stored = decode(header).stored
            except Refused:
                continue
            assert stored.shape == (48, 40)
            same += np.array_equal(stored, ramp()) or "pixels" in mutant.name
    assert same > 10


def test_outcomes_of_mutants_do_not_depend_on_their_order(seeds: list[Path], pool: DecodePool, tmp_path: Path) -> None:
    made = spoiled(seeds, tmp_path, SEED, FEW)
    first: list[Outcome] = list(outcomes(tmp_path, pool))
    (tmp_path / "again").mkdir()
    for k, mutant in enumerate(reversed(made)):
        (tmp_path / "again" / f"{len(made) - 1 - k:04d}-{mutant.name}.dcm").write_bytes(mutant.data)
    again = list(outcomes(tmp_path / "again", pool))
    assert [(row.path, row.sign) for row in first] == [(row.path, row.sign) for row in again]
