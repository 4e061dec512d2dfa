"""What the workspace reports person by person: who opted out, whose message failed, who clicked and who complained.

Clicks and complaints are in the messages, sent and received, which not every service lists. Nobody reports which
messages people forwarded to their carrier as spam.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from toolkit.audience.contact_numbers import read_numbers
from toolkit.data.bitmaps import Mask
from toolkit.data.message_frames import replies_frame
from toolkit.engagement.outcomes import BOUNCED, FAILED
from toolkit.errors import NotSupported
from toolkit.experiments.assignment import Assignment
from toolkit.experiments.metric import Metric
from toolkit.texting.opt_out_replies import is_complaint

_UNKNOWN = {
    "clicks": "This service reports clicks for a campaign as a whole, not by person: read them out with "
    "split.read_out(logs, {arm: campaign.statistics.clicked, …}, now=…).",
    "complaints": "This service lists no replies, so nobody can say who complained: look at opt-outs instead.",
}


@dataclass(frozen=True, eq=False)
class PersonReports:
    """Of an experiment's `campaigns`: their `logs`, and what reads all messages since its first one was sent.

    What happened is counted before `until`; opt-outs and failures as they are now.
    """

    logs: pd.DataFrame
    messages: Callable[[], pd.DataFrame]
    campaigns: Container[str]
    since: datetime
    until: datetime

    def of(self, metric: Metric, assignment: Assignment) -> tuple[Mask, tuple[str, ...]]:
        """For everybody assigned whether it happened, and what to know of it; NotSupported if nobody can say."""
        match metric.source:
            case "opt_outs":
                return _opted_out(assignment), ()
            case "failures":
                lost = self.logs["status"].isin([*BOUNCED, *FAILED])
                return assignment.is_among(self.logs[lost]["contact_id"]), ()
            case "clicks":
                return self._clicked(assignment)
            case _:
                return self._complained(assignment)

    def _clicked(self, assignment: Assignment) -> tuple[Mask, tuple[str, ...]]:
        sent = self._read("clicks")
        clicked = sent[sent["campaign_id"].map(self._is_ours).astype(bool) & (sent["clicks"] > 0)]
        late = clicked["first_click_time"] >= self.until  # False of no time
        note = "Clicks of programs that open links are among those counted: the service does not tell them apart."
        return assignment.is_among(clicked[~late]["contact_id"]), (note,)

    def _complained(self, assignment: Assignment) -> tuple[Mask, tuple[str, ...]]:
        replies = replies_frame(self._read("complaints"), within=f"{_seconds(self.until - self.since)}s")
        ours = replies[replies["campaign_id"].map(self._is_ours).astype(bool) & (replies["created_time"] < self.until)]
        complains = [isinstance(text, str) and is_complaint(text) for text in ours["text"]]
        complaints = ours[np.array(complains, dtype=bool)]
        note = "Complaints are replies that name one; what people report to their carrier as spam is not known."
        return assignment.is_among(complaints["contact_id"]), (note,)

    def _is_ours(self, campaign: Any) -> bool:
        return isinstance(campaign, str) and campaign in self.campaigns

    def _read(self, source: str) -> pd.DataFrame:
        try:
            return self.messages()
        except NotSupported as error:
            raise NotSupported(_UNKNOWN[source]) from error


def _opted_out(assignment: Assignment) -> Mask:
    """Who, or somebody with their number, has a label of opting out; nobody assigned had one before."""
    contacts = assignment.contacts
    labelled = contacts.has_any(contacts.codes_meaning("opted_out"))
    return assignment.has(labelled | read_numbers(contacts, "phone").shared_with(labelled))


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds()) + 1
