"""Every message, sent or received: those of campaigns, single ones, and what recipients answer."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from toolkit.sandbox import contacts, hashing
from toolkit.sandbox.bitmaps import Positions
from toolkit.sandbox.delivery import campaigns
from toolkit.sandbox.delivery.campaigns import Campaign, Part
from toolkit.sandbox.errors import Refused
from toolkit.sandbox.published import bodies, texts
from toolkit.sandbox.published.lists import Page
from toolkit.sandbox.published.rows import Log, bare, conversation_ids
from toolkit.sandbox.service import Service
from toolkit.sandbox.times import DAY, naive, to_us

_ANSWERS = ("STOP", "STOP", "STOP", "Stop", "stop", "Unsubscribe", "quit")
_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Wanted:
    """Which messages are listed: of some contacts (none given: all), created between two instants."""

    phones: Sequence[str]
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class _Source:
    """Some messages: when each was created, and how those at some places are written, in that order."""

    at_us: NDArray[np.int64]
    write: Callable[[Positions], list[dict[str, Any]]]


def listed(service: Service, page: Page, wanted: Wanted, *, order_by: str) -> bytes:
    """Return messages by the time they were created."""
    name, _, direction = order_by.partition(":")
    if name != "created_time" or direction not in ("", "asc", "desc"):
        raise Refused(422, "order_by takes created_time, with :asc or :desc", field="order_by")
    now_us = service.settled()
    offset, limit = page.within(service)
    with service.store.read() as db:
        inbox = _Inbox(service, db, wanted, now_us)
        sources = [source for source in inbox.sources() if len(source.at_us)]
        at_us = np.concatenate([np.empty(0, np.int64), *(source.at_us for source in sources)])
        order = np.argsort(at_us, kind="stable")
        shown = (order[::-1] if direction == "desc" else order)[offset : offset + limit]
        rows: dict[int, dict[str, Any]] = {}
        first = 0
        for source in sources:
            own = np.sort(shown[(shown >= first) & (shown < first + len(source.at_us))])
            if len(own):
                rows.update(zip(own.tolist(), source.write(own - first), strict=True))
            first += len(source.at_us)
    return msgspec.json.encode({"data": [rows[at] for at in shown.tolist()], "total": len(at_us)})


@dataclass(frozen=True)
class _Inbox:
    service: Service
    db: sqlite3.Connection
    wanted: Wanted
    now_us: int

    def sources(self) -> Iterator[_Source]:
        """Give every kind of message that is wanted."""
        low = 0 if self.wanted.start is None else to_us(self.wanted.start)
        high = self.now_us if self.wanted.end is None else min(self.now_us, to_us(self.wanted.end))
        people = None
        if self.wanted.phones:
            asked = msgspec.json.encode(self.wanted.phones).decode()
            found = self.db.execute(
                "SELECT seq FROM contacts WHERE phone IN (SELECT value FROM json_each(?))", (asked,)
            ).fetchall()
            people = np.array([seq for (seq,) in found], np.int64)
        yield self._singles(low, high)
        yield self._answers(low, high, people)
        ids = self.db.execute("SELECT id FROM campaigns WHERE start_us BETWEEN ? AND ?", (low - 30 * DAY, high))
        for (own_id,) in ids.fetchall():
            campaign = campaigns.find(self.db, "id", own_id)
            assert campaign is not None
            if campaign.done_us >= low:
                for part in campaigns.parts(self.db, campaign):
                    yield self._of_campaign(campaign, part, low, high, people)

    def _of_campaign(self, campaign: Campaign, part: Part, low: int, high: int, people: Positions | None) -> _Source:
        log = self._log(campaign)
        ranks = part.ranks(0, log.first_canceled)
        if not len(ranks):
            return _Source(np.empty(0, np.int64), lambda _: [])
        messages = campaigns.deliveries(self.db, log.run, part, ranks, seed=log.seed)
        is_wanted = (messages.out_us >= low) & (messages.out_us <= high)
        if people is not None:
            is_wanted &= np.isin(messages.seqs, people)
        ranks = ranks[is_wanted]

        def write(places: Positions) -> list[dict[str, Any]]:
            chosen = ranks[places]
            rows = msgspec.json.decode(b"[" + log.written(part, chosen) + b"]")
            sent = campaigns.deliveries(self.db, log.run, part, chosen, seed=log.seed)
            clicked = campaigns.reactions(self.db, campaign, log.run, part, sent, seed=log.seed).clicked_us.tolist()
            link = _LINK.search(campaign.message)
            people = contacts.listed(self.db, sent.seqs, bodies.CONTACTS_WRITING)
            which, senders = log.senders(sent.seqs)
            return [
                _message(
                    row["message"],
                    person,
                    self._phone(senders[at]["id"]),
                    clicks=[_click(click_us, link[0])] if link and click_us <= self.now_us else [],
                )
                for row, person, at, click_us in zip(rows, people, which, clicked, strict=True)
            ]

        return _Source(messages.out_us[is_wanted], write)

    def _singles(self, low: int, high: int) -> _Source:
        found = self.db.execute(
            "SELECT id, from_phone, to_phone, content, media_urls, created_us FROM messages"
            " WHERE created_us BETWEEN ? AND ? ORDER BY number",
            (low, high),
        ).fetchall()
        rows = [row for row in found if not self.wanted.phones or row[2] in self.wanted.phones]

        def write(places: Positions) -> list[dict[str, Any]]:
            written = []
            for own_id, sender, recipient, content, media_urls, created_us in (rows[at] for at in places.tolist()):
                phone_id, body = self.db.execute("SELECT id, body FROM phones WHERE phone = ?", (sender,)).fetchone()
                seq = self.db.execute("SELECT min(seq) FROM contacts WHERE phone = ?", (recipient,)).fetchone()[0]
                person = None if seq is None else self._person(seq)
                conversation = (
                    hashing.identifier(self.service.seed, "conversation", phone_id, recipient)
                    if seq is None
                    else self._conversation(seq, phone_id)
                )
                message = _said(bare(own_id), conversation, content, created_us, is_inbound=False)
                shown = _message(message, person, bodies.phone(body), clicks=[])
                written.append({**shown, "media_urls": media_urls.split()})
            return written

        return _Source(np.array([row[5] for row in rows], np.int64), write)

    def _answers(self, low: int, high: int, people: Positions | None) -> _Source:
        found = self.db.execute(
            "SELECT at_us, seq, campaign FROM inbound WHERE at_us BETWEEN ? AND ? ORDER BY at_us", (low, high)
        ).fetchall()
        rows = [row for row in found if people is None or row[1] in people]

        def write(places: Positions) -> list[dict[str, Any]]:
            written = []
            for at_us, seq, number in (rows[at] for at in places.tolist()):
                campaign = campaigns.find(self.db, "number", number)
                assert campaign is not None
                which, senders = self._log(campaign).senders(np.array([seq]))
                phone_id = senders[which[0]]["id"]
                draw = hashing.mix(np.array([seq]), hashing.key(self.service.seed, "answer", number))[0]
                own_id = hashing.identifier(self.service.seed, "inbound", number, seq)
                text = _ANSWERS[int(draw % len(_ANSWERS))]
                message = _said(own_id, self._conversation(seq, phone_id), text, at_us, is_inbound=True)
                written.append(_message(message, self._person(seq), self._phone(phone_id), clicks=[]))
            return written

        return _Source(np.array([row[0] for row in rows], np.int64), write)

    def _log(self, campaign: Campaign) -> Log:
        return Log(self.db, campaign, self.now_us, self.service.seed, self.service.behaviour.published)

    def _person(self, seq: int) -> dict[str, Any]:
        return contacts.listed(self.db, np.array([seq]), bodies.CONTACTS_WRITING)[0]

    def _phone(self, phone_id: str) -> dict[str, Any]:
        return bodies.phones_of(self.db, [phone_id])[0]

    def _conversation(self, seq: int, phone_id: str) -> str:
        return conversation_ids(np.array([seq]), phone_id, seed=self.service.seed)[0].decode()


def _said(own_id: str, conversation: str, text: str, at_us: int, *, is_inbound: bool) -> dict[str, Any]:
    """Return one message that is of no campaign."""
    created = naive(at_us)
    return {
        "id": own_id,
        "conversation_id": conversation,
        "campaign_id": None,
        "external_id": f"SM{own_id.replace('-', '')}",
        "is_inbound": is_inbound,
        "is_bot": False,
        "message": text,
        "message_time": created,
        "segments_number": texts.parts(text),
        "status": "received" if is_inbound else "delivered",
        "created_time": created,
        "updated_time": created,
        "sender": None,
        "whatsapp_message_status": None,
        "event": "INBOUND_MESSAGE" if is_inbound else "OUTBOUND_MESSAGE",
        "event_error_message": None,
    }


def _message(
    message: dict[str, Any], person: dict[str, Any] | None, phone: dict[str, Any], *, clicks: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return a message with whom it is between and what was clicked in it."""
    kept = {name: value for name, value in message.items() if name not in ("conversation", "event_error_code")}
    return {
        **kept,
        "contact": person,
        "phone": phone,
        "phone_id": phone["id"],
        "click_events": clicks,
        "media_urls": [],
        "attach_files": [],
        "raw_data": None,
        "bot_info": None,
        "response_error_message": None,
    }


def _click(at_us: int, link: str) -> dict[str, Any]:
    at = naive(at_us)
    return {"newest_click_time": at, "oldest_click_time": at, "total_clicks": 1, "original_link": link}
