"""Where the people behind phone numbers may be: states, and sets of time zones.

An area code shows where a number was issued, not where its owner is; industry and courts use it as a proxy anyway,
so a contact's own state or time zone takes precedence. Where an area code spans several zones, or shares its territory
with one that does, every zone counts. Zones and states: phonenumbers 9.0.43; widening: `area_codes.toml`, 2026-11.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from toolkit.texting.place_names import state_named, zones_named
from toolkit.texting.text_column import text_column


@dataclass(frozen=True, slots=True)
class Place:
    """Where some people may be: every one of `zones` (IANA names, empty if unknown) counts.

    `region` is an ISO 3166 code or empty, `state` a two-letter one of the USA or Canada or empty.
    """

    region: str
    state: str
    zones: tuple[str, ...]
    people: int = 1

    def __str__(self) -> str:
        where = "-".join(filter(None, (self.region, self.state))) or "an unknown country"
        zones = ", ".join(self.zones[:3]) or "no known time zone"
        more = f" and {len(self.zones) - 3} more" if len(self.zones) > 3 else ""
        return f"{where} ({zones}{more})"


def locate(numbers: pd.DataFrame, *, zones: Any = None, states: Any = None) -> pd.DataFrame:
    """Where each number of a frame from `toolkit.texting.numbering.line_types.classify` may be, in row order.

    `zones` and `states` are columns from the contacts themselves, as texts, and take precedence over the number: time
    zones, and states or provinces for numbers of calling code 1, as `toolkit.texting.place_names` reads them. What it
    cannot read is ignored and marked in `unread` (bool). The other columns, all categorical, are missing where
    nothing is known: `region`, `state`, and `zones` (the names, sorted, separated by spaces).
    """
    prefix, prefixes = pd.factorize(numbers["prefix"].to_numpy())
    region, regions = numbers["region"].cat.codes.to_numpy() + 1, ["", *numbers["region"].cat.categories]
    state, said_states = _said(states, len(numbers), state_named)
    zone, said_zones = _said(zones, len(numbers), _any_zones)
    shape = (len(prefixes), len(regions), len(said_states), len(said_zones))
    kinds, distinct = pd.factorize(np.ravel_multi_index((prefix, region, state, zone), shape))
    found = [
        _where(int(prefixes[a]), regions[b], said_states[c], said_zones[d])
        for a, b, c, d in zip(*np.unravel_index(distinct, shape), strict=True)
    ]
    each = pd.DataFrame([row[:3] for row in found], columns=["region", "state", "zones"], dtype="str")
    each = each.assign(unread=np.array([row[3] for row in found], dtype=bool)).astype("category")
    return each.take(kinds).set_axis(numbers.index)


def places(located: pd.DataFrame) -> tuple[Place, ...]:
    """The different places in a frame from `locate`, most people first."""
    sizes = located.groupby(["region", "state", "zones"], observed=True, dropna=False).size()
    rows = sizes.index.to_frame().astype("str").fillna("").to_numpy().tolist()
    found = [
        Place(region, state, tuple(zones.split()), people)
        for (region, state, zones), people in zip(rows, sizes.tolist(), strict=True)
    ]
    return tuple(sorted(found, key=lambda place: -place.people))


@cache
def zones_of(prefix: int) -> tuple[str, ...]:
    """The time zones of a calling code with or without an area code, sorted; empty for an unassigned code."""
    digits = str(prefix)
    area = {zone for code in _sharing(digits) for zone in _area_zones().get(code, ())}
    known = (digits[:size] for size in range(len(digits), 0, -1) if digits[:size] in _prefix_zones())
    return tuple(sorted(area or _prefix_zones().get(next(known, ""), ())))


@cache
def prefix_size(calling_code: int) -> int:
    """How many digits of a number of that calling code locate it; all zones of an area code count as one."""
    code = str(calling_code)
    return (
        4
        if code == "1"
        else max((len(known) for known in _prefix_zones() if known.startswith(code)), default=len(code))
    )


def default_zone(region: str) -> str | None:
    """The time zone used for a country when nothing better is known; only for countries with zones far apart."""
    zone: str | None = _area_codes()["default_zones"].get(region)
    return zone


def _where(prefix: int, region: str, state: str, zone: str) -> tuple[str | None, str | None, str | None, bool]:
    """Region, state and zones of a number, from its prefix and its owner's fields; and whether a field is unread."""
    digits = str(prefix)
    is_american = digits[0] == "1"
    letters = state_named(state) if is_american else ""
    said = next((key for key in (f"US-{letters}", f"CA-{letters}") if key in _states()), "")
    named = zones_named(zone, in_north_america=is_american) if zone else ()
    codes = _states()[said] if said else (digits,)
    zones = set(named) or {name for code in codes for name in zones_of(int(code))}
    key = said or _state_by_area().get(digits[:4], region)
    is_unread = bool((zone and not named) or (is_american and state and not letters))
    return key[:2] or None, key[3:] or None, " ".join(sorted(zones)) or None, is_unread


def _any_zones(text: str) -> tuple[str, ...]:
    return zones_named(text, in_north_america=True) or zones_named(text, in_north_america=False)


def _said(values: Any, rows: int, read: Callable[[str], object]) -> tuple[npt.NDArray[np.int64], list[str]]:
    """A column of texts as codes, and their meaning: a text that is read, `?` for any other, empty for none."""
    if values is None:
        return np.zeros(rows, dtype=np.int64), [""]
    encoded = values
    if not isinstance(values, pa.DictionaryArray):
        encoded = text_column(values).combine_chunks().dictionary_encode()
    texts = [*(text.strip() for text in encoded.dictionary.to_pylist()), ""]
    codes, said = pd.factorize(np.array([text if not text or read(text) else "?" for text in texts], dtype=object))
    return codes[encoded.indices.fill_null(len(texts) - 1).to_numpy()], said.tolist()


@cache
def _area_codes() -> dict[str, Any]:
    return tomllib.loads(files("toolkit.texting").joinpath("area_codes.toml").read_text(encoding="utf-8"))


@cache
def _states() -> dict[str, tuple[str, ...]]:
    """The area codes, including the calling code, of each state: `{"US-AK": ("1907",)}`."""
    return {key: tuple(f"1{code}" for code in codes.split()) for key, codes in _area_codes()["states"].items()}


@cache
def _state_by_area() -> dict[str, str]:
    return {code: key for key, codes in _states().items() for code in codes}


def _sharing(digits: str) -> tuple[str, ...]:
    """An area code of +1 and those on the same territory."""
    overlays = (tuple(f"1{code}" for code in overlay["codes"].split()) for overlay in _area_codes()["overlays"])
    return next((codes for codes in overlays if digits in codes), (digits,))


@cache
def _prefix_zones() -> dict[str, tuple[str, ...]]:
    """The zones of each prefix of numbers, as libphonenumber has them."""
    from phonenumbers.tzdata import TIMEZONE_DATA

    return TIMEZONE_DATA


@cache
def _area_zones() -> dict[str, set[str]]:
    """The zones of all exchanges of each area code of +1."""
    zones: dict[str, set[str]] = {}
    for known, names in _prefix_zones().items():
        if known[0] == "1" and len(known) >= 4:
            zones.setdefault(known[:4], set()).update(names)
    return zones
