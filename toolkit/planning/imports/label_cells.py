"""The labels in a cell, however several of them are written, and which of them mean opting out.

An opt-out word anywhere in a cell suppresses its person. It never becomes part of another label.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from toolkit.data.label_names import AS_NAMED, LabelNames
from toolkit.texting.opt_out_words import denies_opt_out, label_meaning

_BETWEEN = re.compile(r"\s*(?:[,;|\n\r\t，；、؛،•·]|\\n|<br\s*/?>|\s/\s)\s*")
_INSIDE = re.compile(r"[\s/()\[\]{}+&:>,.!?*]+")
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.|\"\")*)\"|'((?:[^'\\]|\\.)*)'")
_TYPED = re.compile(r"(?:array|list|set|tuple|frozenset|Index)\((.*?)(?:,\s*dtype=[^\])}]*)?\)", re.DOTALL)
_BRACKETS = re.compile(r"\[.*\]|\(.*\)|\{.*\}", re.DOTALL)
_OF_OTHER = frozenset(  # words beside an opt-out that limit or cancel it
    (
        *("email", "emails", "mail", "mails", "e", "newsletter", "call", "calls", "voice", "push", "post"),
        *("not", "no", "non", "never", "ex", "old", "former", "was", "re", "pending", "maybe", "check", "ask"),
        *("partial", "partially", "almost", "except", "until"),
    )
)
OPTED_OUT = ("dnc", "unsubscribed")  # the service's own labels, in any case
UNREACHABLE = ("unreachable", "invalid number")


class LabelCell(NamedTuple):
    """The labels of one cell, as the workspace spells existing ones; `doubtful` are those that may mean opting out.

    `opted_out` are the words that opt its person out. `with_comma` are existing labels that cannot be imported, as
    the service separates labels at commas.
    """

    labels: tuple[str, ...]
    opted_out: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    with_comma: tuple[str, ...] = ()


class LabelReader:
    """Reads label cells for a workspace with some existing labels."""

    def __init__(self, known: Iterable[str], label_names: LabelNames = AS_NAMED) -> None:
        self.known = names = list(known)
        self._meaning = label_names.meaning
        self._exact = {name: name for name in names}
        self._known = {_key(name): name for name in reversed(names)}
        self._parted = [name for name in names if len(_pieces(name)) > 1]
        spelled = {name.casefold(): name for name in names}
        theirs = [name for name in names if self._meaning(name) == "opted_out"]
        self.opt_out = next((spelled[word] for word in OPTED_OUT if word in spelled), next(iter(theirs), "DNC"))
        self._unreachable = next((spelled[word] for word in UNREACHABLE if word in spelled), UNREACHABLE[0])
        self._spelled = spelled

    def is_known(self, name: str) -> bool:
        """A contact has this label, in this spelling."""
        return name in self._exact

    def read(self, cell: str) -> LabelCell:
        """The labels of a cell."""
        labels: dict[str, None] = {}
        opted_out: list[str] = []
        doubtful: list[str] = []
        with_comma: list[str] = []
        for piece in self._split(cell):
            known = self._find(piece)
            meaning = self._meaning(known or piece)
            if meaning == "doubtful" and known is None and (words := _opt_out_word(piece)):
                rest = " ".join(word for word in _INSIDE.split(piece) if word and word not in words)
                opted_out.append(piece)
                if rest and label_meaning(rest) is None:
                    labels[self._find(rest) or rest] = None
                continue
            if meaning == "opted_out":
                opted_out.append(piece)
                if known:
                    labels[known] = None
                continue
            if meaning == "unreachable":
                labels[known or (piece if piece.casefold() in UNREACHABLE else self._unreachable)] = None
                continue
            if meaning == "doubtful" or (known is None and denies_opt_out(piece)):
                doubtful.append(piece)
            name = known or piece
            if "," in name:
                with_comma.append(name)
            labels[name] = None
        return LabelCell(tuple(labels), tuple(opted_out), tuple(doubtful), tuple(with_comma))

    def suppressed(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        """The labels of somebody who opted out: these and the workspace's opt-out label."""
        has = any(self._meaning(label) == "opted_out" for label in labels)
        return labels if has else (*labels, self.opt_out)

    def _find(self, piece: str) -> str | None:
        return self._exact.get(piece) or self._spelled.get(piece.casefold()) or self._known.get(_key(piece))

    def _split(self, cell: str) -> Iterator[str]:
        cell = "".join(
            char for char in cell if char in "\n\t\r\u200d" or unicodedata.category(char) not in {"Cf", "Cc"}
        )
        cell = cell.strip().removeprefix("'") if cell.strip()[:2] in {"'=", "'+", "'-", "'@"} else cell.strip()
        if not cell:
            return
        if self._find(cell):
            yield _squeezed(cell)
            return
        if typed := _TYPED.fullmatch(cell):
            cell = typed[1].strip()
        if _BRACKETS.fullmatch(cell):
            body = cell[1:-1]
            quoted = [(a or b) for a, b in _QUOTED.findall(body)]
            unquoted = _QUOTED.sub(" , ", body)
            for item in [*quoted, unquoted]:
                yield from self._split(_unescaped(item))
            return
        held: list[str] = []
        for name in sorted(self._parted, key=len, reverse=True):  # "Smith, Sons & Co" is one label
            pattern = rf"(?:(?<=^)|(?<=[,;|\n\t]))\s*\"?{re.escape(name)}\"?\s*(?=$|[,;|\n\t])"
            if re.search(pattern, cell, re.IGNORECASE):
                held.append(name)
                cell = re.sub(pattern, " ", cell, flags=re.IGNORECASE)
        yield from held
        for piece in _pieces(cell):
            if plain := _squeezed(piece.strip("\"'“”„‘’`# ")):
                yield plain


def _pieces(text: str) -> list[str]:
    return [piece for piece in _BETWEEN.split(text) if piece.strip()]


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _key(name: str) -> str:
    return re.sub(r"[\s_\-]+", "_", unicodedata.normalize("NFKC", name).casefold().strip())


def _unescaped(text: str) -> str:
    def char(found: re.Match[str]) -> str:
        return chr(int(found[1], 16)) if found[1] else found[2]

    return re.sub(r"\\u([0-9a-fA-F]{4})|\\(.)", char, text)


def _opt_out_word(piece: str) -> list[str]:
    """The words in a longer text that opt its person out on their own; empty if other words qualify them."""
    words = [word for word in _INSIDE.split(piece) if word]
    for size in (4, 3, 2, 1):
        for at in range(len(words) - size + 1):
            part, rest = words[at : at + size], [*words[:at], *words[at + size :]]
            if rest and label_meaning(" ".join(part)) == "opted_out":
                return [] if any(word.casefold() in _OF_OTHER for word in rest) else part
    return []
