"""Bands of scores mean what was measured."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer.ai.calibrate import WORDINGS, Band, bands, wording

BANDS = (Band(0.0, "possible", 0.3, 10), Band(0.8, "likely", 0.6, 10))


@pytest.mark.parametrize(("score", "word"), [(0.0, "possible"), (0.79, "possible"), (0.8, "likely"), (1.0, "likely")])
def test_a_score_gets_the_word_of_its_band(score: float, word: str) -> None:
    assert wording(BANDS, score) == word


def test_without_bands_there_is_no_word() -> None:
    assert wording((), 0.9) == ""


def test_scores_that_tell_true_from_false_get_different_words() -> None:
    scores = np.linspace(0, 1, 400)
    found = bands(scores, scores > 0.6)
    assert (found[0].wording, found[-1].wording) == ("uncertain", "very likely")
    assert sum(band.count for band in found) == 400


def test_scores_that_tell_nothing_get_one_word() -> None:
    (band,) = bands(np.linspace(0, 1, 100), np.arange(100) % 5 < 2)
    assert (band.wording, band.ppv, band.score_from) == ("possible", 0.4, 0.0)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=80))
def test_a_higher_band_is_never_less_often_true(pairs: list[tuple[float, bool]]) -> None:
    found = bands([score for score, _true in pairs], [true for _score, true in pairs])
    words = [word.msgid for word in WORDINGS]
    assert [band.ppv for band in found] == sorted(band.ppv for band in found)
    assert [words.index(band.wording) for band in found] == sorted(words.index(band.wording) for band in found)
    assert sum(band.count for band in found) == len(pairs)


def test_no_candidates_cannot_be_measured() -> None:
    with pytest.raises(ValueError, match="no candidates"):
        bands([], [])
