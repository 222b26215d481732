"""Several series in the room: what they share, what each has for itself."""

from collections.abc import Iterator

import numpy as np
import pytest

from medviewer.core.arrangement import PRIOR
from medviewer.core.look import Window
from medviewer.core.volume import Volume
from medviewer.imaging.window import LUNG, MEDIASTINUM
from medviewer.phantom import small
from medviewer.ui.display import Display, Fusion
from medviewer.ui.view import View
from tests.ui.samples import volume_of

NODULE = small.make().truth[0].center_lps_mm
AWAY = (NODULE[0], NODULE[1], NODULE[2] + 10.0)


@pytest.fixture
def second() -> Iterator[Volume]:
    """Another series in the frame of reference of the first."""
    made = volume_of(uid="9.9", frame_of_reference_uid="frame")
    yield made
    made.close()


@pytest.fixture
def both(view: View, second: Volume) -> Iterator[Display]:
    """The display of the second series, beside a main one."""
    first = volume_of(frame_of_reference_uid="frame")
    view.show_volume(first, LUNG, NODULE)
    view.show_in("2", second, LUNG, (0.0, 0.0, 0.0))
    yield view.display("2")
    first.close()


def test_series_of_one_frame_of_reference_go_together(view: View, both: Display) -> None:
    assert both.point_lps_mm == pytest.approx(NODULE)
    view.move_to(AWAY)
    assert both.point_lps_mm == pytest.approx(AWAY)
    view.move_to(NODULE, both)
    assert view.point_lps_mm == pytest.approx(NODULE)


def test_unlinked_series_stay_where_they_are(view: View, both: Display) -> None:
    view.set_link("scroll", False)
    view.move_to(AWAY)
    assert both.point_lps_mm == pytest.approx(NODULE)
    view.set_link("scroll", True)
    assert both.point_lps_mm == pytest.approx(AWAY)


def test_series_of_other_frames_are_not_related(view: View, volume: Volume) -> None:
    stranger = volume_of(uid="8.8", frame_of_reference_uid="elsewhere")
    view.show_volume(volume, LUNG, NODULE)
    view.show_in("2", stranger, LUNG, (1.0, 2.0, 3.0))
    assert view.display("2").to_main is None
    assert view.display("2").point_lps_mm == (1.0, 2.0, 3.0)
    view.move_to(AWAY)
    assert view.display("2").point_lps_mm == (1.0, 2.0, 3.0)
    stranger.close()


def test_a_relation_carries_places_both_ways(view: View, both: Display) -> None:
    shift = np.eye(4)
    shift[:3, 3] = (5.0, 0.0, -2.0)  # the second series' places are 5 mm to the right of the main ones
    view.relate(both, shift)
    x, y, z = view.point_lps_mm
    assert both.point_lps_mm == pytest.approx((x - 5.0, y, z + 2.0))
    view.move_to((0.0, 0.0, 0.0), both)
    assert view.point_lps_mm == pytest.approx((5.0, 0.0, -2.0))


def test_one_modality_shares_its_window_where_linked(view: View, both: Display) -> None:
    view.set_window(MEDIASTINUM)
    assert both.window == MEDIASTINUM
    view.set_link("window", False)
    view.set_window(LUNG)
    assert (view.window, both.window) == (LUNG, MEDIASTINUM)


def test_another_modality_keeps_its_window(view: View, volume: Volume) -> None:
    pet = volume_of(uid="7.7", modality="PT")
    view.show_volume(volume, LUNG, NODULE)
    view.show_in("2", pet, Window(2.0, 4.0), NODULE)
    view.set_window(MEDIASTINUM)
    assert view.display("2").window == Window(2.0, 4.0)
    view.activate(view.display("2"))
    assert view.window == Window(2.0, 4.0)
    view.set_window(Window(3.0, 6.0))
    assert view.main.window == MEDIASTINUM
    pet.close()


def test_inverting_is_for_the_active_display(view: View, both: Display) -> None:
    view.activate(both)
    view.invert()
    assert (view.main.inverted, both.inverted) == (False, True)
    view.reset_looks()
    assert not both.inverted


def test_what_is_fused_goes_with_the_series_in_colours(view: View, both: Display) -> None:
    view.set_fusion(view.main, Fusion("2", "hot"))
    view.show_in("2", None, LUNG, NODULE)
    assert view.main.fusion is None
    assert both.volume is None


def test_other_images_take_the_prior_away_but_not_what_is_beside(view: View, both: Display, volume: Volume) -> None:
    view.show_prior(volume)
    assert view.prior is volume
    view.show_volume(volume, LUNG, NODULE)
    assert view.prior is None
    assert view.display(PRIOR).to_main is None
    assert both.volume is not None


def test_a_prior_is_taken_to_lie_alike_until_it_is_registered(view: View, volume: Volume) -> None:
    view.show_volume(volume, LUNG, NODULE)
    view.show_prior(volume)
    assert view.display(PRIOR).to_main is not None
    assert view.display(PRIOR).in_main(NODULE) == pytest.approx(NODULE)
