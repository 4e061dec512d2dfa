"""`ws.replies`: what people answered, and the opt-outs among it that no label has yet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pandas as pd

from toolkit.api.client import Client
from toolkit.api.progress import progressing
from toolkit.api.snapshot_read import Progress, read_all
from toolkit.audience.contact_numbers import read_numbers
from toolkit.audience.eligibility import suppressed_codes
from toolkit.contact_reading import Reader
from toolkit.data.message_frames import messages_frame, open_opt_outs, replies_frame
from toolkit.errors import DraftError
from toolkit.plans.draft import ImportDraft

_OPTED_OUT = "opted out"


class Replies:
    """The messages of one workspace in both directions; NotSupported where the service lists none."""

    def __init__(
        self, client: Client, reader: Reader, *, keep: Callable[[str, bytes], Path], now: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._reader = reader
        self._keep = keep
        self._now = now

    def messages(
        self, since: datetime, until: datetime | None = None, *, progress: Progress | None = None
    ) -> pd.DataFrame:
        """Every message sent or received from a time on, with clicks; columns as in
        `toolkit.data.message_frames.messages_frame`.

        Texts were written by others. Long reads show progress and can be interrupted, as `ws.contacts`.
        """
        now = self._now()
        with progressing("messages", progress) as shown:
            rows = read_all(self._client.inbox(since, until or now), progress=shown).rows
        return messages_frame(rows, now)

    def to(self, campaign_id: str, *, within: str = "72h", progress: Progress | None = None) -> pd.DataFrame:
        """The replies to a campaign, one row each; columns as `toolkit.data.message_frames.replies_frame`.

        A reply is to the last campaign with a message in its conversation, at most `within` before it.
        """
        campaign = self._client.campaign(campaign_id)
        begins, until = campaign.start_time or campaign.created_time, self._now()
        if campaign.is_finished and campaign.end_time:
            until = min(until, campaign.end_time + pd.Timedelta(within))
        found = replies_frame(self.messages(begins, until, progress=progress), within=within)
        return found[found["campaign_id"] == campaign.id].reset_index(drop=True)

    def since(self, since: datetime, *, within: str = "72h", progress: Progress | None = None) -> pd.DataFrame:
        """The replies from a time on, to whatever campaign or to none; rows and columns as `to`."""
        return replies_frame(self.messages(since, progress=progress), within=within)

    def opt_outs(self, since: datetime, *, within: str = "72h", progress: Progress | None = None) -> pd.DataFrame:
        """Who asked for no more messages since then and can still be texted: no label suppresses them, nor anybody with
        their number.

        One row for each person, the certain ones first; columns as `to`. `likely` ones a person should read.
        """
        contacts = self._reader.snapshot(progress)
        labelled = contacts.has_any(suppressed_codes(contacts))
        is_suppressed = labelled | read_numbers(contacts, "phone").shared_with(labelled)
        replies = self.since(since, within=within, progress=progress)
        return open_opt_outs(replies, contacts.ids[is_suppressed].to_numpy())

    def suppress(self, opt_outs: pd.DataFrame) -> ImportDraft:
        """An import that gives the people of these rows the label by which nobody texts them, and changes nothing else.

        `opt_outs` are rows of `opt_outs(…)`, all or those that you chose. Plan it, have the list approved and send it
        as any import; then `opt_outs` shows who is still open. DraftError if no row has a phone.
        """
        phones = list(dict.fromkeys(opt_outs["phone"].dropna()))
        if not phones:
            raise DraftError("There is nobody to suppress: no row has a phone.")
        text = io.StringIO(newline="")
        rows = csv.writer(text)
        rows.writerow(["phone", _OPTED_OUT])
        rows.writerows((phone, "yes") for phone in phones)
        path = self._keep("opt-outs.csv", text.getvalue().encode())
        return ImportDraft(
            name="Opt-outs from replies",
            path=path,
            on_duplicate=self._client.uniting,
            mapping={_OPTED_OUT: _OPTED_OUT},
        )
