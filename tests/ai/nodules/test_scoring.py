"""One score of two networks."""

import numpy as np
import pytest

from medviewer.ai.nodules.scoring import combined, logit

WEIGHTS = {"score": {"bias": -1.0, "detection": 0.5, "reduction": 1.0}}


def test_without_a_second_network_or_weights_the_first_ones_answer_counts() -> None:
    assert combined({}, [0.3, 0.8], [0.1, 0.1]).tolist() == [0.3, 0.8]
    assert combined(WEIGHTS, [0.3, 0.8], None).tolist() == [0.3, 0.8]


def test_the_weights_are_those_of_a_logistic_regression() -> None:
    expected = 1.0 / (1.0 + np.exp(-(-1.0 + 0.5 * np.log(0.8 / 0.2) + np.log(0.6 / 0.4))))
    assert combined(WEIGHTS, [0.8], [0.6]) == pytest.approx([expected])


def test_either_network_moves_the_score_up_and_down() -> None:
    low, more, most = combined(WEIGHTS, [0.5, 0.9, 0.9], [0.5, 0.5, 0.9])
    assert low < more < most


def test_a_network_that_is_quite_sure_does_not_decide_alone() -> None:
    assert np.isfinite(logit([0.0, 1.0])).all()
    assert combined(WEIGHTS, [1.0], [0.0])[0] < 0.5
