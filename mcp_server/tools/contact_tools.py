"""Finding contacts by rule or label, one contact's history, and the segment arguments that planning uses too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Annotated, Literal

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

import toolkit
from mcp_server.connection import Call, Connection, connection, reporting, workspace
from mcp_server.guard.contact_handles import PATTERN
from mcp_server.guard.disclosure_control import SMALL_COUNT, Fewer, check_rule, count_of
from mcp_server.guard.untrusted import Echoed, Untrusted, clean
from mcp_server.tools.csv_page import MOST, CsvPage, Cursor, Limit, as_csv, cut, shielded
from mcp_server.tools.shared_folder import FileProfile, write_csv

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from toolkit.audience.segment import Segment
    from toolkit.audience.waterfall import Audience
    from toolkit.data.contacts import Contacts

_NAMELESS = re.compile(rf"{PATTERN.pattern}|[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}")  # handles and ids
_LISTED = re.compile(rf"\bcontacts\s*\(\s*{PATTERN.pattern}(\s*,\s*{PATTERN.pattern})*\s*\)", re.IGNORECASE)
_MISSED = 5  # campaigns named
_CONCISE = ["id", "name", "phone", "labels"]
_FULL = [*_CONCISE, "created_time", "updated_time", "region", "state", "fields"]

Rule = Annotated[
    str,
    Field(
        max_length=2_000,
        pattern=r"^[^\x00]*$",
        description="Rule such as `labels:vip and field.tier in (gold, silver) and not delivered in 7d`; seax://guide "
        "has the grammar.",
    ),
]
LabelName = Annotated[str, Field(max_length=200)]
AnyOf = Annotated[list[LabelName], Field(max_length=50, description="Labels of which one is enough.")]
AllOf = Annotated[list[LabelName], Field(max_length=50, description="Labels that must all be there.")]
NoneOf = Annotated[list[LabelName], Field(max_length=50, description="Labels that must not be there.")]
Detail = Annotated[Literal["concise", "full"], Field(description="How much detail to return.")]
ToFile = Annotated[bool, Field(description="Write all rows to a CSV file for the person, too; masked as shown here.")]
ContactName = Annotated[
    str,
    Field(
        max_length=200,
        pattern=r"^[^\x00]+$",
        description="Handle (c_…) from find_contacts or query_logs, or an id; a phone or name where those are shown.",
    ),
]


class ContactPage(CsvPage):
    """Contacts that match, not listed if they are fewer than 5; `as_of` is when they were read, `reach` who
    would be excluded from a campaign and why.

    `doubts` are values of the rule that cannot be read or that no contact has: tell the person, and correct the rule.
    """

    total: int | Fewer  # type: ignore[assignment]  # fewer than a page of other things says
    explanation: Echoed
    doubts: Untrusted
    as_of: str
    reach: str
    file: FileProfile | None


class History(BaseModel):
    """One contact: `standing` is whether a campaign would text them now, `deliveries` CSV, oldest first; `missed` names
    some of the campaigns that did not go to them."""

    contact: str
    name: Untrusted
    phone: str
    labels: Untrusted
    standing: str
    deliveries: Untrusted
    campaigns_without_them: int
    missed: Untrusted
    as_of: str


def find_contacts(
    call: Call,
    segment: Rule = "",
    any_of: AnyOf = [],  # noqa: B006 — pydantic copies it, and the schema shows a list
    all_of: AllOf = [],  # noqa: B006
    none_of: NoneOf = [],  # noqa: B006
    limit: Limit = 20,
    cursor: Cursor = 0,
    detail: Detail = "concise",
    to_file: ToFile = False,
) -> ContactPage:
    """Count contacts by rule or labels, explain the rule, and list some, newest first. detail=full adds whom a campaign
    would exclude and why."""
    here, meant = connection(call), meaning(call, segment, any_of, all_of, none_of)
    if not here.options.pii:
        check_rule(meant)
    contacts = reading(here, meant, call)
    places = meant.mask(contacts).nonzero()[0]
    total = len(places) if here.options.pii else count_of(meant, contacts)
    places = places[: 0 if isinstance(total, str) else total]  # a longer list would reveal how many there are
    columns = _FULL if detail == "full" else _CONCISE

    def rows(some: slice) -> pd.DataFrame:
        part = replace(contacts, table=_picked(contacts.table, places[some]))
        return shielded(part.select(columns), here)

    page = dict(cut(rows(slice(cursor, cursor + limit)), total=len(places), cursor=cursor))
    return ContactPage(
        **page | {"total": total},
        explanation=clean(meant.explain(), 600),
        doubts=clean(" ".join(meant.doubts(contacts, least=1 if here.options.pii else SMALL_COUNT)), 1_000),
        as_of=f"{contacts.read_time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        reach=_reach(here.workspace.audience(meant, contacts=contacts), here) if detail == "full" else "",
        file=write_csv(here, "contacts", rows(slice(None))) if to_file else None,
    )


def get_contact_history(call: Call, contact: ContactName) -> History:
    """Explain why one person was or was not messaged: labels, what excludes them from campaigns, and each delivery with
    its failure, in order."""
    here, tell = connection(call), reporting(call)
    contacts = here.contacts(tell)
    logs = here.logs(here.workspace.campaign_ids(), tell)
    known = here.workspace.history(contact_id_of(here, contact, contacts), contacts=contacts, logs=logs)
    named = {campaign.id: campaign.name for campaign in here.keep("campaigns", here.workspace.campaigns)}
    return History(
        contact=known.contact_id if here.options.pii else here.handles.of(known.contact_id),
        name=clean(known.name) if here.options.pii else "",
        phone=known.phone if here.options.pii else masked_phone(known.phone),
        labels=clean("; ".join(known.labels), 1_000),
        standing=f"{known.outcome}: {known.standing}",
        deliveries=_deliveries(known.deliveries, named),
        campaigns_without_them=len(known.missed),
        missed=clean("; ".join(f"{named.get(x, '')} ({x})" for x in known.missed[:_MISSED]), 1_000),
        as_of=f"{contacts.read_time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    )


def _picked(table: pa.Table, places: np.ndarray) -> pa.Table:
    """The rows at these indexes; a page without the full copy that `take` makes of a table in pieces."""
    import pyarrow as pa  # first use

    if len(places) > MOST:
        return table.take(places)
    return pa.concat_tables([table.slice(0, 0), *(table.slice(int(place), 1) for place in places)])


def meaning(call: Call, rule: str, any_of: list[str], all_of: list[str], none_of: list[str]) -> Segment:
    """The segment of those who match the rule, which may name a kept one or list handles, and have one of `any_of`, all
    of `all_of`, none of `none_of`."""
    asked = [
        *([workspace(call).segments.parse(_with_ids(rule, call))] if rule.strip() else []),
        *([toolkit.Segment.any_of(*any_of)] if any_of else []),
        *([toolkit.Segment.all_of(*all_of)] if all_of else []),
        *([~toolkit.Segment.any_of(*none_of)] if none_of else []),
    ]
    return reduce(and_, asked) if asked else toolkit.Segment.everyone()


def _with_ids(rule: str, call: Call) -> str:
    """The rule, with ids for the handles in its lists of contacts."""
    from toolkit.audience.rules.literals import name_text  # first use

    here = connection(call)

    def ids(listed: re.Match[str]) -> str:
        contacts = here.contacts(reporting(call))
        return PATTERN.sub(lambda handle: name_text(here.handles.contact_id(handle[0], contacts)), listed[0])

    return _LISTED.sub(ids, rule)


def reading(here: Connection, meant: Segment, call: Call) -> Contacts:
    """The contacts, with the logs that a segment needs."""
    tell = reporting(call)
    contacts = here.contacts(tell)
    if meant.needs_behaviour:
        return replace(contacts, logs=here.logs([*meant.campaigns, *here.workspace.campaign_ids()], tell))
    return replace(contacts, logs=here.logs(meant.campaigns, tell)) if meant.campaigns else contacts


def masked_phone(phone: str) -> str:
    """A number as it may be shown; empty if there is none."""
    from toolkit.texting.numbering.phones import mask

    return mask(phone) if phone else ""


def contact_id_of(here: Connection, contact: str, contacts: Contacts) -> str:
    """The id of a contact with this handle or id, or, where personal data is shown, with a phone or name that only
    they have."""
    if PATTERN.fullmatch(contact):
        return here.handles.contact_id(contact, contacts)
    if _NAMELESS.fullmatch(contact):
        return contact
    if not here.options.pii:
        raise ToolError(
            "Contacts cannot be looked up by name or number while personal data is hidden: use a handle from "
            "find_contacts or query_logs. Nothing was read."
        )
    from toolkit.audience.contact_lookup import row_of  # first use

    return str(contacts.ids[row_of(contacts, contact)])


def _reach(audience: Audience, here: Connection) -> str:
    import pandas as pd  # first use

    steps = pd.DataFrame([x.model_dump() for x in audience.waterfall], columns=["outcome", "count", "reason"])
    if not here.options.pii:
        from toolkit.data.groups import suppress_small

        steps = suppress_small(steps, count="count").shown
    return as_csv(steps.rename(columns={"count": "contacts"}))[0]


def _deliveries(deliveries: object, named: Mapping[str, str]) -> str:
    import pandas as pd  # first use

    columns = ["campaign_id", "campaign", "status", "sent_time", "delivered_time", "failure_class", "action", "error"]
    rows = [
        x.model_dump(include=set(columns)) | {"campaign": named.get(x.campaign_id, "")}
        for x in deliveries  # type: ignore[attr-defined]
    ]
    return as_csv(pd.DataFrame(rows, columns=columns), most=12_000)[0]
