"""A model's answer as a sealed text: JSON with the masks in it and a hash over all, so that damage shows."""

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from medviewer.app.audit import canonical
from medviewer.app.fingerprints import sha256_of
from medviewer.core.finding import Finding
from medviewer.core.mask import Mask

if TYPE_CHECKING:
    from medviewer.ai.protocol import Reading

Data = dict[str, Any]


class DamagedError(ValueError):
    """A text that is not as it was sealed."""


def seal(data: Mapping[str, Any]) -> str:
    """Return JSON of ``data`` with its own sha256; equal data give an equal text."""
    return json.dumps({**data, "sha256": sha256_of(data)}, sort_keys=True, indent=1, default=_item) + "\n"


def unseal(text: str | bytes, form: str) -> Data:
    """Return what was sealed; DamagedError where the text is not whole, was changed, or is not of the ``form``."""
    try:
        data = json.loads(text)
        said = data.pop("sha256")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedError(type(error).__name__) from error
    if not isinstance(data, dict) or data.get("form") != form or sha256_of(data) != said:
        raise DamagedError("hash")
    return data


def reading_to_dict(reading: "Reading") -> Data:
    """Return JSON-ready data of all that a reading says."""
    return {
        "findings": [finding_to_dict(found) for found in reading.findings],
        "candidates": [finding_to_dict(found) for found in reading.candidates],
        "device": reading.device,
        "timings_s": dict(reading.timings_s),
        "conditions": asdict(reading.conditions),
    }


def reading_from_dict(data: Data) -> "Reading":
    """Return the reading that ``reading_to_dict`` described; DamagedError where that is not one."""
    from medviewer.ai.protocol import Conditions, Reading

    try:
        return Reading(
            tuple(map(finding_from_dict, data["findings"])),
            dict(data["timings_s"]),
            data["device"],
            tuple(map(finding_from_dict, data["candidates"])),
            Conditions(**data["conditions"]),
        )
    except (LookupError, TypeError, ValueError, AttributeError, zlib.error) as error:
        raise DamagedError(type(error).__name__) from error


def finding_to_dict(found: Finding) -> Data:
    """Return JSON-ready data of a finding: numbers to the last bit, the mask packed and with a hash of its voxels."""
    plain: Data = json.loads(canonical(found.to_dict()))
    if found.mask is None:
        return {**plain, "mask": None}
    packed = base64.b64encode(found.mask.to_bytes()).decode()
    return {**plain, "mask": {"sha256": mask_sha256(found.mask), "packed": packed}}


def finding_from_dict(data: Data) -> Finding:
    """Return the finding that ``finding_to_dict`` described."""
    mask = None if data["mask"] is None else Mask.from_bytes(base64.b64decode(data["mask"]["packed"], validate=True))
    return Finding.from_dict({name: value for name, value in data.items() if name != "mask"}, mask)


def mask_sha256(mask: Mask) -> str:
    """Return the hash of a mask's place and voxels; how they are packed does not matter."""
    return sha256_of([mask.offset_kji, mask.voxels.shape, mask.voxels.tobytes().hex()])


def _item(value: Any) -> Any:
    return value.item()
