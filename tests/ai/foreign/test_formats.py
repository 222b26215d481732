"""What a model file may hold is decided without loading it: pickles and programs are refused, extras left out."""

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from medviewer.ai.foreign.exported import GRAPH, SAMPLES
from medviewer.ai.foreign.formats import cleaned, extra, kind_of
from medviewer.ai.foreign.torchscript import FORBIDDEN, look_through
from medviewer.core.problem import Problem
from tests.ai.foreign.nets import Threshold, write


class Harm:
    """What a pickle can do: call anything."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('executed')",)


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write(Threshold(), tmp_path_factory.mktemp("nets") / "net.ts").read_bytes()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write(Threshold(), tmp_path_factory.mktemp("nets") / "net.pt2").read_bytes()


def names(content: bytes) -> set[str]:
    return {name.partition("/")[2] for name in zipfile.ZipFile(io.BytesIO(content)).namelist()}


def changed(content: bytes, change: Callable[[str, bytes], bytes | None], **more: bytes) -> bytes:
    """Return an archive with members changed, left out (None) or added."""
    old, new = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    root = old.namelist()[0].partition("/")[0]
    with zipfile.ZipFile(new, "w") as archive:
        for name in old.namelist():
            data = change(name.partition("/")[2], old.read(name))
            if data is not None:
                archive.writestr(name, data)
        for name, data in more.items():
            archive.writestr(f"{root}/{name}", data)
    return new.getvalue()


def same(_name: str, data: bytes) -> bytes:
    return data


def test_each_format_is_known_by_its_content(script: bytes, program: bytes) -> None:
    assert (kind_of(script), kind_of(program)) == ("torchscript", "exported")
    assert kind_of(b"\x08\x08\x12\x07pytorch" + b"\0" * 20) == "onnx"


def test_a_cleaned_network_answers_as_it_did(script: bytes, program: bytes) -> None:
    image = torch.rand(1, 1, 16, 16, 16)
    wanted = Threshold()(image)
    assert torch.equal(torch.jit.load(io.BytesIO(cleaned(script)))(image), wanted)  # type: ignore[no-untyped-call]
    again = torch.export.load(io.BytesIO(cleaned(program))).module(check_guards=False)
    assert torch.equal(again(image), wanted)


def test_checkpoints_are_refused_in_one_sentence(tmp_path: Path) -> None:
    torch.save(Threshold().state_dict(), tmp_path / "new.pt")
    torch.save(Threshold().state_dict(), tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    for content in ((tmp_path / "new.pt").read_bytes(), (tmp_path / "old.pt").read_bytes(), pickle.dumps(Harm())):
        with pytest.raises(Problem, match="checkpoint written with pickle"):
            kind_of(content)


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04 cut off", b"\x08\x63" + b"\0" * 30])
def test_what_is_no_network_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(Problem, match=r"no network that MedViewer knows|is damaged"):
        kind_of(content)


def test_extra_files_and_debug_pickles_are_left_out(script: bytes) -> None:
    more = {"extra/metadata.json": b"{}", "extra/run.pkl": pickle.dumps(Harm()), "code/x.py.debug_pkl": b"?"}
    content = changed(script, same, **more)
    kept = names(cleaned(content))
    assert not {name for name in kept if name.startswith("extra") or name.endswith("debug_pkl")}
    assert extra(content, "metadata.json") == b"{}"
    assert extra(script, "metadata.json") is None


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_that_calls_anything_is_refused_without_being_run(script: bytes, protocol: int) -> None:
    harm = pickle.dumps(Harm(), protocol)
    for name in ("data.pkl", "constants.pkl"):
        with pytest.raises(Problem, match=r"no network needs: a pickle that (calls|hides)"):
            cleaned(changed(script, lambda each, data, name=name: harm if each == name else data))  # type: ignore[misc]


def test_a_pickle_that_is_damaged_is_refused() -> None:
    with pytest.raises(Problem, match="cannot be read"):
        look_through(b"\x80\x02\xff\xff")


class Saves(nn.Module):
    """A TorchScript network that reads a file while it answers."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.from_file("/etc/hostname", False, 4, dtype=torch.uint8).sum()


def test_a_script_that_reads_files_is_refused(tmp_path: Path) -> None:
    torch.jit.script(Saves()).save(str(tmp_path / "net.ts"))  # type: ignore[no-untyped-call]
    with pytest.raises(Problem, match="code that calls 'from_file'"):
        cleaned((tmp_path / "net.ts").read_bytes())


def test_every_operator_of_torch_that_takes_a_file_is_forbidden() -> None:
    schemas = torch._C._jit_get_all_schemas()
    reach = {
        schema.name.partition("::")[2]
        for schema in schemas
        if schema.name.startswith("aten::") and any("file" in argument.name for argument in schema.arguments)
    }
    assert reach
    assert reach <= FORBIDDEN


def test_operators_that_are_no_part_of_torch_are_refused(script: bytes) -> None:
    def call(name: str, data: bytes) -> bytes:
        return data.replace(b"return ", b"_0 = ops.evil.run(x)\n    return ", 1) if name.endswith(".py") else data

    with pytest.raises(Problem, match="operators of 'evil'"):
        cleaned(changed(script, call))


# ---- torch.export ----


def graph_with(program: bytes, **said: object) -> bytes:
    def change(name: str, data: bytes) -> bytes:
        return json.dumps(json.loads(data) | said).encode() if name == GRAPH else data

    return changed(program, change)


def test_sample_inputs_and_guards_never_reach_torch(program: bytes) -> None:
    def change(name: str, data: bytes) -> bytes:
        return pickle.dumps(Harm()) if name == SAMPLES else data

    code = "__import__('os').abort()"
    content = cleaned(changed(graph_with(program, guards_code=[code]), change))
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.read(f"model/{SAMPLES}") == b""
    assert code not in archive.read(f"model/{GRAPH}").decode()
    torch.export.load(io.BytesIO(content)).module(check_guards=False)


def test_weights_marked_as_pickles_are_refused(program: bytes) -> None:
    def change(name: str, data: bytes) -> bytes:
        return data.replace(b'"use_pickle": false', b'"use_pickle": true') if name.endswith("config.json") else data

    with pytest.raises(Problem, match="weights that are a pickle"):
        cleaned(changed(program, change))


@pytest.mark.parametrize("name", ["data/aotinductor/model/x.so", "data/constants/custom_obj_0", "extra/lib.so"])
def test_compiled_libraries_and_foreign_objects_are_refused(program: bytes, name: str) -> None:
    with pytest.raises(Problem, match="objects or libraries"):
        cleaned(changed(program, same, **{name: b"x"}))


@pytest.mark.parametrize(
    "target",
    ["torch.os.system", "torch.ops.aten.from_file.default", "_operator.methodcaller", "torch.ops.evil.run.default"],
)
def test_a_graph_that_calls_what_is_no_operator_of_torch_is_refused(program: bytes, target: str) -> None:
    def change(name: str, data: bytes) -> bytes:
        return data.replace(b"torch.ops.aten.add.Tensor", target.encode()) if name == GRAPH else data

    with pytest.raises(Problem, match="a graph that calls or says"):
        cleaned(changed(program, change))


@pytest.mark.parametrize("text", ["__import__('os').system('id')", "x):\n  import os #", "Symbol('a').func()"])
def test_a_graph_whose_texts_could_be_code_is_refused(program: bytes, text: str) -> None:
    sayings: list[dict[str, Any]] = [{"range_constraints": {"expr_str": text}}, {"range_constraints": {text: {}}}]
    for said in sayings:
        with pytest.raises(Problem, match="a graph that calls or says"):
            cleaned(graph_with(program, **said))


def test_two_members_of_one_name_are_refused(script: bytes) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        content = changed(script, same, **{"version": b"3"})
    with pytest.raises(Problem, match="two files of one name"):
        cleaned(content)
