"""The log of a campaign: one row per targeted contact, computed for the instant of the request."""

import sqlite3
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from toolkit.sandbox import hashing
from toolkit.sandbox.bitmaps import Positions
from toolkit.sandbox.delivery import campaigns, carrier, serialized_contacts, tallies
from toolkit.sandbox.delivery.campaigns import Campaign, Part
from toolkit.sandbox.delivery.carrier import DELIVERED, FAILED, QUEUED, STATUSES, UNDELIVERED, Deliveries, Run
from toolkit.sandbox.times import zulus

_PROBLEMS = (None, *carrier.REASONS, carrier.INVALID, carrier.EXPIRED, carrier.OPTED_OUT)
_ROW_END = b'"},'
_NEXT_ROW = _ROW_END + b'{"id":"log_'
_SAYING_STATUS = [b',"message_status":"%s","sent_time":' % status.encode() for status in STATUSES]
_BETWEEN_TIMES = b',"delivered_time":'
_TIMES = np.dtype([("sent", "S26"), ("between", "S18"), ("delivered", "S26")])
_SAYING_PROBLEM = [b',"error_message":%s,"message_id":"msg_' % msgspec.json.encode(problem) for problem in _PROBLEMS]


def page(
    db: sqlite3.Connection,
    campaign: Campaign,
    *,
    statuses: Sequence[int],
    offset: int,
    limit: int,
    now_us: int,
    seed: int,
) -> bytes:
    """Return one page of rows in sending order, with the total of those in one of the statuses (none given: all)."""
    run = campaign.run(seed)
    if statuses:
        chosen, total = _matching(db, campaign, run, statuses, offset, limit, now_us=now_us, seed=seed)
    else:
        total = campaign.target
        window = offset, min(offset + limit, total)
        chosen = [(part, part.ranks(*window)) for part in campaigns.parts(db, campaign, start=offset, stop=window[1])]
    pieces: list[bytes] = []
    for part, ranks in chosen:
        messages = campaigns.deliveries(db, run, part, ranks, seed=seed)
        pieces += _pieces(db, campaign, run, messages, now_us=now_us)
    opening, closing = b'{"data":[', b'],"total":%d,"offset":%d,"limit":%d}' % (total, offset, limit)
    if not pieces:
        return opening + closing
    pieces[0] = opening + _NEXT_ROW.removeprefix(_ROW_END)
    pieces.append(_ROW_END.removesuffix(b",") + closing)
    return b"".join(pieces)


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
) -> tuple[list[tuple[Part, Positions]], int]:
    is_meant = np.isin(np.arange(len(STATUSES)), statuses)
    final = tallies.kept(db, campaign)
    chosen: list[tuple[Part, Positions]] = []
    total = 0
    for part in campaigns.parts(db, campaign):
        matching = sum(final[part.chunk][status] for status in set(statuses)) if final else 0
        if not final or (total < offset + limit and total + matching > offset):
            current = tallies.statuses(db, campaign, run, part, now_us=now_us, seed=seed)
            ranks = part.before + np.flatnonzero(is_meant[current])
            shown = ranks[max(0, offset - total) : max(0, offset + limit - total)]
            matching = len(ranks)
            chosen += [(part, shown)] if len(shown) else []
        total += matching
    return chosen, total


def _pieces(db: sqlite3.Connection, campaign: Campaign, run: Run, messages: Deliveries, *, now_us: int) -> list[bytes]:
    """Return rows in pieces, each row after another; a page is written once, when all are joined."""
    is_whatsapp = campaign.type == "WHATSAPP_BUSINESS_PLATFORM_MESSAGE"
    current = messages.status_at(now_us)
    own_ids = hashing.uuids(messages.seqs, run.key ^ np.uint64(20)).tolist()
    columns = (
        [_NEXT_ROW] * len(current),
        own_ids,
        (serialized_contacts.by_whatsapp if is_whatsapp else serialized_contacts.by_phone)(db, messages.seqs),
        map(_SAYING_STATUS.__getitem__, current.tolist()),
        _times(messages, current),
        map(_SAYING_PROBLEM.__getitem__, _problems(run, messages, current).tolist()),
        own_ids,  # as in the guide, a row's id and its message's differ by their prefix
    )
    pieces = [b""] * (len(columns) * len(current))
    for at, column in enumerate(columns):
        pieces[at :: len(columns)] = column
    return pieces


def _times(messages: Deliveries, current: NDArray[np.int8]) -> list[bytes]:
    """Write when each message was sent and when it was delivered, null where it was not."""
    was_tried = (current != QUEUED) & ~messages.is_suppressed & ~messages.is_expired
    instants, happened = (messages.out_us, messages.report_us), (was_tried, current == DELIVERED)
    sent, delivered = zulus(np.stack(instants), where=np.stack(happened))
    written = np.empty(len(current), _TIMES)
    written["sent"], written["between"], written["delivered"] = sent, _BETWEEN_TIMES, delivered
    texts = written.view("S70")
    texts[~was_tried] = b"null" + _BETWEEN_TIMES + b"null"
    listed: list[bytes] = texts.tolist()
    return listed


def _problems(run: Run, messages: Deliveries, current: NDArray[np.int8]) -> NDArray[np.int64]:
    """Return the problem of each message, as an index into _PROBLEMS."""
    problems = np.zeros(len(current), np.int64)
    bounced, failed = current == UNDELIVERED, current == FAILED
    problems[bounced] = 1 + carrier.reasons(run, messages.seqs[bounced])
    problems[failed] = 1 + len(carrier.REASONS) + np.where(messages.is_suppressed, 2, messages.is_expired)[failed]
    return problems
