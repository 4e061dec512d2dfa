"""One contact's history: what they were sent, in order, and why they would or would not be texted now.

It answers support's most frequent question, "why did she get this, and he not?", from labels, delivery logs and the
same rules that exclude people from a campaign.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from toolkit.audience.contact_lookup import row_of
from toolkit.audience.eligibility import Outcome
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import REASONS, build_audience
from toolkit.data.contacts import Contacts
from toolkit.engagement.failures import classified
from toolkit.frames import lazy
from toolkit.models import Frozen


class Delivery(Frozen):
    """One message to the contact; `error` is the carrier's text and `failure_class` its meaning."""

    campaign_id: str
    status: str
    sent_time: datetime | None
    delivered_time: datetime | None
    error: str
    failure_class: str
    action: str


class ContactHistory(Frozen):
    """A contact with what it was sent, oldest first.

    `outcome` is the step at which a campaign to everybody would exclude them now, "recipient" if it would not, and
    `standing` is the same in words; `missed` are the campaigns whose logs were read and do not contain them.
    """

    contact_id: str
    name: str
    phone: str
    labels: tuple[str, ...]
    created_time: datetime | None
    outcome: str
    standing: str
    deliveries: tuple[Delivery, ...]
    missed: tuple[str, ...]


def contact_history(contacts: Contacts, contact: str, logs: pd.DataFrame, *, live: bool) -> ContactHistory:
    """The history of a contact named by id, or by a phone or name that only they have; `logs` are of any campaigns.

    Raises SegmentError if no contact matches, or several.
    """
    audience = build_audience(Segment.everyone(), contacts, live=live)
    row = row_of(contacts, contact)
    outcome = Outcome(audience.outcomes[row])
    table = contacts.table
    contact_id, name, phone, created = (table[x][row].as_py() for x in ("id", "name", "phone", "created_time"))
    own = logs[(logs["contact_id"] == contact_id).to_numpy()].sort_values("sent_time", kind="stable")
    own = own.assign(row=np.arange(len(own)))
    lost = classified(lazy(own, "row", "status", "error")).collect().to_native().set_index("row")
    read = [str(x) for x in logs["campaign_id"].cat.categories]
    got = {str(x) for x in own["campaign_id"]}
    return ContactHistory(
        contact_id=contact_id,
        name=name or "",
        phone=phone or "",
        labels=tuple(contacts.labels[code].name for code in table["labels"][row].as_py() or ()),
        created_time=created,
        outcome=outcome.name.lower(),
        standing=REASONS[outcome],
        deliveries=tuple(
            Delivery(
                campaign_id=str(x["campaign_id"]),
                status=str(x["status"]),
                sent_time=_time(x["sent_time"]),
                delivered_time=_time(x["delivered_time"]),
                error="" if pd.isna(x["error"]) else str(x["error"]),
                failure_class=lost["failure_class"].get(x["row"], ""),
                action=lost["action"].get(x["row"], ""),
            )
            for x in own.to_dict("records")
        ),
        missed=tuple(campaign for campaign in read if campaign not in got),
    )


def _time(value: Any) -> datetime | None:
    time: datetime | None = value.to_pydatetime() if pd.notna(value) else None
    return time
