"""What makes two requests, two plans and two wishes the same: a digest of all that they say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence

from toolkit.api.dialect import AnyRequest
from toolkit.models import ImportRequest

PIECE = 10_000  # rows of a sequence that are written out at a time, as a plan may have a million recipients
Request = AnyRequest


def said(request: Request) -> dict[str, object]:
    """All that a request says; a file by its digest."""
    if isinstance(request, ImportRequest):
        return request.model_dump(mode="json", exclude={"content"}) | {
            "content": hashlib.sha256(request.content).hexdigest()
        }
    return request.model_dump(mode="json")


def digest(*parts: object) -> str:
    """SHA-256 of anything that JSON can say, the same for the same content."""
    found = hashlib.sha256()
    for at, part in enumerate(parts):
        found.update(b"," if at else b"[")
        for text in _written(part):
            found.update(text.encode())
    found.update(b"]" if parts else b"[]")
    return found.hexdigest()


def _written(part: object) -> Iterator[str]:
    """The JSON of a part, that of a sequence piece by piece."""
    if isinstance(part, str) or not isinstance(part, Sequence):
        yield _json(part)
        return
    yield "["
    for start in range(0, len(part), PIECE):
        yield ("," if start else "") + _json(part[start : start + PIECE])[1:-1]
    yield "]"


def _json(content: object) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"))
