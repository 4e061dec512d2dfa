"""Messages and the replies among them, in columns: which campaign a reply is to, and whether it asks for no more."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from toolkit.data.arrow_frames import to_pandas
from toolkit.texting.opt_out_replies import opt_out_in

CERTAINTIES = ("certain", "likely")
_REPLY = ["campaign_id", "contact_id", "phone", "text", "created_time", "waited", "opt_out"]


def messages_frame(table: pa.Table, read_time: datetime) -> pd.DataFrame:
    """One row per message, sent or received, oldest first.

    Columns: `id, contact_id, phone, sender, conversation_id, campaign_id, direction, text, status` (str; `direction` is
    `in` or `out`, and `sender` our number), `parts` (float64), `created_time, first_click_time` (datetime64[us, UTC]),
    `clicks` (int64). `attrs` has `read_time` (ISO 8601).
    """
    frame = to_pandas(table).sort_values("created_time", kind="stable", ignore_index=True)
    frame["clicks"] = frame["clicks"].fillna(0).astype("int64")
    frame.attrs = {"read_time": read_time.isoformat()}
    return frame


def replies_frame(messages: pd.DataFrame, *, within: str) -> pd.DataFrame:
    """One row per message received, oldest first, with the campaign that it answers.

    That is the last campaign with a message in the same conversation before it, at most `within` (such as `72h`) ago;
    missing if there is none. Columns: `campaign_id, contact_id, phone, text` (str), `created_time` (datetime64[us,
    UTC]), `waited` (timedelta64[us], since that message), `opt_out` (category: certain, likely, missing if it asks for
    nothing of the kind; see `toolkit.texting.opt_out_replies`).
    """
    between = messages["contact_id"].fillna("") + "|" + messages["sender"].fillna("")
    conversation = messages["conversation_id"].where(messages["conversation_id"].notna(), between)
    is_campaign = (messages["direction"] == "out") & messages["campaign_id"].notna()
    last = pd.DataFrame(
        {
            "campaign_id": messages["campaign_id"].where(is_campaign),
            "at": messages["created_time"].where(is_campaign),
        }
    )
    last = last.groupby(conversation, sort=False).ffill()
    replies = messages[["contact_id", "phone", "text", "created_time"]].assign(
        campaign_id=last["campaign_id"], waited=messages["created_time"] - last["at"]
    )
    is_late = ~(replies["waited"] <= pd.Timedelta(within))
    replies["campaign_id"] = replies["campaign_id"].mask(is_late)
    replies["waited"] = replies["waited"].mask(is_late).astype("timedelta64[us]")
    replies = replies[messages["direction"] == "in"].reset_index(drop=True)
    found = [opt_out_in(text) if isinstance(text, str) else None for text in replies["text"]]
    replies["opt_out"] = pd.Categorical(found, categories=list(CERTAINTIES), ordered=True)
    return replies[_REPLY].astype(dict.fromkeys(["campaign_id", "contact_id", "phone", "text"], "str"))


def open_opt_outs(replies: pd.DataFrame, suppressed: np.ndarray[tuple[int], np.dtype[np.object_]]) -> pd.DataFrame:
    """The replies that ask for no more, without those of `suppressed` contacts, by id; one row for each person, their
    most certain reply, the certain ones first and then the latest."""
    found = replies[replies["opt_out"].notna() & ~replies["contact_id"].isin(suppressed)]
    found = found.sort_values(["opt_out", "created_time"], ascending=[True, False], kind="stable")
    who = found["contact_id"].where(found["contact_id"].notna(), found["phone"])
    return found[~who.duplicated()].reset_index(drop=True)
