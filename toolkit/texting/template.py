"""Placeholders in message texts.

The guide documents one text per campaign and no placeholders, so braces go out as they stand; preflight uses this
module to stop that from happening unnoticed.
"""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(r"\{\{?\s*([A-Za-z_][\w .-]{0,63}?)\s*\}?\}|#\[([^\]]{1,64})\]")


def placeholders(text: str) -> tuple[str, ...]:
    """The placeholders as written, each once: `("{name}",)`; a lone brace is none."""
    return tuple(dict.fromkeys(found.group(0) for found in _PLACEHOLDER.finditer(text)))
