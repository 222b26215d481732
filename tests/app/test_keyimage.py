"""The picture of a finding shows its place, in millimetres, with its outline."""

from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from medviewer.app.keyimage import OUTLINE_RGB, SIDE_PX, key_image, png
from medviewer.core.finding import Finding
from medviewer.core.grid import Grid
from medviewer.core.mask import Mask
from medviewer.core.shared import SharedArray
from medviewer.core.study import Series
from medviewer.core.volume import FAILED, READY, Volume
from tests.app.samples import finding
from tests.app.test_session import header


@pytest.fixture
def volume() -> Volume:
    """Air with a bright block at rows 50 to 59, columns 100 to 109 of slice 3; rows are twice as far apart."""
    grid = Grid((6, 100, 200), spacing_kji_mm=(2.0, 1.0, 0.5))
    voxels, state = SharedArray.make(grid.shape_kji, "int16"), SharedArray.make((6,), "uint8")
    voxels.array[...] = -1000
    voxels.array[3, 50:60, 100:110] = 100
    state.array[...] = READY
    return Volume(Series("1", (header(0),), (), grid), grid, voxels, state)


def block(volume: Volume) -> Finding:
    """The block as a finding."""
    mask = Mask((3, 50, 100), np.ones((1, 10, 10), dtype=np.bool_))
    x_mm, y_mm, z_mm = volume.grid.to_lps((3, 54.5, 104.5)).tolist()
    return finding(center_lps_mm=(x_mm, y_mm, z_mm), mask=mask)


def pixels(image: bytes | None) -> NDArray[np.uint8]:
    """Decode the PNG with somebody else's decoder."""
    assert image is not None
    return np.asarray(Image.open(BytesIO(image)).convert("RGB"))


def test_a_png_is_read_as_it_was_written() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (7, 5, 3)).astype(np.uint8)
    assert np.array_equal(pixels(png(rgb)), rgb)


def test_the_finding_is_in_the_middle_in_equal_millimetres_with_its_outline(volume: Volume) -> None:
    picture = pixels(key_image(volume, block(volume)))
    assert picture.shape == (SIDE_PX, SIDE_PX, 3)
    middle = SIDE_PX // 2
    bright: NDArray[np.bool_] = np.all(picture > 150, axis=2)
    assert bright[middle, middle]
    assert not bright[middle, 10]
    tall, wide = np.ptp(np.flatnonzero(np.any(bright, axis=1))), np.ptp(np.flatnonzero(np.any(bright, axis=0)))
    assert tall == pytest.approx(2 * wide, rel=0.1)  # 10 rows of 1 mm, 10 columns of 0.5 mm
    assert (picture == OUTLINE_RGB).all(axis=2).any()
    volume.close()


def test_without_a_mask_there_is_no_outline(volume: Volume) -> None:
    plain = finding(center_lps_mm=block(volume).center_lps_mm, mask=None)
    assert not (pixels(key_image(volume, plain)) == OUTLINE_RGB).all(axis=2).any()
    volume.close()


def test_outside_the_volume_or_on_a_lost_slice_there_is_no_picture(volume: Volume) -> None:
    assert key_image(volume, finding(center_lps_mm=(0.0, 0.0, 999.0))) is None
    volume.state[3] = FAILED
    assert key_image(volume, block(volume)) is None
    volume.close()
