"""Did you mean: the name that somebody may have wanted, and the end of every "not found" message."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_SUGGESTED = 3  # names suggested at most
_SHOWN = 12  # of all there are, where none is near
_FIELD = "field."  # how a contact's own field is named


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The known name that is written most like this word, whatever its case; None if none is near."""
    folded = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), folded, n=1, cutoff=cutoff)
    return folded[near[0]] if near else None


def suggest(word: str, known: Iterable[str]) -> str:
    """The end of a "not found" message: near names, or all there are."""
    names = sorted(set(known))
    if word.startswith(_FIELD):
        names = [name for name in names if name.startswith(_FIELD)] or names
    folded = {name.removeprefix(_FIELD if word.startswith(_FIELD) else "").casefold(): name for name in names}
    sought = word.removeprefix(_FIELD).casefold()
    near = get_close_matches(sought, folded, n=_SUGGESTED, cutoff=0.6)
    near += [name for name in folded if len(sought) > 1 and sought in name and name not in near]
    if near:
        return f"did you mean {' or '.join(folded[name] for name in near[:_SUGGESTED])}?"
    if not names:
        return "there are none yet."
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"there are {', '.join(names[:_SHOWN])}{more}."
