"""The members of a ZIP as streams of bytes, with a password where one is needed."""

import bz2
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np
from pyzipper.zipfile import ZIP_BZIP2, ZIP_LZMA, BadZipFile, CRCZipDecrypter, ZipInfo
from pyzipper.zipfile_aes import AESZipExtFile, AESZipFile

from medviewer.dicom.pixels.encapsulated import Refused
from medviewer.dicom.sources.files import as_text
from medviewer.i18n import N_

CHUNK = 1 << 20
DAMAGED = N_("This file is damaged inside its archive.")
UNKNOWN = N_("This file is packed in a way that MedViewer does not know.")
WRONG_PASSWORD = N_("The password does not fit this file.")


class Member(Protocol):
    """One file in an archive; ``name`` is text to show, never a path; sizes in bytes are only claims."""

    @property
    def name(self) -> str:
        """Folders and name as the archive says them."""

    @property
    def size(self) -> int:
        """Bytes when unpacked; 0 where the archive does not say."""

    @property
    def packed(self) -> int:
        """Bytes in the archive."""

    @property
    def encrypted(self) -> bool:
        """Whether a password is needed."""

    def chunks(self, password: bytes) -> Iterator[bytes]:
        """Yield the content, checked at its end; Refused where that is impossible, OSError where the disk is."""


@dataclass(frozen=True)
class ZipMember:
    """A member found by the archive's own directory."""

    archive: AESZipFile
    info: ZipInfo

    @property
    def name(self) -> str:
        """The name as text."""
        return shown_name(self.info.orig_filename, bool(self.info.flag_bits & 0x800))

    @property
    def size(self) -> int:
        """Bytes when unpacked, as claimed."""
        return int(self.info.file_size)

    @property
    def packed(self) -> int:
        """Bytes in the archive, as claimed."""
        return int(self.info.compress_size)

    @property
    def encrypted(self) -> bool:
        """Whether a password is needed."""
        return bool(self.info.flag_bits & 1)

    def chunks(self, password: bytes) -> Iterator[bytes]:
        """Yield the content; a wrong password or damage may also show at the very end."""
        try:
            with self.archive.open(self.info, pwd=password or None) as stream:
                while chunk := stream.read(CHUNK):
                    yield chunk
        except RuntimeError as error:  # of a wrong password; its subclass says that something is not supported
            raise Refused(WRONG_PASSWORD if type(error) is RuntimeError else UNKNOWN) from error
        except (BadZipFile, zlib.error, EOFError, ValueError, LookupError) as error:
            raise Refused(DAMAGED) from error


def open_zip(path: str) -> AESZipFile:
    """Open a ZIP by its directory; Refused where that is damaged, OSError where the disk is."""
    try:
        return _Zip(path)
    except RuntimeError as error:  # a version that is not supported
        raise Refused(UNKNOWN) from error
    except (BadZipFile, ValueError, LookupError) as error:
        raise Refused(DAMAGED) from error


def zip_members(archive: AESZipFile) -> list[ZipMember]:
    """Return the files, not the folders, in the archive's order."""
    return [ZipMember(archive, info) for info in archive.infolist() if not info.filename.endswith("/")]


def shown_name(name: str, is_utf8: bool) -> str:
    """Return a member's name as text; old archives hold bytes of no declared charset, often UTF-8 or GBK."""
    if not is_utf8 and not name.isascii():
        for charset in ("utf-8", "gb18030"):
            try:
                return as_text(name.encode("cp437").decode(charset))
            except UnicodeError:
                continue
    return as_text(name)


def spellings(password: str) -> tuple[bytes, ...]:
    """Return the bytes that a password may stand for in archives made on different computers."""
    found: dict[bytes, None] = {}
    for charset in ("utf-8", "gb18030", "cp437", "latin-1"):
        try:
            found[password.encode(charset)] = None
        except UnicodeError:
            continue
    return tuple(found)


class _Decrypter(CRCZipDecrypter):  # type: ignore[misc]
    """The old ZIP cipher, compiled: two hundred times as fast as in Python."""

    def __init__(self, info: ZipInfo, pwd: bytes, encryption_header: bytes) -> None:
        self._keys = np.array([0x12345678, 0x23456789, 0x34567890], np.uint32)
        _cipher()(np.frombuffer(pwd, np.uint8).copy(), self._keys, _crc_table(), False)
        super().__init__(info, b"", encryption_header)

    def decrypt(self, data: bytes) -> bytes:
        """Return ``data`` in plain."""
        plain = np.frombuffer(data, np.uint8).copy()
        _cipher()(plain, self._keys, _crc_table(), True)
        return plain.tobytes()


class _Bzip2:
    """bzip2 with an end to what it gives at once: a few bytes of it may stand for gigabytes."""

    def __init__(self) -> None:
        self._inner = bz2.BZ2Decompressor()

    def decompress(self, data: bytes) -> bytes:
        """Take in ``data`` and return up to CHUNK bytes, the others at the next calls; Refused where it is damaged."""
        try:
            return self._inner.decompress(data, CHUNK)
        except OSError as error:  # so bzip2 calls it; the disk has nothing to do with it
            raise Refused(DAMAGED) from error

    @property
    def hungry(self) -> bool:
        """Whether more can only come of more data."""
        return self._inner.needs_input or self._inner.eof

    @property
    def eof(self) -> bool:
        """Whether this was all."""
        return self._inner.eof


class _Stream(AESZipExtFile):  # type: ignore[misc]
    MIN_READ_SIZE = 1 << 16
    _eof: bool

    def get_decompressor(self, compress_type: int) -> Any:
        """Choose decompressors that can be bounded; LZMA takes as much memory as its data claim."""
        if compress_type == ZIP_LZMA:
            raise Refused(UNKNOWN)
        return _Bzip2() if compress_type == ZIP_BZIP2 else super().get_decompressor(compress_type)

    def _read1(self, n: int) -> bytes:
        unpack = self._decompressor
        if not isinstance(unpack, _Bzip2):
            return bytes(super()._read1(n))
        if self._eof or n <= 0:
            return b""
        data = unpack.decompress(self._read2(n) if unpack.hungry else b"")[: self._left]
        self._left -= len(data)
        self._eof = self._left <= 0 or unpack.eof or (unpack.hungry and self._compress_left <= 0)
        self._update_crc(data)
        if self._eof:
            self.check_integrity()
        return data

    def setup_decrypter(self) -> type[Any]:
        """Choose the compiled cipher where the archive uses the old one."""
        chosen: type[Any] = super().setup_decrypter()
        return _Decrypter if chosen is CRCZipDecrypter else chosen


class _Zip(AESZipFile):  # type: ignore[misc]
    zipextfile_cls = _Stream


@cache
def _crc_table() -> np.ndarray[Any, np.dtype[np.uint32]]:
    table = np.arange(256, dtype=np.uint32)
    for _bit in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(0xEDB88320), table >> 1)
    return table.astype(np.uint32)


@cache
def _cipher() -> Any:
    """Compile the cipher at the first password; numba is heavy."""
    from medviewer.dicom.sources.zip_cipher import cipher

    return cipher
