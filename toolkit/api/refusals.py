"""What a refusal of the service says, as one of our errors."""

from __future__ import annotations

from typing import Any

import msgspec

from toolkit.errors import InvalidRequest, NotFound, RateLimited, ServiceError, Unauthorized


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
