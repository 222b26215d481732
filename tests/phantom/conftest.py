"""Virtual patients that several tests look at; drawn once."""

import pytest

from medviewer.phantom import thorax
from medviewer.phantom.virtual import VirtualCT

COARSE_KJI = (70, 128, 128)


@pytest.fixture(scope="session")
def chest() -> VirtualCT:
    """Patient 1 at full size."""
    return thorax.make(1)


@pytest.fixture(scope="session")
def coarse() -> VirtualCT:
    """Patient 1 with large voxels."""
    return thorax.make(1, shape_kji=COARSE_KJI)


@pytest.fixture(scope="session")
def coarse_prior() -> VirtualCT:
    """Patient 1 a year before, with large voxels."""
    return thorax.make(1, prior=True, shape_kji=COARSE_KJI)
