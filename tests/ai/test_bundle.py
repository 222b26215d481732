"""A bundle says what it is, and says in one sentence what is wrong with it."""

import pickle
import re
import shutil
from pathlib import Path

import pytest

from medviewer import paths
from medviewer.ai import bundle as bundles
from medviewer.ai.bundle import Bundle, load
from medviewer.core.problem import Problem
from tests.ai.bundles import tiny


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return tiny(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def copied(whole: Bundle, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole.folder, tmp_path / "tiny"))


def rewrite(folder: Path, pattern: str, by: str) -> None:
    file = folder / "model.toml"
    changed, count = re.subn(pattern, by, file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert count >= 1
    file.write_text(changed, encoding="utf-8")


def test_a_bundle_tells_what_its_description_says(whole: Bundle) -> None:
    assert (whole.id, whole.task, whole.net) == ("tiny", "nodules", "unet")
    assert whole.patch == (128, 128)
    assert [band.wording for band in whole.calibration] == ["possible", "likely"]
    assert (whole.ref.id, whole.ref.sha256) == ("tiny", whole.sha256)
    assert whole.card.startswith("# Tiny")


def test_a_bundle_can_be_sent_to_another_process(whole: Bundle) -> None:
    assert pickle.loads(pickle.dumps(whole)).sha256 == whole.sha256


def test_changed_weights_are_noticed_by_their_hash(copied: Path) -> None:
    weights = copied / "weights.safetensors"
    load(copied)
    weights.write_bytes(weights.read_bytes()[:-1] + b"\xff")
    with pytest.raises(Problem, match=r"'tiny' cannot be used: its weights are not the ones"):
        load(copied)


@pytest.mark.parametrize("name", ["weights.safetensors", "card.md", "example.npz", "model.toml"])
def test_a_missing_file_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(Problem, match=f"the file '{name}' is missing"):
        load(copied)


@pytest.mark.parametrize("name", ["version", "task", "threshold", "licence", "pixel_mm", "code"])
def test_a_missing_field_is_named(copied: Path, name: str) -> None:
    rewrite(copied, rf"^{name} = .*$", "")
    with pytest.raises(Problem, match=rf"'model.toml' has no '[a-z.]*{name}'"):
        load(copied)


@pytest.mark.parametrize(("name", "value"), [("version", "1.0"), ("threshold", '"high"'), ("references", "true")])
def test_a_field_of_the_wrong_type_is_named(copied: Path, name: str, value: str) -> None:
    rewrite(copied, rf"^{name} = .*$", f"{name} = {value}")
    with pytest.raises(Problem, match=rf"'[a-z.]*{name}' in 'model.toml' has the wrong type"):
        load(copied)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("threshold", "1.5"),
        ("patch", "[128]"),
        ("pixel_mm", '["a", "b"]'),
        ("orientation", '"upside"'),
        ("code", "[1]"),
    ],
)
def test_an_impossible_value_is_one_sentence(copied: Path, name: str, value: str) -> None:
    rewrite(copied, rf"^{name} = .*$", f"{name} = {value}")
    with pytest.raises(Problem, match=r"a value in 'model.toml' is wrong"):
        load(copied)


def test_a_description_that_is_no_toml_is_one_sentence(copied: Path) -> None:
    (copied / "model.toml").write_text("id = ", encoding="utf-8")
    with pytest.raises(Problem, match=r"'model.toml' cannot be read"):
        load(copied)


def test_all_bundles_are_found_by_id(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "models", lambda: copied.parent)
    assert list(bundles.bundles()) == ["tiny"]


def test_the_bundled_models_are_whole_and_small() -> None:
    shipped = bundles.bundles()
    assert "nodule-detection" in shipped
    for bundle in shipped.values():
        assert bundle.weights.stat().st_size <= 25_000_000
        assert bundle.part_of or bundle.calibration
        assert "doi:" in "".join(bundle.use.references)
