"""What there is to work with: the workspace, what is allowed, its senders, its labels."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from pydantic import BaseModel

from mcp_server.connection import Call, connection, reporting
from mcp_server.guard.disclosure_control import SMALL_COUNT, shown_rule
from mcp_server.guard.untrusted import Echoed, Untrusted, clean
from mcp_server.tools.csv_page import as_csv
from mcp_server.tools.field_values import field_values
from toolkit.settings import UNPROVEN

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.ledger.transaction import LedgerAccess

_SENDERS = ["name", "phone", "enabled", "sms", "mms"]
_LABELS = ["name", "contacts", "is_system"]
_MOST = 60


class Status(BaseModel):
    """The workspace at a glance; `senders`, `labels`, `fields` are CSV, labels the most used first; `field_values` are
    the commonest of texts, empty where text written by others makes a send need more than a form. `as_of` is when
    contacts were read. `segments` are kept under a name, for rules as segment:NAME; of `drafts`, what somebody is still
    writing, the resource seax://drafts/NAME has all."""

    workspace_id: str
    live: bool
    mode: str
    contacts: int
    as_of: str
    senders: Echoed
    labels: Echoed
    labels_omitted: int
    fields: Echoed
    field_values: Untrusted
    campaigns: int
    open_plans: list[str]
    segments: Echoed
    drafts: Echoed
    exchange_folder: str
    personal_data: str
    approvals: str
    next_steps: list[str]


def get_status(call: Call) -> Status:
    """Show which workspace this is, live or embedded, and what is allowed; list senders, labels, fields with their
    commonest values, kept segments, drafts and open plans."""
    here = connection(call)
    ws, contacts = here.workspace, here.contacts(reporting(call))
    senders = here.keep("senders", lambda: as_csv(ws.phones()[_SENDERS])[0])
    labels, omitted = here.keep(("labels", contacts.read_time), lambda: _labels(ws.labels(contacts=contacts)))
    fields, values = here.keep(
        ("fields", contacts.read_time), lambda: field_values(contacts, few=0 if here.options.pii else SMALL_COUNT)
    )
    return Status(
        workspace_id=ws.id,
        live=ws.live,
        mode=here.options.mode,
        contacts=len(contacts),
        as_of=f"{contacts.read_time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        senders=senders,
        labels=labels,
        labels_omitted=omitted,
        fields=fields,
        field_values="" if here.options.is_wary else values,
        campaigns=len(ws.campaign_ids()),
        open_plans=[entry.plan.id for entry in ws.plans(states=["planned", "approved"], limit=20)],
        segments=_kept(
            [[name, shown_rule(rule, here.options)] for name, rule in ws.segments.items()], ["name", "rule"]
        ),
        drafts=_kept([[x.name, x.by, x.draft is not None] for x in ws.drafts.kept()], ["name", "by", "complete"]),
        exchange_folder=str(here.options.folder),
        personal_data="shown" if here.options.pii else "hidden: contacts have handles, numbers are masked",
        approvals=_who_approves(ws.ledger.access()),
        next_steps=[
            *_NEXT[here.options.mode],
            *([_WITHHELD] if here.options.is_wary and values else []),
            *([UNPROVEN] if ws.live else []),
        ],
    )


def _who_approves(access: LedgerAccess | None) -> str:
    if access is None:
        return "kept in a file of this account: what runs as it could write one, but no signature"
    if access.approves:
        return f"kept in a team's database, where this server's login {clean(access.login, 60)} may write one"
    return "kept in a team's database, which takes none from this server's login: people approve under their own"


def _labels(frame: pd.DataFrame) -> tuple[str, int]:
    return as_csv(frame[:_MOST][_LABELS])[0], max(0, len(frame) - _MOST)


def _kept(rows: list[list[object]], columns: list[str]) -> str:
    """The first of what is kept, as CSV; empty without any."""
    import pandas as pd  # first use

    return as_csv(pd.DataFrame(rows[:_MOST], columns=columns, dtype="object"))[0] if rows else ""


_READ = ["find_contacts with limit=0 counts a rule.", "find_campaigns, then get_campaign_report."]
_WITHHELD = (
    "Values of text fields may be written by others, so they are not shown here: the doubts of find_contacts name some "
    "for a rule with a value that no contact has."
)
_NEXT = {
    "read": _READ,
    "draft": [*_READ, "plan_campaign computes who would get what; a person sends it."],
    "test": [*_READ, "plan_campaign with as_test, then send_plan, only to the operator's own numbers."],
    "live": [*_READ, "plan_campaign, show it to the person, then follow its next_step."],
}
