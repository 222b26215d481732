"""Whatever is wrong with a model's folder is one sentence, and the models beside it are read all the same."""

import hashlib
import json
import pickle
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from medviewer import paths
from medviewer.ai import bundle as bundles
from medviewer.ai.bundle import Bundle, load
from medviewer.ai.loaded import Loaded, net_of
from medviewer.ai.manifest import MOST_BYTES
from medviewer.ai.selftest import self_test
from medviewer.core.problem import Problem
from tests.ai.bundles import tiny


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return tiny(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def copied(whole: Bundle, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole.folder, tmp_path / "tiny"))


def replaced(folder: Path, content: bytes) -> None:
    """Put other weights into a bundle whose description agrees with them."""
    (folder / "weights.safetensors").write_bytes(content)
    described = folder / "model.toml"
    lines = [
        f'weights_sha256 = "{hashlib.sha256(content).hexdigest()}"' if line.startswith("weights_sha256") else line
        for line in described.read_text("utf-8").splitlines()
    ]
    described.write_text("\n".join(lines) + "\n", "utf-8")


def header(tensors: dict[str, object], data: bytes = b"") -> bytes:
    text = json.dumps(tensors).encode()
    return struct.pack("<Q", len(text)) + text + data


def one_tensor(shape: list[int], end: int) -> dict[str, object]:
    return {"w": {"dtype": "F32", "shape": shape, "data_offsets": [0, end]}}


WEIGHTS = {
    "a pickle under the name of tensors": pickle.dumps({"w": [1.0]}),
    "an empty file": b"",
    "a header that claims exabytes": struct.pack("<Q", 1 << 62) + b"{}",
    "a tensor of four terabytes": header(one_tensor([10**12], 4 * 10**12)),
    "a shape that its bytes do not hold": header(one_tensor([10**12], 4), b"1234"),
    "a shape that overflows": header(one_tensor([2**63, 4], 4), b"1234"),
    "a file that was cut off": header(one_tensor([2], 8), b"12"),
}


@pytest.mark.parametrize("content", WEIGHTS.values(), ids=WEIGHTS)
def test_weights_that_are_no_whole_tensors_are_refused_without_being_loaded(copied: Path, content: bytes) -> None:
    replaced(copied, content)
    with pytest.raises(Problem, match=r"'tiny' cannot be used: 'weights.safetensors' cannot be read"):
        load(copied)


@pytest.mark.parametrize("name", ["weights.pkl", "model.pt", "old.pth", "last.ckpt", "pytorch_model.BIN"])
def test_a_bundle_that_holds_what_may_be_a_pickle_is_refused(copied: Path, name: str) -> None:
    (copied / name).write_bytes(pickle.dumps("harmless"))
    with pytest.raises(Problem, match=rf"it holds '{name}', which may be a pickle"):
        load(copied)


def test_a_description_that_is_not_utf_8_is_one_sentence(copied: Path) -> None:
    (copied / "model.toml").write_bytes("title = 'Lunge \xe4'".encode("latin-1"))
    with pytest.raises(Problem, match=r"'model.toml' cannot be read"):
        load(copied)


def test_a_description_nested_without_end_is_one_sentence(copied: Path) -> None:
    (copied / "model.toml").write_text("a = " + "[" * 20_000, "utf-8")
    with pytest.raises(Problem, match=r"'model.toml' cannot be read"):
        load(copied)


def test_a_description_of_megabytes_is_not_read(copied: Path) -> None:
    (copied / "model.toml").write_bytes(b"#" * (MOST_BYTES + 1))
    with pytest.raises(Problem, match=r"'model.toml' is too large"):
        load(copied)


def add_lines(folder: Path, *lines: str) -> None:
    described = folder / "model.toml"
    described.write_text(described.read_text("utf-8").rstrip() + "\n" + "\n".join(lines) + "\n", "utf-8")


def without_parts(folder: Path) -> None:
    described = folder / "model.toml"
    text = described.read_text("utf-8").replace("[parts]\n", "").replace("parts = {}\n", "")
    described.write_text(text, "utf-8")


@pytest.mark.parametrize("name", ["nowhere", "../tiny", "", "/etc"])
def test_a_part_that_is_not_beside_the_model_is_named(copied: Path, name: str) -> None:
    without_parts(copied)
    add_lines(copied, "[parts]", f'outline = "{name}"')
    with pytest.raises(Problem, match=rf"its part '{name}' is missing"):
        load(copied)


def test_parts_that_are_no_table_are_one_sentence(copied: Path) -> None:
    without_parts(copied)
    described = copied / "model.toml"
    described.write_text('parts = "all"\n' + described.read_text("utf-8"), "utf-8")
    with pytest.raises(Problem, match=r"'parts' in 'model.toml' has the wrong type"):
        load(copied)


def test_a_model_that_is_its_own_part_is_refused(copied: Path) -> None:
    without_parts(copied)
    add_lines(copied, "[parts]", 'outline = "tiny"')
    with pytest.raises(Problem, match=r"its parts call on each other in a circle"):
        load(copied)


def test_two_models_that_are_parts_of_each_other_are_refused(copied: Path) -> None:
    without_parts(copied)
    other = Path(shutil.copytree(copied, copied.parent / "other"))
    add_lines(copied, "[parts]", 'outline = "other"')
    add_lines(other, "[parts]", 'outline = "tiny"')
    with pytest.raises(Problem, match=r"its parts call on each other in a circle"):
        load(copied)


def test_weights_of_another_network_are_one_sentence(copied: Path) -> None:
    save_file({"another": torch.zeros(3)}, copied / "again.safetensors")
    replaced(copied, (copied / "again.safetensors").read_bytes())
    with pytest.raises(Problem):
        net_of(load(copied))


def test_a_network_that_answers_nan_is_one_sentence(copied: Path) -> None:
    weights = {name: value * float("nan") for name, value in load_file(copied / "weights.safetensors").items()}
    save_file(weights, copied / "again.safetensors")
    replaced(copied, (copied / "again.safetensors").read_bytes())
    with pytest.raises(Problem):
        Loaded(net_of(load(copied))).chances(torch.zeros(1, 5, 32, 32))


@pytest.mark.parametrize("fault", ["a pickle", "no archive", "without answers", "another shape", "cut off"])
def test_an_example_that_cannot_be_read_is_one_sentence(copied: Path, fault: str) -> None:
    example = copied / "example.npz"
    if fault == "a pickle":
        np.savez(example, inputs=np.array([{"a": 1}], dtype=object), answers=np.zeros(1))
    elif fault == "no archive":
        example.write_bytes(b"nothing")
    elif fault == "without answers":
        np.savez(example, inputs=np.zeros((1, 5, 32, 32), np.float32))
    elif fault == "another shape":
        with np.load(example) as was:
            np.savez(example, inputs=was["inputs"], answers=np.zeros((1, 2), np.float32))
    else:
        example.write_bytes(example.read_bytes()[:200])
    with pytest.raises(Problem, match="'tiny'"):
        self_test(load(copied))


# ---- the models beside a broken one ----


def users(folder: Path, name: str) -> Path:
    """Put a copy of a bundle among the reader's own."""
    return Path(shutil.copytree(folder, paths.user_models() / name))


@pytest.fixture
def shipped(copied: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The copied bundle is the only one that comes with the program."""
    home = copied.parent / "shipped"
    home.mkdir()
    monkeypatch.setattr(paths, "models", lambda: home)
    return Path(shutil.copytree(copied, home / "tiny"))


def renamed(folder: Path, identity: str) -> Path:
    described = folder / "model.toml"
    described.write_text(described.read_text("utf-8").replace('id = "tiny"', f'id = "{identity}"'), "utf-8")
    return folder


def test_the_readers_own_models_stand_behind_the_bundled_ones(shipped: Path) -> None:
    renamed(users(shipped, "another"), "another")
    found = bundles.bundles()
    assert list(found) == ["tiny", "another"]
    assert [bundle.added for bundle in found.values()] == [False, True]


def test_a_broken_model_of_the_reader_does_not_take_the_others_down(shipped: Path) -> None:
    users(shipped, "broken").joinpath("card.md").unlink()
    assert list(bundles.bundles()) == list(bundles.readers()) == ["tiny"]
    (problem,) = bundles.survey().broken.values()
    assert "'broken' cannot be used: the file 'card.md' is missing" in problem.text
    assert "medviewer models remove broken" in problem.hint


def test_a_model_with_the_id_of_another_is_refused_in_one_sentence(shipped: Path) -> None:
    users(shipped, "impostor")
    found = bundles.survey()
    assert not found.whole["tiny"].added
    (problem,) = found.broken.values()
    assert "another model has its id 'tiny'" in problem.text


def test_a_damaged_bundled_model_is_told_when_it_is_to_read(shipped: Path) -> None:
    (shipped / "weights.safetensors").write_bytes(b"")
    renamed(users(shipped, "mine"), "mine")
    with pytest.raises(Problem, match="sha256 differs"):
        bundles.bundles()
    assert list(bundles.survey().damaged) == [shipped]


def test_what_is_wrong_is_logged_once(shipped: Path, caplog: pytest.LogCaptureFixture) -> None:
    users(shipped, "once").joinpath("card.md").unlink()
    for _time in range(3):
        bundles.bundles()
    assert sum("'once' cannot be used" in record.getMessage() for record in caplog.records) == 1
