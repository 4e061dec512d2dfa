"""Text written by others, on its way to a model or into a form: names, messages, labels, error texts.

It is sent in fields of its own, without control or direction marks, capped, and between two marks with an id drawn
for every result, so that nothing written beforehand can close them. Types decide which fields these are: text that a
model wrote itself is fenced too when it comes back, and so are the operator's own senders and labels, but neither is
new information from outside.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Annotated

from pydantic import PlainSerializer

from toolkit.display import plain

_LOOKS_LIKE_A_MARK = re.compile(r"<(?=\s*/?\s*data-)", re.IGNORECASE)


class Fence:
    """The two marks of one result; `is_used` once they contain text written by others."""

    def __init__(self) -> None:
        self.id = secrets.token_hex(4)
        self.is_used = False

    def around(self, text: str) -> str:
        """The text between the marks; an empty one unchanged."""
        return f"<data-{self.id}>{_LOOKS_LIKE_A_MARK.sub('‹', text)}</data-{self.id}>" if text else text


_fence: ContextVar[Fence | None] = ContextVar("the fence of this result", default=None)


@contextmanager
def fencing(fence: Fence) -> Iterator[None]:
    """One result: every fenced field in it has these marks."""
    token = _fence.set(fence)
    try:
        yield
    finally:
        _fence.reset(token)


def _echoed(text: str) -> str:
    return (_fence.get() or Fence()).around(text)


def _untrusted(text: str) -> str:
    fence = _fence.get() or Fence()
    fence.is_used = fence.is_used or bool(text)
    return fence.around(text)


Untrusted = Annotated[str, PlainSerializer(_untrusted)]
Echoed = Annotated[str, PlainSerializer(_echoed)]


def clean(text: str, limit: int = 200) -> str:
    """The text on one line without unprintable characters or lookalike marks, cut to `limit` with an ellipsis."""
    line = _LOOKS_LIKE_A_MARK.sub("‹", plain(text))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def clean_lines(text: str, limit: int) -> str:
    """The same of a text whose line breaks count, as of a message."""
    return "\n".join(clean(line, limit) for line in text.splitlines())[:limit]


def quoted(text: str) -> str:
    """Text written by others as part of an error message, fenced as in a result."""
    return _untrusted(clean(text, 1_000))
