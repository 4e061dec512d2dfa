"""Text that others wrote, on its way to a model or into a form: names, messages, labels, error texts.

It leaves as a value in a data field, on one line, without control or direction marks, and capped.
"""

from __future__ import annotations

from toolkit.sections import plain


def clean(text: str, limit: int = 200) -> str:
    """The text on one line without what does not print, cut to `limit` characters with an ellipsis."""
    line = plain(text)
    return line if len(line) <= limit else line[: limit - 1] + "…"
