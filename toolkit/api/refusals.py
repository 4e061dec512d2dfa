"""What a refusal of the service says: of a request, as one of our errors; of an imported row, as the row and why."""

from __future__ import annotations

from typing import Any

import msgspec

from toolkit.errors import InvalidRequest, NotFound, RateLimited, ServiceError, Unauthorized
from toolkit.models import RefusedRow

_ROW = ("row", "row_number", "line", "index")
_REASON = ("message", "reason", "error", "error_msg", "detail")


def read_error(status: int, body: bytes, retry_after: str | None = None) -> ServiceError:
    """The error a reply with a status of 300 or more stands for; bodies of any shape are survived.

    The vendor's newer services answer `{"detail": …}` instead of the guide's `message`; both are read. How long to wait
    is read from the body, as in the guide, or else from the header `Retry-After`, in seconds.
    """
    try:
        reply = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError:
        reply = {}
    said = next((one_line(str(reply[name])) for name in ("message", "detail", "error") if reply.get(name)), "")
    because = f": {said}" if said else ""
    if status == 401:
        return Unauthorized(
            f"The service did not accept the API key{because}. Check SEAX_API_KEY and SEAX_WORKSPACE_ID.",
            status=status,
        )
    if status == 404:
        return NotFound(f"The service knows no such thing in this workspace{because}.", status=status)
    if status == 429:
        wait = _seconds(reply.get("retry_after", retry_after))
        when = f"wait {wait:g} s" if wait is not None else "wait a minute"
        return RateLimited(f"The service is limiting requests{because}; {when} and try again.", retry_after=wait)
    if status in {400, 413, 415, 422}:
        details = reply.get("details")
        field, code = (_known(details, name) for name in ("field", "code"))
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


def read_refused_rows(*places: msgspec.Raw) -> tuple[RefusedRow, ...]:
    """The refused rows of an import's job, from the first of these fields that holds a list of them.

    Neither the guide nor the published API documents their shape: a list is read of objects that name a row and a
    message, or of texts, by itself or under `errors`. What is no such list names no row, and is no reason to refuse
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
        return float(value) if isinstance(value, (int, float, str)) else None
    except ValueError:
        return None


def one_line(text: str) -> str:
    """A text from the service on one short line, without what does not print."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:200].rstrip(".")
