"""Placeholders in a text, in the syntax of any sender: what recipients would see as written if it is not filled.

Syntaxes that only templates have, such as `{{…}}`, `*|…|*` or `%(…)s` are always placeholders. Brackets,
percent signs, dashes and the like are also ordinary punctuation: they are placeholders if their content is the name
of a field, by the words of `field_words.toml` or of the workspace, or has the form of one, such as `firstName`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterator
from functools import cache
from importlib.resources import files

_NAME = r"[^\W\d_][\w.]*"  # an identifier, perhaps of several parts
_TEMPLATES = re.compile(
    r"\{\{\s*\$\{[^{}\n]{0,100}\}\s*\}\}|\{\{\{?[^{}\n]{0,200}\}{1,3}"  # {{x}} {{{x}}} {{x} and {{${x}}}
    r"|(?<!\{)[%!]?\{(?=\s*\}|[^{}\n]{0,99}?\w)[^{}\n]{0,100}\}{1,2}"  # {x} {} {a|b} %{x} !{x}
    r"|\{%[^\n]*?%\}|<%[^\n]*?%>|<\?[^\n]*?\?>|\[%[^\n]*?%\]"
    r"|\*\|[^|\n]{1,64}\|\*|#\[[^\]\n]{1,64}\]|%\([\w .]{1,64}\)[sd]?"
    r"|(?<![\d%])%(?:\d\$)?[sd@](?![\w%])|%%[^\W\d]\w*%%|@@[^\W\d]\w*@@|(?<!\w)__[^\W\d_]\w*?__(?!\w)"
    r"|#(?:if|elseif|foreach|set)\s?\(|\$!?\([^\W\d][\w.]{0,40}\)"
    r"|&(?:#123|#x7b|lcub|lbrace);[^\n]{0,64}?&(?:#125|#x7d|rcub|rbrace);|%7b(?:(?!%7d)\S){0,64}%7d",
    re.IGNORECASE,
)
_INSIDE = r"(?P<inside>[^\W\d_](?:[\w .,:|=*$-]{0,60}[\w*])?)"
_WORD = rf"(?P<inside>{_NAME})"
_AROUND = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\[\[?[*$]?{_INSIDE}\]\]?",
        rf"<<?/?{_INSIDE}>>?",
        rf"&lt;{_INSIDE}&gt;",
        rf"\(\({_INSIDE}\)\)",
        rf"(?<![\w#])##?{_WORD}##?(?!\w)",
        r"(?<![\w/.-])(?P<inside>[A-Z]+(?:_[A-Z]+)+)(?![\w/.-])",
        rf"(?<![\w|])\|\|?{_WORD}\|\|?(?![\w|])",
        rf"(?<![\w~])~~?{_WORD}~~?(?!\w)",
        rf"(?<![\w!])!!?{_WORD}!(?!\w)",
        rf"(?<![\w^])\^{_WORD}\^(?!\w)",
        rf"(?<![\w-])--?{_WORD}--?(?![\w-])",
        rf"\{{\{{?\s*{_WORD}",
        rf"(?<![\w.}}]){_WORD}\s?\}}\}}?",
    )
)
_PERCENT = re.compile(rf"(?<![\w%])%(?P<inside>{_NAME})%(?!\w)")
_DOLLAR = re.compile(rf"(?<![\w$])\$\$?!?(?P<inside>{_NAME}(?:->\w+)?)\$?")
_SIGIL = re.compile(rf"(?<![\w@:/])[@:](?P<inside>{_NAME})(?![\w@])")
_QUOTED = re.compile(rf"«\s?{_INSIDE}\s?»|‹(?P<inner>{_NAME})›")
_PARENTHESES = re.compile(r"(?<![\w(])\((?P<inside>[^\W\d_][\w ]{1,40})\)(?!\))")
_SIGNED = re.compile(r"(?<!\{)(?P<sign>[$#@])!?\{(?P<inside>[^{}\n]{1,100})\}")
_FULL_WIDTH = {0xFF01 + at: 0x21 + at for at in range(94)} | str.maketrans("﹛﹜❴❵", "{}{}")
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def placeholders(text: str, fields: Collection[str] = ()) -> tuple[str, ...]:
    """The placeholders as written, in order, each once: `("{name}",)`; `fields` are the names of contact fields."""
    kept = [at for at, char in enumerate(text) if not _HIDDEN.match(char)]
    plain = "".join(text[at] for at in kept).translate(_FULL_WIDTH)
    names = {_joined(field) for field in fields}
    found: list[tuple[int, int]] = []
    for start, end in _spans(plain, names):
        if not any(start < there_end and there < end for there, there_end in found):
            found.append((start, end))
    return tuple(dict.fromkeys(text[kept[start] : kept[end - 1] + 1] for start, end in sorted(found)))


def _spans(text: str, names: set[str]) -> Iterator[tuple[int, int]]:
    for match in _SIGNED.finditer(text):
        if _is_signed(match["sign"], match["inside"], names):
            yield match.span()
    yield from (match.span() for match in _TEMPLATES.finditer(text))
    tests: list[tuple[re.Pattern[str], Callable[[str, set[str]], bool]]] = [
        *((pattern, _is_field) for pattern in _AROUND),
        (_PERCENT, lambda inside, known: inside.isupper() or _is_field(inside, known)),
        (_DOLLAR, _is_variable),
        (_SIGIL, _is_reference),
        (_QUOTED, _is_quoted),
        (_PARENTHESES, _is_blank),
    ]
    for pattern, is_one in tests:
        for match in pattern.finditer(text):
            if is_one(next(filter(None, match.groups())), names):
                yield match.span()


def _is_field(inside: str, names: set[str]) -> bool:
    """The name of a field, perhaps with a fallback for a missing value: "first_name", "NAME,fallback=there"."""
    head = re.split(r"[|,=]|\s(?:default|fallback)\b", inside, maxsplit=1)[0]
    return _is_named(head, names) or bool(
        re.fullmatch(r"[a-z]+(?:_[a-z]+)+|[a-z]{2,}(?:[A-Z][a-z]+)+|[A-Za-z]+(?:\.[a-z]+_[a-z_]+)", head)
    )


def _is_named(inside: str, names: set[str]) -> bool:
    words, known = _words(inside), _field_words()
    if _joined(inside) in names or _joined(inside) in known["alone"]:
        return True
    return words <= known["alone"] | known["beside"] and bool(words & known["alone"])


def _is_signed(sign: str, inside: str, names: set[str]) -> bool:
    """Before braces: "${name}" is one placeholder; "${amount}" and "#{order}" are a price and a number filled in."""
    words, known = _words(inside), _field_words()
    if sign == "$" and not words & known["money"]:
        return _is_field(inside, names)
    return bool(words & known["personal"])


def _is_variable(inside: str, names: set[str]) -> bool:
    """After a dollar: a field, but "$LINK" or "$CITY" may be a stock, unless it is the name of a personal field."""
    is_share = inside.isupper() and inside.isalpha() and not _words(inside) & _field_words()["personal"]
    return not is_share and _is_field(inside.replace("->", "."), names)


def _is_quoted(inside: str, names: set[str]) -> bool:
    """In quotation marks, where a single word may be quoted for itself: "firstName", "First Name", "name"."""
    return _is_field(inside, names) and (_is_compound(inside) or _joined(inside) in _field_words()["personal"])


def _is_reference(inside: str, names: set[str]) -> bool:
    """After "@" or ":", where another name may be an account: "contact.name", "first_name", "name"."""
    return _is_named(inside, names) and (_is_compound(inside) or _joined(inside) in _field_words()["personal"])


def _is_compound(inside: str) -> bool:
    return re.search(r"[._ ]|[a-z][A-Z]", inside) is not None


def _is_blank(inside: str, names: set[str]) -> bool:
    """In parentheses, which also occur in prose: "(first_name)", "(insert link)"."""
    return ("_" in inside or inside.lower().startswith(("insert ", "enter "))) and _is_field(inside, names)


def _words(name: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", _HIDDEN.sub("", name))
    return set(re.findall(r"[^\W\d_]+", spaced.casefold()))


def _joined(name: str) -> str:
    return re.sub(r"[\W_]+", "", _HIDDEN.sub("", name).casefold())


@cache
def _field_words() -> dict[str, frozenset[str]]:
    tables = tomllib.loads(files("toolkit.texting").joinpath("field_words.toml").read_text(encoding="utf-8"))
    words = {kind: frozenset(text.casefold().split()) for kind, text in tables.items()}
    return words | {"alone": words["alone"] | words["personal"] | words["money"]}
