"""Mutations of DICOM files, always the same for the same seed: what discs, networks and attackers do to them."""

import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRBigEndian

from tests.dicom.files import ramp, slice_file
from tests.dicom.streams import CODINGS, coded_file, texture

ROWS, COLUMNS, FRAMES = 48, 40, 3
_HEAD = 132  # of a file: preamble and magic word
_LENGTHS = (0, 1, 7, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
_VRS = (b"SQ", b"UN", b"OB", b"DS", b"US", b"UL", b"PN", b"ZZ", b"\0\0", b"UI")
_NUMBERS = (0, 1, 2, 3, 8, 9, 12, 16, 24, 32, 64, 127, 255, 1024, 32767, 65535)
_GEOMETRY = (
    (0x0028, 0x0002), (0x0028, 0x0006), (0x0028, 0x0010), (0x0028, 0x0011), (0x0028, 0x0100), (0x0028, 0x0101),
    (0x0028, 0x0102), (0x0028, 0x0103), (0x0028, 0x0120),
)  # fmt: skip
Mutation = Callable[[bytearray, random.Random], bytearray]


@dataclass(frozen=True)
class Mutant:
    """A damaged file: what it was made from, by which mutation, and its bytes."""

    name: str
    data: bytes


def seeds(folder: Path) -> list[Path]:
    """Write one small file of each kind: every transfer syntax, multi-frame, colour, palette, nested sequences."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, coding in CODINGS.items():
        pixels = texture(coding.dtype)
        stream = coding.encode(pixels)
        files.append(coded_file(folder / f"{name}.dcm", pixels, coding.syntax, stream))
        files.append(coded_file(folder / f"{name}-frames.dcm", pixels, coding.syntax, *[stream] * FRAMES))
    frames = np.stack([ramp(k) for k in range(FRAMES)])
    size: dict[str, Any] = {"Rows": ROWS, "Columns": COLUMNS}
    colour: dict[str, Any] = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    files.append(slice_file(folder / "plain.dcm", ramp()))
    files.append(slice_file(folder / "nested.dcm", ramp(), ReferencedStudySequence=_nested(6)))
    files.append(slice_file(folder / "frames.dcm", frames, NumberOfFrames=FRAMES, **size))
    files.append(slice_file(folder / "colour.dcm", np.zeros((ROWS, COLUMNS, 3), "uint8"), **colour))
    files.append(slice_file(folder / "bits.dcm", np.zeros((ROWS, COLUMNS // 8), "uint8"), Columns=COLUMNS, BitsAllocated=1, BitsStored=1, HighBit=0))  # fmt: skip  # noqa: E501
    files.append(slice_file(folder / "palette.dcm", texture("uint8"), **_palette()))
    for name, syntax in (("implicit", "1.2.840.10008.1.2"), ("deflated", "1.2.840.10008.1.2.1.99")):
        image = dcmread(folder / "plain.dcm")
        image.file_meta.TransferSyntaxUID = UID(syntax)
        image.save_as(folder / f"{name}.dcm", implicit_vr=name == "implicit", little_endian=True)
        files.append(folder / f"{name}.dcm")
    image = dcmread(folder / "plain.dcm")
    image.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    image.PixelData = ramp().astype(">i2").tobytes()
    dcmwrite(folder / "big.dcm", image, implicit_vr=False, little_endian=False, force_encoding=True)
    files.append(folder / "big.dcm")
    return files


def _nested(depth: int) -> Sequence:
    item = Dataset()
    item.ReferencedSOPInstanceUID = "1.2.3"
    if depth:
        item.ReferencedStudySequence = _nested(depth - 1)
    return Sequence([item])


def _palette() -> dict[str, Any]:
    tags: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name in ("Red", "Green", "Blue"):
        tags[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, 8]
        tags[f"{name}PaletteColorLookupTableData"] = bytes(range(256))
    return tags


def mutants(files: list[Path], each: int, seed: int) -> Iterator[Mutant]:
    """Yield ``each`` mutants of every file, mutations in turn."""
    chance = random.Random(seed)
    for k, path in enumerate(files):
        whole = path.read_bytes()
        for n in range(each):
            mutate = MUTATIONS[(k * each + n) % len(MUTATIONS)]
            yield Mutant(f"{path.stem}-{n}-{mutate.__name__}", bytes(mutate(bytearray(whole), chance)))


def flip_bits(data: bytearray, chance: random.Random) -> bytearray:
    """Flip up to eight bits anywhere behind the magic word."""
    for _ in range(chance.randint(1, 8)):
        data[chance.randrange(_HEAD, len(data))] ^= 1 << chance.randrange(8)
    return data


def flip_bits_of_pixels(data: bytearray, chance: random.Random) -> bytearray:
    """Flip bits in the last third of the file, where its pixels are."""
    for _ in range(chance.randint(1, 20)):
        data[chance.randrange(len(data) * 2 // 3, len(data))] ^= 1 << chance.randrange(8)
    return data


def truncate(data: bytearray, chance: random.Random) -> bytearray:
    """Cut the file anywhere."""
    return data[: chance.randrange(len(data))]


def zero_the_tail(data: bytearray, chance: random.Random) -> bytearray:
    """Fill the end of the file with zeros, as broken downloads do."""
    start = chance.randrange(len(data) // 2, len(data))
    data[start:] = bytes(len(data) - start)
    return data


def drop_bytes(data: bytearray, chance: random.Random) -> bytearray:
    """Leave out some bytes in the middle."""
    start = chance.randrange(_HEAD, len(data))
    del data[start : start + chance.randint(1, 300)]
    return data


def repeat_bytes(data: bytearray, chance: random.Random) -> bytearray:
    """Write a part of the file twice."""
    start = chance.randrange(_HEAD, len(data))
    part = data[start : start + chance.randint(1, 300)]
    return data[:start] + part + data[start:]


def blow_up_a_length(data: bytearray, chance: random.Random) -> bytearray:
    """Give an element another length."""
    at, long = chance.choice(_elements(data))
    if long:
        data[at + 8 : at + 12] = struct.pack("<I", chance.choice(_LENGTHS))
    else:
        data[at + 6 : at + 8] = struct.pack("<H", chance.choice(_LENGTHS) & 0xFFFF)
    return data


def swap_a_vr(data: bytearray, chance: random.Random) -> bytearray:
    """Give an element another value representation."""
    at, _long = chance.choice(_elements(data))
    data[at + 4 : at + 6] = chance.choice(_VRS)
    return data


def delete_an_element(data: bytearray, chance: random.Random) -> bytearray:
    """Leave out an element."""
    places = [at for at, _long in _elements(data)] + [len(data)]
    k = chance.randrange(len(places) - 1)
    return data[: places[k]] + data[places[k + 1] :]


def repeat_an_element(data: bytearray, chance: random.Random) -> bytearray:
    """Write an element twice."""
    places = [at for at, _long in _elements(data)] + [len(data)]
    k = chance.randrange(len(places) - 1)
    return data[: places[k + 1]] + data[places[k] : places[k + 1]] + data[places[k + 1] :]


def lie_about_the_image(data: bytearray, chance: random.Random) -> bytearray:
    """Change rows, columns, samples, bits, sign or the number of frames."""
    group, element = chance.choice(_GEOMETRY)
    at = data.find(struct.pack("<HH", group, element) + b"US")
    frames = data.find(struct.pack("<HH", 0x0028, 0x0008) + b"IS")
    if frames > 0 and chance.random() < 0.4:
        length = int.from_bytes(data[frames + 6 : frames + 8], "little")
        data[frames + 8 : frames + 8 + length] = b"%-*d" % (length, chance.choice((0, 1, 2, 7, 99)[: 3 + length]))
    elif at > 0:
        data[at + 8 : at + 10] = struct.pack("<H", chance.choice(_NUMBERS))
    return data


def lie_about_offsets(data: bytearray, chance: random.Random) -> bytearray:
    """Change the length of an item, or an entry of the offset table."""
    items = [at for at in range(_HEAD, len(data) - 8) if data[at : at + 4] == b"\xfe\xff\x00\xe0"]
    if not items:
        return flip_bits_of_pixels(data, chance)
    at = chance.choice(items) + chance.choice((4, 8))
    data[at : at + 4] = struct.pack("<I", chance.choice((*_LENGTHS, 4, 8, 64, len(data))))
    return data


def nest_deeply(data: bytearray, chance: random.Random) -> bytearray:
    """Put sequences inside each other, hundreds deep, before the pixels."""
    at = data.find(struct.pack("<HH", 0x0028, 0x0002))
    if at < 0:
        return flip_bits(data, chance)
    begin = struct.pack("<HH2sHI", 0x0008, 0x1110, b"SQ", 0, 0xFFFFFFFF) + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)  # fmt: skip  # noqa: E501
    depth = chance.choice((30, 300, 3000))
    end = struct.pack("<HHIHHI", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0) * (depth if chance.random() < 0.5 else 0)
    return data[:at] + begin * depth + end + data[at:]


def _elements(data: bytearray) -> list[tuple[int, bool]]:
    """Return where the elements of an explicit file begin and whether their length has 4 bytes."""
    found, at = [], _HEAD
    while at + 8 <= len(data):
        vr = bytes(data[at + 4 : at + 6])
        if not vr.isalpha():
            break
        long = vr in (b"OB", b"OW", b"SQ", b"UN", b"UT", b"OF", b"OD")
        found.append((at, long))
        length = struct.unpack_from("<I", data, at + 8)[0] if long else struct.unpack_from("<H", data, at + 6)[0]
        if length == 0xFFFFFFFF:
            break
        at += (12 if long else 8) + length
    return found or [(_HEAD, False)]


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    flip_bits_of_pixels,
    truncate,
    zero_the_tail,
    drop_bytes,
    repeat_bytes,
    blow_up_a_length,
    swap_a_vr,
    delete_an_element,
    repeat_an_element,
    lie_about_the_image,
    lie_about_offsets,
    nest_deeply,
)
