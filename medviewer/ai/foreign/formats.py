"""What a model file is, by its content, and a copy of it that holds nothing but a network. No torch here.

``torch.jit.load`` and ``torch.export.load`` have no safe mode: the first runs a program (TorchScript can read and write
files), the second unpickles example inputs and marked weights, evaluates expressions, and loads compiled libraries.
So torch is never given a file as it came: ``cleaned`` writes a new archive of the parts it has checked, leaves out what
a network does not need, and refuses what it does not know. That narrows what a file can do; it is no sandbox. A network
still runs with the rights of the reader, in the engine's process, so a model should come from somebody who is trusted.
"""

import io
import zipfile
from collections.abc import Mapping

from medviewer.ai.foreign import exported, torchscript
from medviewer.ai.foreign.refused import refused
from medviewer.core.problem import Problem
from medviewer.i18n import _

MOST_BYTES = 2 << 30
MOST_MEMBERS = 20_000
ZIP_MAGIC, PICKLE_MAGIC = b"PK\x03\x04", b"\x80"
Members = Mapping[str, bytes]


def kind_of(content: bytes) -> str:
    """Return "torchscript", "exported" or "onnx"; Problem where the file is a pickle, or nothing that is known."""
    if content.startswith(ZIP_MAGIC):
        names = {name.partition("/")[2] for name in _archive(content).namelist()}
        if "models/model.json" in names:
            return "exported"
        if "constants.pkl" in names and any(name.startswith("code/") for name in names):
            return "torchscript"
        if "data.pkl" in names:
            raise pickled()
    elif content.startswith(PICKLE_MAGIC):
        raise pickled()
    elif _looks_like_onnx(content):
        return "onnx"
    raise Problem(
        _("The file is no network that MedViewer knows."),
        _("It reads TorchScript, torch.export (.pt2) and ONNX files, and MONAI bundles that hold one of them."),
    )


def cleaned(content: bytes) -> bytes:
    """Return the file with what a network needs and nothing else; Problem where it holds what no network needs."""
    kind = kind_of(content)
    if kind == "onnx":  # data only: ONNX Runtime reads no pickle, and knows its own operators alone
        return content
    members = _members(_archive(content))
    kept = torchscript.kept(members) if kind == "torchscript" else exported.kept(members)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, data in kept.items():
            archive.writestr(zipfile.ZipInfo(f"model/{name}"), data)
    return written.getvalue()


def extra(content: bytes, name: str) -> bytes | None:
    """Return the file ``name`` that a TorchScript archive carries beside the network, as MONAI does; None if none."""
    if not content.startswith(ZIP_MAGIC):
        return None
    archive = _archive(content)
    found = [info for info in archive.infolist() if info.filename.partition("/")[2] == f"extra/{name}"]
    return archive.read(found[0]) if found and found[0].file_size < 1 << 20 else None


def pickled() -> Problem:
    """Return what to say of a checkpoint: it is never opened."""
    return Problem(
        _("The file is a checkpoint written with pickle, which can run any program when it is opened."),
        _("Export the network as TorchScript, torch.export (.pt2) or ONNX, and add that."),
    )


def _archive(content: bytes) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Problem(_("The model file is damaged ({why}).").format(why=error)) from error
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS or sum(info.file_size for info in infos) > MOST_BYTES:
        raise Problem(_("The model file claims to be larger than MedViewer accepts."))
    return archive


def _members(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Return the content of each member by its name within the archive's one folder."""
    members: dict[str, bytes] = {}
    roots = {info.filename.partition("/")[0] for info in archive.infolist()}
    try:
        for info in archive.infolist():
            name = info.filename.partition("/")[2]
            if name in members or ".." in name.split("/") or len(roots) > 1:
                raise refused(_("an archive with two files of one name, or outside of its folder"))
            members[name] = archive.read(info)
    except (zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError, OSError) as error:
        raise Problem(_("The model file is damaged ({why}).").format(why=error)) from error
    return members


def _looks_like_onnx(content: bytes) -> bool:
    """Whether it begins as an ONNX ModelProto does: field 1, the version of the format, a small number."""
    return len(content) > 16 and content[0] == 0x08 and 3 <= content[1] <= 20
