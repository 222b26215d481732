"""Enhanced pictures: what each way does to a picture of known content, and that it leaves its input alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.imaging.enhance import ENHANCEMENTS, UNREAD, despeckled, local_contrast, noise, quiet, sharp, smooth

RNG = np.random.default_rng(5)
Picture = NDArray[np.int16]


def noisy(sd: float, shape: tuple[int, int] = (120, 130)) -> Picture:
    return np.rint(RNG.normal(40.0, sd, shape)).astype(np.int16)


def step(low: int = 0, high: int = 200) -> Picture:
    made = np.full((40, 60), low, np.int16)
    made[:, 30:] = high
    return made


@pytest.mark.parametrize("way", ENHANCEMENTS.values(), ids=ENHANCEMENTS)
@pytest.mark.parametrize("colours", [False, True])
def test_every_way_keeps_shape_and_type_and_its_input(way, colours: bool) -> None:  # type: ignore[no-untyped-def]
    shape = (64, 48, 3) if colours else (64, 48)
    pixels = RNG.integers(0, 256, shape).astype(np.uint8 if colours else np.int16)
    turned = pixels[::-1, ::-1]  # planes are looks into the volume that may run backwards
    before = pixels.copy()
    made = way.make(turned)
    assert (made.shape, made.dtype) == (turned.shape, turned.dtype)
    assert np.array_equal(pixels, before)
    assert not np.shares_memory(made, pixels)
    assert not np.array_equal(made, turned)


@pytest.mark.parametrize("way", ENHANCEMENTS.values(), ids=ENHANCEMENTS)
def test_a_flat_picture_stays_flat(way) -> None:  # type: ignore[no-untyped-def]
    flat = np.full((50, 50), -730, np.int16)
    assert np.array_equal(way.make(flat), flat)


def test_every_way_says_what_it_is_and_does() -> None:
    for way in ENHANCEMENTS.values():
        assert str(way.title)
        assert str(way.done)
        assert str(way.about).endswith(".")


def test_smoothing_spreads_a_point_as_a_gaussian_and_keeps_its_sum() -> None:
    point = np.zeros((41, 41), np.int16)
    point[20, 20] = 30000
    made = smooth(point)
    # The middle of a Gaussian of 1.2 pixels holds 1 / (2 pi 1.44) = 11.05 % of it.
    assert made[20, 20] == pytest.approx(0.1105 * 30000, rel=0.02)
    assert made.sum() == pytest.approx(30000, rel=0.01)


def test_smoothing_lowers_noise() -> None:
    assert smooth(noisy(30.0)).std() < 10.0


def test_the_median_takes_single_pixels_away_and_keeps_edges() -> None:
    spoilt = step()
    spoilt[10, 10] = spoilt[20, 50] = 3000
    assert np.array_equal(despeckled(spoilt), step())


def test_negative_values_are_no_different() -> None:
    assert np.array_equal(despeckled(step(-1000, -200)), step(-1000, -200))
    shifted = smooth(step(-1000, -800)).astype(int) - smooth(step()).astype(int)
    assert np.abs(shifted + 1000).max() <= 1


def test_sharpening_steepens_an_edge() -> None:
    made = sharp(step())
    assert made[20, 29] < 0 < 200 < made[20, 30]
    assert made[20, 5] == 0
    assert made[20, 55] == 200


def test_noise_is_estimated_by_its_standard_deviation_whatever_lies_beneath() -> None:
    ramp = np.add.outer(np.arange(120), 2 * np.arange(130)).astype(np.int16)
    assert noise(noisy(12.0)) == pytest.approx(12.0, rel=0.05)
    assert noise(noisy(12.0) + ramp) == pytest.approx(12.0, rel=0.05)
    assert noise(np.zeros((20, 20), np.int16)) == 0.0


def test_air_of_one_value_does_not_hide_the_noise_of_the_body() -> None:
    framed = np.full((240, 260), -1000, np.int16)
    framed[60:180, 65:195] = noisy(12.0)
    assert noise(framed) > 11.0


def test_noise_is_reduced_and_edges_kept() -> None:
    edge = (step(0, 400) + RNG.normal(0.0, 15.0, (40, 60))).astype(np.int16)
    made = quiet(edge)
    assert made[:, :28].std() < 0.6 * edge[:, :28].std()
    assert made[:, 29].mean() < 30.0
    assert made[:, 30].mean() > 370.0
    assert smooth(edge)[:, 29].mean() > 60.0  # which a plain average does not keep


def film() -> Picture:
    """Three broad regions, dark to bright, with the same faint stripes in each."""
    stripes = 20.0 * np.sign(np.sin(np.arange(400) / 3.0))
    regions = 200.0 + 1600.0 * (np.arange(400) // 134) + 0.5 * np.arange(400)
    return np.rint(np.add.outer(stripes, regions)).astype(np.int16)


def stripes_seen(picture: Picture, column: int) -> float:
    return float(np.ptp(picture[180:220, column].astype(float)))


def test_local_contrast_shows_faint_stripes_in_dark_and_bright_regions() -> None:
    made = local_contrast(film())
    for column in (60, 200, 340):
        assert stripes_seen(made, column) > 2.0 * stripes_seen(film(), column)
    assert film().min() <= made.min() < made.max() <= film().max()


def test_local_contrast_works_on_few_greys_too() -> None:
    few = (film() // 16).astype(np.int16)
    made = local_contrast(few)
    assert stripes_seen(made, 200) > 1.5 * stripes_seen(few, 200)


def test_what_was_not_read_takes_no_part() -> None:
    half = film()
    half[:200] = UNREAD
    made = local_contrast(half)
    assert np.all(made[:200] == UNREAD)
    assert made[200:].min() >= film().min() - 1
    assert np.array_equal(local_contrast(np.full((9, 9), UNREAD, np.int16)), np.full((9, 9), UNREAD, np.int16))
