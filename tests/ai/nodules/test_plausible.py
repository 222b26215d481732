"""Values that cannot be Hounsfield units of a chest are told from those that can."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.ai.nodules.plausible import check_hounsfield
from medviewer.app.scanning import scan_into
from medviewer.core.job import Job
from medviewer.core.problem import Unsuitable
from medviewer.dicom.catalogue import Catalogue
from medviewer.dicom.load import load_volume
from medviewer.phantom import thorax


@pytest.fixture(scope="module")
def chest() -> NDArray[np.int16]:
    return thorax.make(1, shape_kji=(35, 128, 128)).voxels


def test_a_chest_passes_with_empty_corners_too(chest: NDArray[np.int16]) -> None:
    check_hounsfield(chest)
    rim = chest.copy()
    rim[:, :20] = rim[:, -20:] = -3024
    check_hounsfield(rim)


@pytest.mark.parametrize(("factor", "offset"), [(1, 1024), (1, -1024), (0.3, 0), (-1, 0), (8, 8192)])
def test_a_missing_or_wrong_offset_or_factor_is_noticed(chest: NDArray[np.int16], factor: float, offset: int) -> None:
    wrong = np.clip(chest * factor + offset, -32768, 32767).astype(np.int16)
    with pytest.raises(Unsuitable, match=r"cannot be Hounsfield units of a chest: \d+% are like air, \d+% like soft"):
        check_hounsfield(wrong)


@pytest.mark.parametrize("values", [np.zeros((5, 9, 9)), np.full((5, 9, 9), -3024), np.full((1, 1, 1), 40)])
def test_a_volume_of_one_value_is_no_chest(values: NDArray[np.float64]) -> None:
    with pytest.raises(Unsuitable):
        check_hounsfield(values.astype(np.int16))


def real(folder: Path) -> Iterator[tuple[str, NDArray[np.int16]]]:
    """Modality and real values of each stack in a folder."""
    catalogue = Catalogue()
    scan_into(catalogue, folder, Job())
    for study in catalogue.studies():
        for series in study.series:
            if series.kind == "image" and series.grid is not None:
                volume = load_volume(series, Job())
                real_values = volume.voxels * np.float32(volume.slope) + np.float32(volume.intercept)
                volume.close()
                yield series.modality, np.clip(real_values, -32768, 32767).astype(np.int16)


@pytest.mark.data
@pytest.mark.parametrize("folder", ["chest-ct-8mm-Lung_Dx-A0002", "pet-ct-mr-STS_001", "ct-totalseg/example_ct_dicom"])
def test_real_ct_passes_and_a_real_pet_or_mr_that_calls_itself_ct_does_not(shared_data: Path, folder: str) -> None:
    seen = set()
    for modality, values in real(shared_data / "dicom" / folder):
        seen.add(modality)
        if modality == "CT":
            check_hounsfield(values)
        else:
            with pytest.raises(Unsuitable):
                check_hounsfield(values)
    assert "CT" in seen
