"""What is withheld while personal data is hidden (SEAX_MCP_PII is off): rules that single people out, and small counts.

A masked number could be recovered by asking rule after rule whether it starts with some digits, and one person by two
counts that differ by one. So rules may not use names, notes or whole numbers, a count below `FEW` is not shown, and
neither is the exact count of a rule that a similar rule differs from by fewer than that. A plan's own counts are exact,
as a person approves them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from mcp.server.mcpserver.exceptions import ToolError

if TYPE_CHECKING:
    from mcp_server.guard.server_settings import Options
    from toolkit.audience.rules.combined_rules import Rule
    from toolkit.audience.segment import Segment
    from toolkit.data.contacts import Contacts

SMALL_COUNT = 5  # toolkit.data.groups.LEAST, which would load pandas
Fewer = Literal["fewer than 5"]
_NAMING = {"name", "note"}
_NUMBERS = {"phone", "whatsapp_phone"}
_AREA = re.compile(r"\+(?:1\d{0,3}|[2-9]\d{0,2})")  # a country, or an area code of +1


def check_rule(meant: Segment) -> None:
    """Raise ToolError for a rule that could single somebody out."""
    from toolkit.audience.rules.combined_rules import leaves
    from toolkit.audience.rules.conditions import ColumnRule  # loads pandas: first use

    for rule in leaves(meant.rule):
        if not isinstance(rule, ColumnRule) or rule.test == "is present":
            continue
        is_area = rule.test == "starts with" and _AREA.fullmatch(str(rule.values[0]))
        if rule.column in _NAMING or (rule.column in _NUMBERS and not is_area):
            raise ToolError(
                f"A rule on {rule.column} could single people out, and personal data is hidden: use labels, "
                "fields, region or state, or phone starts with a country or area code such as +1512. Nothing was read."
            )


def shown_rule(meant: Segment, options: Options, *, in_words: bool = False) -> str:
    """A rule, or what it says in words, as a model may read it: not who is named in it, while personal data is
    hidden."""
    from toolkit.audience.rules.combined_rules import leaves
    from toolkit.audience.rules.contact_rules import ContactRule

    if not options.pii:
        try:
            check_rule(meant)
        except ToolError:
            return "hidden: it names single people"
        if any(isinstance(rule, ContactRule) for rule in leaves(meant.rule)):
            return "hidden: it names single people"
    return meant.explain() if in_words else str(meant)


def check_column(column: str) -> None:
    """Raise ToolError for a column by whose values a result may not be shown, as each could be one person's."""
    if column in _NAMING | _NUMBERS | {"id"}:
        raise ToolError(
            f"Results by {column} could single people out, and personal data is hidden: use a field, region or state. "
            "Nothing was planned."
        )


def count_of(meant: Segment, contacts: Contacts) -> int | Fewer:
    """A number of contacts as it may be shown: exact, "fewer than 5", or rounded to fives."""
    from toolkit.audience.rules.contact_rules import EveryoneRule
    from toolkit.data.bitmaps import count

    exact = meant.count(contacts)
    if 0 < exact < SMALL_COUNT:
        return "fewer than 5"
    near = (*_neighbours(meant.rule), EveryoneRule())
    if any(0 < abs(count(rule.bitmap(contacts)) - exact) < SMALL_COUNT for rule in near):
        return SMALL_COUNT * (exact // SMALL_COUNT)
    return exact


def _neighbours(rule: Rule) -> Iterator[Rule]:
    """The rules that this one becomes when one condition in it is omitted or inverted."""
    from toolkit.audience.rules.combined_rules import AndRule, NotRule, OrRule, both, either, opposite

    match rule:
        case AndRule() | OrRule():
            join = both if isinstance(rule, AndRule) else either
            for place, part in enumerate(rule.rules):
                others = (*rule.rules[:place], *rule.rules[place + 1 :])
                yield join(*others)
                yield from (join(*others, neighbour) for neighbour in _neighbours(part))
        case NotRule():
            yield from (opposite(neighbour) for neighbour in _neighbours(rule.inner))
        case _:
            return
