"""The crops are read whole, by split, with the labels all readers gave."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem
from medviewer.train.crops import Crops, load, soft_labels


def test_a_split_holds_its_patients_only(data: Path) -> None:
    train, val = load(data, ("train",), Job()), load(data, ("val",), Job())
    assert (len(train), len(val)) == (18, 9)
    assert not set(train.column("pid")) & set(val.column("pid"))
    assert train.images.shape == (18, 128, 128)
    assert set(train.numbers("pixel_spacing")) == {0.7}


def test_a_missing_file_is_named(data: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(data, tmp_path / "data"))
    (broken / "index.npz").unlink()
    with pytest.raises(Problem, match=r"no file 'index.npz'"):
        load(broken, ("train",), Job())


def test_an_unknown_split_is_one_sentence(data: Path) -> None:
    with pytest.raises(Problem, match="no crop of split 'winter'"):
        load(data, ("winter",), Job())


def test_reading_can_be_cancelled(data: Path) -> None:
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        load(data, ("train",), job)


def test_labels_are_the_mean_of_the_readers(crops: Crops) -> None:
    labels = soft_labels(crops)
    assert np.unique(labels[0]) == pytest.approx([0.0, 1 / 3, 2 / 3, 1.0])
    assert set(np.unique(labels[3])) == {0.0, 1.0}  # the second patient's only reader
    assert labels[0, 64, 64] == 1.0


def test_another_nodule_of_the_same_slice_is_no_background(crops: Crops) -> None:
    rows = [dict(row) for row in crops.rows]
    rows[1] |= {"series_uid": rows[0]["series_uid"], "crop_row0": "120", "crop_col0": "170"}
    pair = replace(crops, rows=tuple(rows))
    labels = soft_labels(pair)
    assert labels[0, 64 + 20, 64 - 30] == 1.0
    assert labels[3, 64 - 20, 64 + 30] == 1.0
    assert soft_labels(crops)[0, 84, 34] == 0.0


def test_a_nodule_too_far_away_reaches_no_crop(crops: Crops) -> None:
    rows = [dict(row) for row in crops.rows]
    rows[1] |= {"series_uid": rows[0]["series_uid"], "crop_row0": "400"}
    assert np.array_equal(soft_labels(replace(crops, rows=tuple(rows))), soft_labels(crops))


@pytest.mark.data
def test_the_real_crops_never_mix_patients_of_two_splits(shared_data: Path) -> None:
    val = load(shared_data / "lidc-nodules", ("val",), Job())
    assert (len(val), len(set(val.column("pid")))) == (1896, 115)
    assert not set(val.column("pid")) & {row["pid"] for row in val.rows if row["split"] != "val"}
