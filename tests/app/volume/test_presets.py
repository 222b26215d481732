import pytest

from medviewer.app.volume.presets import TITLES, Span, Tuning, parse, presets_for, volume_presets

POINTS = [[0, 0, 0, 0, 0.0], [100, 1, 1, 1, 0.5]]


def test_every_preset_of_the_file_has_a_title_that_can_be_translated() -> None:
    assert {preset.id for preset in volume_presets()} == set(TITLES)


@pytest.mark.parametrize(
    ("modality", "first"), [("CT", "ct-bone"), ("PT", "pet-mip"), ("NM", "pet-mip"), ("MR", "mip"), ("OT", "mip")]
)
def test_a_modality_begins_with_what_suits_it(modality: str, first: str) -> None:
    assert presets_for(modality)[0].id == first


def test_ct_is_offered_what_its_units_are_for_and_others_are_not() -> None:
    assert {preset.id for preset in presets_for("CT")} == {each for each in TITLES if each.startswith("ct-")}
    assert not any(preset.id.startswith("ct-") for preset in presets_for("MR"))


def test_shares_become_values_between_the_percentiles() -> None:
    preset = parse(
        {"preset": [{"id": "a", "for": ["*"], "scale": "share", "points": [[0, 0, 0, 0, 0], [0.5, 1, 1, 1, 1]]}]}
    )
    nodes = preset[0].tuned(Tuning(), Span(100.0, 300.0)).nodes
    assert [node.value for node in nodes] == [100.0, 200.0]


def test_tuning_moves_by_the_width_and_stretches_about_the_middle() -> None:
    preset = parse({"preset": [{"id": "a", "for": ["CT"], "points": POINTS}]})[0]
    nodes = preset.tuned(Tuning(shift=0.1, stretch=2.0), Span()).nodes
    assert [node.value for node in nodes] == pytest.approx([-40.0, 160.0])  # 50 + 10 -/+ 100


def test_tuning_stays_within_bounds() -> None:
    tuning = Tuning().moved(1e9, 1e9).moved(0.0, 1e-30)
    assert tuning.stretch == 0.05
    assert tuning.shift == 20.0


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"points": POINTS[::-1]}, "points rise"),
        ({"points": POINTS[:1]}, "points rise"),
        ({"points": POINTS, "blend": "mixed"}, "mixed"),
        ({"points": POINTS, "colour": 1}, "colour"),
        ({"points": [[0, 0, 0, 2, 0], [1, 0, 0, 0, 0]]}, "no colour"),
    ],
)
def test_a_damaged_preset_says_what_is_wrong(entry: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse({"preset": [{"id": "a", "for": ["CT"], **entry}]})


def test_two_presets_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="id of its own"):
        parse({"preset": [{"id": "a", "for": ["CT"], "points": POINTS}] * 2})
