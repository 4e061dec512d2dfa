"""Refusals of the service: of a request, as one of our errors; of an imported row, as the row and why."""

from __future__ import annotations

import json
import math
import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from toolkit.errors import (
    InvalidRequest,
    NotFound,
    RateLimited,
    RequestTooLarge,
    ServiceError,
    Unauthorized,
    UnexpectedReply,
)
from toolkit.models import RefusedRow

_MARKUP = re.compile(rb"\s*<")

_ROW = ("row", "row_number", "line", "index")
_REASON = ("message", "reason", "error", "error_msg", "detail")


def read_error(status: int, body: bytes, retry_after: str | None = None, location: str | None = None) -> ServiceError:
    """The error for a reply with a status of 300 or more, whatever its body.

    The vendor's newer services answer `{"detail": …}` instead of the guide's `message`; both are read. How long to wait
    is read from the body, as in the guide, or else from the header `Retry-After`, in seconds. `location` is the target
    of a redirect, which is not followed.
    """
    if 300 <= status < 400:
        return UnexpectedReply(
            f"The service redirected the request{_to(location)}, which was not followed: check SEAX_BASE_URL and "
            "SEAX_API_KEY, and whether this network asks you to log in first.",
            status=status,
        )
    reply = _object(body)
    said, where_said = _said(reply)
    page = "a web page came, so check SEAX_BASE_URL" if _MARKUP.match(body) else ""
    because = f": {said or page}" if said or page else ""
    if status == 401:
        return Unauthorized(
            f"The service did not accept the API key{because}. Check SEAX_API_KEY and SEAX_WORKSPACE_ID.",
            status=status,
        )
    if status == 404:
        return NotFound(f"Not found in this workspace{because}: check the id.", status=status)
    if status == 429:
        wait = _seconds(reply.get("retry_after", retry_after))
        when = f"wait {wait:g} s" if wait is not None else "wait a minute"
        return RateLimited(f"The service is limiting requests{because}; {when} and try again.", retry_after=wait)
    if status == 413:
        return RequestTooLarge(
            f"The service refused the request as too large{because}. Plan again: the next plan keeps to what it takes.",
            status=status,
        )
    if status in {400, 415, 422}:
        details = reply.get("details")
        field, code = _known(details, "field") or where_said, _known(details, "code")
        where = f" ({', '.join(filter(None, [field, code]))})" if field or code else ""
        return InvalidRequest(
            f"The service refused the request as invalid{because}{where}.",
            status=status,
            field=field,
            code=code,
        )
    if status == 403:
        return ServiceError(f"The key may not do this{because}: ask for its rights in SeaX.", status=status)
    return ServiceError(f"The service answered with status {status}{because}; try again later.", status=status)


def _object(body: bytes) -> dict[str, Any]:
    try:
        reply = json.loads(body.decode())
    except (ValueError, RecursionError):
        return {}
    return reply if isinstance(reply, dict) else {}


def _said(reply: dict[str, Any]) -> tuple[str, str | None]:
    """The message of a refusal, and the field it is about if it names one as FastAPI does."""
    said = next((reply[name] for name in ("message", "detail", "error") if reply.get(name)), "")
    first = said[0] if isinstance(said, list) else said
    if not isinstance(first, dict):
        return one_line(str(said)), None
    words = one_line(str(first.get("msg") or first.get("message") or said))
    where = first.get("loc")
    return words, one_line(str(where[-1])) if isinstance(where, list) and where else None


def _to(location: str | None) -> str:
    """The target of a redirect, without its query, which may be confidential."""
    try:
        parts = urlsplit(location or "")
    except ValueError:
        return ""
    there = one_line(f"{parts.scheme}://{parts.hostname or ''}{parts.path}" if parts.scheme else parts.path)
    return f" to {there[:100]}" if there else ""


def read_refused_rows(*places: msgspec.Raw) -> tuple[RefusedRow, ...]:
    """The refused rows of an import's job, from the first of these fields that has a list of them.

    Neither the guide nor the published API documents their format: accepted is a list of objects with a row and a
    message, or of texts, directly or under `errors`. Any other list gives no rows, and does not invalidate
    the rest of the reply.
    """
    for place in places:
        found = msgspec.json.decode(place)
        found = found.get("errors") if isinstance(found, dict) else found
        if isinstance(found, list) and found:
            return tuple(_refused_row(each) for each in found)
    return ()


def _refused_row(said: object) -> RefusedRow:
    if not isinstance(said, dict):
        return RefusedRow(row=None, reason=one_line(said if isinstance(said, str) else repr(said)))
    row = next((said[name] for name in _ROW if name in said), None)
    reason = next((said[name] for name in _REASON if said.get(name)), "no reason was given")
    return RefusedRow(row=_count(row), reason=one_line(str(reason)))


def _count(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value[:15])
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _known(details: object, name: str) -> str | None:
    value = details.get(name) if isinstance(details, dict) else None
    return one_line(str(value)) if value else None


def _seconds(value: object) -> float | None:
    try:
        seconds = float(value) if isinstance(value, (int, float, str)) else None
    except (ValueError, OverflowError):
        return None
    return seconds if seconds is None or (math.isfinite(seconds) and seconds >= 0) else None


def one_line(text: str) -> str:
    """A text from the service on one short line, without unprintable characters."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:200].rstrip(".")
