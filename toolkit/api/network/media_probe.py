"""What the address of a picture or video reports before carriers fetch it: its type and its size.

Only the headers are requested, without the key, and redirects are not followed.
"""

from __future__ import annotations

import httpx

from toolkit.models import Media

_TIMEOUT = httpx.Timeout(5)


def ask_media(url: str, *, transport: httpx.BaseTransport | None = None) -> Media | None:
    """Type and size that a public address gives; None if it does not answer or answers with an error."""
    client = httpx.Client(transport=transport, timeout=_TIMEOUT, follow_redirects=False)
    try:
        answer = client.head(url)
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    finally:
        if transport is None:
            client.close()  # a transport passed in stays open
    if not answer.is_success:
        return None
    size = answer.headers.get("content-length", "")
    return Media(type=answer.headers.get("content-type", ""), size=int(size) if size.isdecimal() else None)
