"""Where, in very many texts at once, a character begins as a reader sees it (Unicode UAX #29)."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import regex

_Flags = npt.NDArray[np.bool_]

CODES, _PLANE = 0x110000, 0x10000
_JOINING = regex.compile(r"[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=RI}\p{GCB=PP}\p{GCB=SM}\p{GCB=L}\p{GCB=V}\p{GCB=T}]")


def beginnings(codes: npt.NDArray[np.uint32], first: npt.NDArray[np.int64]) -> _Flags:
    """A mask over code points: a character begins here.

    `codes` are the code points of all texts in a row, `first` the positions where a text begins. Code points that can
    join others are rare: only runs of them and their neighbours are read, by the library, each run once.
    """
    joins = joining()[codes]
    near = joins.copy()
    near[1:] |= joins[:-1]
    near[:-1] |= joins[1:]
    places = np.flatnonzero(near)
    is_first = np.zeros(len(codes), dtype=bool)
    is_first[first] = True
    starts = np.flatnonzero((np.diff(places, prepend=-2) > 1) | is_first[places])
    begins = np.ones(len(codes), dtype=bool)
    begins[places] = _read(codes[places], starts)
    return begins


def _read(codes: npt.NDArray[np.uint32], starts: npt.NDArray[np.intp]) -> _Flags:
    """The same for runs alone, which begin at `starts`."""
    offsets = np.append(starts, len(codes))
    buffers = [None, pa.py_buffer(offsets * 4), pa.py_buffer(codes.tobytes())]
    runs = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(starts), buffers).dictionary_encode()
    distinct = [_begins(run.decode("utf-32-le")) for run in runs.dictionary.to_pylist()]
    lengths = np.array([len(run) for run in distinct], dtype=np.intp)
    known_at = (np.cumsum(lengths) - lengths)[runs.indices.to_numpy()]
    known = np.concatenate([np.empty(0, dtype=bool), *distinct])
    begins: _Flags = known[np.arange(len(codes)) + np.repeat(known_at - starts, np.diff(offsets))]
    return begins


def _begins(run: str) -> _Flags:
    sizes = np.array([len(char) for char in regex.findall(r"\r|\X", run)])  # CR and LF stay two, as in parts.py
    begins = np.zeros(len(run), dtype=bool)
    begins[np.cumsum(sizes) - sizes] = True
    return begins


@cache
def joining() -> _Flags:
    """A mask over code points: it can be joined with the one before or after it."""
    table = np.zeros(CODES, dtype=bool)
    for start in range(0, CODES, _PLANE):  # a string for each of all at once would take a hundred megabytes
        chars = "".join(map(chr, range(start, start + _PLANE)))
        table[[ord(char) for char in _JOINING.findall(chars)]] = True
    return table
