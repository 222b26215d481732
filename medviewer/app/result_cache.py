"""What models answered, kept on disk by what it rests on: the same series opened again shows its findings at once.

An entry holds UIDs, hashes and findings, and nothing else about a patient.
"""

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from medviewer import paths
from medviewer.app.fingerprints import computer, input_sha256, program, sha256_of
from medviewer.app.saved_reading import DamagedError, reading_from_dict, reading_to_dict, seal, unseal
from medviewer.core.volume import Volume
from medviewer.core.whole import whole

if TYPE_CHECKING:
    from medviewer.ai.bundle import Bundle
    from medviewer.ai.protocol import Reading

FORM = "medviewer-reading-1"
MAX_BYTES = 100_000_000  # an entry has 5 to 200 kB
log = logging.getLogger(__name__)


class ResultCache:
    """A folder of answers, one file each, the oldest out; whatever goes wrong there costs a reading, never more."""

    def __init__(self, folder: Path | None = None, max_bytes: int = MAX_BYTES) -> None:
        """Use ``folder``, ``readings`` among the reader's data by default."""
        self._folder, self._max_bytes = folder, max_bytes

    @property
    def folder(self) -> Path:
        """Where the entries are; OSError where the reader's data have no place."""
        return self._folder or paths.user_data() / "readings"

    def get(self, key: str) -> "Reading | None":
        """Return the answer kept under ``key``; None where there is none, or none that is whole: that one goes."""
        try:
            path = self._path(key)
            data = unseal(path.read_bytes(), FORM)
            if data["key"] != key:
                raise DamagedError("key")
            reading = reading_from_dict(data["reading"])
        except FileNotFoundError:
            return None
        except DamagedError as damage:
            log.warning("a kept reading is damaged and was dropped: %s", damage)
            with suppress(OSError):
                path.unlink()
            return None
        except OSError as error:
            log.warning("kept readings cannot be read: %s", error.strerror)
            return None
        with suppress(OSError):  # used just now: not the next to go
            os.utime(path)
        return reading

    def put(self, key: str, reading: "Reading") -> None:
        """Keep an answer, whole or not at all; where there is no room it is not kept."""
        text = seal({"form": FORM, "key": key, "reading": reading_to_dict(reading)})
        try:
            path = self._path(key)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with whole(path) as draft:
                os.close(os.open(draft, os.O_CREAT | os.O_WRONLY, 0o600))  # private before anything is in it
                draft.write_text(text, "utf-8")
            self._make_room()
        except OSError as error:
            log.warning("a reading could not be kept: %s", error.strerror)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def _make_room(self) -> None:
        """Drop the entries not used for longest until the rest fits."""
        with os.scandir(self.folder) as found:
            entries = sorted(((e.stat().st_mtime_ns, e.stat().st_size, e.path) for e in found), reverse=True)
        total = 0
        for _used_ns, size, path in entries:
            total += size
            if total > self._max_bytes:
                with suppress(OSError):  # another window was faster
                    os.unlink(path)


def key_of(volume: Volume, bundle: "Bundle") -> str:
    """Return the hash of all that the bundle's answer about a loaded volume rests on."""
    return sha256_of([input_sha256(volume), bundle.all_sha256, program(), computer()])
