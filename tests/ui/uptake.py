"""A small chest CT and a PET of it: coarser, shifted, with one hot place."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from medviewer.core.arrangement import Cell, CellKind
from medviewer.core.finding import Point
from medviewer.core.grid import Grid, triple
from medviewer.core.volume import Volume
from medviewer.imaging.window import MEDIASTINUM, SUV
from medviewer.phantom import small
from medviewer.phantom.virtual import VirtualCT
from medviewer.ui.fusion import bar as fusion_bar
from medviewer.ui.view import View
from medviewer.ui.viewport import Viewport
from tests.ui.samples import volume_of

FRAME = "1.2.9"
PET_UID = "1.2.3.5"
HOT: Point = triple(small.GRID.to_lps(small.CENTER_KJI))  # where the CT has its sphere
HOT_SUV = 8.0


def ct_of() -> Volume:
    """Return the small CT in a frame of reference."""
    return volume_of(frame_of_reference_uid=FRAME)


def pet_of(frame: str = FRAME) -> Volume:
    """Return a PET with voxels of 4 mm, SUV 1 but for one voxel of SUV 8 around ``HOT``."""
    grid = Grid((11, 21, 21), triple(np.asarray(HOT) - (40.0, 40.0, 20.0)), (4.0, 4.0, 4.0))
    voxels = np.full(grid.shape_kji, 10, np.int16)
    voxels[5, 10, 10] = 80
    ct = VirtualCT(voxels, grid, ())
    pet = volume_of(ct, uid=PET_UID, modality="PT", series_description="PET", frame_of_reference_uid=frame)
    return replace(pet, slope=0.1, unit="SUVbw")


def show_both(view: View, ct: Volume, pet: Volume) -> None:
    """Show the CT as the main series at the hot place, and the PET as display "2"."""
    view.show_volume(ct, MEDIASTINUM, HOT)
    view.show_in("2", pet, SUV, HOT)


def viewport_on(view: View, kind: CellKind, qtbot: QtBot) -> Viewport:
    """Return a viewport of 512 x 512 on the main series, with a colour bar."""
    made = Viewport(view, Cell(kind), lambda: None)
    made.paintings.append(fusion_bar.painting_of(made))
    made.grabs.append(fusion_bar.grab)
    qtbot.addWidget(made)
    made.resize(512, 512)
    made.show()
    return made


def colourful(seen: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return how far each pixel (rows, columns, 3) is from grey."""
    return np.asarray(np.ptp(seen.astype(np.int64), axis=-1))
