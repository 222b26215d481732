"""Bundles are written as they are read."""

import tomllib

import numpy as np

from medviewer.ai.manifest import toml
from medviewer.train.publish import example


def test_toml_reads_back_as_it_was() -> None:
    data = {
        "id": 'a "quoted" nodule – 结节',
        "numbers": [1, 0.5],
        "empty": [],
        "table": {"inner": {"x": 1.5}, "words": ["a", "b"]},
        "rows": [{"from": 0.0, "word": "x"}, {"from": 0.5, "word": "y"}],
    }
    assert tomllib.loads(toml(data)) == data


def test_the_example_is_drawn_alike_every_time_and_holds_a_nodule_once() -> None:
    one, again = example(128), example(128)
    assert np.array_equal(one, again)
    assert one.shape == (2, 128, 128)
    assert one[0, 68, 58] > -100 > -700 > one[1, 68, 58]
