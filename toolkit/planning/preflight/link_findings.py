"""Findings on the links in a text: where they lead, how they look, and the effect of shortening."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.planning.preflight.check_input import Outgoing
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.finding import Finding, Severity
from toolkit.plans.finding_catalogue import finding
from toolkit.texting.links import Link, links
from toolkit.texting.parts import count_parts

# Public link shorteners; Twilio errors 30963 and 30007, read 2026-11.
SHORTENERS = (
    *("bit.ly", "tinyurl.com", "goo.gl", "t.co", "ow.ly", "is.gd", "cutt.ly", "rb.gy", "tiny.cc", "shorturl.at"),
    *("buff.ly", "rebrand.ly", "t.ly"),
)


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on the links."""
    every = links(out.text)
    found = tuple(link for link in every if not link.is_doubtful)
    is_ours = isinstance(out.draft, CampaignDraft) and out.draft.shorten_links  # then SeaX's own link is sent
    if not is_ours and (shortened := [link.written for link in found if link.is_below(SHORTENERS)]):
        yield finding(
            "MSG009",
            f"{shortened[0]} goes through a public shortener, which carriers filter.",
            "Link to your own domain, or let SeaX shorten it.",
            evidence=shortened[1:],
        )
    if alike := [link.written for link in found if link.is_look_alike]:
        yield finding(
            "MSG003",
            f"The name of the link {alike[0]} consists of letters that only look like Latin ones.",
            "Type the link again in plain letters, or copy it from your own site.",
            severity="block",
            evidence=alike[1:],
        )
    yield from _odd(every, out.policy.link_domains)
    if found and isinstance(out.draft, CampaignDraft):
        yield from _shortening(out, found, is_on=out.draft.shorten_links)


def _odd(every: tuple[Link, ...], domains: tuple[str, ...] | None) -> Iterator[Finding]:
    known = [link for link in every if not link.is_doubtful]
    elsewhere = [link for link in every if domains is not None and not link.is_below(domains)]
    doubtful = [link for link in elsewhere if link.is_doubtful]
    judged = [link for link in elsewhere if link.host and not link.is_doubtful]
    hidden = [link for link in elsewhere if not link.host and not link.is_doubtful]
    kinds: tuple[tuple[list[Link], str, str, Severity], ...] = (
        (judged, f"leads to {judged[0].shown if judged else ''}, a domain that the policy does not list", "Link to "
         "your own domain, or add it to link_domains in the policy.", "block"),
        (hidden, "is written so that its domain is unclear, and the policy lists the allowed domains",
         "Write a plain https link to one of link_domains.", "block"),
        (doubtful, "may be two sentences without a space between them, which phones take for a link, to a domain that "
         "the policy does not list", "Put a space after the full stop.", "warn"),
        ([link for link in known if link.scheme == "http://"], "is not encrypted", "Write https.", "warn"),
        ([link for link in known if link.is_bare_address], "leads to a bare address", "Link to a name.", "warn"),
        ([link for link in known if link.is_encoded], "hides its name in punycode", "Link to a plain name.", "warn"),
    )  # fmt: skip
    for those, what, fix, severity in kinds:
        if those:
            written = [link.written for link in those]
            yield finding("MSG010", f"The link {written[0]} {what}.", fix, severity=severity, evidence=written[1:])


def _shortening(out: Outgoing, found: tuple[Link, ...], *, is_on: bool) -> Iterator[Finding]:
    if not is_on:
        yield finding(
            "MSG011",
            "Links are not shortened, so clicks are not counted.",
            "Set shorten_links=True if you want to count clicks.",
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
        f"Write https:// before {bare[0]}, or it may not be shortened." if bare else "Nothing to do.",
        evidence=bare[1:],
    )
