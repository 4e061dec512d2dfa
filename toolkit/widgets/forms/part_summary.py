"""How many parts a text takes, in words that list the characters that make it more expensive."""

from __future__ import annotations

import unicodedata

from toolkit.texting.parts import count_parts

_NAMED = 5  # offending characters spelled out before "and n more"


def counted(text: str) -> str:
    """How many parts a text takes, and which characters force the more expensive encoding."""
    parts = count_parts(text)
    named = [f"{c} ({_name(c)})" for c in parts.offending[:_NAMED]]
    if not named:
        return str(parts)
    more = f" and {len(parts.offending) - _NAMED} more" if len(parts.offending) > _NAMED else ""
    return f"{parts}, because of {', '.join(named)}{more}"


def _name(character: str) -> str:
    return unicodedata.name(character, "").lower() or f"U+{ord(character):04X}"
