"""Replies that are not JSON: a web page, a text cut off, another encoding.

JSON in UTF-8 is read, with a byte order mark or without; anything else is named, never guessed.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

from toolkit.api.error_replies import one_line
from toolkit.errors import UnexpectedReply

_LOOKED_AT = 4_096  # bytes
_SHOWN = 60  # characters of a foreign text
_TITLE = re.compile(rb"<title[^>]*>([^<]*)", re.IGNORECASE)


def json_of(body: bytes) -> bytes:
    """The body without a byte order mark; UnexpectedReply if it is a web page, XML or plain text.

    Broken JSON and other encodings pass: they fail when decoded, and may be complete when requested again.
    """
    if body[:1] == b"{":
        return body
    body = body.removeprefix(BOM_UTF8)
    start = body[:_LOOKED_AT].lstrip()
    if start[:1] == b"<" or (start[:1] not in {b"{", b"[", b""} and _is_text(body)):
        raise UnexpectedReply(
            f"The service answered with {what_came(body)} instead of JSON: check SEAX_BASE_URL, and whether this "
            "network asks you to log in first."
        )
    return body


def what_came(body: bytes) -> str:
    """What an unreadable body is, in words: `a web page ("Log in")`."""
    start = body[:_LOOKED_AT].lstrip()
    if not start:
        return "an empty reply"
    if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or b"\0" in start[:8]:
        return "text in UTF-16 where UTF-8 should be"
    if start[:1] == b"<":
        if not re.search(rb"<(?:!doctype html|html|head|body)\b", start, re.IGNORECASE):
            return "XML"
        title = _TITLE.search(start)
        named = one_line(title[1].decode(errors="replace"))[:_SHOWN] if title else ""
        return f'a web page ("{named}")' if named else "a web page"
    if not _is_text(body):
        return "text that is not in UTF-8, perhaps in Latin-1 or Windows-1252"
    if start[:1] in {b"{", b"["}:
        return "JSON that is cut off or broken"
    return f'the text "{one_line(start.decode(errors="replace"))[:_SHOWN]}"'


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in body[:8]
