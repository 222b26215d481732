"""The inner loop of the old ZIP cipher (PKWARE APPNOTE 6.1), compiled by numba; import this file only when needed."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def cipher(data, keys, crc, decrypts):  # type: ignore[no-untyped-def]
    """Let ``data`` uint8 (n,) move the three ``keys`` uint32, decrypting it in place where ``decrypts``.

    ``crc`` is the table of CRC-32, uint32 (256,). Everything is masked to 32 bits by hand, in 64-bit numbers.
    """
    low, byte = np.uint64(0xFFFFFFFF), np.uint64(0xFF)
    one, two, eight, top = np.uint64(1), np.uint64(2), np.uint64(8), np.uint64(24)
    key0, key1, key2 = np.uint64(keys[0]), np.uint64(keys[1]), np.uint64(keys[2])
    for n in range(len(data)):
        value = np.uint64(data[n])
        if decrypts:
            mix = (key2 | two) & np.uint64(0xFFFF)
            value ^= ((mix * (mix ^ one)) >> eight) & byte
            data[n] = np.uint8(value)
        key0 = (key0 >> eight) ^ np.uint64(crc[(key0 ^ value) & byte])
        key1 = ((key1 + (key0 & byte)) * np.uint64(134775813) + one) & low
        key2 = (key2 >> eight) ^ np.uint64(crc[(key2 ^ (key1 >> top)) & byte])
    keys[0], keys[1], keys[2] = np.uint32(key0), np.uint32(key1), np.uint32(key2)
