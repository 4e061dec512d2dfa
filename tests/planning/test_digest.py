"""Digests of many recipients are those of all their JSON at once, however they are kept."""

from __future__ import annotations

import hashlib
import json

import pyarrow as pa

from toolkit.planning.digest import PIECE, digest
from toolkit.planning.steps import RecipientColumns


def test_a_digest_of_many_recipients_is_that_of_their_json() -> None:
    for size in (0, 1, PIECE, PIECE + 1):
        rows = [(f'é"{row}', f"+1999{row:07}") for row in range(size)]
        kept = RecipientColumns(*(pa.chunked_array([[row[at] for row in rows]], pa.string()) for at in (0, 1)))

        whole = json.dumps((rows, {"b": 1, "a": []}, "text"), sort_keys=True, separators=(",", ":"))
        assert digest(kept, {"b": 1, "a": []}, "text") == hashlib.sha256(whole.encode()).hexdigest()
        assert digest(rows, {"b": 1, "a": []}, "text") == digest(kept, {"b": 1, "a": []}, "text")
        assert ([*kept], kept[:2], len(kept)) == (rows, rows[:2], size)

    assert digest() == hashlib.sha256(b"[]").hexdigest()
