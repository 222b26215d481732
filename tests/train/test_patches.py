"""Candidate patches are read and split so that hardly a scan is on both sides; damage is one sentence."""

from pathlib import Path

import numpy as np
import pytest

from medviewer.core.problem import Problem
from medviewer.train.patches import BLOCK, CYCLE, FILE, GUARD, Patches, of_split, read, splits_of
from medviewer.train.patients import RESERVED
from tests.train import drawn_patches


def at(candidates: np.ndarray) -> Patches:
    count = len(candidates)
    return Patches(np.zeros((count, 50, 50), np.uint8), np.zeros(count, np.bool_), candidates.astype(np.int64))


def test_turned_copies_are_left_out(tmp_path: Path) -> None:
    patches = read(drawn_patches.write(tmp_path))
    assert len(patches) == 480
    assert patches.candidate.max() < 1_000_000
    assert patches.nodule.sum() == 160


def test_blocks_four_to_six_of_ten_are_held_out() -> None:
    middles = at(np.arange(40) * BLOCK + BLOCK // 2)
    split = splits_of(middles)
    assert set(split[middles.block % CYCLE == 4]) <= {"val", "reserved"}
    assert set(split[np.isin(middles.block % CYCLE, (5, 6))]) == {"test"}
    assert not np.isin(split[~np.isin(middles.block % CYCLE, (4, 5, 6))], ("val", "test")).any()


def test_no_two_splits_meet_within_about_the_length_of_a_scan() -> None:
    everywhere = at(np.arange(0, CYCLE * BLOCK * 2, 50))
    split = splits_of(everywhere)
    held = np.isin(split, ("val", "test"))
    learnt = everywhere.candidate[split == "train"]
    apart = np.abs(learnt[:, None] - everywhere.candidate[held][None]).min()
    assert apart >= GUARD
    tested, tuned = (everywhere.candidate[split == name] for name in ("test", "val"))
    assert np.abs(tested[:, None] - tuned[None]).min() >= GUARD


def test_patches_of_patients_others_are_judged_on_are_never_learnt_from() -> None:
    inside = at(np.array([first for first, _last in RESERVED] + [last for _first, last in RESERVED]))
    assert not np.isin(splits_of(inside), ("train", "val")).any()


def test_an_unknown_split_is_one_sentence(tmp_path: Path) -> None:
    patches = read(drawn_patches.write(tmp_path))
    with pytest.raises(Problem, match="no patch of split 'holdout'"):
        of_split(patches, "holdout")


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no file 'luna_patches_packed"):
        read(tmp_path)


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    folder = drawn_patches.write(tmp_path)
    whole = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Problem, match="cannot be read"):
        read(folder)
    np.savez(folder / FILE, images=np.zeros((3, 50, 50), np.uint8), labels=np.zeros(2), candidate_index=np.zeros(3))
    with pytest.raises(Problem, match="cannot be read"):
        read(folder)
    np.savez(folder / FILE, images=np.zeros((3, 50, 50), np.uint8))
    with pytest.raises(Problem, match="cannot be read"):
        read(folder)
