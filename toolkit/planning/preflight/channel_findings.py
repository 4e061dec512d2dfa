"""Findings on campaigns over WhatsApp, and on those that an AI agent answers."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.api.dialect import Template
from toolkit.display import n_recipients
from toolkit.planning.preflight.check_input import Outgoing
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding
from toolkit.texting.notice_rules import notices

_IN_THE_USA = frozenset({"AS", "GU", "MP", "PR", "US", "VI"})


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on the template, or the agent."""
    if out.type == "AI_AGENT":
        yield from _agent(out)
    if out.type == "WHATSAPP_BUSINESS_PLATFORM_MESSAGE":
        yield from _template(out)


def _agent(out: Outgoing) -> Iterator[Finding]:
    agent = out.reading.agent
    if agent is None:
        yield finding("TYP001", "An AI agent's campaign names no agent of this service.", _instead(out, "agent"))
        return
    yield finding(
        "AGT001",
        f"The AI agent {agent.name} answers whoever replies, in words that no plan can show.",
        "Try it in SeaX with the replies you expect.",
    )


def _template(out: Outgoing) -> Iterator[Finding]:
    template = out.reading.template
    if template is None:
        yield finding("WAP001", "A WhatsApp campaign names no template of this service.", _instead(out, "template"))
        return
    if template.status != "APPROVED":
        yield finding(
            "WAP001",
            f"The template {template.name} is not approved by Meta: its status is {template.status}.",
            "Choose one that is, or wait until it is: see ws.drafts.templates().",
        )
    if template.header_format not in {"", "TEXT"} or "{" in template.header:
        what = "a header to be filled in" if template.header_format in {"", "TEXT"} else "a header with media"
        yield finding(
            "WAP001",
            f"The template {template.name} has {what}, which cannot be given from here.",
            "Choose one without, or send it in SeaX itself.",
        )
    yield from _paused(out, template)


def _paused(out: Outgoing, template: Template) -> Iterator[Finding]:
    there = [place for place in out.where.places if place.region in _IN_THE_USA]
    if template.category != "MARKETING" or not there:
        return
    people = sum(place.people for place in there)
    for notice in notices("WhatsApp", on=out.start.date()):
        if notice.code == "US":
            yield finding(
                "WAP002",
                f"{notice.what}, since {notice.since}: {n_recipients(people, 'is', 'are')} there.",
                "Text them, use a template of another category, or exclude them: not region = US.",
                contacts=people,
                contact_ids=out.ids(out.where.in_places(there)),
                source=notice.source,
                as_of=notice.read_on,
            )


def _instead(out: Outgoing, what: str) -> str:
    if not out.reading.has_lists:
        return "Send it in SeaX itself, as this service lists none; plan SMS and MMS here."
    return f"Name it in `{what}`: ws.drafts.{what}s() lists them."
