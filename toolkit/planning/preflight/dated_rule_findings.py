"""Findings on rules that begin on a date: what an opt-out covers, and how a sender's name is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from toolkit.display import n_recipients
from toolkit.planning.preflight.check_input import Outgoing
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding
from toolkit.texting.notice_rules import Notice, notices
from toolkit.texting.places import Place

NOTICE = timedelta(days=60)  # how long before and after its first day a rule is announced
_IN_THE_USA = {"US", "AS", "GU", "MP", "PR", "VI"}
_OPT_OUT = re.compile(
    r"unsub\w*|opt(?:ed)?[ _-]?out|\bdnc\b|\bdo[ _-]?not(?:[ _-]?(?:contact|text|message|call|disturb))?"
    r"|\bno(?=[ _-](?:promo|marketing|newsletter|offer|sale))",
    re.IGNORECASE,
)
_ALL_OF_IT = re.compile(
    r"(?<![a-z])(?:from|of|all|everything|any|the|sms|texts?|messages?|list)(?![a-z])|[\W_]", re.IGNORECASE
)
_NUMBER = re.compile(r"\+?[\d\s().-]+")


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on dated rules."""
    if not out.is_to_many:
        return
    for notice in notices("opt-out of everything"):
        yield from _opt_outs(out, notice)
    for notice in notices("sender name"):
        yield from _names(out, notice)


def _opt_outs(out: Outgoing, notice: Notice) -> Iterator[Finding]:
    """Before the day and shortly after it for anybody in the USA; permanently where opt-outs are kept by topic."""
    assert notice.since is not None
    there = [place for place in out.where.places if place.region in _IN_THE_USA]
    today = max((_day(out, place) for place in there), default=date.min)
    topics = [label.name for label in out.contacts.labels if _is_by_topic(label.name)]
    if not there or today < notice.since - NOTICE or (today >= notice.since + NOTICE and not topics):
        return
    people = sum(place.people for place in there)
    holds = "Since" if notice.holds_on(today) else "From"
    yield finding(
        "OPT001",
        f"{holds} {notice.since:%Y-%m-%d} {notice.what}; {n_recipients(people, 'is', 'are')} in the USA.",
        "Give everybody with a label of these DNC as well, and do not keep opt-outs by topic."
        if topics
        else "Make sure that whoever opts out of anything gets the label DNC.",
        severity="warn" if topics else "info",
        evidence=topics[:12],
        contacts=people,
        contact_ids=out.ids(out.where.in_places(there)),
        source=notice.source,
        as_of=notice.read_on,
    )


def _names(out: Outgoing, notice: Notice) -> Iterator[Finding]:
    names = [phone.phone for phone in out.senders if not _NUMBER.fullmatch(phone.phone)]
    there = [place for place in out.where.places if place.region == notice.code and notice.holds_on(_day(out, place))]
    if names and there:
        people = sum(place.people for place in there)
        yield finding(
            "SND004",
            f"In {notice.code}, where {n_recipients(people, 'is', 'are')}, {notice.what} (since {notice.since}).",
            f"Make sure that {', '.join(names)} is registered there, or send from a number.",
            contacts=people,
            contact_ids=out.ids(out.where.in_places(there)),
            source=notice.source,
            as_of=notice.read_on,
        )


def _is_by_topic(label: str) -> bool:
    """An opt-out label that does not cover all messages, such as `unsubscribed newsletter`."""
    return bool(_OPT_OUT.search(label)) and bool(_ALL_OF_IT.sub("", _OPT_OUT.sub(" ", label)))


def _day(out: Outgoing, place: Place) -> date:
    """The latest local date there when the first message is sent."""
    return max((out.start.astimezone(ZoneInfo(zone)).date() for zone in place.zones), default=out.start.date())
