"""Little ZIPs for tests: plain, locked by either cipher, and with names that lead elsewhere."""

import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import pyzipper

from tests.dicom.files import ramp, slice_file


def image(folder: Path, k: int = 0) -> bytes:
    """Return the bytes of slice ``k`` of a little CT."""
    folder.mkdir(parents=True, exist_ok=True)
    return slice_file(folder / f"of-{k}.dcm", ramp(k), k).read_bytes()


def zipped(path: Path, members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write a ZIP without password."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return path


def aes_zipped(path: Path, members: Mapping[str, bytes], password: str) -> Path:
    """Write a ZIP locked by AES-256."""
    with pyzipper.AESZipFile(path, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def old_zipped(path: Path, members: Mapping[str, bytes], password: bytes) -> Path:
    """Write a ZIP locked by the old cipher, which no library here can write."""
    entries, directory = bytearray(), bytearray()
    for name, content in members.items():
        crc = zlib.crc32(content)
        squeeze = zlib.compressobj(wbits=-15)
        packed = squeeze.compress(content) + squeeze.flush()
        locked = _encrypted(bytes(11) + bytes([crc >> 24]) + packed, password)
        says = struct.pack("<5H3L2H", 20, 1, 8, 0, 33, crc, len(locked), len(content), len(name), 0)
        directory += b"PK\1\2" + struct.pack("<H", 20) + says + struct.pack("<3HLL", 0, 0, 0, 0, len(entries))
        directory += name.encode()
        entries += b"PK\3\4" + says + name.encode() + locked
    end = struct.pack("<4H2LH", 0, 0, len(members), len(members), len(directory), len(entries), 0)
    path.write_bytes(bytes(entries + directory) + b"PK\5\6" + end)
    return path


def _encrypted(plain: bytes, password: bytes) -> bytes:
    keys = [0x12345678, 0x23456789, 0x34567890]
    for byte in password:
        _move(keys, byte)
    locked = bytearray()
    for byte in plain:
        mix = (keys[2] | 2) & 0xFFFF
        locked.append(byte ^ (mix * (mix ^ 1) >> 8) & 0xFF)
        _move(keys, byte)
    return bytes(locked)


def _move(keys: list[int], byte: int) -> None:
    keys[0] = _crc(keys[0], byte)
    keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    keys[2] = _crc(keys[2], keys[1] >> 24)


def _crc(key: int, byte: int) -> int:
    return zlib.crc32(bytes([byte]), key ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
