"""What somebody brings to be added: a MONAI bundle (folder or ZIP) or a network's own file. Looked at, not loaded."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from medviewer.ai.foreign import formats, monai
from medviewer.core.problem import Problem
from medviewer.i18n import _

METADATA, INFERENCE = "configs/metadata.json", "configs/inference.json"
NETWORKS = (".ts", ".pt2", ".onnx", ".pt")
MOST_TEXT = 4 << 20
Table = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Brought:
    """A network and what its files say of it.

    ``content`` is cleaned (see ``formats``) and ``kind`` what it is; ``said`` are tables of a model.toml as far as they
    are known; ``about`` is what its maker tells, for the card; ``strange`` names steps that cannot be repeated.
    """

    name: str
    kind: str
    content: bytes
    said: Table = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    strange: tuple[str, ...] = ()


def look(path: Path) -> Brought:
    """Return what ``path`` holds; Problem in one sentence where it is nothing that can be added."""
    try:
        if path.is_dir():
            return _bundle(path.name, {str(p.relative_to(path).as_posix()): p.read_bytes for p in _files(path)})
        if path.stat().st_size > formats.MOST_BYTES:
            raise Problem(_("The model file is larger than MedViewer accepts."))
        content = path.read_bytes()
    except OSError as error:
        raise Problem(_("'{path}' cannot be read: {reason}.").format(path=path, reason=error.strerror)) from error
    if content.startswith(formats.ZIP_MAGIC) and (inside := _inside(content)) is not None:
        return _bundle(path.stem, inside)
    kind = formats.kind_of(content)
    embedded = formats.extra(content, "metadata.json")
    if embedded is None:
        return Brought(_slug(path.stem), kind, formats.cleaned(content))
    metadata, inference = _object(embedded), _object(formats.extra(content, "inference.json") or b"{}")
    return _described(path.stem, content, metadata, inference, "")


def _files(folder: Path) -> list[Path]:
    """The files of a bundle that may matter; a link out of it is not followed."""
    found = [path for pattern in ("*", "*/*", "*/*/*") for path in folder.glob(pattern)]
    return [path for path in found[: formats.MOST_MEMBERS] if path.is_file() and not path.is_symlink()]


def _inside(content: bytes) -> dict[str, Callable[[], bytes]] | None:
    """The members of a zipped bundle; None where it is a network's own archive."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError):
        return None
    infos = archive.infolist()
    if not any(info.filename.endswith(METADATA) for info in infos):
        return None
    if len(infos) > formats.MOST_MEMBERS or sum(info.file_size for info in infos) > formats.MOST_BYTES:
        raise Problem(_("The model file claims to be larger than MedViewer accepts."))
    return {info.filename: partial(archive.read, info) for info in infos if not info.is_dir()}


def _bundle(name: str, files: Mapping[str, Callable[[], bytes]]) -> Brought:
    homes = sorted((each.removesuffix(METADATA) for each in files if each.endswith(METADATA)), key=len)
    if not homes:
        raise Problem(
            _("The folder '{name}' is no MONAI bundle: it has no '{file}'.").format(name=name, file=METADATA),
            _("Add the network's own file instead: TorchScript, .pt2 or ONNX."),
        )
    home = homes[0]
    try:
        metadata = _object(files[home + METADATA]())
        inference = _object(files[home + INFERENCE]()) if home + INFERENCE in files else {}
        licence = next((files[each]() for each in sorted(files) if each.startswith(f"{home}LICENSE")), b"")
        content = _network(home, files)
    except (zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError) as error:
        raise Problem(_("The model file is damaged ({why}).").format(why=error)) from error
    return _described(home.strip("/").rpartition("/")[2] or name, content, metadata, inference, _first_line(licence))


def _network(home: str, files: Mapping[str, Callable[[], bytes]]) -> bytes:
    """Return the network of a bundle: TorchScript first, as it runs everywhere; a mere checkpoint is refused."""
    models = sorted(name for name in files if name.startswith(f"{home}models/"))
    for suffix in NETWORKS:
        chosen = sorted(
            (name for name in models if name.endswith(suffix)), key=lambda n: (not n.endswith(f"/model{suffix}"), n)
        )
        if chosen and suffix != ".pt":
            return files[chosen[0]]()
        for name in chosen:
            content = files[name]()
            formats.kind_of(content)  # a Problem for a pickle
            return content
    raise Problem(
        _("The bundle holds no network: there is no TorchScript, .pt2 or ONNX file in 'models'."),
        _("MONAI writes one with 'python -m monai.bundle ckpt_export'."),
    )


def _described(name: str, content: bytes, metadata: Table, inference: Table, licence: str) -> Brought:
    said = monai.manifest_of(metadata, inference)
    if licence:
        said["use"]["licence"] = licence
    told = ("description", "authorship", "copyright", "data_source", "image_classes", "pred_classes", "monai_version")
    about = {key: str(metadata[key]) for key in told if metadata.get(key)}
    if isinstance(metadata.get("eval_metrics"), dict):
        about["eval_metrics"] = json.dumps(metadata["eval_metrics"])
    kind = formats.kind_of(content)
    strange = tuple(monai.strange_steps(inference))
    return Brought(_slug(name), kind, formats.cleaned(content), said, about, strange)


def _object(text: bytes) -> Table:
    try:
        if len(text) > MOST_TEXT:
            raise ValueError("size")
        data = json.loads(text)
        if not isinstance(data, dict):
            raise ValueError("no object")
    except (ValueError, RecursionError) as error:
        raise Problem(
            _("A description in the bundle is no JSON that can be read ({why}).").format(why=error)
        ) from error
    return data


def _first_line(text: bytes) -> str:
    lines = (line.strip() for line in text.decode("utf-8", "replace").splitlines())
    return next((line[:200] for line in lines if line), "")


def _slug(name: str) -> str:
    """Return ``name`` as an id: small letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:48] or "model"
