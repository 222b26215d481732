"""Logistic regression, the form of most published models."""

import math


def probability(log_odds: float) -> float:
    """Return 1 / (1 + e^-x) without overflow for any finite ``log_odds``."""
    if log_odds >= 0.0:
        return 1.0 / (1.0 + math.exp(-log_odds))
    odds = math.exp(log_odds)
    return odds / (1.0 + odds)
