"""What there is to work with: the workspace, its senders, its labels."""

from __future__ import annotations

from pydantic import BaseModel

from mcp_server.connection import Call, workspace
from mcp_server.rows import as_csv

_SENDERS = ["name", "phone", "enabled", "sms", "mms"]
_LABELS = ["name", "contacts", "is_system"]
_MOST = 60


class Status(BaseModel):
    """The workspace at a glance; `senders` and `labels` are CSV, labels the most used first."""

    workspace_id: str
    live: bool
    senders: str
    labels: str
    labels_omitted: int
    open_plans: list[str]


def get_status(call: Call) -> Status:
    """Tell which workspace this is, live or embedded, and list its senders, labels and open plans."""
    ws = workspace(call)
    labels = ws.labels()[_LABELS]
    return Status(
        workspace_id=ws.id,
        live=ws.live,
        senders=as_csv(ws.phones()[_SENDERS]),
        labels=as_csv(labels[:_MOST]),
        labels_omitted=len(labels[_MOST:]),
        open_plans=[entry.plan.id for entry in ws.plans(states=["planned", "approved"], limit=20)],
    )
