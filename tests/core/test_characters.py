"""The words for what readers say of a nodule."""

import pytest

from medviewer.core.characters import (
    SCALES,
    TEXTURE,
    TYPES,
    chance_word,
    mean_step,
    opinion_word,
    outside_training,
    type_of,
)


def test_every_scale_has_words_and_a_name_of_its_own() -> None:
    assert len({scale.id for scale in SCALES}) == len(SCALES) == 9
    assert [scale.steps for scale in SCALES] == [5, 4, 6, 5, 5, 5, 5, 5, 5]
    assert len(TYPES) == TEXTURE.steps


@pytest.mark.parametrize(
    ("chance", "word"),
    [(0.0, "very unlikely"), (0.2, "unlikely"), (0.5, "possible"), (0.7, "likely"), (1.0, "very likely")],
)
def test_a_chance_has_a_word(chance: float, word: str) -> None:
    assert str(chance_word(chance)) == word


@pytest.mark.parametrize(
    ("opinion", "word"), [(1.0, "highly unlikely"), (2.9, "indeterminate"), (5.0, "highly suspicious")]
)
def test_an_opinion_has_the_word_of_the_nearest_step(opinion: float, word: str) -> None:
    assert str(opinion_word(opinion)) == word


@pytest.mark.parametrize(
    ("shares", "kind"),
    [
        ([0.0, 0.0, 0.0, 0.0, 1.0], "solid"),
        ([0.3, 0.3, 0.1, 0.0, 0.3], "non-solid"),
        ([0.2, 0.1, 0.25, 0.0, 0.45], "part-solid"),
    ],
)
def test_the_type_is_the_one_at_the_median(shares: list[float], kind: str) -> None:
    assert type_of(shares) == kind


def test_the_mean_step_starts_at_one() -> None:
    assert mean_step([0.5, 0.0, 0.5]) == 2.0


def test_only_what_lies_outside_training_is_told() -> None:
    rows = [
        {"name": "long_axis_mm", "value": 41.0, "low": 3.0, "high": 30.0, "inside": False},
        {"name": "pixel_mm", "value": 0.7, "low": 0.5, "high": 0.9, "inside": True},
    ]
    told = [str(message) for message in outside_training(rows)]
    assert told == ["its long axis is 41 mm, and most in training had 3 to 30 mm"]
