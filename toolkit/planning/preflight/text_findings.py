"""Findings on the text itself: its length, its spaces, its placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from toolkit.display import n_recipients
from toolkit.planning.preflight.character_findings import name_of
from toolkit.planning.preflight.check_input import Outgoing
from toolkit.plans.draft import MAX_TEXT
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding
from toolkit.suggest import nearest
from toolkit.texting.gsm7 import to_gsm
from toolkit.texting.parts import count_parts
from toolkit.texting.placeholders import placeholders

MOST_PARTS = 10  # some gateways cut or refuse longer ones


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on the text."""
    yield from _length(out)
    if not out.reading.is_mms:
        yield from _parts(out)
    if not out.reading.template:  # whose text Meta has approved
        yield from _spaces(out.text)
    yield from _placeholders(out)


def _length(out: Outgoing) -> Iterator[Finding]:
    wording = out.wording
    if not out.text.strip():
        yield finding("MSG001", "The message is empty.", "Write what people should read.")
        return
    if out.type == "SMS" and (most := int(wording.counts.parts.max(initial=1))) > MOST_PARTS:
        yield finding(
            "MSG001",
            f"The text takes {most} parts, and gateways refuse more than {MOST_PARTS}.",
            "Shorten it, or replace the characters that force UCS-2.",
        )
    if not wording.is_same_for_all and wording.rendered is not None:
        long = pc.greater(pc.utf8_length(wording.rendered.texts), MAX_TEXT).to_numpy()
        if long.any():
            yield finding(
                "MSG001",
                f"With their values the text is longer than {MAX_TEXT:,} characters for {n_recipients(long.sum())}.",
                "Shorten it.",
                contacts=int(long.sum()),
                contact_ids=out.ids(long),
            )


def _parts(out: Outgoing) -> Iterator[Finding]:
    wording, counts = out.wording, out.wording.counts
    if counts.parts.max(initial=1) < 2:
        return
    wide = bool(counts.is_wide.any())
    evidence = list(_characters_that_cost(out)) if wide else []
    fix = "Shorten it, or replace those characters." if wide else "Shorten it."
    if wording.is_same_for_all:
        parts = count_parts(out.text)
        why = f" because of {' '.join(parts.offending[:8])}" if parts.offending else ""
        up_to = (
            f", {parts.parts_max} where gateways keep joined characters whole" if parts.parts_max > parts.parts else ""
        )
        yield finding(
            "MSG002",
            f"Each message takes {parts.parts} parts ({parts.encoding}{why}){up_to}, and every part is billed.",
            fix,
            evidence=evidence,
            contacts=len(out.audience),
        )
        return
    more = counts.parts > 1
    spread = ", ".join(f"{texts:,} of {size}" for size, texts in counts.by_parts.items())
    worst = [f"{counts.parts[row]} parts: contact {out.ids(np.array([row]))[0]}" for row in counts.worst()]
    yield finding(
        "MSG002",
        f"{more.sum():,} of {len(more):,} messages take more than one part, and every part is billed.",
        fix,
        evidence=[f"messages by parts: {spread}", f"{counts.is_wide.sum():,} in UCS-2", *evidence, *worst],
        contacts=int(more.sum()),
        contact_ids=out.ids(more),
    )


def _characters_that_cost(out: Outgoing) -> Iterator[str]:
    offending = list(out.wording.counts.offending.items())[:8]
    yield "UCS-2 because of " + ", ".join(f"{char} ({name_of(char)}) {times:,} times" for char, times in offending)
    better = to_gsm(out.text)
    if better.replaced and not better.remaining:
        yield f"in GSM-7 it would take {count_parts(better.text).parts}: {better.text}"
    elif better.replaced:
        pairs = ", ".join(f"{before} as {after or 'nothing'}" for before, after in better.replaced[:8])
        yield f"possible replacements: {pairs}; none for {' '.join(better.remaining[:8])}"


def _spaces(text: str) -> Iterator[Finding]:
    found = []
    if "\r" in text:
        found.append("carriage returns")
    if any(line != line.rstrip() for line in text.split("\n")):
        found.append("spaces at the end of a line")
    if "  " in text.strip():
        found.append("double spaces")
    if found:
        clean = "\n".join(" ".join(line.split()) for line in text.replace("\r", "\n").split("\n")).strip()
        yield finding(
            "MSG004",
            f"The text contains {' and '.join(found)}, which are billed.",
            f"Without them it is {len(text) - len(clean)} characters shorter.",
        )


def _placeholders(out: Outgoing) -> Iterator[Finding]:
    wording, written = out.wording, placeholders(out.text, out.wording.fields)
    if wording.rendered is None or not written:
        return
    unresolved, empty = wording.rendered.unresolved, wording.rendered.empty
    people = [f"{brace} is empty for {n_recipients(blank.sum())}" for brace, blank in empty.items() if blank.any()]
    lost = [f"{brace} is not a contact field: {_near(brace, wording.fields)}" for brace in unresolved]
    if not wording.is_filled:
        would = wording.filled.by_parts if wording.filled and empty else {}
        spread = ", ".join(f"{texts:,} messages of {size}" for size, texts in would.items())
        yield finding(
            "MSG005",
            f"The service sends {', '.join(written)} unfilled: every recipient would read exactly that.",
            "Write the text without placeholders; or send a MessagesDraft, to 200 people at most, which is filled "
            "here; or send this one from SeaX itself, which fills them.",
            evidence=[*lost, *people, *([f"filled, it would be {spread} parts"] if spread else [])],
            contacts=len(out.audience),
        )
        return
    blank = np.logical_or.reduce([*empty.values(), np.zeros(len(out.rows), dtype=bool)])
    if lost or blank.any():
        left = [f"{', '.join(unresolved)} would stand as written"] if lost else []
        none = [f"{n_recipients(blank.sum(), 'has', 'have')} nothing to fill in"] if blank.any() else []
        yield finding(
            "MSG005",
            f"Placeholders are not filled: {' and '.join([*left, *none])}.",
            "Use fields that contacts have, and exclude contacts without a value: field.NAME is not missing.",
            evidence=[*lost, *people],
            contacts=len(out.audience) if lost else int(blank.sum()),
            contact_ids=out.ids(blank),
        )


def _near(brace: str, fields: tuple[str, ...]) -> str:
    name = re.sub(r"^[\W_]+|[\W_]+$", "", re.split(r"[|,=]", brace)[0]).casefold()
    near = nearest(name, [field.casefold() for field in fields])
    if near == name:
        return f"write it as {{{name}}}"
    return f"did you mean {{{near}}}?" if near else f"there are {', '.join(fields[:8])}"
