"""A CT with its PET, small and known."""

from collections.abc import Iterator

import pytest

from medviewer.core.volume import Volume
from medviewer.ui.display import Fusion
from medviewer.ui.view import View
from tests.ui.uptake import ct_of, pet_of, show_both


@pytest.fixture
def both() -> Iterator[tuple[Volume, Volume]]:
    volumes = ct_of(), pet_of()
    yield volumes
    for volume in volumes:
        volume.close()


@pytest.fixture
def fused(view: View, both: tuple[Volume, Volume]) -> View:
    """A view on the CT with the PET over it, half and half."""
    show_both(view, *both)
    view.set_fusion(view.main, Fusion("2", "hot-iron"))
    return view
