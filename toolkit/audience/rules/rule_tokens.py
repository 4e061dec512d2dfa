"""The tokens of a typed rule: words, operators and texts in quotes, with their positions."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

_END = r"[\s(),=<>!]|\Z"  # what follows a closing single quote, as opposed to an apostrophe
_TOKEN = re.compile(
    r"""\s*(?:("(?:[^"\\]|\\.)*"|“[^”]*”"""
    rf"""|'(?:[^'\\]|\\.|'(?!{_END}))*'(?={_END})|‘(?:[^’]|’(?!{_END}))*’(?={_END}))"""
    r"""|(<=|>=|!=|[=<>(),])|((?:[^\s"'“‘(),=<>!]|(?<=\w)['‘])+)|(.))""",
    re.DOTALL,
)
QUOTES = "\"'“‘"
HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # a lone surrogate, which no file or service accepts


class Token(NamedTuple):
    """A piece of a typed rule; `at` is its position in characters."""

    kind: str  # text (in quotes), sign, word, other or end
    text: str
    at: int


def tokens_of(text: str) -> list[Token]:
    """The tokens of a rule in order, an `end` last; what cannot be one is of the kind `other`."""
    tokens = []
    end = len(text.rstrip())
    at = 0
    while at < end:
        found = _TOKEN.match(text, at)
        assert found  # the last alternative matches any character
        kind = ("text", "sign", "word", "other")[(found.lastindex or 1) - 1]
        tokens.append(Token(kind, found[found.lastindex or 1], found.start(found.lastindex or 1)))
        at = found.end()
    return [*tokens, Token("end", "", len(text))]


def unquoted(text: str) -> str:
    """The content of quotes; ValueError for an invalid escape."""
    if text[0] != '"':
        inner = text[1:-1].replace("\\'", "'") if text[0] == "'" else text[1:-1].replace("\\", "\\\\")
        text = '"' + re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', inner) + '"'
    name: str = json.loads(text, strict=False)
    return name
