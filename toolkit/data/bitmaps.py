"""Sets of contacts, packed eight to a byte: a million take 125 kB, so algebra and counting cost microseconds.

The first contact is the lowest bit of the first byte; bits past the last contact are always 0.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Bitmap = npt.NDArray[np.uint8]


def pack(mask: Mask) -> Bitmap:
    """The set of the rows that are true."""
    return np.packbits(mask, bitorder="little")


def unpack(bitmap: Bitmap, size: int) -> Mask:
    """A mask over rows, from a set among `size` rows."""
    return np.unpackbits(bitmap, count=size, bitorder="little").view(np.bool_)


def full(size: int) -> Bitmap:
    """The set of all of `size` rows."""
    bitmap = np.full(-(-size // 8), 0xFF, np.uint8)
    if size % 8:
        bitmap[-1] = (1 << size % 8) - 1
    return bitmap


def count(bitmap: Bitmap) -> int:
    """How many rows a set has."""
    return int(np.bitwise_count(bitmap).sum(dtype=np.int64))
