"""Where resources, models and user data are: source tree, wheel and frozen program alike."""

import os
import sys
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent


def _shipped(name: str) -> Path:
    """Return the folder ``name`` shipped with the program; FileNotFoundError where the installation is broken."""
    homes = [Path(getattr(sys, "_MEIPASS", _PACKAGE)), _PACKAGE, _PACKAGE.parent]
    for home in homes:
        if (home / name).is_dir():
            return home / name
    raise FileNotFoundError(f"MedViewer's folder '{name}' is missing beside {_PACKAGE}")


def resources() -> Path:
    """Folder of texts, translations, icons and templates."""
    return _shipped("resources")


def models() -> Path:
    """Folder of the bundled models, one folder per model."""
    return _shipped("models")


def user_data() -> Path:
    """Folder of the reader's cases and settings (``MEDVIEWER_HOME`` moves it), made when missing."""
    chosen = os.environ.get("MEDVIEWER_HOME")
    folder = Path(chosen) if chosen else Path(platformdirs.user_data_dir("MedViewer", appauthor=False))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def user_models() -> Path:
    """Folder of the models that the reader added, one folder per model; absent until there is one."""
    return user_data() / "models"


def shared_data() -> Path | None:
    """Real data for training and tests: ``MEDVIEWER_DATA`` or ``../shared/data``; None where absent."""
    chosen = os.environ.get("MEDVIEWER_DATA")
    folder = Path(chosen) if chosen else _PACKAGE.parent.parent / "shared" / "data"
    return folder if folder.is_dir() else None
