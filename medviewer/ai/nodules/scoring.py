"""How sure the two networks together are that something is a nodule. No torch here."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

CLEAR = 1e-4  # no network is surer than this
NAMES = ("bias", "detection", "reduction")


def logit(chances: ArrayLike) -> NDArray[np.float64]:
    """Return chances (n,), 0 to 1, as log-odds."""
    clipped = np.clip(np.asarray(chances, np.float64), CLEAR, 1.0 - CLEAR)
    odds: NDArray[np.float64] = np.log(clipped / (1.0 - clipped))
    return odds


def combined(output: Mapping[str, Any], detection: ArrayLike, reduction: ArrayLike | None) -> NDArray[np.float64]:
    """Return scores (n,), 0 to 1, from what the detection net and, where there is one, the reduction net answer.

    ``output["score"]`` holds the weights of a logistic regression measured by the recipe; without them the detection
    net's own answer counts.
    """
    weights = output.get("score")
    own = np.asarray(detection, np.float64)
    if weights is None or reduction is None:
        return own
    bias, detecting, reducing = (float(weights[name]) for name in NAMES)
    scores: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-(bias + detecting * logit(own) + reducing * logit(reduction))))
    return scores
