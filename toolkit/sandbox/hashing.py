"""Keyed hash draws: the same seed, stream and contact give the same number on every machine and in any order."""

import hashlib
import uuid
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Draws = NDArray[np.float64]
Stream = np.uint64 | NDArray[np.uint64]


def key(*parts: object) -> np.uint64:
    """Return the 64-bit key of a stream of draws."""
    digest = hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def mix(values: NDArray[np.integer], stream: Stream) -> NDArray[np.uint64]:
    """Return 64 well-mixed bits per value (splitmix64); several streams at once as numpy broadcasts."""
    z: NDArray[np.uint64] = values.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + stream
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z


def uniform(values: NDArray[np.integer], stream: Stream) -> Draws:
    """Return one draw in [0, 1) per value and stream, float64."""
    return (mix(values, stream) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normal(distance: Draws, angle: Draws) -> Draws:
    """Return one standard normal draw per pair of uniform ones, float64 (Box-Muller)."""
    drawn: Draws = np.sqrt(-2.0 * np.log1p(-distance)) * np.cos(2.0 * np.pi * angle)
    return drawn


def uuids(values: NDArray[np.integer], stream: np.uint64) -> NDArray[np.bytes_]:
    """Return one UUID (version 4 layout) per value, 36 bytes of text each."""
    pair = mix(values[:, None], np.array([stream, stream ^ np.uint64(0x5A5A5A5A5A5A5A5A)]))
    pair[:, 0] = (pair[:, 0] & np.uint64(0xFFFFFFFFFFFF0FFF)) | np.uint64(0x4000)
    pair[:, 1] = (pair[:, 1] & np.uint64(0x3FFFFFFFFFFFFFFF)) | np.uint64(0x8000000000000000)
    digits = np.frombuffer(pair.astype(">u8").tobytes().hex().encode(), np.uint8).reshape(-1, 32)
    text = np.full((len(values), 36), ord("-"), np.uint8)
    for group, (start, stop) in enumerate(pairwise((0, 8, 12, 16, 20, 32))):
        text[:, start + group : stop + group] = digits[:, start:stop]
    return text.view("S36").reshape(-1)


def identifier(*parts: object) -> str:
    """Return the UUID of one named thing."""
    return str(uuid.UUID(bytes=hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=16).digest(), version=4))
