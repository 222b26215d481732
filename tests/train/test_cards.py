"""Cards hold what was measured, in tables a person can read."""

from medviewer.train.cards import rows, table, with_measured

METRICS = {
    "model": {"id": "x", "sha256": "ab"},
    "dice": {
        "network": {"mean": 0.81234, "low": 0.79, "high": 0.83, "n": 40, "patients": 12},
        "nobody": {"mean": None, "low": None, "high": None, "n": 0, "patients": 0},
    },
    "curve": [{"threshold": 0.5, "hit": {"mean": 0.9, "low": 0.8, "high": 1.0, "n": 4, "patients": 3}}],
    "sizes": [3.0, 30.0],
}


def test_each_number_is_a_row_with_its_interval_and_how_many_it_rests_on() -> None:
    found = {name: (value, count) for name, value, count in rows(METRICS)}
    assert found["dice: network"] == ("0.812 (0.790 to 0.830)", "40 of 12 patients")
    assert found["dice: nobody"][0] == "not measurable"
    assert found["curve 1"][0] == "threshold 0.500; hit 0.900 (0.800 to 1.000)"
    assert found["sizes"][0] == "3.000, 30.000"
    assert found["model: id"][0] == "x"


def test_a_section_is_added_once_and_then_made_anew() -> None:
    card = "# Model\n\nProse.\n\n## Limits\n\nMany.\n"
    once = with_measured(card, "val", "medviewer evaluate x", METRICS)
    assert once.startswith(card.rstrip())
    assert table(METRICS) in once
    other = {**METRICS, "sizes": [4.0, 40.0]}
    again = with_measured(once, "val", "medviewer evaluate x", other)
    assert again.count("## Measured on val") == 1
    assert "3.000, 30.000" not in again
    assert "4.000, 40.000" in again


def test_sections_of_other_splits_and_prose_after_them_stay() -> None:
    card = with_measured(with_measured("# Model\n", "val", "c", METRICS), "diagnosed", "c", METRICS) + "\n## Limits\n"
    changed = with_measured(card, "val", "c", {"one": 1})
    assert changed.index("| one | 1 |") < changed.index("## Measured on diagnosed") < changed.index("## Limits")
    assert changed.count(table(METRICS)) == 1
