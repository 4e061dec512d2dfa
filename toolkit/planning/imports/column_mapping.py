"""What each column of a file becomes: by the draft's mapping, else by its name and its values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from toolkit.errors import DraftError
from toolkit.planning.imports.cells import bool_mask
from toolkit.planning.imports.column_names import Role, clean_name, key, may_be_opt_out, role
from toolkit.planning.imports.opt_out_cells import is_flag
from toolkit.planning.imports.sheet import Sheet
from toolkit.plans.file_reading import (
    FIELDS,
    IGNORE,
    LABELS,
    NAME,
    OPTED_IN,
    OPTED_OUT,
    OURS,
    PHONE,
    REASON,
    WHATSAPP,
    ColumnReading,
)
from toolkit.suggest import suggest
from toolkit.texting.numbering.phones import mask as mask_phone
from toolkit.texting.opt_out_words import label_meaning

_WRITTEN = {
    "skip": IGNORE,
    "drop": IGNORE,
    "none": IGNORE,
    "": IGNORE,
    "ignored": IGNORE,
    "opt out": OPTED_OUT,
    "optout": OPTED_OUT,
    "opt in": OPTED_IN,
    "optin": OPTED_IN,
}
MAPPED = "by the mapping"
_ASKED = "it may contain opt-outs: map it to 'opted out', 'opted in', a field or 'ignore'"
_NAMES: tuple[Role | None, ...] = ("name", "first name", "middle name", "last name")
_EITHER = {"nombre", "имя", "nome", "name"}  # a whole name by itself, a first name beside a last name
_EXPORTED = {"id", "labels", "fields", "created_time", "updated_time"}  # of our own export
_FEW = 2_000  # distinct values of a column that are checked
_SHOWN, _LONG = 3, 40  # values, and characters of one
_PERSONAL = re.compile(r"(?<![\w-])\+?(?:\(?\d[\s().\-]*){9,}(?![\w-])")


def read_mapping(filename: str, header: tuple[str, ...], mapping: Mapping[str, str]) -> dict[str, str]:
    """The draft's mapping by header names; DraftError, with what to write, if it does not match them."""
    found: dict[str, str] = {}
    by_key = {key(name): name for name in reversed(header)}
    for theirs, ours in mapping.items():
        name = (
            theirs
            if theirs in header
            else clean_name(theirs)
            if clean_name(theirs) in header
            else by_key.get(key(theirs))
        )
        word = " ".join(str(ours).replace("_", " ").split())
        target = _WRITTEN.get(word.casefold(), word.casefold() if word.casefold() in OURS else str(ours).strip())
        is_theirs = ours in header or key(str(ours)) in by_key
        if theirs.casefold() in OURS and is_theirs and str(ours).casefold() not in OURS:
            raise DraftError(
                f"The mapping is the wrong way round: write the file's column first, as "
                f"mapping={{{str(ours)!r}: {theirs!r}}}."
            )
        if name is None:
            raise DraftError(f"{filename} has no column {theirs!r}, which is in the mapping: {suggest(theirs, header)}")
        meant = role(target)
        if target not in OURS and meant in {"phone", "whatsapp", "labels", "opted out", "opted in"}:
            raise DraftError(
                f"The mapping makes {name!r} a contact field {target!r}: write {meant!r} if it is one, or "
                "give the field another name."
            )
        if (role(name), target) in {("opted in", OPTED_OUT), ("opted out", OPTED_IN)}:
            raise DraftError(
                f"{name!r} is about who {role(name)}, not who {target}: write mapping={{{name!r}: {role(name)!r}}}."
            )
        found[name] = target
    for target in (PHONE, WHATSAPP, FIELDS):
        if len(several := [name for name, ours in found.items() if ours == target]) > 1:
            raise DraftError(
                f"The mapping makes {len(several)} columns the {target}: {', '.join(several)}. A contact has one: map "
                f"the others to {IGNORE!r}, or to other contact fields."
            )
    return found


def propose(sheet: Sheet, mapping: Mapping[str, str]) -> tuple[ColumnReading, ...]:
    """What every column becomes, in the order of the file."""
    is_export = is_exported(sheet.header)
    roles = {name: role(written) for name, written in zip(sheet.header, sheet.written, strict=True)}
    names = _names(roles, mapping)
    readings = []
    for at, name in enumerate(sheet.header):
        column, meant, written = sheet.columns[at], roles[name], sheet.written[at]
        if name in mapping:
            ours, reason = mapping[name], MAPPED
        elif is_export and name in {"id", "created_time", "updated_time"}:
            ours, reason = IGNORE, "the service sets it"
        elif name == REASON and is_refused(sheet.header):
            ours, reason = IGNORE, "it is the service's reason for refusing the row"
        elif is_export and name == "note" and not _filled(column):
            ours, reason = IGNORE, "it is empty"
        elif name in names:
            ours, reason = names[name]
        elif meant in {"phone", "whatsapp"} and meant in mapping.values():
            ours, reason = IGNORE, f"the mapping uses another column as the {meant}"
        elif meant in {"opted out", "opted in", "labels", "phone", "whatsapp"}:
            ours, reason = str(meant), "" if name.casefold() == meant else f"it means {meant}"
        elif meant == "unclear":
            ours, reason = "", _ASKED
        elif name in sheet.unnamed:
            ours, reason = _unnamed(column, is_first=at == 0)
        elif is_export and name == "fields":
            ours, reason = FIELDS, "contact fields as JSON"
        else:
            ours, reason = _field(written, column)
        readings.append(ColumnReading(theirs=name, ours=ours, reason=reason, sample=_sample(column, ours)))
    return tuple(readings)


def is_exported(header: tuple[str, ...]) -> bool:
    """The header is that of contacts that this toolkit has exported."""
    return {*header} >= _EXPORTED


def is_refused(header: tuple[str, ...]) -> bool:
    """The header is that of refused rows as this toolkit writes them: the uploaded file, and the reasons."""
    return header[:2] == (NAME, PHONE) and LABELS in header[2:4] and header[-1] == REASON


def _names(meanings: Mapping[str, Role | None], mapping: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What becomes of the columns with names, whole or in parts."""
    roles = {name: meant for name, meant in meanings.items() if meant in _NAMES and name not in mapping}
    if "last name" in roles.values() and "first name" not in roles.values():
        roles = {name: "first name" if key(name) in _EITHER else meant for name, meant in roles.items()}
    has_whole = "name" in roles.values()
    found = {}
    for name, meant in roles.items():
        if meant == "name":
            is_taken = NAME in mapping.values()
            found[name] = (IGNORE, "the mapping uses another column") if is_taken else (NAME, _unless(name, "name"))
        elif has_whole or NAME in mapping.values():
            found[name] = (name, "beside the whole name")
        else:
            found[name] = (NAME, f"{meant}, joined with the others" if len(roles) > 1 else f"it means {meant}")
    return found


def _unless(name: str, meant: str) -> str:
    return "" if name.casefold() == meant else f"it means {meant}"


def in_order(columns: tuple[ColumnReading, ...], mapping: Mapping[str, str]) -> list[str]:
    """The columns that make up the name: as in the mapping, else first, middle and last."""
    listed = [theirs for theirs, ours in mapping.items() if ours == NAME]
    rest = [column.theirs for column in columns if column.ours == NAME and column.theirs not in listed]
    return listed + sorted(rest, key=lambda name: _NAMES.index(role(name)) if role(name) in _NAMES else 0)


def _unnamed(column: pa.ChunkedArray, *, is_first: bool) -> tuple[str, str]:
    if not _filled(column):
        return IGNORE, "it has no name and is empty"
    if is_first and _is_index(column):
        return IGNORE, "it only counts the rows"
    return "", "it has no name: map it to a field, or to 'ignore'"


def _filled(column: pa.ChunkedArray) -> bool:
    return is_any(pc.greater(pc.binary_length(pc.utf8_trim_whitespace(column)), 0))


def _field(name: str, column: pa.ChunkedArray) -> tuple[str, str]:
    """A contact field, unless its values are about opting out."""
    values = _distinct(column)
    if smelling := next((value for value in values if label_meaning(value) == "opted_out"), ""):
        return "", f"it contains {smelling[:_LONG]!r}: map it to 'opted out', 'labels', a field or 'ignore'"
    if may_be_opt_out(name) and any(is_flag(value) for value in values):
        return "", _ASKED
    return name, ""


def _is_index(column: pa.ChunkedArray) -> bool:
    first = column.slice(0, 100).to_pylist()
    return any(first == [str(number) for number in range(start, start + len(first))] for start in (0, 1))


def _distinct(column: pa.ChunkedArray) -> list[str]:
    """The distinct values of a column with few of them; the first ones of another."""
    coded = column.slice(0, 50_000).dictionary_encode().unify_dictionaries()
    values = coded.chunk(0).dictionary if coded.num_chunks else pa.array([], pa.string())
    if len(values) <= _FEW and len(column) > 50_000:
        coded = column.dictionary_encode().unify_dictionaries()
        values = coded.chunk(0).dictionary
    return [value.strip() for value in values.slice(0, _FEW).to_pylist() if value.strip()]


def _sample(column: Any, ours: str) -> tuple[str, ...]:
    shown: dict[str, None] = {}
    for value in column.slice(0, 200).to_pylist():
        if value.strip() and len(shown) < _SHOWN:
            shown[masked_cell(value.strip(), ours)] = None
    return () if ours == IGNORE else tuple(shown)


def masked_cell(text: str, ours: str = "") -> str:
    """A cell for display: short, and without whole phone numbers."""
    if ours in {PHONE, WHATSAPP}:
        return mask_phone(text.strip()) if sum(map(str.isdigit, text)) > 6 else text.strip()
    text = text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
    return _PERSONAL.sub(lambda found: mask_phone(found[0]), text)


def conflicts(columns: tuple[ColumnReading, ...]) -> dict[str, list[str]]:
    """What several columns would become although a contact has only one, and their names."""
    several: dict[str, list[str]] = {}
    for column in columns:
        is_part = column.ours == NAME and (column.reason == MAPPED or "joined" in column.reason)
        if (column.ours in {NAME, PHONE, WHATSAPP} and not is_part) or column.is_field:
            several.setdefault(column.ours.casefold(), []).append(column.theirs)
    return {ours: names for ours, names in several.items() if len(names) > 1}


def is_any(flags: Any) -> bool:
    """Any of the masks is true."""
    return bool(bool_mask(flags).any())
