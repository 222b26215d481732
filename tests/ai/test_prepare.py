"""Windows reach the network as the crops it was trained on."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from medviewer.ai.prepare import normalise, spacing_value, with_spacing


def random_window(seed: int) -> NDArray[np.int16]:
    return np.random.default_rng(seed).integers(-1024, 1500, (16, 16)).astype(np.int16)


@given(st.integers(0, 10), st.floats(0.2, 5.0), st.integers(-2000, 2000))
def test_only_the_window_s_own_range_counts(seed: int, slope: float, shift: int) -> None:
    window = random_window(seed)
    changed = (window.astype(np.float64) * slope + shift).astype(np.float32)
    assert normalise(window) == pytest.approx(normalise(changed), abs=1.01 / 255)  # type: ignore[arg-type]


def test_the_recipe_of_the_crops_is_repeated_in_256_steps() -> None:
    window = random_window(1)
    low, high = float(window.min()), float(window.max())
    crop = np.rint((window - low) / (high - low) * 255.0)
    assert np.array_equal(np.rint(normalise(window) * 255.0), crop)
    assert (normalise(window).min(), normalise(window).max()) == (0.0, 1.0)


def test_a_window_of_one_value_is_black() -> None:
    assert not normalise(np.full((4, 4), -1000, np.int16)).any()


def test_the_second_channel_is_the_spacing() -> None:
    inputs = with_spacing(torch.zeros(2, 1, 4, 4), torch.tensor([0.7, 0.85]))
    assert inputs.shape == (2, 2, 4, 4)
    assert inputs[:, 1, 0, 0].tolist() == pytest.approx([0.0, 1.0], abs=1e-5)
    assert float(spacing_value(torch.tensor(0.55))) == pytest.approx(-1.0, abs=1e-5)
