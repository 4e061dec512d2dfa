"""Time zones, states and countries as people write them: `Eastern Time`, `UTC-5`, `Tex.`, `USA`.

Only unambiguous names are read. `EST` and other letters mean one thing in North America and another in Australia, so
a number's calling code decides whether they are read at all; `GMT+1` is an offset, and a zone without summer time.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import available_timezones

_OFFSET = re.compile(r"(?:utc|gmt)? ?([+-]) ?(?:(\d{1,2})(?::(\d\d))?|(\d\d)(\d\d))", re.ASCII)
_BEHIND = re.compile(r"\((?:utc|gmt) ?[+-]?[\d:]*\) ?(?=.)", re.ASCII)  # as in "(UTC-05:00) Eastern Time"
_ASIDE = re.compile(r" ?\((?:us ?& ?canada|us and canada|us/canada|us|canada|edt|est|cdt|cst|mdt|mst|pdt|pst)\)$")
_EAST, _WEST = 14, 12  # the most hours that clocks are ahead of UTC, and behind it
_LETTERS = {"est", "mst", "hst"}  # IANA names of offsets; people mean clocks that change
_NO_PLACES = {"factory", "localtime"}
_CONTINENTS = {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Europe", "Indian", "Pacific"}


def zones_named(text: str, *, in_north_america: bool) -> tuple[str, ...]:
    """The IANA names of the time zones that a text may mean, all of which count; empty if it is ambiguous or unknown.

    `in_north_america` is whether the calling code is 1, where `EST` and `Pacific` have one meaning.
    """
    key = _ASIDE.sub("", _BEHIND.sub("", _key(text)))
    if in_north_america and key in _american_zones():
        return _american_zones()[key]
    known = _zones().get(key) or _offset(key)
    return (known,) if known else _other_zones().get(key, ())


def state_named(text: str) -> str:
    """The two-letter code of a state, territory or province of the USA or Canada; empty if it is not one."""
    key = _key(text)
    return _states().get(key) or _states().get(re.sub(r"^(us|ca|usa|canada)[- ]", "", key), "")


def region_named(text: str) -> str:
    """The ISO 3166 code of a country by its English name, usual abbreviation or three letters; empty if unknown."""
    return _regions().get(_key(text), "")


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).replace("\N{MINUS SIGN}", "-").replace("\N{EN DASH}", "-")
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter) and letter != ".")
    return " ".join(letters.replace("_", " ").casefold().split())


def _offset(key: str) -> str:
    if key in ("utc", "gmt", "z", "utc0", "gmt0"):
        return "UTC"
    found = _OFFSET.fullmatch(key)
    if not found:
        return ""
    sign, hours, minutes = found[1], int(found[2] or found[4]), int(found[3] or found[5] or 0)
    if minutes or not hours:
        named = f"{sign}{hours:02}:{minutes:02}"
        return "UTC" if not minutes else _names()["offsets"].get(named, "")
    if hours > (_EAST if sign == "+" else _WEST):
        return ""
    return f"Etc/GMT{'-' if sign == '+' else '+'}{hours}"  # POSIX counts westward


@cache
def _names() -> dict[str, Any]:
    return tomllib.loads(files("toolkit.texting").joinpath("place_names.toml").read_text(encoding="utf-8"))


@cache
def _zones() -> dict[str, str]:
    """IANA names by the ways they are written; this reads the system's zone files.

    Also by city alone, where only one zone is named after it.
    """
    names = {name for name in available_timezones() if name.casefold() not in _LETTERS | _NO_PLACES}
    cities = {name: name.split("/")[1] for name in names if name.split("/")[0] in _CONTINENTS and name.count("/") == 1}
    called = Counter(map(_key, cities.values()))
    by_city = {_key(city): name for name, city in cities.items() if called[_key(city)] == 1}
    return by_city | {_key(name): name for name in names}


def _several(table: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for zones, words in _names()[table].items():
        yield from ((word, tuple(zones.split())) for word in words)


@cache
def _american_zones() -> Mapping[str, tuple[str, ...]]:
    return dict(_several("zones"))


@cache
def _other_zones() -> Mapping[str, tuple[str, ...]]:
    return dict(_several("zones_anywhere"))


@cache
def _states() -> dict[str, str]:
    states: dict[str, list[str]] = _names()["states"]
    return {word: code for code, words in states.items() for word in (code.casefold(), *words)}


@cache
def _regions() -> dict[str, str]:
    from holidays.registry import COUNTRIES  # slow, and only a typo needs it

    named = {word: codes[1] for name, codes in COUNTRIES.items() for word in (name.replace("_", " "), *codes[1:3])}
    own: dict[str, list[str]] = _names()["regions"]
    return {_key(word): code for word, code in named.items()} | {w: code for code, words in own.items() for w in words}
