"""Adding a thing is adding one file: collect the objects of one type from the files of a package."""

import importlib
import pkgutil
from types import ModuleType
from typing import Any, TypeVar

T = TypeVar("T")


def discover(package: ModuleType, kind: type[T]) -> dict[str, T]:
    """Return every module-level object of type ``kind`` in the files of ``package``, by its ``id``.

    Raises LookupError where two share an id or none is found (a frozen build that forgot its files).
    """
    found: dict[str, T] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for value in vars(module).values():
            if isinstance(value, kind):
                identity = str(_id(value))
                if found.setdefault(identity, value) is not value:
                    raise LookupError(f"two {kind.__name__} objects in {package.__name__} are called '{identity}'")
    if not found:
        raise LookupError(f"no {kind.__name__} found in {package.__name__}")
    return found


def _id(value: Any) -> Any:
    return value.id
