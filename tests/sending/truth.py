"""Holds sentences about what was sent against what the service received."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HANDED = re.compile(
    r"(\d+) of (\d+) steps (?:\([\d,]+ of [\d,]+ recipients?\) (?:was|were) )?(?:handed to the service|sent)"
)
_UNKNOWN = re.compile(r"whether (\d+) steps? arrived is not known|(\d+) of unknown outcome")
_ADVICE = re.compile(r"try again later|try again")


def check_words(words: str, *, received: int, before: int, of: int) -> None:
    """A sentence of a send is true: `received` steps of `of` have arrived at the service, `before` of them earlier."""
    told = f"{words!r}: {before} received before, {received} after, of {of}"
    if re.search(r"[Nn]othing was sent now|Nothing is sent without it", words):
        assert received == before, told
    elif "othing was sent" in words:
        assert received == 0, told
    unknown = sum(int(one or two) for one, two in _UNKNOWN.findall(words))
    if handed := _HANDED.search(words):
        assert int(handed[1]) <= received <= int(handed[1]) + unknown, told
        assert int(handed[2]) == of, told
    if re.match("(sent|scheduled)(:| earlier)", words) or "All of it was handed" in words:
        assert received == of, told
    if words.startswith("refused"):
        assert received == 0, told
    if "did arrive" in words or "service accepted it" in words:
        assert received > 0, told
    if "no definite answer" in words or re.search("not known|outcome is unknown", words):
        assert not _ADVICE.search(words), told


def check_all(said: Sequence[tuple[str, int, int]], *, of: int) -> None:
    """All sentences of a send and of what was done after it: words, received before and after."""
    for words, before, received in said:
        check_words(words, received=received, before=before, of=of)
