from __future__ import annotations

import pandas as pd
import pytest

from tests.builders import campaign_draft
from toolkit.errors import PlanNotFound
from toolkit.sending.recipient_check import RecipientCheck, check_campaign_recipients
from toolkit.workspace import Workspace


def send(ws: Workspace) -> str:
    plan = ws.plan(campaign_draft())
    campaign_id = ws.send(plan.approve(recipients=plan.recipients, by="ana")).campaign_id
    assert campaign_id
    return campaign_id


def test_what_was_sent_is_what_was_planned(ws: Workspace) -> None:
    campaign_id = send(ws)

    found = ws.ledger.check_campaign_recipients(campaign_id)

    assert found.is_exact
    assert found.planned == found.accepted == found.logged == ws.plans()[0].plan.recipients
    assert str(found) == f"Exactly the {found.planned:,} contacts of the plan, one message each."


def test_who_was_left_out_added_or_texted_twice_is_told(ws: Workspace) -> None:
    campaign_id = send(ws)
    logs, entry = ws.logs(campaign_id), ws.get_plan(ws.plans()[0].plan.id)
    first, second = logs["contact_id"].iloc[:2]

    def compared(logs: pd.DataFrame) -> RecipientCheck:
        return check_campaign_recipients(entry, campaign_id, logs, lambda: ("US",))

    missing = compared(logs[logs["contact_id"] != first])
    added = compared(logs.assign(contact_id=logs["contact_id"].replace(second, "stranger")))
    twice = compared(logs.loc[[*logs.index, logs.index[0]]])

    assert missing.missing == (first,)
    assert str(missing) == f"1 of the plan have no message in the log ({first})."
    assert (added.missing, added.unplanned) == ((second,), ("stranger",))
    assert str(twice) == "Some contacts have more than one message."
    assert not any(found.is_exact for found in (missing, added, twice))


def test_a_campaign_that_was_not_planned_here_is_not_compared(ws: Workspace) -> None:
    with pytest.raises(PlanNotFound, match="was not sent from this machine"):
        ws.ledger.check_campaign_recipients(ws.campaign_ids()[0])
