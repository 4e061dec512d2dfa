"""Findings on media."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from toolkit.models import Media
from toolkit.planning.media_urls import MOST_MEDIA, is_public, split_url
from toolkit.planning.preflight.check_input import Outgoing
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding

SAFE_BYTES, MOST_BYTES = 600_000, 5_000_000  # accepted by all carriers, and by Twilio; read 2026-11
_TAKEN = {".jpg", ".jpeg", ".png", ".gif"}  # converted where a carrier needs another format
_NOT_ASKED = Media(type="", size=None)
_TAKEN_TYPES = {"image/jpeg", "image/png", "image/gif"}


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on media, and on a type that has none."""
    urls = out.draft.media_urls
    if out.type == "MMS" and not urls:
        yield finding("MMS001", "An MMS campaign has no media.", "Add media_urls, or make it an SMS.")
    if out.type != "MMS" and urls:
        kind = "An SMS campaign" if out.type == "SMS" else f"A campaign of type {out.type}"
        yield finding("MMS002", f"{kind} cannot have media.", "Set type='MMS', or remove media_urls.")
    yield from check_addresses(urls)
    yield from _weight(out)


def check_addresses(urls: tuple[str, ...]) -> Iterator[Finding]:
    """Findings on media from their addresses alone, for use while they are typed."""
    for url in urls:
        if not is_public(url):
            yield finding(
                "MMS003",
                f"The media address {url[:80]!r} is not a public https address.",
                "Give an https:// address that anybody can open.",
            )


def _weight(out: Outgoing) -> Iterator[Finding]:
    urls = out.draft.media_urls
    if len(urls) > MOST_MEDIA:
        yield finding("MMS004", f"{len(urls)} media are more than {MOST_MEDIA}.", "Remove some.", severity="block")
    odd = [url for url in urls if _is_odd(out, url)]
    if odd:
        yield finding(
            "MMS004",
            f"The media {odd[0][:80]!r} is of a type that not every carrier accepts.",
            "Use a JPEG, PNG or GIF.",
            evidence=odd[1:],
        )
    if silent := [url for url in urls if out.media.get(url, _NOT_ASKED) is None]:
        yield finding(
            "MMS004",
            f"The media address {silent[0][:80]!r} cannot be opened from here.",
            "Make sure that it opens publicly, without a redirect, and reports its type and size.",
            evidence=silent[1:],
        )
    size = sum(known.size or 0 for url in urls if (known := out.media.get(url)))
    if size > SAFE_BYTES:
        yield finding(
            "MMS004",
            f"The media have {size / 1e6:.1f} MB, more than {'any carrier' if size > MOST_BYTES else 'some'} accepts.",
            f"Make them smaller than {SAFE_BYTES // 1000} KB together.",
            severity="block" if size > MOST_BYTES else "warn",
        )


def _is_odd(out: Outgoing, url: str) -> bool:
    if known := out.media.get(url):
        return known.type.partition(";")[0].strip().lower() not in _TAKEN_TYPES
    suffix = PurePosixPath(split_url(url).path).suffix.lower()
    return suffix != "" and suffix not in _TAKEN
