"""Whether a service answers as we know its API: about 25 reads, of two rows each except two that look for the largest
page. Nothing is changed, and nothing that people wrote is kept: names of fields, types, words of vocabularies, numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from pydantic import SecretStr

from toolkit.api.caller import Caller, ServiceReply
from toolkit.api.dialect import ApiCall
from toolkit.api.dialect_detection import Spoken
from toolkit.api.published import shapes
from toolkit.errors import ServiceError, Unauthorized

_COUNTED = ("sent", "delivered", "undelivered", "failed", "canceled")
_NOWHERE = "00000000-0000-4000-8000-000000000000"
_SKEW = timedelta(minutes=2)
_PAGES = (1_000, 10_000)


@dataclass
class Inspection:
    """What was seen: `notes` on how it answers, and `deviations` from what is known."""

    spoken: Spoken
    requests: int = 0
    notes: list[str] = field(default_factory=list)
    deviations: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """One sentence."""
        number = len(self.deviations)
        if not number:
            return f"It answers as {self.spoken.dialect.NAME}."
        return f"It answers as {self.spoken.dialect.NAME}, but for {number:,} deviation{'' if number == 1 else 's'}."

    def report(self) -> str:
        """All of it in Markdown, to be shown to others: without a value of a person, an id, a key or a workspace."""
        lines = [f"# SeaX: {self.verdict}", "", f"{self.requests} reads.", "", "## Deviations", ""]
        lines += [f"- {each}" for each in self.deviations] or ["none"]
        return "\n".join([*lines, "", "## Seen", "", *(f"- {each}" for each in self.notes), ""])


def inspect(caller: Caller, now: datetime) -> Inspection:
    """Ask the service again how it answers, and look at each kind of reply; raises the error of one that does not."""
    found = Inspection(caller.ask_again(), requests=1)
    look = _Look(caller, found, now)
    for _ in _published(look) if found.spoken.dialect.LISTS else _guided(look):
        pass
    found.deviations = list(dict.fromkeys(found.deviations))
    return found


@dataclass
class _Look:
    """Asks, and writes down what is odd about an answer."""

    caller: Caller
    found: Inspection
    now: datetime

    def ask(self, path: str, params: Mapping[str, str] | None = None, **options: Any) -> ServiceReply:
        answer = self.caller.look(ApiCall(path, params or {}), **options)
        self.found.requests += 1
        return answer

    def says(self, operation: str, what: str) -> None:
        self.found.deviations.append(f"GET {operation}: {what}")

    def read(self, operation: str, path: str = "", **params: str) -> Any:
        """The reply of an operation, compared with what is published; None if it refuses."""
        answer = self.ask(path or operation, params)
        if answer.status in {401, 403}:
            self.says(operation, f"the key may not read it (status {answer.status})")
            return None
        if answer.status >= 400:
            self.says(operation, f"it is refused with status {answer.status}")
            return None
        if answer.status != shapes.status_of(operation):
            self.says(operation, f"status {answer.status}, not {shapes.status_of(operation)}")
        reply = _json(answer.body)
        for each in sorted(shapes.deviations(operation, reply)):
            self.says(operation, each)
        return reply if isinstance(reply, dict) else None

    def refused(self, operation: str, path: str, expected: set[int], **options: Any) -> None:
        answer = self.ask(path, **options)
        if answer.status not in expected:
            self.says(operation, f"what is wrong is answered with status {answer.status}")
        elif not isinstance(reply := _json(answer.body), dict) or "detail" not in reply:
            self.says(operation, f"status {answer.status} comes without `detail`")


def _published(look: _Look) -> Iterator[None]:
    yield from _at_hand(look)
    for operation in ("phones", "contacts", "contact_labels", "jobs", "messaging_services"):
        reply = look.read(operation, limit="2")
        rows = reply.get("data") if reply else None
        look.found.notes.append(f"{operation}: {reply.get('total') if reply else 'not read'}")
        if rows and operation == "jobs":
            look.read("jobs/{id}", f"jobs/{rows[0].get('job_id')}")
        if rows and operation == "messaging_services":
            look.read("messaging_services/{id}", f"messaging_services/{rows[0].get('id')}")
        if isinstance(rows, list) and len(rows) > 2:
            look.says(operation, "more rows than the limit")
        yield
    since = (look.now - timedelta(days=1)).astimezone(UTC).isoformat()
    look.read("message", limit="2", start_time=since)
    reply = look.read("campaigns", limit="2", statuses="FINISHED")
    if rows := reply.get("data") if reply else None:
        yield from _campaign(look, str(rows[0].get("id")))
    yield from _order(look)
    yield from _pages(look)
    look.refused("campaigns/{id} of no campaign", f"campaigns/{_NOWHERE}", {404, 422})
    look.refused("contacts of a wrong limit", "contacts", {422}, params={"limit": "-1"})
    look.refused("contacts with a wrong key", "contacts", {401, 403}, params={"limit": "1"}, key=SecretStr("not-a-key"))


def _guided(look: _Look) -> Iterator[None]:
    yield from _at_hand(look)
    for operation in ("phones", "contacts"):
        answer = look.ask(operation, {"limit": "2"})
        reply = _json(answer.body)
        if answer.status != 200 or not isinstance(reply, dict) or not {"data", "total"} <= reply.keys():
            look.says(operation, f"status {answer.status}, without `data` and `total`")
        else:
            look.found.notes.append(f"{operation}: {reply['total']}")
        yield
    yield from _pages(look)


def _at_hand(look: _Look) -> Iterator[None]:
    """The clock, limits that are named, and whether the key is accepted at all."""
    answer = look.ask("phones", {"limit": "1"})
    if answer.status == 401:
        raise Unauthorized("The service did not accept the API key: check SEAX_API_KEY and SEAX_WORKSPACE_ID.")
    if answer.status >= 500:
        raise ServiceError(f"The service answered with status {answer.status}: try again later.", status=answer.status)
    date = answer.headers.get("date")
    if date:
        off = parsedate_to_datetime(date) - look.now
        look.found.notes.append(f"clock: {off.total_seconds():+.0f} s from this machine's")
        if abs(off) > _SKEW:
            look.says("phones", f"the clock is {off.total_seconds():+.0f} s from this machine's")
    named = sorted(name for name in answer.headers if "ratelimit" in name.lower().replace("-", ""))
    look.found.notes.append(f"limits named in headers: {', '.join(named) or 'none'}")
    yield


def _campaign(look: _Look, campaign_id: str) -> Iterator[None]:
    """A finished campaign: its reply, its log, and whether its counters count each message once."""
    reply = look.read("campaigns/{id}", f"campaigns/{campaign_id}") or {}
    look.read("campaigns/{id}/logs", f"campaigns/{campaign_id}/logs", limit="2")
    yield
    counters = reply.get("statistics") or {}
    logged = {}
    for status in _COUNTED:
        page = _json(look.ask(f"campaigns/{campaign_id}/logs", {"limit": "1", "message_statuses": status}).body)
        logged[status] = (page.get("campaign_logs") or {}).get("total") if isinstance(page, dict) else None
        yield
    if all(counters.get(status) == logged[status] for status in _COUNTED):
        look.found.notes.append("counters: each message once, by its latest status")
    elif counters.get("sent") == sum(logged[status] or 0 for status in ("sent", "delivered", "undelivered")):
        look.says("campaigns/{id}", "the counters are cumulative: `sent` includes what was delivered")
    else:
        look.says("campaigns/{id}", "the counters agree with the log in no known way")


def _order(look: _Look) -> Iterator[None]:
    page = _json(look.ask("contacts", {"limit": "2", "order_by": "updated_time:asc"}).body)
    rows = page.get("data") if isinstance(page, dict) else None
    times = [row.get("updated_time") for row in rows or () if isinstance(row, dict)]
    if rows is None:
        look.found.notes.append("contacts: an order by updated_time is refused")
    elif times != sorted(times, key=str):
        look.says("contacts", "an order by updated_time is not kept")
    yield


def _pages(look: _Look) -> Iterator[None]:
    for limit in _PAGES:
        answer = look.ask("contacts", {"limit": str(limit)})
        page = _json(answer.body)
        rows, total = (page.get("data"), page.get("total")) if isinstance(page, dict) else (None, None)
        if answer.status >= 400 or not isinstance(rows, list):
            look.found.notes.append(f"pages: {limit:,} rows are refused with status {answer.status}")
        elif isinstance(total, int) and len(rows) < min(limit, total):
            look.says("contacts", f"a page of {limit:,} has {len(rows):,} rows")
        else:
            look.found.notes.append(f"pages: {limit:,} rows are given")
        yield


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
