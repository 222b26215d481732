"""Images become stacks: by size, orientation, position and what tells the images of one position apart."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from medviewer.core.study import Header
from medviewer.dicom.stacks.stack import Stack, stacks
from tests.dicom.headers import AXIAL, CORONAL, SAGITTAL, frames, slice_at, stack


def numbers(found: tuple[Stack, ...]) -> list[list[int]]:
    return [[header.instance_number for header in one.headers] for one in found]


def labels(found: tuple[Stack, ...]) -> list[str]:
    return [one.label.to("en") if one.label else "" for one in found]


def repeated(times: int, places: int, **fields: Any) -> list[Header]:
    """Images of ``places`` positions, each ``times`` times; ``fields`` get the number of the time."""
    return [
        slice_at(2.0 * k, 100 * t + k, **{name: value(t) for name, value in fields.items()})
        for k in range(places)
        for t in reversed(range(times))
    ]


def test_a_slight_tilt_is_no_alarm_but_no_slice_is_misplaced() -> None:
    """0.3 degrees over 500 slices of 1 mm: the last one lies 2.6 mm beside the first."""
    lean = float(np.tan(np.radians(0.3)))
    (only,) = stacks(slice_at(k, k, position_lps_mm=(0.0, lean * k, float(k))) for k in range(501))
    assert only.tilt_deg == 0
    assert only.grid is not None
    assert only.grid.to_lps((500, 0, 0)).tolist() == pytest.approx([0, lean * 500, 500])


@pytest.mark.parametrize("orientation", [AXIAL, CORONAL, SAGITTAL, (-1, 0, 0, 0, -1, 0), (1, 0, 0, 0, -1, 0)])
def test_the_grid_puts_every_slice_where_its_file_says(orientation: tuple[float, ...]) -> None:
    along = np.cross(orientation[:3], orientation[3:])
    start = np.array([5.0, 6.0, 7.0])
    places = [tuple((start - 1.5 * k * along).tolist()) for k in range(6)]
    (only,) = stacks(slice_at(k, k, orientation=orientation, position_lps_mm=place) for k, place in enumerate(places))
    assert only.grid is not None
    for k, header in enumerate(only.headers):
        assert only.grid.to_lps((k, 0, 0)).tolist() == pytest.approx(header.position_lps_mm)
    assert np.linalg.det(only.grid.steps_lps_mm[::-1]) > 0


@pytest.mark.parametrize(("angle", "deg"), [(0.3, 17.2), (-0.3, -17.2)])
def test_the_tilt_has_the_sign_of_its_direction(angle: float, deg: float) -> None:
    tilted = (1.0, 0.0, 0.0, 0.0, float(np.cos(angle)), float(np.sin(angle)))
    (only,) = stacks(stack(orientation=tilted))
    assert only.tilt_deg == pytest.approx(deg, abs=0.05)
    assert only.grid is not None
    assert only.grid.to_lps((9, 0, 0)).tolist() == pytest.approx([-10.0, -20.0, 18.0])


@pytest.mark.parametrize("field", ["temporal_position", "acquisition_number", "trigger_time_ms"])
def test_phases_are_told_apart_by_what_the_images_say(field: str) -> None:
    found = stacks(repeated(3, 5, **{field: lambda t: 30 - 10 * t}))
    assert numbers(found) == [[200 + k for k in range(5)], [100 + k for k in range(5)], list(range(5))]
    assert labels(found) == ["phase 1 of 3", "phase 2 of 3", "phase 3 of 3"]
    assert not any(one.guessed for one in found)


def test_echoes_and_weightings_bear_their_own_names() -> None:
    assert labels(stacks(repeated(2, 4, echo_time_ms=lambda t: (2.46, 5.0)[t]))) == ["echo 2.46 ms", "echo 5 ms"]
    assert labels(stacks(repeated(2, 4, b_value=lambda t: (0.0, 800.0)[t]))) == ["b = 0 s/mm²", "b = 800 s/mm²"]
    kinds = ("ORIGINAL\\PRIMARY\\M", "ORIGINAL\\PRIMARY\\P")
    assert labels(stacks(repeated(2, 4, image_type=kinds.__getitem__))) == ["images of type M", "images of type P"]


def test_directions_of_one_weighting_are_numbered_with_it() -> None:
    found = stacks(repeated(3, 4, temporal_position=lambda t: t + 1, b_value=lambda t: (0.0, 800.0, 800.0)[t]))
    assert labels(found)[0] == "phase 1 of 3, b = 0 s/mm²"
    assert labels(found)[2] == "phase 3 of 3, b = 800 s/mm²"


def test_two_tells_together_make_one_stack_for_each_pair() -> None:
    said = {"acquisition_number": lambda t: 1 + t // 2, "echo_time_ms": lambda t: (2.0, 5.0)[t % 2]}
    found = stacks(repeated(4, 3, **said))
    assert [(h.headers[0].acquisition_number, h.headers[0].echo_time_ms) for h in found] == [
        (1, 2.0), (1, 5.0), (2, 2.0), (2, 5.0),
    ]  # fmt: skip


def test_a_phase_that_lacks_a_slice_keeps_its_place() -> None:
    images = [h for h in repeated(3, 5, temporal_position=lambda t: t + 1) if h.instance_number != 2]
    assert [len(one.headers) for one in stacks(images)] == [4, 5, 5]


def test_trigger_times_that_differ_from_slice_to_slice_still_give_phases_in_order() -> None:
    images = [slice_at(2.0 * k, 7, trigger_time_ms=40.0 * t + k) for k in range(4) for t in (2, 0, 1)]
    found = stacks(images)
    assert [[h.trigger_time_ms for h in one.headers] for one in found] == [
        [40.0 * t + k for k in range(4)] for t in range(3)
    ]
    assert not found[0].guessed


def test_without_any_word_the_numbers_decide_and_that_is_a_guess() -> None:
    found = stacks(repeated(3, 5))
    assert numbers(found) == [[100 * t + k for k in range(5)] for t in range(3)]
    assert all(one.guessed for one in found)


def test_two_halves_that_overlap_in_one_slice_are_not_torn_apart() -> None:
    first, second = stack(10, acquisition_number=1), [slice_at(18.0 + 2 * k, 20 + k) for k in range(10)]
    found = stacks([*first, *(replace(header, acquisition_number=2) for header in second)])
    assert [len(one.headers) for one in found] == [19, 1]


def test_a_repeated_slice_is_the_small_stack_whatever_its_number() -> None:
    again = replace(slice_at(4.0, 0), acquisition_number=1)
    found = stacks([again, *stack(acquisition_number=2)])
    assert [len(one.headers) for one in found] == [10, 1]
    assert found[0].phases == 1


def test_frames_with_a_place_stack_like_files() -> None:
    enhanced = [replace(header, path="/one", sop_uid="1", frames=10, frame=k) for k, header in enumerate(stack())]
    (only,) = stacks(reversed(enhanced))
    assert [header.frame for header in only.headers] == list(range(10))
    assert only.grid is not None
    assert only.grid.spacing_kji_mm == (2.0, 0.8, 0.7)


def test_frames_without_a_place_stay_with_their_file_in_their_order() -> None:
    found = stacks([*reversed(frames(3)), *reversed([replace(header, path="/other") for header in frames(5)])])
    assert [[header.frame for header in one.headers] for one in found] == [[0, 1, 2, 3, 4], [0, 1, 2]]
    assert found[0].grid is None


def test_images_of_one_place_stay_together() -> None:
    (only,) = stacks(slice_at(0.0, n, temporal_position=n) for n in (3, 1, 2))
    assert only.one_place
    assert numbers((only,)) == [[1, 2, 3]]


def test_a_scout_in_three_planes_makes_three_stacks() -> None:
    scout = [
        slice_at(2.0 * k, 10 * n + k, orientation=orientation, position_lps_mm=(2.0 * k, 2.0 * k, 2.0 * k))
        for n, orientation in enumerate((AXIAL, CORONAL, SAGITTAL))
        for k in range(3)
    ]
    found = stacks(scout)
    assert [[header.orientation for header in one.headers] for one in found] == [
        [orientation] * 3 for orientation in (AXIAL, CORONAL, SAGITTAL)
    ]


def test_many_images_that_turn_are_shown_together() -> None:
    angles = [0.1 * n for n in range(20)]
    turning = [
        slice_at(0.0, n, orientation=(float(np.cos(a)), float(np.sin(a)), 0.0, 0.0, 0.0, -1.0))
        for n, a in enumerate(angles)
    ]
    (only,) = stacks(reversed(turning))
    assert only.turning
    assert only.grid is None
    assert numbers((only,)) == [list(range(20))]


def test_orientations_that_differ_by_rounding_are_one() -> None:
    rounded = replace(stack()[4], orientation=(1.0, 1e-4, 0.0, -1e-4, 1.0, 0.0))
    assert len(stacks([*stack()[:4], rounded, *stack()[5:]])) == 1
