"""Repeatable random draws: a number for each contact that depends on its id and a salt alone.

The draw is the start of `SHA-256("salt:contact id")`, so that it is the same in every language and year, and a new
contact changes nobody else's.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import pandas as pd

Draws = npt.NDArray[np.uint64]


def draws(salt: str, contact_ids: Iterable[str]) -> Draws:
    """A number for each contact, evenly spread over 0 … 2^64 - 1."""
    begun = sha256(f"{salt}:".encode())
    heads = bytearray()
    for contact_id in contact_ids.tolist() if isinstance(contact_ids, pd.Index) else contact_ids:  # many times faster
        drawn = begun.copy()
        drawn.update(contact_id.encode())
        heads += drawn.digest()[:8]
    return np.frombuffer(heads, dtype=">u8").astype(np.uint64)
