"""The parts of a TorchScript archive that a network needs. Nothing is loaded here, pickles are only looked through."""

import ast
import pickletools
import re
from collections.abc import Mapping

from medviewer.ai.foreign.refused import refused
from medviewer.i18n import _

_KEPT = re.compile(r"(code/[\w./]+\.py|(data|constants)\.pkl|(data|constants)/\d+|version|byteorder)")
# Classes of the archive's own code, tensors, and lists of plain values: what torch writes.
_CLASSES = re.compile(
    r"(__torch__\.(?!torch\.classes)[\w.]+|torch\.jit\._pickle\.\w+|torch\._utils\._rebuild_tensor(_v2)?"
    r"|torch\.\w+Storage|collections\.OrderedDict|torch\.(device|Size))"
)
# Operators that reach beyond the network: ``aten::save`` and ``aten::from_file`` write and read files.
FORBIDDEN = frozenset({"save", "from_file", "load", "load_tensor", "classes", "_jit_internal", "import_ir_module"})
_NAMESPACES = frozenset({"prim", "aten", "quantized", "torchvision"})


def kept(members: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return what is left of an archive's ``members`` (by name within it) for the network; Problem where it may harm.

    Left out are debug information and extra files; refused are pickles that name anything but tensors and the archive's
    own classes, and code that calls what reads or writes files or is no operator of torch's own.
    """
    left = {name: data for name, data in members.items() if _KEPT.fullmatch(name)}
    for name, data in left.items():
        if name.endswith(".pkl"):
            look_through(data)
        elif name.endswith(".py"):
            _read(data)
    return left


def look_through(pickle: bytes) -> None:
    """Problem where a pickle names a class or function that is none of a network's; it is not executed."""
    try:
        for operation, argument, _at in pickletools.genops(pickle):
            if operation.name in ("GLOBAL", "INST"):
                _allow(str(argument).replace(" ", "."))
            elif operation.name in ("STACK_GLOBAL", "EXT1", "EXT2", "EXT4"):
                raise refused(_("a pickle that hides what it calls"))
    except ValueError as error:
        raise refused(_("a pickle that cannot be read")) from error


def _allow(name: str) -> None:
    if not _CLASSES.fullmatch(name):
        raise refused(_("a pickle that calls '{name}'").format(name=name[:80]))


def _read(code: bytes) -> None:
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise refused(_("code that cannot be read")) from error
    for node in ast.walk(tree):
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if name in FORBIDDEN and not _is_own(node):
            raise refused(_("code that calls '{name}'").format(name=name))
        if isinstance(node, ast.Attribute) and _is_ops(node.value) and node.attr not in _NAMESPACES:
            raise refused(_("operators of '{name}', which is no part of torch").format(name=node.attr))


def _is_ops(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "ops"


def _is_own(node: ast.AST) -> bool:
    """Whether it is a member of the network's own modules, as ``self.load`` is."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id == "self"
