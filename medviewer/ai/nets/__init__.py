"""Network architectures, one file each; found by ``discover`` under the name a bundle's ``net`` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Net:
    """One architecture: ``make(options)`` builds it with untrained weights; raises TypeError on wrong options."""

    id: str
    make: Callable[[Mapping[str, Any]], nn.Module]
