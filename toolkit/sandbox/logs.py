"""The log of a campaign: one row per targeted contact, worked out for the instant at which it is asked for."""

import sqlite3
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from toolkit.sandbox import campaigns, carrier, contacts, hashing, tallies
from toolkit.sandbox.campaigns import Campaign
from toolkit.sandbox.carrier import DELIVERED, FAILED, QUEUED, STATUSES, UNDELIVERED, Deliveries, Run
from toolkit.sandbox.times import zulus

_STATUSES = np.array(STATUSES, object)


class Row(msgspec.Struct, gc=False):
    """What has become of one message."""

    id: str
    contact_id: str
    contact_name: str
    contact_phone: str | None
    message_status: str
    sent_time: str | None
    delivered_time: str | None
    error_message: str | None
    message_id: str


def page(
    db: sqlite3.Connection,
    campaign: Campaign,
    *,
    statuses: Sequence[int],
    offset: int,
    limit: int,
    now_us: int,
    seed: int,
) -> tuple[list[Row], int]:
    """Return one page of rows in sending order, and how many have one of the statuses (all when none given)."""
    run = campaign.run(seed)
    if statuses:
        return _matching(db, campaign, run, statuses, offset, limit, now_us=now_us, seed=seed)
    rows: list[Row] = []
    for part in campaigns.parts(db, campaign, start=offset, stop=min(offset + limit, campaign.target)):
        low, high = max(0, offset - part.before), min(part.size, offset + limit - part.before)
        messages = campaigns.deliveries(db, run, part, low=low, high=high, seed=seed)
        rows += _rows(db, campaign, run, messages, np.arange(high - low), now_us=now_us)
    return rows, campaign.target


def _matching(
    db: sqlite3.Connection,
    campaign: Campaign,
    run: Run,
    statuses: Sequence[int],
    offset: int,
    limit: int,
    *,
    now_us: int,
    seed: int,
) -> tuple[list[Row], int]:
    rows: list[Row] = []
    total = 0
    final = tallies.kept(db, campaign)
    for part in campaigns.parts(db, campaign):
        messages: Deliveries | None = None
        counts = final.get(part.chunk)
        if counts is None:
            messages = campaigns.deliveries(db, run, part, low=0, high=part.size, seed=seed)
            counts = np.bincount(messages.status_at(now_us), minlength=len(STATUSES)).tolist()
        matching = sum(counts[status] for status in set(statuses))
        low, high = max(0, offset - total), min(matching, offset + limit - total)
        if low < high:
            if messages is None:
                messages = campaigns.deliveries(db, run, part, low=0, high=part.size, seed=seed)
            shown = np.flatnonzero(np.isin(messages.status_at(now_us), statuses))[low:high]
            rows += _rows(db, campaign, run, messages, shown, now_us=now_us)
        total += matching
    return rows, total


def _rows(
    db: sqlite3.Connection,
    campaign: Campaign,
    run: Run,
    messages: Deliveries,
    shown: NDArray[np.int64],
    *,
    now_us: int,
) -> list[Row]:
    seqs = messages.seqs[shown]
    is_whatsapp = campaign.type == "WHATSAPP_BUSINESS_PLATFORM_MESSAGE"
    people = contacts.addressees(db, seqs, by="whatsapp_phone" if is_whatsapp else "phone")
    current = messages.status_at(now_us)[shown]
    was_tried = (current != QUEUED) & ~messages.is_suppressed[shown] & ~messages.is_expired[shown]
    message_ids = hashing.uuids(seqs, run.key ^ np.uint64(20))  # as in the guide, log and message differ by prefix
    sent = zulus(messages.out_us[shown], where=was_tried)
    delivered = zulus(messages.report_us[shown], where=current == DELIVERED)
    problems = _problems(run, messages, shown, current)
    named = _STATUSES[current].tolist()
    columns = zip(message_ids, people, named, sent, delivered, problems, strict=True)
    return [
        Row("log_" + i, contact_id, name, phone, status, out, report, problem, "msg_" + i)
        for i, (contact_id, name, phone), status, out, report, problem in columns
    ]


def _problems(run: Run, messages: Deliveries, shown: NDArray[np.int64], current: NDArray[np.int8]) -> list[str | None]:
    problems: list[str | None] = [None] * len(shown)
    undelivered = np.flatnonzero(current == UNDELIVERED)
    for at, reason in zip(undelivered.tolist(), carrier.reasons(run, messages.seqs[shown[undelivered]]), strict=True):
        problems[at] = reason
    for at in np.flatnonzero(current == FAILED).tolist():
        if messages.is_suppressed[shown[at]]:
            problems[at] = carrier.OPTED_OUT
        else:
            problems[at] = carrier.EXPIRED if messages.is_expired[shown[at]] else carrier.INVALID
    return problems
