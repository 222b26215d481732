"""The parts of a torch.export archive (.pt2) that a network needs. Nothing is loaded here.

Its graph is JSON whose strings torch evaluates or turns into Python code in places: each must look as torch writes it.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from medviewer.ai.foreign.refused import refused
from medviewer.ai.foreign.torchscript import FORBIDDEN
from medviewer.i18n import _

_KEPT = re.compile(
    r"(models/model\.json|data/(weights|constants)/[\w.]+|archive_format|archive_version|byteorder|\.data/version)"
)
_OBJECTS = ("data/constants/custom_obj", "data/constants/opaque_obj", "data/aotinductor")
GRAPH, SAMPLES = "models/model.json", "data/sample_inputs/model.pt"
_NAME = re.compile(r"[A-Za-z_][\w.]*|")
_VERSION = re.compile(r"[\w.+]*")
_WORD = re.compile(r"[\w .-]*")
_EXPRESSION = re.compile(r"(?!.*__)[\w+\-*/(), <>=&|~]*")
_CALLED = re.compile(r"[A-Za-z_]\w*(?=\s*\()")
_FUNCTIONS = frozenset({
    "FloorDiv", "CleanDiv", "CeilDiv", "Mod", "PythonMod", "ModularIndexing", "Min", "Max", "Integer", "Pow",
    "PowByNatural", "IntTrueDiv", "FloatTrueDiv", "floor", "ceiling", "Where", "TruncToInt", "FloorToInt", "CeilToInt",
    "RoundToInt",
})  # fmt: skip
# The operators a graph may call: torch's own on tensors, and arithmetic on sizes.
_OPERATORS = re.compile(
    r"torch\.ops\.aten\.(?P<name>\w+)(\.\w+)?|torch\.ops\.higher_order\.wrap_with_set_grad_enabled"
    r"|_operator\.(getitem|add|sub|mul|floordiv|truediv|mod|neg|pow|eq|ne|lt|le|gt|ge|and_|or_)"
    r"|math\.(ceil|floor|trunc|sqrt)|torch\.sym_\w+"
)


def kept(members: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return what is left of an archive's ``members`` (by name within it) for the network; Problem where it may harm.

    Left out are sample inputs (a pickle), guards (Python code), compiled libraries and extra files; refused are graphs
    that call anything but torch's own operators, and weights that are pickles.
    """
    if any(name.startswith(_OBJECTS) or name.endswith((".so", ".dll", ".dylib")) for name in members):
        raise refused(_("objects or libraries of somebody's own"))
    left = {name: data for name, data in members.items() if _KEPT.fullmatch(name)}
    for name in [name for name in left if name.endswith("_config.json")]:
        config = _json(left[name])
        _no_pickles(config)
        left[name] = json.dumps(config).encode()
    graph = _json(left[GRAPH])
    if not isinstance(graph, dict):
        raise refused(_("a graph that cannot be read"))
    graph["guards_code"] = []
    _look_through(graph, "")
    return left | {GRAPH: json.dumps(graph).encode(), SAMPLES: b""}


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise refused(_("a graph that cannot be read")) from error


def _no_pickles(config: Any) -> None:
    if isinstance(config, dict):
        if config.get("use_pickle"):
            raise refused(_("weights that are a pickle"))
        for value in config.values():
            _no_pickles(value)


def _look_through(value: Any, key: str) -> None:
    """Check every text of the graph by where it stands; what is said for people (stack traces) is emptied."""
    if isinstance(value, dict):
        if isinstance(value.get("metadata"), dict):
            value["metadata"] = {}
        for name, each in value.items():
            if not _NAME.fullmatch(name):
                raise _strange(name)
            _look_through(each, name)
    elif isinstance(value, list):
        for each in value:
            _look_through(each, key)
    elif isinstance(value, str) and not _may_say(key, value):
        raise _strange(value)


def _may_say(key: str, text: str) -> bool:
    if key == "target":
        found = _OPERATORS.fullmatch(text)
        return (found is not None and found["name"] not in FORBIDDEN) or text.isidentifier()
    if key in ("in_spec", "out_spec"):
        return _is_plain_tree(text)
    if key == "expr_str":
        return bool(_EXPRESSION.fullmatch(text)) and set(_CALLED.findall(text)) <= _FUNCTIONS
    if key == "torch_version":
        return bool(_VERSION.fullmatch(text))
    return bool((_WORD if key == "as_string" else _NAME).fullmatch(text))


def _is_plain_tree(text: str) -> bool:
    """Whether it describes tuples, lists and dicts: what a network takes and gives."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return all(_NAME.fullmatch(each) or each in ("[]", "null") for each in _texts(tree))


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []


def _strange(text: str) -> Exception:
    return refused(_("a graph that calls or says '{name}'").format(name=text[:80]))
