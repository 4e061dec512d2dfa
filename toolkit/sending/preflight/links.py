"""Findings on the links in a text: where they lead, how they look, and what shortening does to them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from toolkit.sending.catalogue import finding
from toolkit.sending.draft import CampaignDraft
from toolkit.sending.finding import Finding, Severity
from toolkit.sending.preflight.outgoing import Outgoing
from toolkit.texting.parts import count_parts

# Domains that anybody shortens links with; Twilio errors 30963 and 30007, read 2026-11.
SHORTENERS = (
    *("bit.ly", "tinyurl.com", "goo.gl", "t.co", "ow.ly", "is.gd", "cutt.ly", "rb.gy", "tiny.cc", "shorturl.at"),
    *("buff.ly", "rebrand.ly", "t.ly"),
)
_LINK = re.compile(
    r"(?P<scheme>https?://)?(?P<host>(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,24}|\d{1,3}(?:\.\d{1,3}){3})"
    r"(?P<port>:\d{2,5})?(?P<path>[/?#][^\s<>\"]*)?(?![\w@])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Link:
    """An address in a text, as written."""

    written: str
    scheme: str
    host: str

    @property
    def is_bare_address(self) -> bool:
        """It leads to a number instead of a name."""
        try:
            ip_address(self.host)
        except ValueError:
            return False
        return True

    @property
    def is_encoded(self) -> bool:
        """Its name is written in punycode, which hides what it looks like."""
        return any(label.startswith("xn--") for label in self.host.split("."))

    @property
    def is_look_alike(self) -> bool:
        """Its name mixes Latin letters with some of another script, or is made of letters that look like Latin."""
        letters = [char for char in self.host if char.isalpha()]
        scripts = {unicodedata.name(char, "").split(" ")[0] for char in letters}
        return len(scripts & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}) > 1 or (
            bool(scripts & {"CYRILLIC", "GREEK"}) and self.host.rpartition(".")[2].isascii()
        )

    def is_below(self, domains: tuple[str, ...]) -> bool:
        """Its name is one of the domains, or below one."""
        return any(self.host == domain or self.host.endswith(f".{domain}") for domain in map(str.lower, domains))


def links(text: str) -> tuple[Link, ...]:
    """The links in a text, in order; `example.com` is one, as phones make it one, and `ana@example.com` is not."""
    found = []
    for match in _LINK.finditer(text):
        if (match.start() and text[match.start() - 1] in "@.-_/") or (
            match["host"][0].isdigit() and not match["scheme"]
        ):
            continue
        written = match[0].rstrip(".,;:!?)'")
        found.append(Link(written, (match["scheme"] or "").lower(), match["host"].lower()))
    return tuple(found)


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on the links."""
    found = links(out.text)
    if shortened := [link.written for link in found if link.is_below(SHORTENERS)]:
        yield finding(
            "MSG009",
            f"{shortened[0]} goes through a public shortener, which carriers filter.",
            "Link to your own domain, or let SeaX shorten it.",
            evidence=shortened[1:],
        )
    if alike := [link.written for link in found if link.is_look_alike]:
        yield finding(
            "MSG003",
            f"The name of the link {alike[0]} is made of letters that only look alike.",
            "Write the link anew.",
            severity="block",
            evidence=alike[1:],
        )
    yield from _odd(found, out.policy.link_domains)
    if found and isinstance(out.draft, CampaignDraft):
        yield from _shortening(out, found, is_on=out.draft.shorten_links)


def _odd(found: tuple[Link, ...], domains: tuple[str, ...] | None) -> Iterator[Finding]:
    elsewhere = [link for link in found if domains is not None and not link.is_below(domains)]
    kinds: tuple[tuple[list[Link], str, str, Severity], ...] = (
        (elsewhere, "leads to a domain that the policy does not name", "Link to your own domain, or have it added to "
         "link_domains in the policy.", "block"),
        ([link for link in found if link.scheme == "http://"], "is not encrypted", "Write https.", "warn"),
        ([link for link in found if link.is_bare_address], "leads to a bare address", "Link to a name.", "warn"),
        ([link for link in found if link.is_encoded], "hides its name in punycode", "Link to a plain name.", "warn"),
    )  # fmt: skip
    for those, what, fix, severity in kinds:
        if those:
            written = [link.written for link in those]
            yield finding("MSG010", f"The link {written[0]} {what}.", fix, severity=severity, evidence=written[1:])


def _shortening(out: Outgoing, found: tuple[Link, ...], *, is_on: bool) -> Iterator[Finding]:
    if not is_on:
        yield finding(
            "MSG011",
            "Links are not shortened, so nobody's clicks are counted.",
            "Set shorten_links=True if you want to know.",
        )
        return
    size = out.policy.short_link_length
    short = out.text
    for link in found:
        short = short.replace(link.written, "x" * size, 1)
    before, after = count_parts(out.text).parts, count_parts(short).parts
    bare = [link.written for link in found if not link.scheme]
    yield finding(
        "MSG011",
        f"Links are shortened by the service to about {size} characters: {after} parts instead of {before} as written."
        if after != before
        else f"Links are shortened by the service, to about {size} characters.",
        f"Write https:// before {bare[0]}, or it may stay as it is." if bare else "Nothing to do.",
        evidence=bare[1:],
    )
